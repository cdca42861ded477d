/**
 * Applications (`/access/apps`).
 * @module
 */
import type { AccessApplication } from '../../state/access-types.ts'
import { newTag, newUuid } from '../../state/ids.ts'
import type { ApiContext } from '../context.ts'
import { page, success } from '../envelope.ts'
import { applicationView, readApplication } from './application-body.ts'
import { readDomains } from './application-domains.ts'
import { policyViews, type ResolvedPolicies, resolvePolicies } from './application-policies.ts'
import { unknownApplication } from './errors.ts'
import { faulty } from './faulty.ts'
import { checkRoom } from './limits.ts'
import { parameter } from './query.ts'
import { revoke } from './revoke.ts'
import { type AccessRoute, entry, type Owner } from './scope.ts'

/** An application by id. @throws ApiError 404 / 11021. */
export function findApplication({ objects }: Owner, id: string): AccessApplication {
  const application = entry(objects.applications, id)
  if (application === undefined) throw unknownApplication()
  return application
}

/** The routes. */
export function applicationRoutes(context: ApiContext): AccessRoute[] {
  const { store } = context
  const view = (owner: Owner, application: AccessApplication): Record<string, unknown> => ({
    ...applicationView(application),
    policies: policyViews(owner, application),
  })
  /** Everything is checked before anything is changed. */
  const write = (owner: Owner, body: unknown, before?: AccessApplication): AccessApplication => {
    const { given, ...read } = readApplication(body, owner)
    const id = before?.id ?? newUuid()
    const domains = readDomains(context, owner, given, id)
    const policies =
      given.policies === undefined &&
      before !== undefined &&
      !faulty(context, 'access-api.app-update-drops-policies')
        ? undefined
        : resolvePolicies(context, owner, given.policies ?? [], id)
    const now = store.timestamp()
    const application: AccessApplication = {
      id,
      aud: before?.aud ?? newTag(),
      name: given.name ?? domains[0] ?? '',
      type: 'self_hosted',
      domains,
      policies: before?.policies ?? [],
      ...(before?.precedence === undefined ? {} : { precedence: before.precedence }),
      ...read,
      createdAt: before?.createdAt ?? now,
      updatedAt: now,
    }
    if (policies !== undefined) storePolicies(owner, application, policies)
    owner.objects.applications[id] = application
    store.changed()
    return application
  }
  return [
    {
      method: 'POST',
      path: '/apps',
      status: 201,
      handle({ owner, body }) {
        checkRoom(context, owner, 'applications')
        return success(view(owner, write(owner, body)))
      },
    },
    {
      method: 'GET',
      path: '/apps',
      handle({ owner, query }) {
        const { result, ...rest } = page(
          Object.values(owner.objects.applications).filter((application) => isWanted(application, query)),
          query,
        )
        return { ...rest, result: result.map((application) => view(owner, application)) }
      },
    },
    {
      method: 'GET',
      path: '/apps/:app_id',
      handle: ({ owner, param }) => success(view(owner, findApplication(owner, param('app_id')))),
    },
    {
      method: 'PUT',
      path: '/apps/:app_id',
      handle: ({ owner, param, body }) =>
        success(view(owner, write(owner, body, findApplication(owner, param('app_id'))))),
    },
    {
      method: 'DELETE',
      path: '/apps/:app_id',
      status: 202,
      handle({ owner, param }) {
        const application = findApplication(owner, param('app_id'))
        dropOwnPolicies(owner, application.id, new Set())
        delete owner.objects.applications[application.id]
        store.changed()
        return success({ id: application.id })
      },
    },
    {
      method: 'POST',
      path: '/apps/:app_id/revoke_tokens',
      status: 202,
      handle({ owner, param }) {
        const { aud } = findApplication(owner, param('app_id'))
        if (!faulty(context, 'access-api.revoke-ignored')) revoke(store, owner.access, { application: aud })
        store.changed()
        return success(null)
      },
    },
  ]
}

function storePolicies(
  owner: Owner,
  application: AccessApplication,
  { own, ...order }: ResolvedPolicies,
): void {
  Object.assign(application, order)
  dropOwnPolicies(owner, application.id, new Set(order.policies))
  for (const policy of own) owner.objects.policies[policy.id] = policy
}

/** Policies that belonged to this application and are not kept are nobody's. */
function dropOwnPolicies({ objects }: Owner, applicationId: string, kept: ReadonlySet<string>): void {
  for (const policy of Object.values(objects.policies))
    if (policy.applicationId === applicationId && !kept.has(policy.id)) delete objects.policies[policy.id]
}

/** The filters of a list: `name` and `domain` are parts of the texts, or with `exact=true` all of them. */
function isWanted({ name, aud, domains }: AccessApplication, query: unknown): boolean {
  const exact = parameter(query, 'exact') === 'true'
  const has = (texts: readonly string[], wanted: string | undefined): boolean =>
    wanted === undefined ||
    texts.some((text) => (exact ? text === wanted : text.toLowerCase().includes(wanted.toLowerCase())))
  const wantedAud = parameter(query, 'aud')
  return (
    (wantedAud === undefined || wantedAud === aud) &&
    has([name], parameter(query, 'name')) &&
    has(domains, parameter(query, 'domain')) &&
    has([name, aud, ...domains], parameter(query, 'search'))
  )
}
