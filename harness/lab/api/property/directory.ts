/**
 * Model of groups, reusable policies and identity providers of Access (cloudflare-facts, section 3.6): what is referred to
 * has to exist and cannot be deleted.
 * @module
 */
import fc from 'fast-check'
import type { Model } from './model.ts'
import {
  accessPath,
  choice,
  chosen,
  defined,
  type Exchange,
  forms,
  freshId,
  iso,
  mostly,
  operation,
  target,
  targeted,
  unknownId,
  type View,
} from './operation.ts'

/** A selector as it is generated: what it refers to is chosen when it is used. */
export type Selector =
  | { plain: View }
  | { group: number }
  | { token: number }
  | { provider: number; claim: boolean }

/** Selectors, some of them wrong. */
export const selector: fc.Arbitrary<Selector> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.constantFrom<Selector>(
      { plain: { everyone: {} } },
      { plain: { email: { email: 'who@example.test' } } },
      { plain: { ip: { ip: '10.0.0.0/8' } } },
      { plain: { geo: { country_code: 'PT' } } },
      { plain: { certificate: {} } },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Selector>(
      { plain: { ip: { ip: '10.0.0.0/33' } } },
      { plain: { constructor: {} } },
      { plain: { everyone: {}, certificate: {} } },
    ),
  },
  { weight: 2, arbitrary: fc.record({ group: choice }) },
  { weight: 2, arbitrary: fc.record({ token: choice }) },
  { weight: 2, arbitrary: fc.record({ provider: choice, claim: fc.boolean() }) },
)

/** The selector as JSON. */
export function rule({ access }: Model, given: Selector): View {
  if ('plain' in given) return given.plain
  // Nothing to refer to: most sequences would end in refusals.
  const among = 'group' in given ? access.groups : 'token' in given ? access.tokens : access.providers
  if (among.size === 0) return { everyone: {} }
  if ('group' in given) return { group: { id: chosen(access.groups, given.group) } }
  if ('token' in given) return { service_token: { token_id: chosen(access.tokens, given.token) } }
  const id = chosen(access.providers, given.provider)
  return given.claim
    ? { oidc: { claim_name: 'groups', claim_value: 'admins', identity_provider_id: id } }
    : { login_method: { id } }
}

/** Whether the API has to refuse it. */
export const isWrong = (json: View): boolean => {
  const text = JSON.stringify(json)
  return text.includes(unknownId) || text.includes('/33') || Object.keys(json)[0] === 'constructor'
    ? true
    : Object.keys(json).length !== 1
}

/** Whether something of the account refers to an id. */
export const isReferred = ({ access }: Model, id: string): boolean =>
  [
    ...access.groups.values(),
    ...access.policies.values(),
    ...[...access.apps.values()].flatMap(({ own }) => [...own.values()]),
  ].some(({ include, exclude, require }) => JSON.stringify([include, exclude, require]).includes(id))

const lists = fc.record({
  include: mostly(fc.array(selector, { minLength: 1, maxLength: 2 }), fc.constant<Selector[]>([])),
  exclude: fc.array(selector, { maxLength: 1 }),
  require: fc.array(selector, { maxLength: 1 }),
})
type Lists = Record<'include' | 'exclude' | 'require', Selector[]>

const rulesIn = (model: Model, given: Lists): Record<keyof Lists, View[]> => ({
  include: given.include.map((one) => rule(model, one)),
  exclude: given.exclude.map((one) => rule(model, one)),
  require: given.require.map((one) => rule(model, one)),
})

const areWrong = ({ include, exclude, require }: Record<keyof Lists, View[]>): boolean =>
  include.length === 0 || [...include, ...exclude, ...require].some(isWrong)

const group = operation(
  'groups.write',
  fc.record({ target, name: fc.string({ maxLength: 5 }), lists }),
  (model, data) => {
    const { access, now } = model
    const id = targeted(access.groups, data.target)
    const rules = rulesIn(model, data.lists)
    const request = {
      method: id === undefined ? 'POST' : 'PUT',
      path: `${accessPath}/groups${id === undefined ? '' : `/${id}`}`,
      body: { name: data.name, ...rules },
    }
    const before = id === undefined ? undefined : access.groups.get(id)
    if (id !== undefined && before === undefined) return { ...request, refusals: [[404, 12_152]] }
    const circular = id !== undefined && reaches(model, rules, id)
    if (data.name === '' || areWrong(rules) || circular) return { ...request, refusals: [[400, 12_130]] }
    return {
      ...request,
      status: id === undefined ? 201 : 200,
      result(answered) {
        const view = {
          ...{ id: id ?? freshId(model, answered, forms.uuid), name: data.name, ...rules },
          ...{ created_at: before?.created_at ?? iso(now), updated_at: iso(now) },
        }
        access.groups.set(view.id, view)
        return view
      },
    }
  },
)

/** Whether rules lead to a group, through others. */
function reaches({ access }: Model, rules: unknown, id: string): boolean {
  const text = JSON.stringify(rules)
  if (text.includes(id)) return true
  // Nothing is circular yet, so that this ends.
  return [...access.groups]
    .filter(([other]) => other !== id && text.includes(other))
    .some(([, view]) => reaches({ access } as Model, [view.include, view.exclude, view.require], id))
}

const decision = mostly(fc.constantFrom('allow', 'deny', 'non_identity', 'bypass'), fc.constant('permit'))
const duration = mostly(fc.constantFrom(undefined, '30m', '1h30m'), fc.constant('soon'))
const name = mostly(fc.constantFrom('p', 'q', 'é'), fc.constant(''))

/** What a policy is made of. */
export const policyData = fc.record({ name, decision, duration, lists })
/** See {@link policyData}. */
export type PolicyData = { name: string; decision: string; duration: string | undefined; lists: Lists }

/** The JSON of a policy, and whether the API has to refuse it. */
export function policyJson(model: Model, data: PolicyData): { json: View; wrong: boolean } {
  const rules = rulesIn(model, data.lists)
  return {
    json: defined({ name: data.name, decision: data.decision, session_duration: data.duration, ...rules }),
    wrong: data.name === '' || data.decision === 'permit' || data.duration === 'soon' || areWrong(rules),
  }
}

/** The policy as it is shown, without what depends on its place. */
export const policyView = (id: string, json: View, reusable: boolean, now: number, before?: View): View => ({
  ...{ id, ...json, created_at: before?.created_at ?? iso(now), updated_at: iso(now) },
  ...(reusable ? { reusable: true } : {}),
})

const appCount = ({ access }: Model, id: string): number =>
  [...access.apps.values()].filter(({ links }) => links.some((link) => link.id === id)).length

const counted = (model: Model, view: View): View => ({ ...view, app_count: appCount(model, String(view.id)) })

const policy = operation(
  'policies.write',
  fc.record({ target, data: policyData }),
  (model, { target: at, data }) => {
    const { access, now } = model
    const id = targeted(access.policies, at)
    const { json, wrong } = policyJson(model, data)
    const request = {
      method: id === undefined ? 'POST' : 'PUT',
      path: `${accessPath}/policies${id === undefined ? '' : `/${id}`}`,
      body: json,
    }
    const before = id === undefined ? undefined : access.policies.get(id)
    if (id !== undefined && before === undefined) return { ...request, refusals: [[404, 12_135]] }
    if (wrong) return { ...request, refusals: [[400, 12_130]] }
    return {
      ...request,
      status: id === undefined ? 201 : 200,
      result(answered) {
        const view = policyView(id ?? freshId(model, answered, forms.uuid), json, true, now, before)
        access.policies.set(String(view.id), view)
        return counted(model, view)
      },
    }
  },
)

const provider = operation(
  'providers.write',
  fc.record({
    target,
    type: mostly(fc.constantFrom('oidc', 'oidc', 'onetimepin'), fc.constant('saml')),
    secret: fc.boolean(),
    pkce: fc.option(fc.boolean(), { nil: undefined }),
    url: mostly(
      fc.constantFrom('https://idp.example.test/auth', 'http://127.0.0.1:1/auth'),
      fc.constant('ftp://idp.example.test/'),
    ),
  }),
  (model, { target: at, type, secret, pkce, url }): Exchange => {
    const { access } = model
    const id = targeted(access.providers, at)
    const shown = defined({
      ...{ client_id: 'c', auth_url: url, token_url: url, certs_url: url, pkce_enabled: pkce },
    })
    const oidc = type === 'oidc'
    const config = { ...shown, ...(secret ? { client_secret: 'never to be shown' } : {}) }
    const request = {
      method: id === undefined ? 'POST' : 'PUT',
      path: `${accessPath}/identity_providers${id === undefined ? '' : `/${id}`}`,
      body: { name: 'idp', type, config: oidc ? config : {} },
    }
    const before = id === undefined ? undefined : access.providers.get(id)
    if (id !== undefined && before === undefined) return { ...request, refusals: [[404, 12_135]] }
    // A secret that was given once is kept when it is not sent again.
    const incomplete = oidc && (url.startsWith('ftp') || (!secret && before === undefined))
    if (type === 'saml' || incomplete || (before !== undefined && before.type !== type))
      return { ...request, refusals: [[400, 12_130]] }
    const second = [...access.providers.values()].some((one) => one.type === 'onetimepin')
    if (!oidc && before === undefined && second) return { ...request, refusals: [[409, 12_132]] }
    return {
      ...request,
      status: id === undefined ? 201 : 200,
      result(answered) {
        const fresh = id ?? freshId(model, answered, forms.uuid)
        access.providers.set(fresh, { id: fresh, name: 'idp', type, config: oidc ? shown : undefined })
        return providerView(model, fresh)
      },
    }
  },
)

/** A one-time PIN has the team's callback, an OpenID Connect provider its settings without the secret. */
function providerView({ access }: Model, id: string): View {
  const { config, ...rest } = access.providers.get(id) ?? {}
  const callback = `https://${String(access.organization.auth_domain)}/cdn-cgi/access/callback`
  return { ...rest, config: config ?? { redirect_url: callback } }
}

const kinds = { groups: 'groups', policies: 'policies', providers: 'identity_providers' } as const

const remove = operation(
  'directory.delete',
  fc.record({ kind: fc.constantFrom('groups', 'policies', 'providers'), which: choice }),
  (model, { kind, which }) => {
    const { access } = model
    const id = chosen(access[kind], which)
    const request = { method: 'DELETE', path: `${accessPath}/${kinds[kind]}/${id}` }
    if (!access[kind].has(id))
      return { ...request, refusals: [[404, kind === 'groups' ? 12_152 : 12_135]] as const }
    const allowed = [...access.apps.values()].some(({ view }) =>
      JSON.stringify(view.allowed_idps).includes(id),
    )
    const used = kind === 'policies' ? appCount(model, id) > 0 : isReferred(model, id) || allowed
    if (used) return { ...request, refusals: [[400, 12_130]] as const }
    return {
      ...request,
      status: 202,
      result() {
        access[kind].delete(id)
        return { id }
      },
    }
  },
)

/** All of them. */
export const directoryOperations = fc.oneof(
  { weight: 3, arbitrary: group },
  { weight: 3, arbitrary: policy },
  { weight: 3, arbitrary: provider },
  { weight: 2, arbitrary: remove },
)

/** What looking at everything has to give. */
export function readDirectory(model: Model): [path: string, expected: unknown][] {
  const { access } = model
  const policies = [...access.policies.values()].map((view) => counted(model, view))
  const providers = [...access.providers.keys()].map((id) => providerView(model, id))
  const each = (path: string, views: View[]): [string, unknown][] => [
    [`${accessPath}/${path}`, views],
    ...views.map((view): [string, unknown] => [`${accessPath}/${path}/${String(view.id)}`, view]),
  ]
  return [
    ...each('groups', [...access.groups.values()]),
    ...each('policies', policies),
    ...each('identity_providers', providers),
  ]
}
