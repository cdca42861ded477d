import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ids, testState } from '../api/testing/state.ts'
import { diffStates } from './diff.ts'
import type { LabState, ZoneState } from './types.ts'

const zoneOf = (state: LabState): ZoneState => {
  const zone = state.zones[ids.zone]
  assert.ok(zone !== undefined)
  return zone
}
const at = `/zones/${ids.zone}`

const before = await testState()

describe('comparing states', () => {
  test('equal states do not differ', () => {
    assert.deepEqual(diffStates(before, structuredClone(before)), [])
  })

  test('what was changed, added and removed is named by its path', () => {
    const after = structuredClone(before)
    const zone = zoneOf(after)
    zone.settings.ssl.value = 'strict'
    zone.hostnameAssociations.managed = ['api.example.test']
    delete after.hostnames['api.example.test']
    zone.hostnameAssociations['a/b~c'] = []
    assert.deepEqual(diffStates(before, after), [
      { path: `${at}/settings/ssl/value`, before: 'full', after: 'strict' },
      { path: `${at}/hostnameAssociations/managed`, after: ['api.example.test'] },
      { path: `${at}/hostnameAssociations/a~1b~0c`, after: [] },
      { path: '/hostnames/api.example.test', before: before.hostnames['api.example.test'] },
    ])
    assert.equal(diffStates(after, before).length, 4, 'the other way round too')
  })

  test('lists are compared place by place', () => {
    const one = structuredClone(before)
    const two = structuredClone(before)
    zoneOf(one).hostnameAssociations.managed = ['a', 'b']
    zoneOf(two).hostnameAssociations.managed = ['a', 'c', 'd']
    assert.deepEqual(diffStates(one, two), [
      { path: `${at}/hostnameAssociations/managed/1`, before: 'b', after: 'c' },
      { path: `${at}/hostnameAssociations/managed/2`, after: 'd' },
    ])
  })

  test('secrets appear as fingerprints, wherever they are', () => {
    const after = structuredClone(before)
    const other = structuredClone(before)
    const account = after.accounts[ids.account]
    const credential = Object.values(after.credentials)[0]
    assert.ok(account !== undefined && credential !== undefined)
    const { privateKey } = account.access.keys.current
    credential.hash = 'f'.repeat(64)
    account.access.keys.current.privateKey = privateKey.replace('M', 'N')
    account.access.keys.previous = { ...account.access.keys.current, privateKey }
    account.access.organization = {
      ...account.access.organization,
      extra: { note: `text ${privateKey}` },
    } as typeof account.access.organization
    delete other.credentials[credential.id]
    const changes = [...diffStates(before, after), ...diffStates(before, other)]
    assert.equal(changes.length, 5)
    const text = JSON.stringify(changes)
    assert.ok(!text.includes('PRIVATE KEY'), text)
    assert.ok(!text.includes('f'.repeat(64)))
    assert.ok(!text.includes(before.credentials[credential.id]?.hash ?? ''))
    const change = changes.find(({ path }) => path.endsWith('/hash'))
    assert.match(String(change?.before), /^sha256:[0-9a-f]{16}$/)
    assert.notEqual(change?.before, change?.after)
    assert.ok(text.includes('BEGIN CERTIFICATE'), 'what is no secret is shown')
  })

  test('moments of writing are passed over on request only', () => {
    const after = structuredClone(before)
    zoneOf(after).modifiedOn = '2026-02-02T00:00:00.000Z'
    zoneOf(after).settings.ssl = { value: 'full', modifiedOn: '2026-02-02T00:00:00.000Z' }
    assert.equal(diffStates(before, after).length, 2)
    assert.deepEqual(diffStates(before, after, { ignoreTimestamps: true }), [])
    zoneOf(after).name = 'renamed.test'
    assert.deepEqual(
      diffStates(before, after, { ignoreTimestamps: true }).map(({ path }) => path),
      [`${at}/name`],
    )
  })
})
