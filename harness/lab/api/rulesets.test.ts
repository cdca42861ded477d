import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type Cloudflare from 'cloudflare'
import fc from 'fast-check'
import { decideCustomRules } from '../rules/decide.ts'
import { request as ruleRequest } from '../rules/testing/request.ts'
import { haveOpenApi } from './testing/openapi.ts'
import {
  assertRefused,
  assertSdkRefused,
  ids,
  type RawAnswer,
  startTestApi,
  type TestApi,
} from './testing/start.ts'

let lab: TestApi
let sdk: Cloudflare
before(async () => {
  lab = await startTestApi({ limits: { requests: 100_000 } })
  sdk = lab.sdk
})
after(() => lab.close())

const zone_id = ids.zone
const custom = 'http_request_firewall_custom'
const late = 'http_request_late_transform'
const path = `/zones/${zone_id}/rulesets/phases/${custom}/entrypoint`
const expression = '(http.host eq "api.example.test" and not cf.tls_client_auth.cert_verified)'
const response = { status_code: 403, content_type: 'application/json', content: '{"error":"certificate"}' }
const rule = { action: 'block' as const, expression, description: 'mTLS', action_parameters: { response } }

interface Shown {
  id: string
  version: string
  last_updated: string
  rules: {
    id: string
    version: string
    ref: string
    expression: string
    enabled: boolean
    description?: string
  }[]
}
const clear = (): void => {
  for (const zone of Object.values(lab.store.state.zones)) zone.rulesets = {}
}
const put = async (rules: readonly object[], phase: typeof custom | typeof late = custom): Promise<Shown> =>
  (await sdk.rulesets.phases.update(phase, { zone_id, rules: rules as never[] })) as Shown
const get = async (phase: typeof custom | typeof late = custom): Promise<Shown> =>
  (await sdk.rulesets.phases.get(phase, { zone_id })) as Shown

test('an entry point that does not exist yet: 404 with the API’s code; a PUT makes it', async () => {
  clear()
  const answer = await lab.request('GET', path)
  assertRefused(answer, { status: 404, code: 10_003 })
  assert.equal(answer.body.errors?.[0]?.message, `could not find entrypoint ruleset in the ${custom} phase`)
  await put([])
  assert.deepEqual((await get()).rules, [])
})

test('GET gives what PUT gave, with ids, versions and defaults', async () => {
  clear()
  const made = await put([rule, { action: 'block', expression: 'not ssl', enabled: false, ref: 'plain' }])
  const [first, second] = made.rules
  assert.ok(first && second)
  assert.deepEqual(made, {
    ...{ id: made.id, name: 'default', description: '', kind: 'zone', version: '1', phase: custom },
    last_updated: made.last_updated,
    rules: [
      { ...rule, id: first.id, version: '1', ref: first.id, enabled: true, last_updated: made.last_updated },
      {
        ...{
          id: second.id,
          version: '1',
          action: 'block',
          expression: 'not ssl',
          ref: 'plain',
          enabled: false,
        },
        last_updated: made.last_updated,
      },
    ],
  })
  assert.match(made.id, /^[0-9a-f]{32}$/)
  assert.match(first.id, /^[0-9a-f]{32}$/)
  assert.deepEqual(await get(), made)
})

test('what is written decides at once', async () => {
  clear()
  const zone = lab.store.state.zones[zone_id]
  assert.ok(zone)
  const decide = (verified: boolean): number | undefined => {
    const { certificate } = ruleRequest()
    const fields = ruleRequest({ certificate: { ...certificate, cert_verified: verified } })
    return decideCustomRules(zone, fields)?.response?.status
  }
  const { revision } = lab.store
  assert.equal(decide(false), undefined)
  await put([rule])
  assert.deepEqual([decide(false), decide(true)], [403, undefined])
  assert.ok(lab.store.revision > revision)
  await put([{ ...rule, enabled: false }])
  assert.equal(decide(false), undefined)
})

test('versions go up: of the ruleset with every write, of a rule with every change', async () => {
  clear()
  const made = await put([rule, { action: 'block', expression: 'not ssl' }])
  const again = await put(made.rules)
  assert.deepEqual([again.id, again.version], [made.id, '2'])
  assert.deepEqual(again.rules, made.rules)
  const [first, second] = made.rules
  const changed = await put([{ ...first, expression: 'ssl' }, second as object])
  assert.deepEqual(
    changed.rules.map(({ id, version }) => [id, version]),
    [
      [first?.id, '2'],
      [second?.id, '1'],
    ],
  )
  const fresh = await put([{ action: 'block', expression: 'ssl' }])
  assert.notEqual(fresh.rules[0]?.id, first?.id)
})

test('rules one by one: create with a position, edit, move, delete', async () => {
  clear()
  const { id: ruleset } = await put([{ action: 'block', expression: 'ssl', ref: 'a' }])
  const order = async (): Promise<string[]> => (await get()).rules.map(({ ref }) => ref)
  const add = (ref: string, position?: object): PromiseLike<unknown> =>
    sdk.rulesets.rules.create(ruleset, {
      zone_id,
      action: 'block',
      expression: 'ssl',
      ref,
      ...(position && { position }),
    } as never)
  await add('b')
  await add('c', { before: '' })
  await add('d', { index: 2 })
  assert.deepEqual(await order(), ['c', 'd', 'a', 'b'])
  const rules = (await get()).rules
  const idOf = (ref: string): string => rules.find((one) => one.ref === ref)?.id ?? assert.fail(ref)
  await sdk.rulesets.rules.edit(idOf('c'), {
    ruleset_id: ruleset,
    zone_id,
    position: { after: idOf('a') },
  } as never)
  assert.deepEqual(await order(), ['d', 'a', 'c', 'b'])
  const moved = (await get()).rules.find(({ ref }) => ref === 'c')
  assert.equal(moved?.version, '1')
  await sdk.rulesets.rules.edit(idOf('a'), {
    ruleset_id: ruleset,
    zone_id,
    action: 'block',
    expression: 'not ssl',
  } as never)
  const edited = (await get()).rules.find(({ ref }) => ref === 'a')
  assert.deepEqual([edited?.version, edited?.expression], ['2', 'not ssl'])
  await sdk.rulesets.rules.delete(idOf('d'), { ruleset_id: ruleset, zone_id })
  assert.deepEqual(await order(), ['a', 'c', 'b'])
  await assertSdkRefused(sdk.rulesets.rules.delete(idOf('d'), { ruleset_id: ruleset, zone_id }), {
    status: 404,
    code: 10_003,
  })
  await assertSdkRefused(add('a'), { status: 400, code: 20_000 })
  await assertSdkRefused(add('e', { index: 9 }), { status: 400, code: 20_000 })
  await assertSdkRefused(add('e', { before: 'nobody' }), { status: 400, code: 20_000 })
  assert.deepEqual(await order(), ['a', 'c', 'b'])
})

test('a PATCH replaces the rule: without its action or expression it is refused', async () => {
  clear()
  const { id, rules } = await put([rule])
  const patch = (body: object): Promise<RawAnswer> =>
    lab.request('PATCH', `/zones/${zone_id}/rulesets/${id}/rules/${rules[0]?.id}`, { body })
  const noAction = await patch({ action_parameters: { response } })
  assertRefused(noAction, { status: 400, code: 20_000 })
  assert.equal(noAction.body.errors?.[0]?.message, 'action is required for action parameters')
  assertRefused(await patch({ action: 'block' }), { status: 400, code: 20_125 })
  assertRefused(await patch({}), { status: 400, code: 20_000 })
  assert.deepEqual((await get()).rules, rules)
})

test('rulesets: create, list without rules, get, update, delete; a second one per phase is refused', async () => {
  clear()
  const create = (): PromiseLike<unknown> =>
    sdk.rulesets.create({ zone_id, kind: 'zone', name: 'mine', phase: custom, rules: [rule] })
  const made = (await create()) as Shown
  await assertSdkRefused(create(), { status: 400, code: 20_217 })
  const listed = []
  for await (const one of sdk.rulesets.list({ zone_id })) listed.push(one)
  const { rules: _, ...withoutRules } = made
  assert.deepEqual(listed, [withoutRules])
  assert.deepEqual(await sdk.rulesets.get(made.id, { zone_id }), made)
  const updated = (await sdk.rulesets.update(made.id, {
    zone_id,
    description: 'new',
    rules: [],
  })) as unknown as Shown
  assert.deepEqual([updated.id, updated.version, updated.rules], [made.id, '2', []])
  await sdk.rulesets.delete(made.id, { zone_id })
  await assertSdkRefused(sdk.rulesets.get(made.id, { zone_id }), { status: 404, code: 10_003 })
  await assertSdkRefused(sdk.rulesets.delete(made.id, { zone_id }), { status: 404, code: 10_003 })
  assertRefused(await lab.request('GET', path), { status: 404, code: 10_003 })
})

test('a dry run checks and changes nothing', async () => {
  clear()
  const made = await put([rule])
  const dry = (rules: object[]): Promise<RawAnswer> =>
    lab.request('PUT', `${path}?dry_run=true`, { body: { rules } })
  const answer = await dry([])
  assert.deepEqual([answer.status, answer.body.success, answer.body.result], [200, true, null])
  assertRefused(await dry([{ action: 'block', expression: 'nope' }]), { status: 400, code: 20_127 })
  assert.equal(
    (await lab.request('DELETE', `/zones/${zone_id}/rulesets/${made.id}?dry_run=true`)).status,
    204,
  )
  assert.deepEqual(await get(), made)
})

test('an expression that is wrong is refused with what and where', async () => {
  clear()
  await put([rule])
  const before = await get()
  const answer = await lab.request('PUT', path, {
    body: { rules: [{ action: 'block', expression: 'ssl and http.hots eq "a"' }] },
  })
  assertRefused(answer, { status: 400, code: 20_127 })
  assert.equal(
    answer.body.errors?.[0]?.message,
    `'ssl and http.hots eq "a"' is not a valid value for expression because could not parse filter expression: Filter parsing error (1:9):\nssl and http.hots eq "a"\n        ^^^^^^^^^ unknown identifier`,
  )
  assert.deepEqual(await get(), before)
})

const block = (more: object): object => ({ action: 'block', expression: 'ssl', ...more })
const answerWith = (changes: object): object =>
  block({ action_parameters: { response: { ...response, ...changes } } })
const rewrite = (headers: unknown, more: object = {}): object => ({
  ...{ action: 'rewrite', expression: 'true', action_parameters: { headers } },
  ...more,
})
const refusedRules: readonly (readonly [
  name: string,
  phase: typeof custom | typeof late,
  rule: unknown,
  what: RegExp,
])[] = [
  ['no rule', custom, 5, /a rule is an object/],
  ['an action of another phase', custom, { action: 'rewrite', expression: 'ssl' }, /the lab has block/],
  [
    'an action the lab lacks',
    custom,
    { action: 'managed_challenge', expression: 'ssl' },
    /'managed_challenge' is not.*the lab has block/,
  ],
  ['skip', custom, { action: 'skip', expression: 'ssl' }, /the lab has block/],
  ['no expression', custom, { action: 'block' }, /cannot be blank/],
  ['an expression that is a number', custom, block({ expression: 5 }), /has to be a string/],
  ['a rate limit', custom, block({ ratelimit: {} }), /does not have ratelimit/],
  ['enabled as text', custom, block({ enabled: 'yes' }), /true or false/],
  ['an empty ref', custom, block({ ref: '' }), /'ref'/],
  [
    'an unknown parameter',
    custom,
    block({ action_parameters: { ruleset: 'current' } }),
    /not an action parameter/,
  ],
  ['status 200', custom, answerWith({ status_code: 200 }), /400 to 499/],
  ['status 500', custom, answerWith({ status_code: 500 }), /400 to 499/],
  ['status as text', custom, answerWith({ status_code: '403' }), /400 to 499/],
  ['another content type', custom, answerWith({ content_type: 'image/png' }), /one of text\/html/],
  ['no content', custom, answerWith({ content: '' }), /not empty/],
  ['content over 2 KB', custom, answerWith({ content: 'ü'.repeat(1025) }), /2050 bytes, more than 2048/],
  ['no parameters', late, { action: 'rewrite', expression: 'true' }, /'action_parameters'/],
  [
    'a URI rewrite',
    late,
    { action: 'rewrite', expression: 'true', action_parameters: { uri: {} } },
    /'uri' is not/,
  ],
  ['no headers', late, rewrite({}), /1 to 30/],
  [
    'a header twice',
    late,
    rewrite({ 'X-A': { operation: 'remove' }, 'x-a': { operation: 'remove' } }),
    /twice/,
  ],
  [
    'a header name with a blank',
    late,
    rewrite({ 'a b': { operation: 'remove' } }),
    /not a valid header name/,
  ],
  [
    'a cf- header',
    late,
    rewrite({ 'cf-cert-verified': { operation: 'set', value: 'x' } }),
    /cannot be modified/,
  ],
  ['removal of a cf- header', late, rewrite({ 'CF-Ray': { operation: 'remove' } }), /cannot be removed/],
  [
    'the visitor’s address',
    late,
    rewrite({ 'X-Forwarded-For': { operation: 'set', value: 'x' } }),
    /cannot be modified/,
  ],
  ['the length', late, rewrite({ 'Content-Length': { operation: 'remove' } }), /cannot be removed/],
  ['another operation', late, rewrite({ a: { operation: 'append', value: 'x' } }), /set, add or remove/],
  [
    'value and expression',
    late,
    rewrite({ a: { operation: 'set', value: 'x', expression: '"x"' } }),
    /either/,
  ],
  ['neither value nor expression', late, rewrite({ a: { operation: 'set' } }), /either/],
  ['a value to remove', late, rewrite({ a: { operation: 'remove', value: 'x' } }), /no value/],
  ['a line break', late, rewrite({ a: { operation: 'set', value: 'x\r\nb: c' } }), /printable ASCII/],
  ['a boolean as value', late, rewrite({ a: { operation: 'set', expression: 'ssl' } }), /to_string/],
  [
    'a broken value',
    late,
    rewrite({ a: { operation: 'set', expression: 'concat("a"' } }),
    /Filter parsing error \(1:11\)/,
  ],
  ['a broken condition', late, rewrite({ a: { operation: 'remove' } }, { expression: 'ssl and' }), /\(1:8\)/],
]
for (const [name, phase, wrong, what] of refusedRules) {
  test(`refused: ${name}`, async () => {
    const answer = await lab.request('PUT', `/zones/${zone_id}/rulesets/phases/${phase}/entrypoint`, {
      body: { rules: [wrong] },
    })
    assert.deepEqual(
      [answer.status, answer.body.success, answer.body.result],
      [400, false, null],
      answer.text,
    )
    assert.match(answer.body.errors?.[0]?.message ?? '', what)
  })
}

test('a custom answer of 2048 bytes and a removable header are allowed', async () => {
  clear()
  await put([answerWith({ content: 'x'.repeat(2048), status_code: 499, content_type: 'application/xml' })])
  const headers = {
    'cf-connecting-ip': { operation: 'remove' },
    'Client-Cert': { operation: 'set', expression: 'cf.tls_client_auth.cert_rfc9440' },
  }
  const made = await put([rewrite(headers)], late)
  assert.deepEqual((await get(late)).rules, made.rules)
})

test('phases the lab lacks, other kinds and other zones are refused by name', async () => {
  clear()
  const other = await lab.request('GET', `/zones/${zone_id}/rulesets/phases/http_ratelimit/entrypoint`)
  assertRefused(other, { status: 400, code: 20_000 })
  assert.match(
    other.body.errors?.[0]?.message ?? '',
    /the lab has http_request_firewall_custom, http_request_late_transform/,
  )
  const body = { kind: 'root', phase: custom, name: 'x', rules: [] }
  assertRefused(await lab.request('POST', `/zones/${zone_id}/rulesets`, { body }), {
    status: 400,
    code: 20_000,
  })
  assertRefused(await lab.request('GET', '/zones/__proto__/rulesets'), { status: 404, code: 7003 })
  assertRefused(await lab.request('GET', `/zones/${zone_id}/rulesets/constructor`), {
    status: 404,
    code: 10_003,
  })
  const { id } = await put([rule])
  await assertSdkRefused(sdk.rulesets.get(id, { zone_id: ids.otherZone }), { status: 404, code: 10_003 })
})

test('whatever the body is, the API answers', async () => {
  clear()
  await put([rule])
  const before = await get()
  await fc.assert(
    fc.asyncProperty(
      fc.jsonValue(),
      fc.constantFrom('rules', 'action', 'position', ''),
      async (value, key) => {
        const body = JSON.stringify(key === '' ? value : { [key]: value })
        for (const [method, at] of [
          ['PUT', `${path}?dry_run=true`],
          ['POST', `/zones/${zone_id}/rulesets?dry_run=true`],
          ['POST', `/zones/${zone_id}/rulesets/${before.id}/rules?dry_run=true`],
          ['PATCH', `/zones/${zone_id}/managed_headers`],
        ] as const) {
          const { status, body: envelope } = await lab.request(method, at, { body })
          assert.ok(status === 200 || status === 400, `${method} ${at} ${body}: ${status}`)
          assert.equal(envelope.success, status === 200)
        }
      },
    ),
    { numRuns: 150 },
  )
  assert.deepEqual(await get(), before)
})

test('concurrent additions: none is lost', async () => {
  clear()
  const { id } = await put([])
  const names = Array.from({ length: 20 }, (_, number) => `r${number}`)
  await Promise.all(
    names.map((ref) =>
      sdk.rulesets.rules.create(id, { zone_id, action: 'block', expression: 'ssl', ref } as never),
    ),
  )
  const { rules, version } = await get()
  assert.deepEqual(rules.map(({ ref }) => ref).toSorted(), names.toSorted())
  assert.equal(version, '21')
})

test('answers were compared with the OpenAPI document', () => {
  const entrypoint = '/zones/{zone_id}/rulesets/phases/{ruleset_phase}/entrypoint'
  const wanted = [`GET ${entrypoint} 200`, `PUT ${entrypoint} 200`]
  assert.deepEqual(
    wanted.filter((one) => !lab.compared.has(one)),
    haveOpenApi ? [] : wanted,
  )
})
