import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { assertRefused, assertSdkRefused, type TestApi } from '../testing/start.ts'
import { ids } from '../testing/state.ts'
import { account, all, startAccessApi, zone } from './testing/start.ts'

const wrong = { status: 400, code: 12130 }
const oidc = {
  name: 'company',
  type: 'oidc' as const,
  config: {
    client_id: 'access',
    client_secret: 'the-secret-of-the-provider',
    auth_url: 'https://idp.example.test/auth',
    token_url: 'https://idp.example.test/token',
    certs_url: 'https://idp.example.test/jwks',
    scopes: ['openid', 'email'],
    claims: ['department'],
    pkce_enabled: true,
  },
}

describe('identity providers through the SDK', () => {
  let api: TestApi
  before(async () => {
    api = await startAccessApi()
  })
  after(() => api.close())
  const providers = () => api.sdk.zeroTrust.identityProviders
  const stored = (id: string) => api.store.state.accounts[ids.account]?.access.identityProviders[id]

  it('keeps the client secret and never shows it', async () => {
    const { data, response } = await providers()
      .create({ ...account, ...oidc })
      .withResponse()
    assert.equal(response.status, 201)
    const id = data.id ?? ''
    const answers = [
      data,
      await providers().get(id, account),
      await providers().update(id, { ...account, ...oidc, name: 'renamed' }),
      await all(providers().list(account)),
    ]
    assert.ok(!JSON.stringify(answers).includes('the-secret'))
    assert.equal(stored(id)?.config.client_secret, 'the-secret-of-the-provider')
    const { client_secret: _, ...without } = oidc.config
    await providers().update(id, { ...account, ...oidc, config: without })
    assert.equal(stored(id)?.config.client_secret, 'the-secret-of-the-provider')
    const gone = await providers().delete(id, account).withResponse()
    assert.deepEqual([gone.response.status, gone.data.id], [202, id])
    await assertSdkRefused(providers().get(id, account), { status: 404, code: 12135 })
  })

  it('refuses what is incomplete, of another type, or not of this lab', async () => {
    const { client_secret: _, ...without } = oidc.config
    for (const body of [
      { ...oidc, config: {} },
      { ...oidc, config: without },
      { ...oidc, config: { ...oidc.config, auth_url: 'javascript:alert(1)' } },
      { ...oidc, type: 'saml' },
      { ...oidc, type: 'carrier-pigeon' },
      { ...oidc, name: 'x'.repeat(351) },
      { ...oidc, scim_config: { enabled: true } },
    ])
      assertRefused(
        await api.request('POST', `/accounts/${ids.account}/access/identity_providers`, { body }),
        wrong,
      )
    assert.deepEqual(await all(providers().list(account)), [])
  })

  it('there is one one-time PIN in an account', async () => {
    const pin = { name: 'PIN', type: 'onetimepin' as const, config: {} }
    const { id = '' } = await providers().create({ ...account, ...pin })
    await assertSdkRefused(providers().create({ ...zone, ...pin }), { status: 409, code: 12132 })
    await assertSdkRefused(providers().update(id, { ...account, ...oidc }), wrong)
    await providers().update(id, { ...account, ...pin, name: 'mail' })
    await providers().delete(id, account)
  })

  it('one that an application or policy names cannot be deleted', async () => {
    const { id = '' } = await providers().create({ ...account, ...oidc })
    const app = await api.sdk.zeroTrust.access.applications.create({
      ...zone,
      type: 'self_hosted',
      domain: 'idp.example.test',
      allowed_idps: [id],
      auto_redirect_to_identity: true,
    })
    await assertSdkRefused(providers().delete(id, account), wrong)
    await api.sdk.zeroTrust.access.applications.delete(String((app as { id?: string }).id), zone)
    const policy = await api.sdk.zeroTrust.access.policies.create({
      ...account,
      name: 'by claim',
      decision: 'allow',
      include: [{ oidc: { claim_name: 'department', claim_value: 'it', identity_provider_id: id } }],
    })
    await assertSdkRefused(providers().delete(id, account), wrong)
    await api.sdk.zeroTrust.access.policies.delete(policy.id ?? '', account)
    await providers().delete(id, account)
  })

  it('an account has room for 50, its zones included', async () => {
    const made = await Promise.all(
      Array.from({ length: 49 }, () => providers().create({ ...account, ...oidc })),
    )
    await providers().create({ ...zone, ...oidc })
    await assertSdkRefused(providers().create({ ...account, ...oidc }), wrong)
    await providers().delete(made[0]?.id ?? '', account)
    await providers().create({ ...account, ...oidc })
  })
})

describe('groups through the SDK', () => {
  let api: TestApi
  before(async () => {
    api = await startAccessApi()
  })
  after(() => api.close())
  const groups = () => api.sdk.zeroTrust.access.groups
  const everyone = { name: 'all', include: [{ everyone: {} }] }

  it('answers 201, 200, 200 and 202', async () => {
    const { data, response } = await groups()
      .create({ ...account, ...everyone })
      .withResponse()
    const id = data.id ?? ''
    assert.equal(response.status, 201)
    assert.deepEqual(data.include, [{ everyone: {} }])
    const changed = await groups().update(id, {
      ...account,
      name: 'Berlin',
      include: [{ ip: { ip: '192.0.2.0/24' } }, { geo: { country_code: 'de' } }],
      exclude: [{ email: { email: 'mallory@example.test' } }],
      require: [{ certificate: {} }, { common_name: { common_name: 'sensor-001' } }],
    })
    assert.deepEqual(changed.include, [{ ip: { ip: '192.0.2.0/24' } }, { geo: { country_code: 'DE' } }])
    assert.deepEqual(await groups().get(id, account), changed)
    assert.deepEqual((await all(groups().list({ ...account, name: 'Berlin' }))).length, 1)
    assert.deepEqual((await all(groups().list({ ...account, name: 'Paris' }))).length, 0)
    const gone = await groups().delete(id, account).withResponse()
    assert.deepEqual([gone.response.status, gone.data.id], [202, id])
    await assertSdkRefused(groups().get(id, account), { status: 404, code: 12152 })
  })

  for (const rule of [
    {},
    'everyone',
    { everyone: true },
    { everyone: {}, certificate: {} },
    { email: { email: 'nobody' } },
    { email: {} },
    { ip: { ip: '192.0.2.0/33' } },
    { ip: { ip: 'fe80::1%eth0' } },
    { geo: { country_code: 'Germany' } },
    { group: { id: 'nobody' } },
    { service_token: { token_id: 'nobody' } },
    { login_method: { id: 'nobody' } },
    { oidc: { claim_name: 'a', claim_value: 'b', identity_provider_id: 'nobody' } },
    { device_posture: { integration_uid: 'x' } },
    { toString: {} },
    { mind_reading: {} },
  ]) {
    it(`refuses the rule ${JSON.stringify(rule)}`, async () => {
      const body = { name: 'x', include: [rule] }
      assertRefused(await api.request('POST', `/accounts/${ids.account}/access/groups`, { body }), wrong)
    })
  }

  it('a group must not contain itself, however far away', async () => {
    const a = await groups().create({ ...account, ...everyone })
    const b = await groups().create({ ...account, name: 'b', include: [{ group: { id: a.id ?? '' } }] })
    const c = await groups().create({ ...account, name: 'c', include: [{ group: { id: b.id ?? '' } }] })
    for (const { id = '' } of [a, b, c])
      await assertSdkRefused(
        groups().update(a.id ?? '', {
          ...account,
          name: 'a',
          include: [{ everyone: {} }],
          exclude: [{ group: { id } }],
        }),
        wrong,
      )
    await assertSdkRefused(groups().delete(a.id ?? '', account), wrong)
    for (const { id = '' } of [c, b, a]) await groups().delete(id, account)
  })

  it('a zone may refer to groups of its account, an account not to those of a zone', async () => {
    const mine = await groups().create({ ...account, ...everyone })
    const ofZone = await groups().create({ ...zone, name: 'z', include: [{ group: { id: mine.id ?? '' } }] })
    await assertSdkRefused(
      groups().create({ ...account, name: 'x', include: [{ group: { id: ofZone.id ?? '' } }] }),
      wrong,
    )
    await assertSdkRefused(groups().delete(mine.id ?? '', account), wrong)
    await groups().delete(ofZone.id ?? '', zone)
    await groups().delete(mine.id ?? '', account)
  })
})
