/**
 * Model of applications and their policies: a PUT replaces the settings and, where it names them, the policies; policies
 * stand in order of precedence.
 * @module
 */
import fc from 'fast-check'
import { type PolicyData, policyData, policyJson, policyView } from './directory.ts'
import type { AppModel, Model } from './model.ts'
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

const base = `${accessPath}/apps`
const bad = [400, 12_130] as const

/** A policy in the body of an application: a reusable one, or one that becomes its own. */
type Item = { reusable: number; precedence?: number } | { own: PolicyData; precedence?: number }

const precedence = fc.option(fc.nat({ max: 9 }), { nil: undefined, freq: 3 })
const items: fc.Arbitrary<Item[] | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.constant(undefined),
  fc.array(fc.record({ reusable: choice, precedence }) as fc.Arbitrary<Item>, { minLength: 1, maxLength: 2 }),
  fc.array(fc.record({ own: policyData, precedence }) as fc.Arbitrary<Item>, { maxLength: 2 }),
)

const domain = fc.constantFrom(
  'a.example.test',
  'a.example.test/admin',
  'b.example.test',
  '*.example.test',
  'c.example.test/x/*',
  'example.test',
  'A.example.test',
  ...['d', 'e', 'f', 'g', 'h', 'i'].map((label) => `${label}.example.test`),
)
const foreignDomain = fc.constantFrom('a.elsewhere.test', 'a.example.test?q', '**.example.test')
const settings = fc.record(
  {
    http_only_cookie_attribute: fc.boolean(),
    same_site_cookie_attribute: fc.constantFrom('none', 'lax', 'strict'),
    service_auth_401_redirect: fc.boolean(),
    options_preflight_bypass: fc.boolean(),
    app_launcher_visible: fc.boolean(),
    custom_deny_message: fc.constantFrom('no', 'not you'),
  },
  { requiredKeys: [] },
)

const data = fc.record({
  target,
  type: mostly(fc.constant('self_hosted'), fc.constant('saas')),
  name: fc.constantFrom('app', 'other', undefined),
  domains: fc.array(mostly(domain, foreignDomain), {
    minLength: 1,
    maxLength: 2,
  }),
  duration: mostly(fc.constantFrom(undefined, '1h'), fc.constant('800h')),
  idps: fc.option(fc.array(choice, { minLength: 1, maxLength: 1 }), { nil: undefined }),
  settings,
  items,
})

const isForeign = (text: string): boolean => /elsewhere|\?|\*\*/.test(text)

/** The policies of an application as they are shown. */
const policiesOf = ({ access }: Model, { links, own }: AppModel): View[] =>
  links.map((link) => ({
    ...(own.get(link.id) ?? access.policies.get(link.id)),
    precedence: link.precedence,
  }))

const appView = (model: Model, app: AppModel): View => ({ ...app.view, policies: policiesOf(model, app) })

/** Precedence of each: as given, else one more than the highest so far. */
function precedences(given: readonly { precedence?: number }[]): number[] {
  const all: number[] = []
  for (const item of given) all.push(item.precedence ?? Math.max(0, ...all) + 1)
  return all
}

const write = operation('apps.write', data, (model, given): Exchange => {
  const { access, now } = model
  const id = targeted(access.apps, given.target)
  const before = id === undefined ? undefined : access.apps.get(id)
  const usable = given.items?.filter((item) => 'own' in item || access.policies.size > 0)
  const policies = usable?.map((item) =>
    'own' in item
      ? { own: policyJson(model, item.own), reference: undefined }
      : { own: undefined, reference: chosen(access.policies, item.reusable) },
  )
  const allowed =
    access.providers.size === 0 ? undefined : given.idps?.map((index) => chosen(access.providers, index))
  const body = defined({
    ...given.settings,
    ...{ type: given.type, name: given.name, session_duration: given.duration, allowed_idps: allowed },
    destinations: given.domains.map((uri) => ({ type: 'public', uri })),
    policies: policies?.map(({ own, reference }, at) =>
      defined({ ...(own?.json ?? { id: reference }), precedence: usable?.[at]?.precedence }),
    ),
  })
  const request = {
    method: id === undefined ? 'POST' : 'PUT',
    path: `${base}${id === undefined ? '' : `/${id}`}`,
    body,
  }
  if (id !== undefined && before === undefined) return { ...request, refusals: [[404, 11_021]] }
  const places = precedences(usable ?? [])
  const references = (policies ?? []).flatMap(({ reference }) => reference ?? [])
  const wrong =
    given.type === 'saas' ||
    given.duration === '800h' ||
    given.domains.some(isForeign) ||
    allowed?.includes(unknownId) === true ||
    references.includes(unknownId) ||
    new Set(references).size < references.length ||
    new Set(places).size < places.length ||
    (policies ?? []).some(({ own }) => own?.wrong === true)
  const domains = [...new Set(given.domains.map((text) => text.toLowerCase()))]
  const taken = [...access.apps].some(
    ([other, app]) => other !== id && app.domains.some((one) => domains.includes(one)),
  )
  const refusals: (readonly [number, number])[] = wrong ? [bad] : []
  if (taken) refusals.push([409, 11_010])
  if (refusals.length > 0) return { ...request, refusals }
  return {
    ...request,
    status: id === undefined ? 201 : 200,
    result(answered) {
      const fresh = id ?? freshId(model, answered, forms.uuid)
      const app: AppModel = {
        view: {
          ...{ id: fresh, aud: before?.view.aud ?? freshId(model, answered, forms.tag, 'aud') },
          ...{ type: 'self_hosted', name: given.name ?? domains[0], domain: domains[0] },
          ...{ self_hosted_domains: domains, destinations: domains.map((uri) => ({ type: 'public', uri })) },
          ...{ session_duration: given.duration ?? '24h', allowed_idps: allowed ?? [], tags: [] },
          ...{ app_launcher_visible: true, ...given.settings },
          ...{ created_at: before?.view.created_at ?? iso(now), updated_at: iso(now) },
        },
        domains,
        links: before?.links ?? [],
        own: before?.own ?? new Map(),
      }
      if (policies !== undefined) {
        app.own = new Map()
        // In the answer they stand in order of precedence.
        const shown = (answered as { policies: View[] }).policies
        app.links = policies
          .map(({ own, reference }, at) => ({ own, reference, precedence: places[at] ?? 0 }))
          .toSorted((a, b) => a.precedence - b.precedence)
          .map(({ own, reference, precedence: place }, at) => {
            const made = reference ?? freshId(model, shown[at], forms.uuid)
            if (own !== undefined) app.own.set(made, policyView(made, own.json, false, now))
            return { id: made, precedence: place }
          })
      }
      access.apps.set(fresh, app)
      return appView(model, app)
    },
  }
})

const remove = operation('apps.delete', choice, (model, which) => {
  const id = chosen(model.access.apps, which)
  const request = { method: 'DELETE', path: `${base}/${id}` }
  if (!model.access.apps.has(id)) return { ...request, refusals: [[404, 11_021]] }
  return {
    ...request,
    status: 202,
    result() {
      model.access.apps.delete(id)
      return { id }
    },
  }
})

const revokeTokens = operation('apps.revoke', choice, (model, which) => {
  const id = chosen(model.access.apps, which)
  const request = { method: 'POST', path: `${base}/${id}/revoke_tokens` }
  const app = model.access.apps.get(id)
  if (app === undefined) return { ...request, refusals: [[404, 11_021]] }
  return {
    ...request,
    status: 202,
    result() {
      model.access.revoked.set(String(app.view.aud), model.now)
      return null
    },
  }
})

const ownPolicy = operation(
  'apps.policy',
  fc.record({
    app: choice,
    target,
    data: fc.oneof(
      { weight: 4, arbitrary: policyData },
      { weight: 1, arbitrary: fc.constant('delete' as const) },
    ),
    precedence,
  }),
  (model, { app: which, target: at, data: given, precedence: place }): Exchange => {
    const { access, now } = model
    const appId = chosen(access.apps, which)
    const app = access.apps.get(appId)
    const removes = given === 'delete'
    const among = new Map(app?.links.map((link) => [link.id, link]))
    const id = removes ? chosen(among, at ?? 0) : targeted(among, at)
    const { json, wrong } = removes ? { json: undefined, wrong: false } : policyJson(model, given)
    const request = {
      method: removes ? 'DELETE' : id === undefined ? 'POST' : 'PUT',
      path: `${base}/${appId}/policies${id === undefined ? '' : `/${id}`}`,
      body: json === undefined ? undefined : defined({ ...json, precedence: place }),
    }
    if (app === undefined) return { ...request, refusals: [[404, 11_021]] }
    if (id !== undefined && !among.has(id)) return { ...request, refusals: [[404, 12_135]] }
    const before = id === undefined ? undefined : app.own.get(id)
    if (id !== undefined && before === undefined) return { ...request, refusals: [bad] }
    const others = app.links.filter((link) => link.id !== id)
    if (removes) {
      return {
        ...request,
        status: 202,
        result() {
          app.links = others
          app.own.delete(String(id))
          app.view.updated_at = iso(now)
          return { id }
        },
      }
    }
    // Both kinds beside each other could not be written back with a PUT of the application.
    const mixes = others.some((link) => access.policies.has(link.id))
    const after =
      place ?? among.get(id ?? '')?.precedence ?? Math.max(0, ...others.map((one) => one.precedence)) + 1
    if (wrong || mixes || others.some((link) => link.precedence === after))
      return { ...request, refusals: [bad] }
    return {
      ...request,
      status: id === undefined ? 201 : 200,
      result(answered) {
        const fresh = id ?? freshId(model, answered, forms.uuid)
        const view = policyView(fresh, json ?? {}, false, now, before)
        app.own.set(fresh, view)
        app.links = [...others, { id: fresh, precedence: after }].toSorted(
          (a, b) => a.precedence - b.precedence,
        )
        app.view.updated_at = iso(now)
        return { ...view, precedence: after }
      },
    }
  },
)

/** What an answer showed, sent back as it is: nothing changes but the moment. */
const sentBack = operation('apps.send back', choice, (model, which) => {
  const id = chosen(model.access.apps, which)
  const app = model.access.apps.get(id)
  const request = {
    method: 'PUT',
    path: `${base}/${id}`,
    body: app === undefined ? { type: 'self_hosted', domain: 'a.example.test' } : appView(model, app),
  }
  if (app === undefined) return { ...request, refusals: [[404, 11_021]] }
  return {
    ...request,
    result() {
      app.view.updated_at = iso(model.now)
      // Own policies were sent whole, so that they were written.
      for (const [own, view] of app.own) app.own.set(own, { ...view, updated_at: iso(model.now) })
      return appView(model, app)
    },
  }
})

/** All of them. */
export const applicationOperations = fc.oneof(
  { weight: 6, arbitrary: write },
  { weight: 1, arbitrary: remove },
  { weight: 1, arbitrary: revokeTokens },
  { weight: 4, arbitrary: ownPolicy },
  { weight: 1, arbitrary: sentBack },
)

/** What looking at everything has to give. */
export function readApplications(model: Model): [path: string, expected: unknown][] {
  const apps = [...model.access.apps]
  return [
    [base, apps.map(([, app]) => appView(model, app))],
    ...apps.flatMap(([id, app]): [string, unknown][] => [
      [`${base}/${id}`, appView(model, app)],
      [`${base}/${id}/policies`, policiesOf(model, app)],
      ...policiesOf(model, app).map((view): [string, unknown] => [
        `${base}/${id}/policies/${String(view.id)}`,
        view,
      ]),
    ]),
  ]
}
