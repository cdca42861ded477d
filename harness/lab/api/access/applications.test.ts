import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { emptyAccessObjects } from '../../access/initial.ts'
import { haveOpenApi } from '../testing/openapi.ts'
import { assertRefused, assertSdkRefused, type TestApi } from '../testing/start.ts'
import { ids } from '../testing/state.ts'
import { account, all, startAccessApi, zone } from './testing/start.ts'

const allow = {
  name: 'staff',
  decision: 'allow' as const,
  include: [{ email_domain: { domain: 'example.test' } }],
}
const robots = {
  name: 'robots',
  decision: 'non_identity' as const,
  include: [{ any_valid_service_token: {} }],
}
const app = (domain: string) => ({ ...account, type: 'self_hosted' as const, domain, name: domain })
const wrong = { status: 400, code: 12130 }

/** The SDK's types leave name, decision and rules out of policies given inline; the documents have them. */
const inline = (...policies: object[]) => policies as { id?: string }[]

/** An answer of the SDK as plain fields. */
const plain = (answer: unknown): Record<string, unknown> => ({ ...(answer as Record<string, unknown>) })
const policiesOf = (answer: unknown) =>
  plain(answer).policies as { id: string; name: string; precedence: number; reusable?: boolean }[]

describe('applications through the SDK', () => {
  let api: TestApi
  before(async () => {
    api = await startAccessApi()
  })
  after(() => api.close())
  beforeEach(() => {
    Object.assign(api.store.state.accounts[ids.account]?.access ?? {}, emptyAccessObjects())
    Object.assign(api.store.state.zones[ids.zone]?.access ?? {}, emptyAccessObjects())
  })
  const apps = () => api.sdk.zeroTrust.access.applications
  const own = () => apps().policies
  const reusable = () => api.sdk.zeroTrust.access.policies
  const path = `/accounts/${ids.account}/access/apps`

  it('answers 201, 200, 200 and 202, with an audience tag that stays', async () => {
    const { data, response } = await apps().create(app('app.example.test')).withResponse()
    const made = plain(data)
    const id = String(made.id)
    assert.equal(response.status, 201)
    assert.match(String(made.aud), /^[0-9a-f]{64}$/)
    assert.deepEqual([made.domain, made.session_duration, made.policies], ['app.example.test', '24h', []])
    assert.equal(plain(await apps().get(id, account)).aud, made.aud)
    const changed = await apps()
      .update(id, { ...app('app.example.test'), session_duration: '30m' })
      .withResponse()
    assert.equal(changed.response.status, 200)
    assert.deepEqual([plain(changed.data).aud, plain(changed.data).session_duration], [made.aud, '30m'])
    const gone = await apps().delete(id, account).withResponse()
    assert.deepEqual([gone.response.status, gone.data?.id], [202, id])
    await assertSdkRefused(apps().get(id, account), { status: 404, code: 11021 })
  })

  it('keeps domain, self_hosted_domains and destinations in step', async () => {
    const made = await apps().create({
      ...app('app.example.test'),
      destinations: [
        { type: 'public' as const, uri: 'APP.example.test/' },
        { type: 'public' as const, uri: 'app2.example.test/Admin/' },
      ],
      self_hosted_domains: ['ignored.example.test'],
    })
    const domains = ['app.example.test', 'app2.example.test/Admin']
    assert.deepEqual(plain(made).self_hosted_domains, domains)
    assert.deepEqual(
      plain(made).destinations,
      domains.map((uri) => ({ type: 'public', uri })),
    )
    const old = await apps().create({
      ...account,
      type: 'self_hosted',
      self_hosted_domains: ['*.example.test/x*y'],
    } as never)
    assert.equal(plain(old).domain, '*.example.test/x*y')
  })

  for (const [domain, why] of [
    ['app.other.test', 'does not belong to zone'],
    ['example.test.evil', 'does not belong to zone'],
    ['https://app.example.test', 'hostname'],
    ['app.example.test:8443', 'hostname'],
    ['app.example.test/a?b=c', 'query'],
    ['app.example.test/a#b', 'query'],
    ['*example.test', 'does not belong to zone'],
    ['*.test', 'does not belong to zone'],
    ['a*b*c.example.test', 'wildcard'],
    ['app.example.test/a*b*c', 'wildcard'],
    [`app.example.test/${'x'.repeat(63)}`, '63 characters'],
    ['', 'hostname'],
  ] as const) {
    it(`refuses the domain "${domain.slice(0, 30)}"`, async () => {
      const answer = await api.request('POST', path, { body: { type: 'self_hosted', domain } })
      assertRefused(answer, wrong)
      assert.match(answer.body.errors?.[0]?.message ?? '', new RegExp(why))
    })
  }

  it('refuses what the lab would have to ignore', async () => {
    const bodies: object[] = [
      { domain: 'app.example.test' },
      { type: 'saas', domain: 'app.example.test' },
      { type: 'self_hosted' },
      { ...app('a.example.test'), destinations: [{ type: 'worker', worker_id: 'x' }] },
      {
        ...app('a.example.test'),
        destinations: ['a', 'b', 'c', 'd', 'e', 'f'].map((x) => ({ uri: `${x}.example.test` })),
      },
      { ...app('a.example.test'), tags: ['x'] },
      { ...app('a.example.test'), scim_config: { remote_uri: 'x' } },
      { ...app('a.example.test'), options_preflight_bypass: true, cors_headers: { allow_all_origins: true } },
      { ...app('a.example.test'), auto_redirect_to_identity: true },
      { ...app('a.example.test'), allowed_idps: ['nobody'] },
      { ...app('a.example.test'), same_site_cookie_attribute: 'always' },
      { ...app('a.example.test'), session_duration: '745h' },
      { ...app('a.example.test'), cors_headers: { allowed_methods: ['BREW'] } },
      { ...app('a.example.test'), policies: 'all' },
    ]
    for (const body of bodies) assertRefused(await api.request('POST', path, { body }), wrong)
    assert.deepEqual(await all(apps().list(account)), [])
  })

  it('one domain belongs to one application, in the account and its zones', async () => {
    const made = plain(await apps().create(app('app.example.test')))
    await assertSdkRefused(apps().create({ ...app('APP.example.test'), ...zone, account_id: '' }), {
      status: 409,
      code: 11010,
    })
    await apps().update(String(made.id), app('app.example.test'))
    await apps().create(app('app.example.test/admin'))
  })

  it('an answer can be sent back as it came', async () => {
    const policy = await reusable().create({ ...account, ...robots })
    const made = await apps().create({
      ...app('app.example.test'),
      policies: [{ id: policy.id ?? '', precedence: 5 }],
      http_only_cookie_attribute: true,
      service_auth_401_redirect: true,
      read_service_tokens_from_header: 'Authorization',
      cors_headers: { allowed_origins: ['https://x.test'], max_age: -1 },
    })
    const { updated_at: _, ...first } = plain(made)
    const answer = await api.request('PUT', `${path}/${first.id}`, { body: made })
    assert.equal(answer.status, 200, answer.text)
    const { updated_at: __, ...second } = plain(answer.body.result)
    assert.deepEqual(second, first)
  })

  it('a PUT replaces settings; policies that it does not name stay', async () => {
    const made = await apps().create({
      ...app('app.example.test'),
      policies: inline(allow),
      custom_deny_message: 'no',
    })
    const id = String(plain(made).id)
    const changed = await apps().update(id, app('app.example.test'))
    assert.equal(plain(changed).custom_deny_message, undefined)
    assert.deepEqual(
      policiesOf(changed).map(({ name }) => name),
      ['staff'],
    )
    assert.deepEqual(policiesOf(await apps().update(id, { ...app('app.example.test'), policies: [] })), [])
    assert.deepEqual(api.store.state.accounts[ids.account]?.access.policies, {})
  })

  it('takes policies inline, by id and as links, in order of precedence', async () => {
    const first = await reusable().create({ ...account, ...allow })
    const second = await reusable().create({ ...account, ...robots })
    const linked = await apps().create({
      ...app('linked.example.test'),
      policies: [
        { id: first.id ?? '', precedence: 20 },
        { id: second.id ?? '', precedence: 10 },
      ],
    })
    assert.deepEqual(
      policiesOf(linked).map(({ name, precedence, reusable: is }) => [name, precedence, is]),
      [
        ['robots', 10, true],
        ['staff', 20, true],
      ],
    )
    const byId = await apps().create({
      ...app('ids.example.test'),
      policies: [second.id ?? '', first.id ?? ''],
    })
    assert.deepEqual(
      policiesOf(byId).map(({ name, precedence }) => [name, precedence]),
      [
        ['robots', 1],
        ['staff', 2],
      ],
    )
    const whole = await apps().create({ ...app('inline.example.test'), policies: inline(robots, allow) })
    assert.deepEqual(
      policiesOf(whole).map(({ name, reusable: is }) => [name, is]),
      [
        ['robots', undefined],
        ['staff', undefined],
      ],
    )
    assert.equal((await reusable().get(first.id ?? '', account)).app_count, 2)
    assert.deepEqual((await all(reusable().list(account))).length, 2)
  })

  it('refuses policies that are unknown, mixed, somebody else’s, or have the same precedence', async () => {
    const policy = await reusable().create({ ...account, ...allow })
    const other = await apps().create({ ...app('other.example.test'), policies: inline(allow) })
    const id = policy.id ?? ''
    for (const policies of [
      ['nobody'],
      [policiesOf(other)[0]?.id ?? ''],
      [id, robots],
      [id, id],
      [
        { ...allow, precedence: 1 },
        { ...robots, precedence: 1 },
      ],
      [{ name: 'no rules', decision: 'allow', include: [] }],
      [5],
    ]) {
      const answer = await api.request('POST', path, { body: { ...app('app.example.test'), policies } })
      assertRefused(answer, wrong)
    }
    assert.equal((await all(apps().list(account))).length, 1)
  })

  it('an application with reusable policies gets none of its own: a PUT of what GET shows goes on working', async () => {
    const policy = await reusable().create({ ...account, ...allow })
    const made = await apps().create({ ...app('app.example.test'), policies: [policy.id ?? ''] })
    assertRefused(await api.request('POST', `${path}/${made.id}/policies`, { body: robots }), wrong)
    const shown = await api.request('GET', `${path}/${made.id}`)
    const back = await api.request('PUT', `${path}/${made.id}`, { body: shown.body.result })
    assert.equal(back.status, 200, back.text)
    const own = await apps().create({ ...app('own.example.test'), policies: inline(allow) })
    const added = await api.request('POST', `${path}/${own.id}/policies`, { body: robots })
    assert.equal(added.status, 201, 'beside its own it does')
  })

  it('a policy that is used cannot be deleted; own ones go with their application', async () => {
    const policy = await reusable().create({ ...account, ...allow })
    const made = plain(await apps().create({ ...app('app.example.test'), policies: [policy.id ?? ''] }))
    await assertSdkRefused(reusable().delete(policy.id ?? '', account), wrong)
    await apps().delete(String(made.id), account)
    const gone = await reusable()
      .delete(policy.id ?? '', account)
      .withResponse()
    assert.deepEqual([gone.response.status, gone.data.id], [202, policy.id])
    const two = plain(await apps().create({ ...app('app.example.test'), policies: inline(allow, robots) }))
    assert.equal(Object.keys(api.store.state.accounts[ids.account]?.access.policies ?? {}).length, 2)
    await apps().delete(String(two.id), account)
    assert.deepEqual(api.store.state.accounts[ids.account]?.access.policies, {})
  })

  it('own policies: created behind the others, moved, changed, deleted', async () => {
    const id = String(plain(await apps().create({ ...app('app.example.test'), policies: inline(allow) })).id)
    const made = await own()
      .create(id, { ...account, ...robots })
      .withResponse()
    const policy = plain(made.data)
    assert.deepEqual([made.response.status, policy.precedence], [201, 2])
    await assertSdkRefused(own().create(id, { ...account, ...robots, precedence: 2 }), wrong)
    const policyId = String(policy.id)
    const moved = await own().update(policyId, { app_id: id, ...account, ...robots, precedence: 0 })
    assert.equal(plain(moved).precedence, 0)
    const names = (await all(own().list(id, account))).map(({ name }) => name)
    assert.deepEqual(names, ['robots', 'staff'])
    assert.equal((await own().get(policyId, { app_id: id, ...account })).decision, 'non_identity')
    const gone = await own()
      .delete(policyId, { app_id: id, ...account })
      .withResponse()
    assert.equal(gone.response.status, 202)
    await assertSdkRefused(own().get(policyId, { app_id: id, ...account }), { status: 404, code: 12135 })
    await assertSdkRefused(own().create('none', { ...account, ...robots }), { status: 404, code: 11021 })
  })

  it('a reusable policy can be read through an application, not changed', async () => {
    const policy = await reusable().create({ ...account, ...allow })
    const policyId = policy.id ?? ''
    const id = String(plain(await apps().create({ ...app('app.example.test'), policies: [policyId] })).id)
    assert.equal((await own().get(policyId, { app_id: id, ...account })).name, 'staff')
    await assertSdkRefused(own().update(policyId, { app_id: id, ...account, ...robots }), wrong)
    await assertSdkRefused(own().delete(policyId, { app_id: id, ...account }), wrong)
    const changed = await reusable().update(policyId, { ...account, ...robots, session_duration: '1h' })
    assert.deepEqual([changed.name, changed.session_duration, changed.app_count], ['robots', '1h', 1])
  })

  it('no more than 1,000 rules in an application', async () => {
    const rules = (count: number) =>
      Array.from({ length: count }, (_, at) => ({ email: { email: `p${at}@example.test` } }))
    const half = { name: 'half', decision: 'allow' as const, include: rules(500) }
    const made = await apps().create({
      ...app('app.example.test'),
      policies: inline(half, { ...half, name: 'other half' }),
    })
    await assertSdkRefused(own().create(String(plain(made).id), { ...account, ...allow }), wrong)
    await assertSdkRefused(reusable().create({ ...account, ...half, include: rules(1001) }), wrong)
    const many = Array.from({ length: 9000 }, () => robots)
    assertRefused(
      await api.request('POST', path, { body: { ...app('many.example.test'), policies: many } }),
      wrong,
    )
  })

  it('zones have applications of their own, which may use what is the account’s', async () => {
    const policy = await reusable().create({ ...account, ...allow })
    const made = await apps().create({
      ...zone,
      type: 'self_hosted',
      domain: 'zone.example.test',
      policies: [policy.id ?? ''],
    })
    const id = String(plain(made).id)
    assert.deepEqual(
      policiesOf(await apps().get(id, zone)).map(({ name }) => name),
      ['staff'],
    )
    await assertSdkRefused(apps().get(id, account), { status: 404, code: 11021 })
    await assertSdkRefused(reusable().delete(policy.id ?? '', account), wrong)
    const unknown = await api.request('GET', `/zones/${ids.zone}/access/policies`)
    assertRefused(unknown, { status: 404, code: 7003 })
  })

  it('lists until an empty page, with filters', async () => {
    for (const name of ['one', 'two', 'three']) await apps().create(app(`${name}.example.test`))
    assert.equal((await all(apps().list({ ...account, per_page: 2 }))).length, 3)
    const names = async (query: object) =>
      (await all(apps().list({ ...account, ...query }))).map((item) => plain(item).name)
    assert.deepEqual(await names({ name: 'TWO' }), ['two.example.test'])
    assert.deepEqual(await names({ name: 'two', exact: true }), [])
    assert.deepEqual(await names({ domain: 'one.example.test', exact: true }), ['one.example.test'])
    assert.deepEqual(await names({ search: 'example.test' }), [
      'one.example.test',
      'two.example.test',
      'three.example.test',
    ])
    const [first] = await all(apps().list(account))
    assert.deepEqual(await names({ aud: plain(first).aud }), ['one.example.test'])
  })

  it('revoke_tokens answers 202 and revokes what was issued until then, after the delay', async () => {
    const made = plain(await apps().create(app('app.example.test')))
    api.store.state.delays.sessionRevocation = 25_000
    const { response } = await apps().revokeTokens(String(made.id), account).withResponse()
    assert.equal(response.status, 202)
    const { access } = api.store.state.accounts[ids.account] ?? assert.fail()
    const [revocation, ...others] = access.revocations
    assert.deepEqual([revocation?.who, others], [{ application: made.aud }, []])
    assert.equal((revocation?.from ?? 0) - (revocation?.issuedUntil ?? 0), 25_000)
    await assertSdkRefused(apps().revokeTokens('none', account), { status: 404, code: 11021 })
    api.store.state.delays.sessionRevocation = 0
    for (let count = 0; count < 5; count += 1) await apps().revokeTokens(String(made.id), account)
    // The first one is still on its way; of those that hold, the latest and the new one.
    assert.equal(access.revocations.length, 3)
  })

  it('answers were compared with the OpenAPI document', { skip: !haveOpenApi }, () => {
    for (const call of [
      'POST /accounts/{account_id}/access/apps 201',
      'PUT /accounts/{account_id}/access/apps/{app_id} 200',
      'DELETE /accounts/{account_id}/access/apps/{app_id} 202',
      'POST /accounts/{account_id}/access/apps/{app_id}/policies 201',
      'POST /accounts/{account_id}/access/apps/{app_id}/revoke_tokens 202',
      'GET /zones/{zone_id}/access/apps/{app_id} 200',
    ])
      assert.ok(api.compared.has(call), call)
  })

  it('names that belong to every object are no ids', async () => {
    for (const name of ['constructor', '__proto__', 'toString', '%00', '..%2f'])
      for (const kind of [
        'apps',
        'policies',
        'groups',
        'identity_providers',
        'service_tokens',
        'certificates',
      ]) {
        const answer = await api.request('GET', `/accounts/${ids.account}/access/${kind}/${name}`)
        assert.equal(answer.status, 404, `${kind} ${name}: ${answer.text}`)
      }
  })
})
