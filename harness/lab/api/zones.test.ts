import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { assertSdkRefused, ids, startTestApi, type TestApi } from './testing/start.ts'

describe('accounts, zones, settings, user', () => {
  let t: TestApi
  before(async () => {
    t = await startTestApi({
      prepare: (state) => {
        const zone = state.zones[ids.zone]
        assert.ok(zone !== undefined)
        for (let index = 0; index < 5; index += 1) {
          const id = `d${String(index).padStart(31, '0')}`
          state.zones[id] = { ...structuredClone(zone), id, name: `zone-${index}.test` }
        }
      },
    })
  })
  after(() => t.close())

  const names = async (query: Record<string, unknown>): Promise<string[]> => {
    const found: string[] = []
    for await (const { name } of t.sdk.zones.list(query)) found.push(name)
    return found
  }

  test('zones are listed page by page until an empty one', async () => {
    assert.deepEqual((await names({ per_page: 5 })).length, 7)
    assert.deepEqual(new Set(await names({ per_page: 2 })).size, 7)
    const beyond = await t.request('GET', '/zones?page=3&per_page=5')
    assert.deepEqual(beyond.body.result, [])
    assert.deepEqual(beyond.body.result_info, {
      page: 3,
      per_page: 5,
      count: 0,
      total_count: 7,
      total_pages: 2,
    })
  })

  test('zones are filtered by name, account and status', async () => {
    assert.deepEqual(await names({ name: ids.zoneName }), [ids.zoneName])
    assert.deepEqual(await names({ name: ids.zoneName.toUpperCase() }), [ids.zoneName])
    assert.deepEqual(await names({ name: 'example' }), [])
    assert.deepEqual(await names({ name: 'contains:ample' }), [ids.zoneName])
    assert.deepEqual(await names({ name: 'ends_with:-3.test' }), ['zone-3.test'])
    assert.deepEqual(await names({ name: 'constructor:x' }), [])
    assert.deepEqual(await names({ account: { id: ids.otherAccount } }), [ids.otherZoneName])
    assert.deepEqual(await names({ status: 'pending' }), [])
    assert.deepEqual(await names({ match: 'any', name: ids.zoneName, account: { id: ids.otherAccount } }), [
      ids.zoneName,
      ids.otherZoneName,
    ])
    assert.deepEqual((await names({ order: 'name', direction: 'desc' }))[0], 'zone-4.test')
  })

  test('a zone and an account by id', async () => {
    const zone = await t.sdk.zones.get({ zone_id: ids.zone })
    assert.deepEqual(
      [zone.id, zone.name, zone.status, zone.account.id, zone.account.name],
      [ids.zone, ids.zoneName, 'active', ids.account, 'First'],
    )
    const account = await t.sdk.accounts.get({ account_id: ids.account })
    assert.deepEqual([account.id, account.name, account.type], [ids.account, 'First', 'enterprise'])
    assert.deepEqual(
      (await t.sdk.accounts.list({ name: 'Second' })).result.map(({ id }) => id),
      [ids.otherAccount],
    )
    await assertSdkRefused(t.sdk.zones.get({ zone_id: 'f'.repeat(32) }), { status: 404, code: 7003 })
    await assertSdkRefused(t.sdk.accounts.get({ account_id: 'f'.repeat(32) }), { status: 404, code: 7003 })
  })

  test('zone settings are read and changed, one zone at a time', async () => {
    const before = await t.sdk.zones.settings.get('tls_client_auth', { zone_id: ids.zone })
    assert.deepEqual(before, { id: 'tls_client_auth', value: 'off', editable: true, modified_on: null })
    await t.sdk.zones.settings.edit('tls_client_auth', { zone_id: ids.zone, value: 'on' })
    await t.sdk.zones.settings.edit('ssl', { zone_id: ids.zone, value: 'strict' })
    const { body } = await t.request('GET', `/zones/${ids.zone}/settings`)
    assert.deepEqual(
      (body.result as { id: string; value: string }[]).map(({ id, value }) => [id, value]),
      [
        ['ssl', 'strict'],
        ['tls_client_auth', 'on'],
      ],
    )
    assert.equal(t.store.state.zones[ids.zone]?.settings.tls_client_auth.value, 'on')
    assert.equal(t.store.state.zones[ids.otherZone]?.settings.tls_client_auth.value, 'off')
  })

  test('a setting the lab does not have, and a value a setting cannot have, are refused', async () => {
    const zone_id = ids.zone
    for (const id of ['always_online', '__proto__', 'constructor'])
      await assertSdkRefused(t.sdk.zones.settings.get(id, { zone_id }), { status: 400, code: 1003 })
    const bad = { status: 400, code: 1007 }
    await assertSdkRefused(t.sdk.zones.settings.edit('ssl', { zone_id, value: 'on' }), bad)
    await assertSdkRefused(t.sdk.zones.settings.edit('tls_client_auth', { zone_id, value: true }), bad)
    await assertSdkRefused(t.sdk.zones.settings.edit('tls_client_auth', { zone_id }), bad)
  })

  test('the user of every credential is the operator', async () => {
    const user = await t.sdk.user.get()
    assert.equal(user.email, 'operator@example.test')
    assert.match(user.id, /^[0-9a-f]{32}$/)
  })
})
