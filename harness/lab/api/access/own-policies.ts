/**
 * Policies below an application (`/access/apps/{id}/policies`): all can be read here, only its own written.
 * @module
 */
import type { AccessApplication, AccessPolicy } from '../../state/access-types.ts'
import type { ApiContext } from '../context.ts'
import { page, success } from '../envelope.ts'
import { checkRules, linksOf, mixed, nextPrecedence, ordered, policyViews } from './application-policies.ts'
import { findApplication } from './applications.ts'
import { invalid, notFound } from './errors.ts'
import { policyView, readPolicy } from './policy-body.ts'
import { type AccessCall, type AccessRoute, visible } from './scope.ts'

interface Found {
  application: AccessApplication
  policy: AccessPolicy
}

function find({ owner, param }: AccessCall): Found {
  const application = findApplication(owner, param('app_id'))
  const id = param('policy_id')
  const policy = application.policies.includes(id) ? visible(owner, 'policies', id) : undefined
  if (policy === undefined) throw notFound()
  return { application, policy }
}

function findOwn(call: AccessCall): Found {
  const found = find(call)
  if (found.policy.applicationId === undefined)
    throw invalid('a reusable policy cannot be changed through an application')
  return found
}

const view = ({ application, policy }: Found): Record<string, unknown> => ({
  ...policyView(policy),
  precedence: linksOf(application).find(({ id }) => id === policy.id)?.precedence,
})

/** The routes. */
export function ownPolicyRoutes(context: ApiContext): AccessRoute[] {
  const { store } = context
  const put = ({ owner, body }: AccessCall, application: AccessApplication, before?: AccessPolicy): Found => {
    const target = { applicationId: application.id, ...(before === undefined ? {} : { before }) }
    const { policy, precedence } = readPolicy(context, owner, body, target)
    const links = linksOf(application)
    const others = links.filter(({ id }) => id !== policy.id)
    // A PUT of the application with what GET shows would refuse the mixture.
    if (others.some(({ id }) => visible(owner, 'policies', id)?.applicationId === undefined)) throw mixed()
    const place = precedence ?? links.find(({ id }) => id === policy.id)?.precedence ?? nextPrecedence(others)
    const order = ordered(context, [...others, { id: policy.id, precedence: place }])
    checkRules(owner, order.policies, [policy])
    Object.assign(application, order)
    application.updatedAt = store.timestamp()
    owner.objects.policies[policy.id] = policy
    store.changed()
    return { application, policy }
  }
  return [
    {
      method: 'POST',
      path: '/apps/:app_id/policies',
      status: 201,
      handle: (call) => success(view(put(call, findApplication(call.owner, call.param('app_id'))))),
    },
    {
      method: 'GET',
      path: '/apps/:app_id/policies',
      handle: ({ owner, param, query }) =>
        page(policyViews(owner, findApplication(owner, param('app_id'))), query),
    },
    {
      method: 'GET',
      path: '/apps/:app_id/policies/:policy_id',
      handle: (call) => success(view(find(call))),
    },
    {
      method: 'PUT',
      path: '/apps/:app_id/policies/:policy_id',
      handle(call) {
        const { application, policy } = findOwn(call)
        return success(view(put(call, application, policy)))
      },
    },
    {
      method: 'DELETE',
      path: '/apps/:app_id/policies/:policy_id',
      status: 202,
      handle(call) {
        const { application, policy } = findOwn(call)
        const rest = linksOf(application).filter(({ id }) => id !== policy.id)
        Object.assign(application, ordered(context, rest))
        application.updatedAt = store.timestamp()
        delete call.owner.objects.policies[policy.id]
        store.changed()
        return success({ id: policy.id })
      },
    },
  ]
}
