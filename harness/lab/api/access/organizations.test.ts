import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { strictFrom } from '../../access/initial.ts'
import { verificationKeys } from '../../access/keys.ts'
import { assertRefused, assertSdkRefused, type TestApi } from '../testing/start.ts'
import { ids } from '../testing/state.ts'
import { account, startAccessApi, zone } from './testing/start.ts'

const day = 86_400_000
const wrong = { status: 400, code: 12130 }
const other = { account_id: ids.otherAccount }

describe('the organization through the SDK', () => {
  let api: TestApi
  let now = strictFrom - 10 * day
  before(async () => {
    api = await startAccessApi({ clock: () => now })
  })
  after(() => api.close())
  const organizations = () => api.sdk.zeroTrust.organizations
  const path = `/accounts/${ids.account}/access/organizations`

  it('there is one for an account, and its zones see it', async () => {
    const shown = await organizations().list(account)
    assert.deepEqual([shown.auth_domain, shown.session_duration], ['first.cloudflareaccess.com', '24h'])
    assert.deepEqual(await organizations().list(zone), shown)
    await assertSdkRefused(
      organizations().create({ ...account, name: 'again', auth_domain: 'again.cloudflareaccess.com' }),
      { status: 409, code: 11002 },
    )
    await assertSdkRefused(organizations().list(other), { status: 404, code: 12135 })
    await assertSdkRefused(organizations().update({ ...other, name: 'x' }), { status: 404, code: 12135 })
  })

  it('a team domain ends in .cloudflareaccess.com and is one account’s', async () => {
    for (const auth_domain of [
      'second.example.com',
      '.cloudflareaccess.com',
      'cloudflareaccess.com',
      'a.b.cloudflareaccess.com',
      '-x.cloudflareaccess.com',
      `${'x'.repeat(64)}.cloudflareaccess.com`,
      'FIRST.cloudflareaccess.com',
    ])
      await assertSdkRefused(organizations().create({ ...other, name: 'second', auth_domain }), wrong)
    assert.equal(api.store.state.accounts[ids.otherAccount]?.access.organization, undefined)
  })

  it('strict service token authentication is switched on and off with PATCH', async () => {
    const on = await api.request('PATCH', path, { body: { strict_service_token_auth: true } })
    assert.equal(on.status, 200, on.text)
    const { access } = api.store.state.accounts[ids.account] ?? assert.fail()
    assert.equal(access.organization?.strictServiceTokenAuth, true)
    assert.equal((await organizations().list(account)).strict_service_token_auth, true)
    assert.equal((await organizations().list(account)).name, 'First')
    await organizations().update({ ...account, strict_service_token_auth: false })
    assert.equal(access.organization.strictServiceTokenAuth, false)
    assertRefused(await api.request('PATCH', path, { body: { strict_service_token_auth: 'on' } }), wrong)
  })

  it('an organization made from 2026-10-05 on is strict for ever', async () => {
    now = strictFrom
    const made = await organizations()
      .create({
        ...other,
        name: 'second',
        auth_domain: 'second.cloudflareaccess.com',
        strict_service_token_auth: true,
      })
      .withResponse()
    assert.deepEqual([made.response.status, made.data.strict_service_token_auth], [201, true])
    await assertSdkRefused(organizations().update({ ...other, strict_service_token_auth: false }), wrong)
    assert.equal((await organizations().update({ ...other, name: 'two' })).strict_service_token_auth, true)
    const second = api.store.state.accounts[ids.otherAccount] ?? assert.fail()
    second.access.organization = undefined
    const silent = await organizations().create({
      ...other,
      name: 'third',
      auth_domain: 'third.cloudflareaccess.com',
    })
    assert.equal(silent.strict_service_token_auth, true)
  })

  it('refuses sessions that are too short or long, and what the lab would ignore', async () => {
    for (const body of [
      { session_duration: '14m' },
      { session_duration: '745h' },
      { session_duration: '1d' },
      { deny_unmatched_requests: true },
      { service_token_inactivity: { enabled: true, action: 'delete', inactivity_threshold_days: 30 } },
      { name: '' },
      { auth_domain: 'x' },
    ])
      assertRefused(await api.request('PUT', path, { body }), wrong)
    const changed = await organizations().update({
      ...account,
      session_duration: '15m',
      is_ui_read_only: true,
    })
    assert.deepEqual([changed.session_duration, changed.is_ui_read_only], ['15m', true])
  })

  it('revoke_user revokes what was issued to that person, after the delay', async () => {
    const { access } = api.store.state.accounts[ids.account] ?? assert.fail()
    access.users = {
      a: { id: 'a', email: 'Ada@example.test', identityProviderId: 'x' },
      b: { id: 'b', email: 'bob@example.test', identityProviderId: 'x' },
    }
    api.store.state.delays.sessionRevocation = 20_000
    assert.equal(await organizations().revokeUsers({ ...account, email: 'ada@EXAMPLE.test' }), true)
    assert.deepEqual(access.revocations, [{ who: { user: 'a' }, issuedUntil: now, from: now + 20_000 }])
    assert.equal(
      await organizations().revokeUsers({ ...account, email: 'bob@example.test', user_uid: 'a' }),
      false,
    )
    assert.equal(await organizations().revokeUsers({ ...account, email: 'eve@example.test' }), false)
    assert.equal(access.revocations.length, 1)
    await assertSdkRefused(organizations().revokeUsers({ ...account, email: 'nobody' }), wrong)
  })
})

describe('rotation of the signing keys through the SDK', () => {
  let api: TestApi
  let now = Date.parse('2026-01-01T00:00:00.000Z')
  before(async () => {
    api = await startAccessApi({ clock: () => now })
  })
  after(() => api.close())
  const keys = () => api.sdk.zeroTrust.access.keys
  const state = () => (api.store.state.accounts[ids.account] ?? assert.fail()).access.keys

  it('is due six weeks after the last one', async () => {
    assert.deepEqual(
      { ...(await keys().get(account)) },
      {
        key_rotation_interval_days: 42,
        days_until_next_rotation: 42,
        last_key_rotation_at: '2026-01-01T00:00:00.000Z',
      },
    )
    const changed = await keys().update({ ...account, key_rotation_interval_days: 30 })
    assert.deepEqual([changed.key_rotation_interval_days, changed.days_until_next_rotation], [30, 30])
    for (const days of [20, 366, 30.5])
      await assertSdkRefused(keys().update({ ...account, key_rotation_interval_days: days }), wrong)
  })

  it('makes a new key and keeps the previous one for seven days', async () => {
    const before = state().current.kid
    now += day
    const rotated = await keys().rotate(account)
    assert.equal(rotated.last_key_rotation_at, new Date(now).toISOString())
    assert.notEqual(state().current.kid, before)
    assert.equal(verificationKeys(state(), now).at(-1)?.kid, before)
    assert.ok(!JSON.stringify(rotated).includes('PRIVATE'))
  })

  it('happens by itself when its time has come', async () => {
    const before = state().current.kid
    now += 30 * day - 1
    assert.equal((await keys().get(account)).days_until_next_rotation, 1)
    assert.equal(state().current.kid, before)
    now += 1
    assert.equal((await keys().get(account)).days_until_next_rotation, 30)
    assert.equal(state().previous?.kid, before)
  })
})
