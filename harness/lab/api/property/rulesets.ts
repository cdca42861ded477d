/**
 * Model of entry points, rules and managed headers: a PUT replaces all rules, a rule with a known id is that rule, versions
 * count changes.
 * @module
 */
import fc from 'fast-check'
import type { Model, RulesetModel } from './model.ts'
import {
  choice,
  defined,
  type Exchange,
  forms,
  freshId,
  iso,
  item,
  operation,
  unknownId,
  type View,
  zonePath,
} from './operation.ts'

const base = `${zonePath}/rulesets`
const phases = ['http_request_firewall_custom', 'http_request_late_transform'] as const
type Phase = (typeof phases)[number]

interface Definition {
  expression: string
  enabled?: boolean
  description?: string
  ref?: string
}

const phase = fc.constantFrom(...phases)
const expressions = ['ssl', 'not ssl', 'http.host eq "a.example.test"', 'cf.tls_client_auth.cert_verified']
const good: fc.Arbitrary<Definition> = fc.record(
  {
    expression: fc.constantFrom(...expressions),
    enabled: fc.boolean(),
    description: fc.constantFrom('one', 'two'),
    ref: fc.constantFrom('first', 'second', 'third', 'fourth', 'fifth'),
  },
  { requiredKeys: ['expression'] },
)
const definition = fc.oneof(
  { weight: 12, arbitrary: good },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Definition>(
      { expression: '' },
      { expression: 'ssl and' },
      { expression: 'tls' },
    ),
  },
)

const isGood = ({ expression }: Definition): boolean => expressions.includes(expression)
const wrongRule = ({ expression }: Definition): readonly [number, number] =>
  expression === '' ? [400, 20_125] : [400, 20_127]

/** The JSON of a rule: each phase has its action. */
const json = (of: Phase, definition: Definition): View =>
  of === 'http_request_firewall_custom'
    ? { action: 'block', ...definition }
    : {
        action: 'rewrite',
        action_parameters: { headers: { 'x-set': { operation: 'set', value: 'v' } } },
        ...definition,
      }

/** The rule that comes of a definition; `old`: the one it changes. */
function ruleView(of: Phase, given: Definition, at: number, id: string, old?: View): View {
  const { action_parameters, action, expression } = json(of, given)
  const content = defined({
    ...{ action, expression, action_parameters, description: given.description },
    ...{ enabled: given.enabled ?? true, ref: given.ref ?? old?.ref ?? id },
  })
  const whole = (version: string, last_updated: unknown): View => ({ ...content, id, version, last_updated })
  if (old === undefined) return whole('1', iso(at))
  const { version, last_updated, ...before } = old
  const same = canonical({ ...content, id }) === canonical(before)
  return same ? old : whole(String(Number(version) + 1), iso(at))
}

const canonical = (view: View): string =>
  JSON.stringify(Object.entries(view).toSorted(([a], [b]) => (a < b ? -1 : 1)))

const rulesetView = (of: Phase, { id, description, version, updatedAt, rules }: RulesetModel): View => ({
  ...{ id, description, rules, name: 'default', kind: 'zone', phase: of },
  ...{ version: String(version), last_updated: iso(updatedAt) },
})

/** The exchange of a write that succeeds: the ruleset has `rules` afterwards. */
const writes = (
  model: Model,
  of: Phase,
  request: Pick<Exchange, 'method' | 'path' | 'body'>,
  rules: (answered: View[]) => View[],
  description?: string,
): Exchange => ({
  ...request,
  result(answered) {
    const old = model.rulesets.get(of)
    const after: RulesetModel = {
      id: old?.id ?? freshId(model, answered, forms.hex),
      description: description ?? old?.description ?? '',
      version: (old?.version ?? 0) + 1,
      updatedAt: model.now,
      rules: rules((answered as { rules: View[] }).rules),
    }
    model.rulesets.set(of, after)
    return rulesetView(of, after)
  },
})

/** Whether two have the same explicit or inherited ref. */
const clash = (refs: readonly unknown[]): boolean => {
  const given = refs.filter((ref) => ref !== undefined)
  return new Set(given).size < given.length
}

const put = operation(
  'rulesets.put',
  fc.record({
    phase,
    description: fc.constantFrom(undefined, 'd'),
    rules: fc.array(fc.record({ keeps: fc.option(choice, { nil: undefined }), definition }), {
      maxLength: 3,
    }),
  }),
  (model, { phase: of, description, rules }) => {
    const before = model.rulesets.get(of)?.rules ?? []
    const kept = rules.map(({ keeps }) => (keeps === undefined ? undefined : item(before, keeps)))
    const body = defined({
      description,
      rules: rules.map(({ definition: given }, at) => defined({ ...json(of, given), id: kept[at]?.id })),
    })
    const request = { method: 'PUT', path: `${base}/phases/${of}/entrypoint`, body }
    const refusals = rules.flatMap(({ definition: given }) => (isGood(given) ? [] : [wrongRule(given)]))
    const ids = kept.flatMap((rule) => rule?.id ?? [])
    const refs = rules.map(({ definition: given }, at) => given.ref ?? kept[at]?.ref)
    if (new Set(ids).size < ids.length || clash(refs)) refusals.push([400, 20_000])
    if (refusals.length > 0) return { ...request, refusals }
    return writes(
      model,
      of,
      request,
      (answered) =>
        rules.map(({ definition: given }, at) => {
          const old = kept[at]
          const id = old === undefined ? freshId(model, answered[at], forms.hex) : String(old.id)
          return ruleView(of, given, model.now, id, old)
        }),
      description,
    )
  },
)

const create = operation('rulesets.create', fc.record({ phase, definition: good }), (model, data) => {
  const { phase: of, definition: given } = data
  const body = { kind: 'zone', name: 'default', phase: of, rules: [json(of, given)] }
  const request = { method: 'POST', path: base, body }
  if (model.rulesets.has(of)) return { ...request, refusals: [[400, 20_217]] }
  return writes(model, of, request, ([first]) => [
    ruleView(of, given, model.now, freshId(model, first, forms.hex)),
  ])
})

const remove = operation('rulesets.delete', phase, (model, of) => {
  const id = model.rulesets.get(of)?.id
  const request = { method: 'DELETE', path: `${base}/${id ?? unknownId}` }
  if (id === undefined) return { ...request, refusals: [[404, 10_003]] }
  return {
    ...request,
    status: 204,
    result: () => void model.rulesets.delete(of),
  }
})

const position = fc.constantFrom('top', 'bottom', undefined)

const addRule = operation(
  'rules.create',
  fc.record({ phase, definition, position }),
  (model, { phase: of, definition: given, position: where }) => {
    const ruleset = model.rulesets.get(of)
    const place = where === 'top' ? { before: '' } : where === 'bottom' ? { after: '' } : undefined
    const request = {
      method: 'POST',
      path: `${base}/${ruleset?.id ?? unknownId}/rules`,
      body: defined({ ...json(of, given), position: place }),
    }
    if (ruleset === undefined) return { ...request, refusals: [[404, 10_003]] }
    const refusals: (readonly [number, number])[] = isGood(given) ? [] : [wrongRule(given)]
    if (clash([given.ref, ...ruleset.rules.map(({ ref }) => ref)])) refusals.push([400, 20_000])
    if (refusals.length > 0) return { ...request, refusals }
    return writes(model, of, request, (answered) => {
      const fresh = freshId(model, where === 'top' ? answered[0] : answered.at(-1), forms.hex)
      const rule = ruleView(of, given, model.now, fresh)
      return where === 'top' ? [rule, ...ruleset.rules] : [...ruleset.rules, rule]
    })
  },
)

const changeRule = operation(
  'rules.edit',
  fc.record({
    phase,
    which: choice,
    change: fc.oneof(definition, fc.constantFrom('delete', 'to top', 1, 9)),
  }),
  (model, { phase: of, which, change }): Exchange => {
    const ruleset = model.rulesets.get(of)
    const rules = ruleset?.rules ?? []
    const old = item(rules, which)
    const path = `${base}/${ruleset?.id ?? unknownId}/rules/${String(old?.id ?? unknownId)}`
    const method = change === 'delete' ? 'DELETE' : 'PATCH'
    const body =
      change === 'delete'
        ? undefined
        : change === 'to top'
          ? { position: { before: '' } }
          : typeof change === 'number'
            ? { position: { index: change } }
            : json(of, change as Definition)
    const request = { method, path, body }
    if (ruleset === undefined || old === undefined) return { ...request, refusals: [[404, 10_003]] }
    const others = rules.filter((rule) => rule !== old)
    if (change === 'delete') return writes(model, of, request, () => others)
    if (change === 'to top' || change === 1) return writes(model, of, request, () => [old, ...others])
    if (change === 9) return { ...request, refusals: [[400, 20_000]] }
    const given = change as Definition
    const refusals: (readonly [number, number])[] = isGood(given) ? [] : [wrongRule(given)]
    if (clash([given.ref ?? old.ref, ...others.map(({ ref }) => ref)])) refusals.push([400, 20_000])
    if (refusals.length > 0) return { ...request, refusals }
    return writes(model, of, request, () =>
      rules.map((rule) => (rule === old ? ruleView(of, given, model.now, String(old.id), old) : rule)),
    )
  },
)

const transforms = {
  add_client_certificate_headers: undefined,
  add_true_client_ip_headers: 'remove_visitor_ip_headers',
  remove_visitor_ip_headers: 'add_true_client_ip_headers',
} as const
const transformIds = Object.keys(transforms) as (keyof typeof transforms)[]

const managedView = ({ managed }: Model): View => ({
  managed_request_headers: transformIds.map((id) => {
    const other = transforms[id]
    return {
      ...{ id, enabled: managed.has(id), has_conflict: other !== undefined && managed.has(other) },
      ...(other === undefined ? {} : { conflicts_with: [other] }),
    }
  }),
  managed_response_headers: [],
})

const managed = operation(
  'managed.patch',
  fc.array(
    fc.record({ id: fc.constantFrom(...transformIds, ...transformIds, 'toString'), enabled: fc.boolean() }),
    { maxLength: 2 },
  ),
  (model, changes) => {
    const request = {
      method: 'PATCH',
      path: `${zonePath}/managed_headers`,
      body: { managed_request_headers: changes, managed_response_headers: [] },
    }
    const on = new Set(model.managed)
    for (const { id, enabled } of changes) if (!enabled) on.delete(id)
    for (const { id, enabled } of changes) if (enabled) on.add(id)
    const both = on.has(transformIds[1] ?? '') && on.has(transformIds[2] ?? '')
    if (both || changes.some(({ id }) => id === 'toString')) return { ...request, refusals: [[400, 20_000]] }
    return {
      ...request,
      result() {
        model.managed = on
        return managedView(model)
      },
    }
  },
)

const managedOff = operation('managed.delete', fc.constant(null), (model) => ({
  ...{ method: 'DELETE', path: `${zonePath}/managed_headers`, status: 204 },
  result: () => void model.managed.clear(),
}))

/** All of them. */
export const rulesetOperations = fc.oneof(
  { weight: 4, arbitrary: put },
  { weight: 1, arbitrary: create },
  { weight: 1, arbitrary: remove },
  { weight: 3, arbitrary: addRule },
  { weight: 4, arbitrary: changeRule },
  { weight: 2, arbitrary: managed },
  { weight: 1, arbitrary: managedOff },
)

/** What looking at everything has to give. */
export function readRulesets(model: Model): [path: string, expected: unknown][] {
  return [
    [`${zonePath}/managed_headers`, managedView(model)],
    ...phases.map((of): [string, unknown] => {
      const ruleset = model.rulesets.get(of)
      const expected = ruleset === undefined ? { refused: [404, 10_003] } : rulesetView(of, ruleset)
      return [`${base}/phases/${of}/entrypoint`, expected]
    }),
    [
      base,
      [...model.rulesets].map(([of, ruleset]) => {
        const { rules: _, ...rest } = rulesetView(of as Phase, ruleset)
        return rest
      }),
    ],
  ]
}
