import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { clientAuthHeadersId, removeVisitorIpId, trueClientIpId } from '../rules/managed-transforms.ts'
import { assertRefused, assertSdkRefused, ids, startTestApi, type TestApi } from './testing/start.ts'

let lab: TestApi
before(async () => {
  lab = await startTestApi()
})
beforeEach(() => {
  for (const zone of Object.values(lab.store.state.zones)) zone.managedRequestHeaders = []
})
after(() => lab.close())

const zone_id = ids.zone
const enabled = (): string[] => lab.store.state.zones[zone_id]?.managedRequestHeaders ?? []
const edit = (
  managed_request_headers: { id: string; enabled: boolean }[],
): ReturnType<typeof lab.sdk.managedTransforms.edit> =>
  lab.sdk.managedTransforms.edit({ zone_id, managed_request_headers, managed_response_headers: [] })

test('the list has what the lab can do, with conflicts', async () => {
  assert.deepEqual(await lab.sdk.managedTransforms.list({ zone_id }), {
    managed_request_headers: [
      { id: 'add_client_certificate_headers', enabled: false, has_conflict: false },
      { id: trueClientIpId, enabled: false, has_conflict: false, conflicts_with: [removeVisitorIpId] },
      { id: removeVisitorIpId, enabled: false, has_conflict: false, conflicts_with: [trueClientIpId] },
    ],
    managed_response_headers: [],
  })
})

test('edit switches what it names and leaves the rest', async () => {
  const { revision } = lab.store
  await edit([{ id: clientAuthHeadersId, enabled: true }])
  assert.ok(lab.store.revision > revision)
  const { managed_request_headers: list } = await edit([{ id: trueClientIpId, enabled: true }])
  assert.deepEqual(enabled(), [clientAuthHeadersId, trueClientIpId])
  assert.deepEqual(
    list.map(({ enabled: on, has_conflict }) => [on, has_conflict]),
    [
      [true, false],
      [true, false],
      [false, true],
    ],
  )
  await edit([{ id: clientAuthHeadersId, enabled: false }])
  assert.deepEqual(enabled(), [trueClientIpId])
})

test('what conflicts cannot be enabled; one request may swap', async () => {
  await edit([{ id: trueClientIpId, enabled: true }])
  await assertSdkRefused(edit([{ id: removeVisitorIpId, enabled: true }]), { status: 400, code: 20_000 })
  assert.deepEqual(enabled(), [trueClientIpId])
  await edit([
    { id: removeVisitorIpId, enabled: true },
    { id: trueClientIpId, enabled: false },
  ])
  assert.deepEqual(enabled(), [removeVisitorIpId])
})

test('delete switches everything off', async () => {
  await edit([{ id: clientAuthHeadersId, enabled: true }])
  await lab.sdk.managedTransforms.delete({ zone_id })
  assert.deepEqual(enabled(), [])
})

test('unknown transforms and wrong types are refused, and nothing changes', async () => {
  await edit([{ id: clientAuthHeadersId, enabled: true }])
  const bodies = [
    {
      managed_request_headers: [
        { id: clientAuthHeadersId, enabled: false },
        { id: 'add_bot_protection_headers', enabled: true },
      ],
    },
    { managed_response_headers: [{ id: 'add_security_headers', enabled: true }] },
    { managed_request_headers: [{ id: clientAuthHeadersId, enabled: 'false' }] },
    { managed_request_headers: { id: clientAuthHeadersId } },
    [],
    null,
  ]
  for (const body of bodies) {
    const answer = await lab.request('PATCH', `/zones/${zone_id}/managed_headers`, { body })
    assertRefused(answer, { status: 400, code: 20_000 })
  }
  assert.deepEqual(enabled(), [clientAuthHeadersId])
})
