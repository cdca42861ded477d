/**
 * Reusable policies (`/accounts/{id}/access/policies`).
 * @module
 */
import type { AccessPolicy } from '../../state/access-types.ts'
import type { ApiContext } from '../context.ts'
import { page, success } from '../envelope.ts'
import { invalid, notFound } from './errors.ts'
import { checkRoom } from './limits.ts'
import { applicationCount, policyView, readPolicy } from './policy-body.ts'
import { type AccessRoute, entry, type Owner } from './scope.ts'

/** The routes. */
export function policyRoutes(context: ApiContext): AccessRoute[] {
  const { store } = context
  const find = (owner: Owner, id: string): AccessPolicy => {
    const policy = entry(owner.objects.policies, id)
    if (policy === undefined || policy.applicationId !== undefined) throw notFound()
    return policy
  }
  const view = (owner: Owner, policy: AccessPolicy): Record<string, unknown> => ({
    ...policyView(policy),
    app_count: applicationCount(context, owner, policy.id),
  })
  return [
    {
      method: 'POST',
      path: '/policies',
      only: 'accounts',
      status: 201,
      handle({ owner, body }) {
        checkRoom(context, owner, 'policies')
        const { policy } = readPolicy(context, owner, body, { applicationId: undefined })
        owner.objects.policies[policy.id] = policy
        store.changed()
        return success(view(owner, policy))
      },
    },
    {
      method: 'GET',
      path: '/policies',
      only: 'accounts',
      handle({ owner, query }) {
        const reusable = Object.values(owner.objects.policies).filter(
          ({ applicationId }) => applicationId === undefined,
        )
        const { result, ...rest } = page(reusable, query)
        return { ...rest, result: result.map((policy) => view(owner, policy)) }
      },
    },
    {
      method: 'GET',
      path: '/policies/:policy_id',
      only: 'accounts',
      handle: ({ owner, param }) => success(view(owner, find(owner, param('policy_id')))),
    },
    {
      method: 'PUT',
      path: '/policies/:policy_id',
      only: 'accounts',
      handle({ owner, param, body }) {
        const before = find(owner, param('policy_id'))
        const { policy } = readPolicy(context, owner, body, { applicationId: undefined, before })
        owner.objects.policies[policy.id] = policy
        store.changed()
        return success(view(owner, policy))
      },
    },
    {
      method: 'DELETE',
      path: '/policies/:policy_id',
      only: 'accounts',
      status: 202,
      handle({ owner, param }) {
        const { id } = find(owner, param('policy_id'))
        if (applicationCount(context, owner, id) > 0)
          throw invalid('cannot delete policy because it is used by an application')
        delete owner.objects.policies[id]
        store.changed()
        return success({ id })
      },
    },
  ]
}
