import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { hashOf } from '../../state/ids.ts'
import { assertSdkRefused, type TestApi } from '../testing/start.ts'
import { ids } from '../testing/state.ts'
import { looksLikeClientSecret, newClientSecret } from './client-secret.ts'
import { account, all, startAccessApi, zone } from './testing/start.ts'

const day = 86_400_000

describe('secrets of service tokens', () => {
  it('have the form of those made since 2026-08-26, checksum included', () => {
    const secret = newClientSecret()
    assert.match(secret, /^cfast_[A-Za-z0-9]{48}$/)
    assert.ok(looksLikeClientSecret(secret))
    assert.ok(!looksLikeClientSecret(secret.replace(/.$/, (last) => (last === '0' ? '1' : '0'))))
    assert.ok(!looksLikeClientSecret('ab'.repeat(32)))
    assert.notEqual(secret, newClientSecret())
  })
})

describe('service tokens through the SDK', () => {
  let api: TestApi
  let now = Date.UTC(2026, 8, 1)
  before(async () => {
    api = await startAccessApi({ clock: () => now })
  })
  after(() => api.close())
  const tokens = () => api.sdk.zeroTrust.access.serviceTokens
  const stored = (id: string | undefined) => {
    const token = api.store.state.accounts[ids.account]?.access.serviceTokens[id ?? '']
    assert.ok(token !== undefined)
    return token
  }

  it('shows a secret once, on creation, and keeps its hash only', async () => {
    const { data, response } = await tokens()
      .create({ ...account, name: 'robot' })
      .withResponse()
    assert.equal(response.status, 201)
    const { id = '', client_secret: secret = '' } = data
    assert.match(data.client_id ?? '', /^[0-9a-f]{32}\.access$/)
    assert.deepEqual([data.duration, data.enabled], ['8760h', true])
    assert.ok(looksLikeClientSecret(secret))
    assert.equal(stored(id).secretHash, hashOf(secret))
    assert.ok(!JSON.stringify(api.store.state).includes(secret))
    const again = [
      await tokens().get(id, account),
      await tokens().update(id, { ...account, name: 'robot 2' }),
      await tokens().refresh(id, account),
      (await all(tokens().list(account))).find((token) => token.id === id),
      await tokens().delete(id, account),
    ]
    for (const answer of again) {
      assert.equal(answer?.id, id)
      assert.ok(!('client_secret' in (answer ?? {})))
    }
    await assertSdkRefused(tokens().get(id, account), { status: 404, code: 12135 })
  })

  it('counts the duration from creation, and `forever` never ends', async () => {
    const made = await tokens().create({ ...account, name: 'short', duration: '1h30m' })
    const shown = await tokens().get(made.id ?? '', account)
    assert.equal(shown.expires_at, new Date(now + 5_400_000).toISOString())
    const endless = await tokens().create({ ...account, name: 'endless', duration: 'forever' })
    const endlessShown = await tokens().get(endless.id ?? '', account)
    assert.deepEqual([endlessShown.duration, endlessShown.expires_at], ['forever', undefined])
    await tokens().refresh(endless.id ?? '', account)
    assert.equal(stored(endless.id).expiresAt, undefined)
    await assertSdkRefused(tokens().create({ ...account, name: 'wrong', duration: '1 year' }), {
      status: 400,
      code: 12130,
    })
    await tokens().delete(made.id ?? '', account)
    await tokens().delete(endless.id ?? '', account)
  })

  it('refresh adds a year to the end, or to now where the end has passed', async () => {
    const { id = '' } = await tokens().create({ ...account, name: 'refreshed', duration: '24h' })
    await tokens().refresh(id, account)
    assert.equal(stored(id).expiresAt, new Date(now + 366 * day).toISOString())
    now += 400 * day
    await tokens().refresh(id, account)
    assert.equal(stored(id).expiresAt, new Date(now + 365 * day).toISOString())
    await assertSdkRefused(tokens().refresh('none', account), { status: 404, code: 12135 })
    await tokens().delete(id, account)
  })

  it('a change of the duration starts it anew; other fields stay as they are', async () => {
    const { id = '' } = await tokens().create({
      ...account,
      name: 'changed',
      duration: '24h',
      enabled: false,
    })
    now += day / 2
    const changed = await tokens().update(id, { ...account, duration: '48h' })
    assert.deepEqual(
      [changed.name, changed.enabled, changed.expires_at],
      ['changed', false, new Date(now + 2 * day).toISOString()],
    )
    const enabled = await tokens().update(id, { ...account, enabled: true })
    assert.deepEqual([enabled.enabled, enabled.duration], [true, '48h'])
    await tokens().delete(id, account)
  })

  it('rotate makes a new secret for the same client id; the old one dies at once without grace', async () => {
    const made = await tokens().create({ ...account, name: 'rotated' })
    const id = made.id ?? ''
    const rotated = await tokens().rotate(id, account)
    assert.equal(rotated.client_id, made.client_id)
    assert.notEqual(rotated.client_secret, made.client_secret)
    assert.equal(stored(id).secretHash, hashOf(rotated.client_secret ?? ''))
    assert.equal(stored(id).previous, undefined)
    await tokens().delete(id, account)
  })

  it('rotate with grace keeps the old secret until the moment given, which can be moved', async () => {
    const made = await tokens().create({ ...account, name: 'overlap' })
    const id = made.id ?? ''
    const until = new Date(now + day).toISOString()
    await tokens().rotate(id, { ...account, previous_client_secret_expires_at: until })
    assert.deepEqual(stored(id).previous, { secretHash: hashOf(made.client_secret ?? ''), until })
    const later = '2030-01-01T01:00:00+01:00'
    await tokens().update(id, { ...account, previous_client_secret_expires_at: later })
    assert.equal(stored(id).previous?.until, '2030-01-01T00:00:00.000Z')
    const past = new Date(now - 1).toISOString()
    await tokens().update(id, { ...account, previous_client_secret_expires_at: past })
    assert.equal(stored(id).previous?.until, past)
    await tokens().rotate(id, { ...account, previous_client_secret_expires_at: past })
    assert.equal(stored(id).previous, undefined)
    await assertSdkRefused(
      tokens().rotate(id, { ...account, previous_client_secret_expires_at: 'tomorrow' }),
      { status: 400, code: 12130 },
    )
    await tokens().delete(id, account)
  })

  it('a higher client_secret_version rotates, the same one does not, a lower one is refused', async () => {
    const made = await tokens().create({ ...account, name: 'versions', client_secret_version: 3 })
    const id = made.id ?? ''
    const until = new Date(now + day).toISOString()
    const same = await tokens().update(id, { ...account, client_secret_version: 3 })
    assert.ok(!('client_secret' in same))
    const raised = await tokens().update(id, {
      ...account,
      client_secret_version: 4,
      previous_client_secret_expires_at: until,
    })
    assert.equal(stored(id).secretHash, hashOf('client_secret' in raised ? String(raised.client_secret) : ''))
    assert.equal(stored(id).previous?.secretHash, hashOf(made.client_secret ?? ''))
    await assertSdkRefused(tokens().update(id, { ...account, client_secret_version: 3 }), {
      status: 400,
      code: 12130,
    })
    await tokens().delete(id, account)
  })

  it('a token that a policy or group names cannot be deleted', async () => {
    const { id = '' } = await tokens().create({ ...account, name: 'named' })
    const group = await api.sdk.zeroTrust.access.groups.create({
      ...account,
      name: 'robots',
      include: [{ service_token: { token_id: id } }],
    })
    await assertSdkRefused(tokens().delete(id, account), { status: 400, code: 12139 })
    await api.sdk.zeroTrust.access.groups.delete(group.id ?? '', account)
    assert.equal((await tokens().delete(id, account)).id, id)
  })

  it('a zone has tokens of its own, but no refresh and rotate', async () => {
    const { id = '' } = await tokens().create({ ...zone, name: 'of the zone' })
    assert.equal((await tokens().get(id, zone)).name, 'of the zone')
    await assertSdkRefused(tokens().get(id, account), { status: 404, code: 12135 })
    for (const call of ['refresh', 'rotate']) {
      const answer = await api.request('POST', `/zones/${ids.zone}/access/service_tokens/${id}/${call}`)
      assert.deepEqual([answer.status, answer.body.errors?.[0]?.code], [404, 7003])
    }
    await tokens().delete(id, zone)
  })

  it('lists pages until an empty one, filtered by name and search', async () => {
    const made = await Promise.all(
      Array.from({ length: 45 }, (_, at) => tokens().create({ ...account, name: `number ${at}` })),
    )
    assert.equal((await all(tokens().list({ ...account, per_page: 20 }))).length, 45)
    const beyond = await api.request(
      'GET',
      `/accounts/${ids.account}/access/service_tokens?page=4&per_page=20`,
    )
    assert.deepEqual([beyond.body.result, beyond.body.result_info?.total_count], [[], 45])
    const named = await all(tokens().list({ ...account, name: 'number 4' }))
    assert.deepEqual(
      named.map(({ name }) => name),
      ['number 4'],
    )
    assert.equal((await all(tokens().list({ ...account, search: 'NUMBER 4' }))).length, 6)
    const rest = await Promise.all(
      Array.from({ length: 5 }, (_, at) => tokens().create({ ...zone, name: `zone ${at}` })),
    )
    await assertSdkRefused(tokens().create({ ...account, name: 'one too many' }), {
      status: 400,
      code: 12130,
    })
    await Promise.all(made.map(({ id = '' }) => tokens().delete(id, account)))
    await Promise.all(rest.map(({ id = '' }) => tokens().delete(id, zone)))
  })

  it('refuses wrong bodies without changing anything', async () => {
    const before = JSON.stringify(api.store.state)
    const bodies = [undefined, null, [], 'text', {}, { name: 5 }, { name: '' }, { name: 'x'.repeat(351) }]
    for (const body of [...bodies, { name: 'x', enabled: 'yes' }, { name: 'x', client_secret_version: 0 }]) {
      const answer = await api.request('POST', `/accounts/${ids.account}/access/service_tokens`, {
        ...(body === undefined ? {} : { body: body === 'text' ? '"text"' : body === null ? 'null' : body }),
      })
      assert.deepEqual([answer.status, answer.body.success], [400, false], answer.text)
    }
    assert.equal(JSON.stringify(api.store.state), before)
  })
})
