import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { Identity } from '../../../pki/types.ts'
import { pullCa, pullIdentity } from '../../origin-pulls/testing/pulls.ts'
import { assertRefused, assertSdkRefused, ids, startTestApi, type TestApi } from '../testing/start.ts'

const zone_id = ids.zone
const base = `/zones/${zone_id}/origin_tls_client_auth`
/** Both levels have the same life cycle. */
const paths = { zone: base, hostname: `${base}/hostnames/certificates` }

let api: TestApi
let first: Identity
let second: Identity

before(async () => {
  ;[api, first, second] = await Promise.all([startTestApi(), pullIdentity('first'), pullIdentity('second')])
})
after(() => api.close())
beforeEach(() => {
  const { state } = api.store
  Object.assign(state.delays, { deployment: 0, deletion: 0 })
  const zone = state.zones[zone_id]
  if (zone !== undefined)
    zone.originPulls = { enabled: false, zoneCertificates: {}, hostnameCertificates: {}, associations: {} }
  api.store.changed()
})

const body = ({ cert, key }: Identity) => ({ certificate: cert, private_key: key })
const upload = async (path: string, identity: Identity): Promise<{ id: string; status: string }> =>
  (await api.request('POST', path, { body: body(identity) })).body.result as { id: string; status: string }
const statusOf = async (path: string, id: string): Promise<unknown> =>
  ((await api.request('GET', `${path}/${id}`)).body.result as { status?: string } | null)?.status

test('zone certificates through the SDK: create, list, get, delete', async () => {
  const { zoneCertificates } = api.sdk.originTLSClientAuth
  const made = await zoneCertificates.create({ zone_id, ...body(first) })
  const id = made.id ?? ''
  assert.match(id, /^[0-9a-f]{32}$/)
  assert.equal(made.certificate, first.cert)
  assert.equal(made.issuer, 'Example Inc.')
  assert.equal(made.signature, 'ECDSAWithSHA256')
  assert.equal(made.status, 'active')
  assert.ok(Date.parse(made.expires_on ?? '') > Date.now())
  assert.deepEqual((await zoneCertificates.list({ zone_id })).result, [made])
  assert.deepEqual(await zoneCertificates.get(id, { zone_id }), made)
  assert.equal((await zoneCertificates.delete(id, { zone_id })).status, 'deleted')
  assert.deepEqual((await zoneCertificates.list({ zone_id })).result, [])
})

test('hostname certificates through the SDK: create, list, get, delete', async () => {
  const { hostnameCertificates } = api.sdk.originTLSClientAuth
  const made = await hostnameCertificates.create({ zone_id, ...body(first) })
  const id = made.id ?? ''
  assert.match(made.serial_number ?? '', /^\d+$/)
  const listed = []
  for await (const one of hostnameCertificates.list({ zone_id })) listed.push(one)
  assert.deepEqual(listed, [made])
  assert.deepEqual(await hostnameCertificates.get(id, { zone_id }), made)
  assert.equal((await hostnameCertificates.delete(id, { zone_id })).status, 'deleted')
  assert.deepEqual((await hostnameCertificates.list({ zone_id })).result, [])
})

test('zone settings through the SDK', async () => {
  const { settings } = api.sdk.originTLSClientAuth
  assert.deepEqual(await settings.get({ zone_id }), { enabled: false })
  assert.deepEqual(await settings.update({ zone_id, enabled: true }), { enabled: true })
  assert.deepEqual(await settings.get({ zone_id }), { enabled: true })
  for (const enabled of ['true', 1, null, undefined])
    assertRefused(await api.request('PUT', `${base}/settings`, { body: { enabled } }), {
      status: 400,
      code: 10_001,
    })
  assert.deepEqual(await settings.get({ zone_id }), { enabled: true })
})

test('private_key is never returned, and bundle_method is taken', async () => {
  const wanted = { ...body(first), bundle_method: 'ubiquitous' }
  for (const path of Object.values(paths)) {
    const made = await api.request('POST', path, { body: wanted })
    assert.equal(made.status, 200, made.text)
    const { id } = made.body.result as { id: string }
    const answers = [made, await api.request('GET', path), await api.request('GET', `${path}/${id}`)]
    const config = [{ hostname: 'api.example.test', cert_id: id, enabled: true }]
    if (path === paths.hostname)
      answers.push(
        await api.request('PUT', `${base}/hostnames`, { body: { config } }),
        await api.request('GET', `${base}/hostnames/api.example.test`),
        await api.request('PUT', `${base}/hostnames`, {
          body: { config: [{ ...config[0], enabled: null }] },
        }),
      )
    answers.push(await api.request('DELETE', `${path}/${id}`))
    for (const { status, text } of answers) {
      assert.equal(status, 200, text)
      assert.doesNotMatch(text, /PRIVATE KEY|private_key/)
    }
  }
})

for (const [level, path] of Object.entries(paths))
  describe(`life cycle at ${level} level`, () => {
    test('an upload is pending before it is active, and cannot be deleted meanwhile: 1434', async () => {
      api.store.state.delays.deployment = 60_000
      const { id, status } = await upload(path, first)
      assert.equal(status, 'pending_deployment')
      assertRefused(await api.request('DELETE', `${path}/${id}`), { status: 400, code: 1434 })
      api.store.advance(59_000)
      assert.equal(await statusOf(path, id), 'pending_deployment')
      api.store.advance(2000)
      assert.equal(await statusOf(path, id), 'active')
    })

    test('a deletion leaves a tombstone that is read by its id; a second one meanwhile: 1414', async () => {
      const { id } = await upload(path, first)
      api.store.state.delays.deletion = 10_000
      const deleted = await api.request('DELETE', `${path}/${id}`)
      assert.equal((deleted.body.result as { status: string }).status, 'pending_deletion')
      assertRefused(await api.request('DELETE', `${path}/${id}`), { status: 400, code: 1414 })
      api.store.advance(10_000)
      assert.equal(await statusOf(path, id), 'deleted')
      const again = await api.request('DELETE', `${path}/${id}`)
      if (level === 'hostname') assertRefused(again, { status: 404, code: 1551 })
      else {
        assert.equal(again.status, 400)
        assert.match(again.text, /already deleted/)
      }
    })

    test('the same PEM: 1406 while it is there or going, then back under the id it had', async () => {
      const { id } = await upload(path, first)
      const wrapped = { ...body(first), certificate: `\n${first.cert.replaceAll('\n', '\r\n')}\n` }
      const conflict = { status: 400, code: 1406 }
      assertRefused(await api.request('POST', path, { body: body(first) }), conflict)
      assertRefused(await api.request('POST', path, { body: wrapped }), conflict)
      api.store.state.delays.deletion = 10_000
      await api.request('DELETE', `${path}/${id}`)
      assertRefused(await api.request('POST', path, { body: body(first) }), conflict)
      api.store.advance(10_000)
      api.store.state.delays.deployment = 1000
      assert.deepEqual(await upload(path, first).then(({ id: same, status }) => [same, status]), [
        id,
        'pending_deployment',
      ])
      assert.notEqual((await upload(path, second)).id, id)
    })

    test('unknown and malformed ids', async () => {
      const code = level === 'hostname' ? 1551 : 1552
      for (const id of ['0'.repeat(32), '2458ce5a-0c35-4c7f-82c7-8e9487d3ff60'])
        for (const method of ['GET', 'DELETE'])
          assertRefused(await api.request(method, `${path}/${id}`), { status: 404, code })
      for (const id of ['nothing', '__proto__', '0'.repeat(33), 'g'.repeat(32)])
        assertRefused(await api.request('GET', `${path}/${id}`), { status: 400, code: 1415 })
    })

    test('what is not a leaf with its key is refused', async () => {
      const ca = await pullCa()
      const { cert: certificate, key: private_key } = first
      for (const [wrong, code, message] of [
        [{}, 1408, /Unable to parse certificate/],
        [{ certificate: 5, private_key }, 1408, /Unable to parse/],
        [{ certificate: 'no PEM', private_key }, 1408, /Unable to parse/],
        [{ certificate: certificate.replace('MII', 'MIA'), private_key }, 1408, /Unable to parse/],
        [{ certificate: ca.cert, private_key: ca.key }, 2101, /missing leaf certificate/],
        [{ certificate }, 2106, /private key/],
        [{ certificate, private_key: 'no key' }, 2106, /invalid/],
        [{ certificate, private_key: [private_key] }, 2106, /invalid/],
        [{ certificate, private_key: second.key }, 2106, /does not match/],
      ] as const) {
        const refused = await api.request('POST', path, { body: wrong })
        assertRefused(refused, { status: 400, code })
        assert.match(refused.body.errors?.[0]?.message ?? '', message)
        assert.doesNotMatch(refused.text, /BEGIN/)
      }
      for (const text of ['[]', 'null', '"text"', '5'])
        assertRefused(await api.request('POST', path, { body: text }), { status: 400, code: 1408 })
      assert.deepEqual((await api.request('GET', path)).body.result, [])
    })

    test('a zone that does not exist', async () => {
      const elsewhere = path.replace(zone_id, 'f'.repeat(32))
      assertRefused(await api.request('GET', elsewhere), { status: 404, code: 7003 })
      assertRefused(await api.request('POST', elsewhere, { body: body(first) }), { status: 404, code: 7003 })
    })
  })

test('ten hostname certificates per zone, deleted ones not counted', async () => {
  const identities = await Promise.all(Array.from({ length: 11 }, (_, at) => pullIdentity(`many-${at}`)))
  const made = await Promise.all(identities.slice(0, 10).map((one) => upload(paths.hostname, one)))
  const last = { body: body(identities[10] ?? first) }
  assertRefused(await api.request('POST', paths.hostname, last), { status: 400, code: 2005 })
  await api.request('DELETE', `${paths.hostname}/${made[0]?.id}`)
  assert.equal((await api.request('POST', paths.hostname, last)).status, 200)
  for (const one of identities)
    assert.equal((await api.request('POST', paths.zone, { body: body(one) })).status, 200)
})

test('the SDK sees the refusals as its own errors', async () => {
  const { originTLSClientAuth: pulls } = api.sdk
  await assertSdkRefused(pulls.hostnameCertificates.get('0'.repeat(32), { zone_id }), {
    status: 404,
    code: 1551,
  })
  await assertSdkRefused(pulls.zoneCertificates.get('0'.repeat(32), { zone_id }), { status: 404, code: 1552 })
  await assertSdkRefused(pulls.hostnames.get('api.example.test', { zone_id }), { status: 404, code: 1553 })
})

test('uploads at once get different ids, and the same one once only', async () => {
  const answers = await Promise.all(
    [first, second, first, second, first].map((one) =>
      api.request('POST', paths.hostname, { body: body(one) }),
    ),
  )
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 400, 400, 400])
  assert.equal(((await api.request('GET', paths.hostname)).body.result as unknown[]).length, 2)
})

test('every answer was compared with the OpenAPI document', () => {
  const seen = [...api.compared].filter((one) => one.includes('origin_tls_client_auth'))
  assert.ok(seen.length === 0 || seen.length >= 8, seen.join('\n'))
})
