/**
 * An application as it comes in and as it is shown.
 * @module
 */
import { parseDuration } from '../../access/duration.ts'
import type { AccessApplication, AccessApplicationSettings } from '../../state/access-types.ts'
import type { DomainFields } from './application-domains.ts'
import { bodyReader, field, pick } from './body.ts'
import { invalid, unsupported } from './errors.ts'
import { type Owner, visible } from './scope.ts'

/** The body. */
export interface ApplicationBody extends DomainFields, AccessApplicationSettings, ApplicationExtra {
  type?: string
  name?: string
  session_duration?: string
  policies?: unknown[]
  tags?: string[]
  custom_pages?: string[]
  scim_config?: object
  mfa_config?: object
  oauth_configuration?: { enabled?: unknown }
}

/** Kept as given: they change nothing that the lab does. */
interface ApplicationExtra {
  app_launcher_visible?: boolean
  logo_url?: string
  skip_interstitial?: boolean
  allow_iframe?: boolean
  allow_authenticate_via_warp?: boolean
  eager_redirect_cookie_setting?: boolean
  use_clientless_isolation_app_launcher_url?: boolean
}

const extraFields = {
  app_launcher_visible: field.boolean,
  logo_url: field.string,
  skip_interstitial: field.boolean,
  allow_iframe: field.boolean,
  allow_authenticate_via_warp: field.boolean,
  eager_redirect_cookie_setting: field.boolean,
  use_clientless_isolation_app_launcher_url: field.boolean,
} as const satisfies Record<keyof ApplicationExtra, object>

const methods = ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']

const settingFields = {
  allowed_idps: field.strings,
  auto_redirect_to_identity: field.boolean,
  cors_headers: {
    type: 'object',
    properties: {
      allow_all_headers: field.boolean,
      allow_all_methods: field.boolean,
      allow_all_origins: field.boolean,
      allow_credentials: field.boolean,
      allowed_headers: field.strings,
      allowed_methods: { type: 'array', items: { enum: methods }, maxItems: methods.length },
      allowed_origins: field.strings,
      max_age: { type: 'number', minimum: -1, maximum: 86_400 },
    },
  },
  options_preflight_bypass: field.boolean,
  service_auth_401_redirect: field.boolean,
  // A field name (RFC 9110 §5.1).
  read_service_tokens_from_header: {
    type: 'string',
    pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]*$",
    maxLength: 200,
  },
  http_only_cookie_attribute: field.boolean,
  same_site_cookie_attribute: { enum: ['none', 'lax', 'strict'] },
  path_cookie_attribute: field.boolean,
  enable_binding_cookie: field.boolean,
  custom_deny_message: field.string,
  custom_deny_url: field.string,
  custom_non_identity_deny_url: field.string,
} as const satisfies Record<keyof AccessApplicationSettings, object>

/** Empty texts are as good as absent: dashboards and Terraform send them. */
const emptyMeansAbsent: readonly (keyof AccessApplicationSettings)[] = [
  'read_service_tokens_from_header',
  'custom_deny_message',
  'custom_deny_url',
  'custom_non_identity_deny_url',
]

const read = bodyReader<ApplicationBody>({
  fields: {
    type: field.string,
    name: field.name,
    domain: field.string,
    self_hosted_domains: field.strings,
    destinations: field.list,
    session_duration: field.duration,
    policies: field.list,
    tags: field.strings,
    custom_pages: field.strings,
    scim_config: field.object,
    mfa_config: field.object,
    oauth_configuration: field.object,
    ...settingFields,
    ...extraFields,
  },
})

/** Types of the real API. */
const otherTypes: ReadonlySet<string> = new Set([
  'app_launcher',
  'biso',
  'bookmark',
  'dash_sso',
  'infrastructure',
  'mcp',
  'mcp_portal',
  'proxy_endpoint',
  'rdp',
  'saas',
  'ssh',
  'vnc',
  'warp',
])

/** What is checked of an application without looking at others. @throws ApiError 400 / 12130. */
export function readApplication(
  body: unknown,
  owner: Owner,
): {
  given: ApplicationBody
  sessionDuration: string
  settings: AccessApplicationSettings
  extra: Record<string, unknown>
} {
  const given = read(body)
  if (otherTypes.has(given.type ?? '')) throw unsupported(`application type ${given.type}`)
  if (given.type !== 'self_hosted') throw invalid('app type is missing or invalid')
  refuseWhatIsNotHere(given)
  const settings: AccessApplicationSettings = pick(given, settingKeys)
  for (const key of emptyMeansAbsent) if (settings[key] === '') delete settings[key]
  checkTogether(settings, owner)
  const sessionDuration = given.session_duration ?? '24h'
  if ((parseDuration(sessionDuration) ?? 0) > 31 * 86_400_000)
    throw invalid('session_duration must not be longer than 744h')
  return {
    given,
    sessionDuration,
    settings,
    extra: { app_launcher_visible: true, ...pick(given, extraKeys) },
  }
}

const settingKeys = Object.keys(settingFields) as (keyof AccessApplicationSettings)[]
const extraKeys = Object.keys(extraFields) as (keyof ApplicationExtra)[]

function refuseWhatIsNotHere(given: ApplicationBody): void {
  if ((given.tags ?? []).length > 0) throw invalid('tags contain a tag that does not exist')
  if ((given.custom_pages ?? []).length > 0) throw unsupported('custom_pages')
  if (given.scim_config !== undefined) throw unsupported('scim_config')
  if (given.mfa_config !== undefined && Object.keys(given.mfa_config).length > 0)
    throw unsupported('mfa_config')
  if (given.oauth_configuration?.enabled === true) throw unsupported('oauth_configuration')
}

function checkTogether(settings: AccessApplicationSettings, owner: Owner): void {
  const { allowed_idps = [], auto_redirect_to_identity, cors_headers, options_preflight_bypass } = settings
  if (options_preflight_bypass === true && cors_headers !== undefined && Object.keys(cors_headers).length > 0)
    throw invalid('options_preflight_bypass cannot be turned on if cors_headers is set')
  if (auto_redirect_to_identity === true && allowed_idps.length !== 1)
    throw invalid('auto_redirect_to_identity needs exactly one identity provider in allowed_idps')
  if (allowed_idps.some((id) => visible(owner, 'identityProviders', id) === undefined))
    throw invalid('allowed_idps contains an identity provider that does not exist')
}

/** An application as the API shows it, without its policies. */
export const applicationView = (application: AccessApplication): Record<string, unknown> => ({
  id: application.id,
  aud: application.aud,
  name: application.name,
  type: application.type,
  domain: application.domains[0],
  self_hosted_domains: application.domains,
  destinations: application.domains.map((uri) => ({ type: 'public', uri })),
  session_duration: application.sessionDuration,
  allowed_idps: [],
  tags: [],
  ...application.extra,
  ...application.settings,
  created_at: application.createdAt,
  updated_at: application.updatedAt,
})
