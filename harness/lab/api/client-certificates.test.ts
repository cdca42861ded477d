import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { describeCertificate } from '../../pki/describe.ts'
import { pemBlocks, toPem } from '../../pki/pem.ts'
import { makeCsr } from './testing/csr.ts'
import { haveOpenApi } from './testing/openapi.ts'
import { assertRefused, assertSdkRefused, ids, startTestApi, type TestApi } from './testing/start.ts'

const zone_id = ids.zone
const path = `/zones/${zone_id}/client_certificates`

describe('client certificates', () => {
  let t: TestApi
  before(async () => {
    t = await startTestApi()
  })
  after(() => t.close())

  const create = async (subject?: string): Promise<string> => {
    const { csr } = await makeCsr(subject)
    const { id } = await t.sdk.clientCertificates.create({ zone_id, csr, validity_days: 30 })
    assert.ok(id !== undefined)
    return id
  }

  test('a CSR becomes a certificate of the account’s managed CA, for client authentication only', async () => {
    const { csr, key } = await makeCsr()
    const made = await t.sdk.clientCertificates.create({ zone_id, csr, validity_days: 365 })
    const certificate = new X509Certificate(made.certificate ?? '')
    const managed = new X509Certificate((await t.context.managedCa(ids.account)).cert)
    const other = new X509Certificate((await t.context.managedCa(ids.otherAccount)).cert)
    assert.ok(certificate.verify(managed.publicKey))
    assert.ok(!certificate.verify(other.publicKey))
    assert.ok(certificate.checkPrivateKey(createPrivateKey(key)))
    const described = describeCertificate(made.certificate ?? '')
    assert.ok(described.ok)
    assert.deepEqual(described.facts.eku, ['1.3.6.1.5.5.7.3.2'])
    assert.deepEqual([described.facts.isCa, described.facts.san.dns], [false, []])
    const days = (certificate.validToDate.getTime() - certificate.validFromDate.getTime()) / 86_400_000
    assert.equal(days, 365)
    assert.deepEqual(
      {
        ...made,
        id: typeof made.id,
        certificate: '',
        csr: '',
        issued_on: '',
        expires_on: '',
        certificate_authority: { ...made.certificate_authority, id: '' },
      },
      {
        id: 'string',
        certificate: '',
        certificate_authority: { id: '', name: `Cloudflare Managed CA for account ${ids.account}` },
        common_name: 'device-1',
        country: 'PT',
        csr: '',
        expires_on: '',
        fingerprint_sha256: described.facts.fingerprint256,
        issued_on: '',
        location: 'Lisbon',
        organization: 'Example',
        organizational_unit: 'Devices',
        serial_number: described.facts.serial.toLowerCase(),
        signature: 'ECDSAWithSHA256',
        ski: described.facts.ski?.toLowerCase(),
        state: 'Lisboa',
        status: 'active',
        validity_days: 365,
      },
    )
    assert.match(made.id ?? '', /^[0-9a-f]{32}$/)
    assert.equal(made.expires_on, certificate.validToDate.toISOString().replace('.000Z', 'Z'))
    assert.equal(made.issued_on, certificate.validFromDate.toISOString().replace('.000Z', 'Z'))
    assert.deepEqual(await t.sdk.clientCertificates.get(made.id ?? '', { zone_id }), made)
  })

  test('the CSR comes back with CRLF line ends', async () => {
    const { csr } = await makeCsr()
    for (const sent of [csr, csr.replaceAll('\n', '\r\n')]) {
      const made = await t.sdk.clientCertificates.create({ zone_id, csr: sent, validity_days: 1 })
      assert.equal(made.csr, csr.replaceAll('\n', '\r\n'))
      assert.equal((await t.sdk.clientCertificates.get(made.id ?? '', { zone_id })).csr, made.csr)
    }
  })

  test('a subject without attributes leaves the fields empty; nothing of a CSR but subject and key is taken over', async () => {
    const { csr } = await makeCsr('CN=only', 'rsa-2048')
    const made = await t.sdk.clientCertificates.create({ zone_id, csr, validity_days: 1 })
    assert.deepEqual([made.common_name, made.country, made.organization], ['only', '', ''])
  })

  test('what is no CSR, and a CSR signed by another key, are refused: 400 / 1401', async () => {
    const { csr } = await makeCsr('CN=honest')
    const [block] = pemBlocks(csr)
    assert.ok(block !== undefined)
    const forged = Buffer.from(block.der)
    forged.write('forged', forged.indexOf('honest'))
    const cases: [string, RegExp][] = [
      ['x', /not PEM/],
      [csr.slice(0, 100), /not PEM/],
      [csr.replaceAll('CERTIFICATE REQUEST', 'CERTIFICATE'), /not PEM/],
      [toPem('CERTIFICATE REQUEST', block.der.subarray(0, -3)), /cannot be read/],
      [toPem('CERTIFICATE REQUEST', forged), /signature .* is wrong/],
    ]
    const before = t.store.revision
    for (const [bad, why] of cases) {
      const answer = await t.request('POST', path, { body: { csr: bad, validity_days: 1 } })
      assertRefused(answer, { status: 400, code: 1401 })
      assert.match(answer.body.errors?.[0]?.message ?? '', why)
    }
    assert.equal(t.store.revision, before)
  })

  test('wrong types and missing fields are refused: 400 / 10001', async () => {
    const { csr } = await makeCsr()
    for (const body of [
      {},
      [],
      { csr },
      { csr: 1, validity_days: 1 },
      { csr, validity_days: '1' },
      { csr, validity_days: 0 },
      { csr, validity_days: 3651 },
      { csr, validity_days: 1.5 },
    ])
      assertRefused(await t.request('POST', path, { body }), { status: 400, code: 10_001 })
  })

  test('unknown ids are 404 / 1415, and ids of another zone are unknown', async () => {
    const id = await create()
    const expected = { status: 404, code: 1415 }
    for (const bad of ['f'.repeat(32), '__proto__', 'constructor']) {
      await assertSdkRefused(t.sdk.clientCertificates.get(bad, { zone_id }), expected)
      await assertSdkRefused(t.sdk.clientCertificates.delete(bad, { zone_id }), expected)
      await assertSdkRefused(t.sdk.clientCertificates.edit(bad, { zone_id, reactivate: true }), expected)
    }
    await assertSdkRefused(t.sdk.clientCertificates.get(id, { zone_id: ids.otherZone }), expected)
  })

  test('revoking takes a while, once; a revoked certificate stays listed and can be restored', async () => {
    const id = await create()
    await t.request('PATCH', '/lab/v1/delays', { body: { revocation: 60_000 } })
    const status = async (): Promise<string | undefined> =>
      (await t.sdk.clientCertificates.get(id, { zone_id })).status
    assert.equal((await t.sdk.clientCertificates.delete(id, { zone_id })).status, 'pending_revocation')
    assert.equal(await status(), 'pending_revocation')
    await assertSdkRefused(t.sdk.clientCertificates.delete(id, { zone_id }), { status: 400, code: 1407 })
    // Restored while pending.
    assert.equal(
      (await t.sdk.clientCertificates.edit(id, { zone_id, reactivate: true })).status,
      'pending_reactivation',
    )
    await t.request('POST', '/lab/v1/clock', { body: { advanceSeconds: 60 } })
    assert.equal(await status(), 'active')
    // Restored after.
    await t.sdk.clientCertificates.delete(id, { zone_id })
    await t.request('POST', '/lab/v1/clock', { body: { advanceSeconds: 60 } })
    assert.equal(await status(), 'revoked')
    await assertSdkRefused(t.sdk.clientCertificates.delete(id, { zone_id }), { status: 400, code: 1407 })
    assert.equal((await t.sdk.clientCertificates.edit(id, { zone_id, reactivate: false })).status, 'revoked')
    assert.equal((await t.sdk.clientCertificates.edit(id, { zone_id })).status, 'pending_reactivation')
    await t.request('PATCH', '/lab/v1/delays', { body: { revocation: 0 } })
    await t.sdk.clientCertificates.edit(id, { zone_id, reactivate: true })
    await t.request('POST', '/lab/v1/clock', { body: { advanceSeconds: 60 } })
    assert.equal(await status(), 'active')
    assert.equal((await t.sdk.clientCertificates.delete(id, { zone_id })).status, 'revoked', 'no delay')
  })
})

test('the list is filtered by status, chosen by limit and offset, and ends with an empty page', async () => {
  await using t = await startTestApi()
  const made: string[] = []
  for (let index = 0; index < 7; index += 1) {
    const { csr } = await makeCsr(`CN=device-${index}`)
    made.unshift((await t.sdk.clientCertificates.create({ zone_id, csr, validity_days: 1 })).id ?? '')
  }
  const [first = '', second = ''] = made
  await t.sdk.clientCertificates.delete(first, { zone_id })
  t.store.state.delays.revocation = 1_000_000
  await t.sdk.clientCertificates.delete(second, { zone_id })
  const list = async (query: object): Promise<(string | undefined)[]> => {
    const found: (string | undefined)[] = []
    for await (const { id } of t.sdk.clientCertificates.list({ zone_id, ...query })) found.push(id)
    return found
  }
  assert.deepEqual(await list({}), made, 'newest first')
  assert.deepEqual(await list({ per_page: 3 }), made)
  assert.deepEqual(await list({ status: 'all', per_page: 1 }), made)
  assert.deepEqual(await list({ status: 'revoked' }), [first])
  assert.deepEqual(await list({ status: 'pending_revocation' }), [second])
  assert.deepEqual(await list({ status: 'active', per_page: 2 }), made.slice(2))
  assert.deepEqual(await list({ status: 'pending_reactivation' }), [])
  assert.deepEqual(await list({ limit: 3, offset: 2, per_page: 2 }), made.slice(2, 5))
  assert.deepEqual(await list({ offset: 6 }), made.slice(6))
  assertRefused(await t.request('GET', `${path}?status=gone`), { status: 400, code: 10_001 })
  const odd = await t.request('GET', `${path}?page=-1&per_page=abc&page=2`)
  assert.deepEqual([odd.status, odd.body.result_info?.per_page], [200, 20])
  if (haveOpenApi) {
    for (const name of ['GET', 'POST'])
      assert.ok(t.compared.has(`${name} /zones/{zone_id}/client_certificates 200`), name)
    assert.ok(t.compared.has('DELETE /zones/{zone_id}/client_certificates/{client_certificate_id} 200'))
  }
})

test('the quota counts what is not revoked; revoking frees a place at once', async () => {
  await using t = await startTestApi({ limits: { clientCertificates: 2 } })
  t.store.state.delays.revocation = 1_000_000
  const create = async (): Promise<string> => {
    const { csr } = await makeCsr()
    return (await t.sdk.clientCertificates.create({ zone_id, csr, validity_days: 1 })).id ?? ''
  }
  const first = await create()
  await create()
  const full = { status: 400, code: 1412 }
  await assertSdkRefused(create(), full)
  await t.sdk.clientCertificates.delete(first, { zone_id })
  await create()
  await assertSdkRefused(t.sdk.clientCertificates.edit(first, { zone_id, reactivate: true }), full)
})

test('of many created at once none is lost, and the quota holds', async () => {
  await using t = await startTestApi({ limits: { clientCertificates: 10 } })
  const csrs = await Promise.all(Array.from({ length: 15 }, () => makeCsr()))
  const answers = await Promise.all(
    csrs.map(({ csr }) => t.request('POST', path, { body: { csr, validity_days: 1 } })),
  )
  const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b)
  assert.deepEqual(statuses, [...Array<number>(10).fill(200), ...Array<number>(5).fill(400)])
  assert.equal(Object.keys(t.store.state.zones[zone_id]?.clientCertificates ?? {}).length, 10)
})
