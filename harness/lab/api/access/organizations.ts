/**
 * The Zero Trust organization (`/access/organizations`): one per account; a zone sees the one of its account.
 * @module
 */
import { parseDuration } from '../../access/duration.ts'
import { strictFrom } from '../../access/initial.ts'
import type { AccessOrganization, AccessUser } from '../../state/access-types.ts'
import type { ApiContext } from '../context.ts'
import { success } from '../envelope.ts'
import { bodyReader, field, pick } from './body.ts'
import { invalid, notFound, organizationExists, unsupported } from './errors.ts'
import { faulty } from './faulty.ts'
import { urlLength } from './limits.ts'
import { revoke } from './revoke.ts'
import type { AccessCall, AccessRoute, Owner } from './scope.ts'

interface OrganizationBody extends OrganizationExtra {
  name?: string
  auth_domain?: string
  session_duration?: string
  strict_service_token_auth?: boolean
  deny_unmatched_requests?: boolean
  service_token_inactivity?: { enabled?: unknown }
}

/** Kept as given: they change nothing that the lab does. */
interface OrganizationExtra {
  auto_redirect_to_identity?: boolean
  is_ui_read_only?: boolean
  login_design?: object
  ui_read_only_toggle_reason?: string
  user_seat_expiration_inactive_time?: string
  allow_authenticate_via_warp?: boolean
  warp_auth_session_duration?: string
  warp_auth_non_browser_401?: boolean
}

const extraFields = {
  auto_redirect_to_identity: field.boolean,
  is_ui_read_only: field.boolean,
  login_design: field.object,
  ui_read_only_toggle_reason: field.string,
  user_seat_expiration_inactive_time: field.duration,
  allow_authenticate_via_warp: field.boolean,
  warp_auth_session_duration: field.duration,
  warp_auth_non_browser_401: field.boolean,
} as const satisfies Record<keyof OrganizationExtra, object>

const fields = {
  name: field.name,
  auth_domain: { type: 'string', maxLength: 253 },
  session_duration: field.duration,
  strict_service_token_auth: field.boolean,
  deny_unmatched_requests: field.boolean,
  service_token_inactivity: field.object,
  ...extraFields,
}
const readNew = bodyReader<OrganizationBody & { name: string; auth_domain: string }>({
  required: ['name', 'auth_domain'],
  fields,
})
const readChange = bodyReader<OrganizationBody>({ fields })
const readRevocation = bodyReader<{ email: string; user_uid?: string }>({
  required: ['email'],
  fields: { email: { type: 'string', format: 'email', maxLength: 320 }, user_uid: field.string },
})

const minute = 60_000
const suffix = '.cloudflareaccess.com'

const view = (organization: AccessOrganization): Record<string, unknown> => ({
  name: organization.name,
  auth_domain: organization.authDomain,
  session_duration: organization.sessionDuration,
  strict_service_token_auth: organization.strictServiceTokenAuth,
  ...organization.extra,
  created_at: organization.createdAt,
  updated_at: organization.updatedAt,
})

/** Whether strict service token authentication is forced on. */
const isForced = (createdAt: string): boolean => Date.parse(createdAt) >= strictFrom

const current = ({ access }: Owner): AccessOrganization => {
  if (access.organization === undefined) throw notFound()
  return access.organization
}

/** The routes. */
export function organizationRoutes(context: ApiContext): AccessRoute[] {
  const { store } = context
  const checkDomain = (text: string, owner: Owner): string => {
    const domain = text.toLowerCase()
    const team = domain.endsWith(suffix) ? domain.slice(0, -suffix.length) : ''
    if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(team) || team.length > urlLength)
      throw invalid(`auth_domain must be a team name and ${suffix}`)
    const taken = Object.values(store.state.accounts).some(
      ({ id, access }) => id !== owner.account.id && access.organization?.authDomain.toLowerCase() === domain,
    )
    if (taken) throw invalid('auth_domain is not available')
    return domain
  }
  const change = (
    owner: Owner,
    organization: AccessOrganization,
    given: OrganizationBody,
  ): AccessOrganization => {
    refuseWhatIsNotHere(given)
    checkSession(given.session_duration)
    const strict = given.strict_service_token_auth ?? organization.strictServiceTokenAuth
    if (!strict && isForced(organization.createdAt))
      throw invalid('strict_service_token_auth cannot be turned off')
    return {
      ...organization,
      name: given.name ?? organization.name,
      authDomain:
        given.auth_domain === undefined ? organization.authDomain : checkDomain(given.auth_domain, owner),
      sessionDuration: given.session_duration ?? organization.sessionDuration,
      strictServiceTokenAuth: strict,
      extra: { ...organization.extra, ...pick(given, extraKeys) },
      updatedAt: store.timestamp(),
    }
  }
  const update = ({ owner, body }: AccessCall) => {
    const before = current(owner)
    const changed = change(owner, before, readChange(body))
    const kept = faulty(context, 'access-api.strict-not-kept') && !before.strictServiceTokenAuth
    owner.access.organization = kept ? { ...changed, strictServiceTokenAuth: false } : changed
    store.changed()
    return success(view(changed))
  }
  return [
    { method: 'GET', path: '/organizations', handle: ({ owner }) => success(view(current(owner))) },
    {
      method: 'POST',
      path: '/organizations',
      status: 201,
      handle({ owner, body }) {
        const given = readNew(body)
        if (owner.access.organization !== undefined) throw organizationExists()
        const now = store.timestamp()
        const fresh: AccessOrganization = {
          name: given.name,
          authDomain: given.auth_domain,
          sessionDuration: '24h',
          strictServiceTokenAuth: isForced(now),
          extra: {},
          createdAt: now,
          updatedAt: now,
        }
        const organization = change(owner, fresh, given)
        owner.access.organization = organization
        store.changed()
        return success(view(organization))
      },
    },
    { method: 'PUT', path: '/organizations', handle: update },
    { method: 'PATCH', path: '/organizations', handle: update },
    {
      method: 'POST',
      path: '/organizations/revoke_user',
      handle({ owner: { access }, body }) {
        const { email, user_uid } = readRevocation(body)
        const isMeant = (user: AccessUser): boolean =>
          user.email.toLowerCase() === email.toLowerCase() && (user_uid === undefined || user.id === user_uid)
        const users = Object.values(access.users).filter(isMeant)
        if (!faulty(context, 'access-api.revoke-ignored'))
          for (const { id } of users) revoke(store, access, { user: id })
        store.changed()
        return success(users.length > 0)
      },
    },
  ]
}

const extraKeys = Object.keys(extraFields) as (keyof OrganizationExtra)[]

function refuseWhatIsNotHere(given: OrganizationBody): void {
  if (given.deny_unmatched_requests === true) throw unsupported('deny_unmatched_requests')
  if (given.service_token_inactivity?.enabled === true) throw unsupported('service_token_inactivity')
}

/** 15 minutes to a month. */
function checkSession(text: string | undefined): void {
  if (text === undefined) return
  const length = parseDuration(text) ?? 0
  if (length < 15 * minute || length > 31 * 24 * 60 * minute)
    throw invalid('session_duration must be between 15m and 744h')
}
