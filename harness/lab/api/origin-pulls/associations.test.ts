import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { pullCertificate, pullIdentity } from '../../origin-pulls/testing/pulls.ts'
import type { OriginPulls } from '../../state/origin-pulls.ts'
import { assertRefused, ids, startTestApi, type TestApi } from '../testing/start.ts'

const zone_id = ids.zone
const base = `/zones/${zone_id}/origin_tls_client_auth`
const hostname = 'api.example.test'
const certificate = `${'a'.repeat(31)}1`
const other = `${'a'.repeat(31)}2`

let api: TestApi
let pulls: OriginPulls

before(async () => {
  api = await startTestApi()
})
after(() => api.close())
beforeEach(async () => {
  Object.assign(api.store.state.delays, { deployment: 0, deletion: 0 })
  const [one, two] = await Promise.all([pullIdentity('one'), pullIdentity('two')])
  pulls = {
    enabled: false,
    zoneCertificates: {},
    hostnameCertificates: {
      [certificate]: pullCertificate(certificate, one),
      [other]: pullCertificate(other, two),
    },
    associations: {},
  }
  const zone = api.store.state.zones[zone_id]
  if (zone !== undefined) zone.originPulls = pulls
  api.store.changed()
})

interface View {
  hostname: string
  cert_id: string
  enabled: boolean | null
  status: string
  cert_status: string
}
const put = (...config: unknown[]) => api.request('PUT', `${base}/hostnames`, { body: { config } })
const get = (name = hostname) => api.request('GET', `${base}/hostnames/${name}`)
const seen = async (): Promise<string> => {
  const { status, body } = await get()
  if (status !== 200) return `${status} ${body.errors?.[0]?.code}`
  const view = body.result as View
  return [view.cert_id.at(-1), view.enabled, view.status].join(' ')
}
const remove = (id = certificate) => api.request('DELETE', `${base}/hostnames/certificates/${id}`)

test('PUT answers an array, GET of one hostname an object', async () => {
  const { hostnames } = api.sdk.originTLSClientAuth
  const config = [
    { hostname, cert_id: certificate, enabled: true },
    { hostname: 'EXAMPLE.test', cert_id: other, enabled: false },
  ]
  const answered = await hostnames.update({ zone_id, config })
  assert.deepEqual(
    answered.result.map((one) => [one.hostname, one.cert_id, one.enabled, one.status, one.cert_status]),
    [
      [hostname, certificate, true, 'active', 'active'],
      ['example.test', other, false, 'active', 'active'],
    ],
  )
  const one = await hostnames.get(hostname, { zone_id })
  assert.equal(Array.isArray(one), false)
  assert.deepEqual(one, answered.result[0])
  assert.deepEqual((await hostnames.get('API.example.TEST', { zone_id })).cert_id, certificate)
})

test('PUT changes the hostnames it names and no other', async () => {
  await put({ hostname, cert_id: certificate, enabled: true })
  const created = ((await get()).body.result as { created_at: string }).created_at
  api.store.advance(1000)
  await put({ hostname: 'www.example.test', cert_id: certificate, enabled: true })
  assert.equal(await seen(), '1 true active')
  await put({ hostname, cert_id: other, enabled: true })
  assert.equal(await seen(), '2 true active')
  assert.equal(((await get()).body.result as { created_at: string }).created_at, created)
  assert.equal((await get('www.example.test')).status, 200)
})

test('null removes the association: 1553', async () => {
  await put({ hostname, cert_id: certificate, enabled: true })
  const voided = (await put({ hostname, cert_id: certificate, enabled: null })).body.result as View[]
  assert.deepEqual([voided[0]?.enabled, voided[0]?.status], [null, 'deleted'])
  assert.equal(await seen(), '404 1553')
  assert.equal((await put({ hostname, cert_id: certificate, enabled: null })).status, 200)
})

test('rollback with false, then DELETE: 1433; with null, then DELETE: done', async () => {
  await put({ hostname, cert_id: certificate, enabled: true })
  assertRefused(await remove(), { status: 400, code: 1433 })
  await put({ hostname, cert_id: certificate, enabled: false })
  assertRefused(await remove(), { status: 400, code: 1433 })
  assert.equal(await seen(), '1 false active')
  await put({ hostname, cert_id: certificate, enabled: null })
  assert.equal((await remove()).status, 200)
})

test('an association is deployed later, and never before its certificate', async () => {
  api.store.state.delays.deployment = 10_000
  await put({ hostname, cert_id: certificate, enabled: true })
  assert.equal(await seen(), '1 true pending_deployment')
  api.store.advance(10_000)
  assert.equal(await seen(), '1 true active')
  const made = await pullIdentity('slow')
  const uploaded = await api.request('POST', `${base}/hostnames/certificates`, {
    body: { certificate: made.cert, private_key: made.key },
  })
  const { id } = uploaded.body.result as { id: string }
  api.store.state.delays.deployment = 0
  const [view] = (await put({ hostname, cert_id: id, enabled: true })).body.result as View[]
  assert.deepEqual([view?.status, view?.cert_status], ['pending_deployment', 'pending_deployment'])
  api.store.advance(10_000)
  const later = (await get()).body.result as View
  assert.deepEqual([later.status, later.cert_status], ['active', 'active'])
})

test('a certificate that is still presented until its replacement is deployed is in use', async () => {
  await put({ hostname, cert_id: certificate, enabled: true })
  api.store.state.delays.deployment = 10_000
  await put({ hostname, cert_id: other, enabled: true })
  assertRefused(await remove(), { status: 400, code: 1433 })
  assert.deepEqual(pulls.associations[hostname]?.previous, { certId: certificate, enabled: true })
  api.store.advance(10_000)
  assert.equal((await remove()).status, 200)
})

test('a bad config is refused whole', async () => {
  const good = { hostname, cert_id: certificate, enabled: true }
  for (const [config, code] of [
    [[good, { hostname, enabled: true }], 1404],
    [[good, { hostname, enabled: null }], 1404],
    [[good, { ...good, cert_id: '' }], 1404],
    [[good, { ...good, cert_id: 'f'.repeat(32) }], 1415],
    [[good, { ...good, cert_id: '__proto__' }], 1415],
    [[good, { ...good, cert_id: 5 }], 1415],
    [[good, { ...good, enabled: 'true' }], 1415],
    [[good, { hostname, cert_id: certificate }], 1415],
    [[good, { ...good, hostname: undefined }], 1415],
    [[good, { ...good, hostname: 'api.other.test' }], 1415],
    [[good, { ...good, hostname: 'fakeexample.test' }], 1415],
    [[good, { ...good, hostname: '*.example.test' }], 1415],
    [[good, { ...good, hostname: `${'a'.repeat(64)}.example.test` }], 1415],
    [[good, null], 1415],
    [[good, 'text'], 1415],
    [[], 1415],
    [good, 1415],
    [undefined, 1415],
  ] as const) {
    assertRefused(await api.request('PUT', `${base}/hostnames`, { body: { config } }), { status: 400, code })
    assert.deepEqual(pulls.associations, {}, JSON.stringify(config))
  }
  assertRefused(await api.request('PUT', `${base}/hostnames`, { body: '[]' }), { status: 400, code: 1415 })
})

test('a certificate that is gone or going cannot be associated: 1415', async () => {
  api.store.state.delays.deletion = 10_000
  await remove()
  assertRefused(await put({ hostname, cert_id: certificate, enabled: true }), { status: 400, code: 1415 })
  api.store.advance(10_000)
  assertRefused(await put({ hostname, cert_id: certificate, enabled: true }), { status: 400, code: 1415 })
})

test('a hundred hostnames per certificate', async () => {
  const many = Array.from({ length: 100 }, (_, at) => ({
    hostname: `h${at}.example.test`,
    cert_id: certificate,
    enabled: at % 2 === 0,
  }))
  assert.equal((await put(...many)).status, 200)
  const more = { hostname, cert_id: certificate, enabled: true }
  assertRefused(await put(more), { status: 400, code: 2005 })
  assert.equal(await seen(), '404 1553')
  assert.equal((await put({ ...more, cert_id: other })).status, 200)
  assert.equal((await put({ ...many[0], enabled: null }, more)).status, 200)
})

test('names that every object has are hostnames without association', async () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'x'.repeat(300)])
    assertRefused(await get(name), { status: 404, code: 1553 })
})

test('writes at once to different hostnames are all kept', async () => {
  const names = Array.from({ length: 40 }, (_, at) => `c${at}.example.test`)
  await Promise.all(names.map((name) => put({ hostname: name, cert_id: certificate, enabled: true })))
  assert.deepEqual(Object.keys(pulls.associations).sort(), names.sort())
})
