import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { describe, test } from 'node:test'
import { createAuthority } from '../../pki/authority.ts'
import type { KeyAlgorithm } from '../../pki/types.ts'
import { haveOpenApi } from './testing/openapi.ts'
import { assertRefused, assertSdkRefused, ids, startTestApi, type TestApi } from './testing/start.ts'

const account_id = ids.account
const path = `/accounts/${account_id}/mtls_certificates`

async function withApi(body: (t: TestApi) => Promise<void>): Promise<void> {
  await using t = await startTestApi()
  await body(t)
}
const newCa = async (algorithm: KeyAlgorithm = 'ecdsa-p256'): Promise<string> =>
  (await createAuthority({ name: 'CN=Own Root,O=Example', algorithm })).cert

describe('uploaded client CAs', () => {
  test('a CA is uploaded, listed, read and deleted', () =>
    withApi(async (t) => {
      const certificates = await newCa('rsa-2048')
      const made = await t.sdk.mtlsCertificates.create({ account_id, ca: true, certificates, name: 'own' })
      const { updated_at, ...shown } = made
      const x509 = new X509Certificate(certificates)
      assert.deepEqual(
        { ...shown, id: '' },
        {
          id: '',
          name: 'own',
          ca: true,
          certificates,
          issuer: 'CN=Own Root,O=Example',
          signature: 'SHA256WithRSA',
          serial_number: BigInt(`0x${x509.serialNumber}`).toString(10),
          expires_on: x509.validToDate.toISOString(),
          uploaded_on: updated_at,
          type: 'custom',
        },
      )
      const id = made.id ?? ''
      assert.match(id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
      assert.deepEqual(await t.sdk.mtlsCertificates.get(id, { account_id }), shown)
      assert.deepEqual((await t.sdk.mtlsCertificates.list({ account_id })).result, [shown])
      assert.deepEqual((await t.sdk.mtlsCertificates.list({ account_id, type: ['custom'] })).result, [shown])
      assert.deepEqual(
        (await t.sdk.mtlsCertificates.list({ account_id, type: ['gateway_managed'] })).result,
        [],
      )
      assert.deepEqual((await t.sdk.mtlsCertificates.list({ account_id: ids.otherAccount })).result, [])
      assert.deepEqual(await t.sdk.mtlsCertificates.delete(id, { account_id }), shown)
      assert.deepEqual((await t.sdk.mtlsCertificates.list({ account_id })).result, [])
      if (haveOpenApi) assert.ok(t.compared.has('POST /accounts/{account_id}/mtls_certificates 200'))
    }))

  test('unknown ids, and ids of another account, are 404 / 1472', () =>
    withApi(async (t) => {
      const certificates = await newCa()
      const { id = '' } = await t.sdk.mtlsCertificates.create({ account_id, ca: true, certificates })
      const expected = { status: 404, code: 1472 }
      for (const bad of ['f'.repeat(32), '__proto__', 'constructor']) {
        await assertSdkRefused(t.sdk.mtlsCertificates.get(bad, { account_id }), expected)
        await assertSdkRefused(t.sdk.mtlsCertificates.delete(bad, { account_id }), expected)
        await assertSdkRefused(t.sdk.mtlsCertificates.associations.get(bad, { account_id }), expected)
      }
      await assertSdkRefused(t.sdk.mtlsCertificates.get(id, { account_id: ids.otherAccount }), expected)
      await t.sdk.mtlsCertificates.delete(id, { account_id })
      await assertSdkRefused(t.sdk.mtlsCertificates.delete(id, { account_id }), expected)
    }))

  test('the same certificate twice is 1471, however it is wrapped; another account may have it too', () =>
    withApi(async (t) => {
      const certificates = await newCa()
      await t.sdk.mtlsCertificates.create({ account_id, ca: true, certificates })
      const again = certificates.replaceAll('\n', '\r\n')
      await assertSdkRefused(t.sdk.mtlsCertificates.create({ account_id, ca: true, certificates: again }), {
        status: 400,
        code: 1471,
      })
      await t.sdk.mtlsCertificates.create({ account_id: ids.otherAccount, ca: true, certificates })
    }))

  test('five CAs per account and no sixth: 1489; a leaf takes no place, a deleted one gives its place back', () =>
    withApi(async (t) => {
      const all = await Promise.all(Array.from({ length: 6 }, () => newCa()))
      const answers = await Promise.all(
        all.map((certificates) => t.request('POST', path, { body: { ca: true, certificates } })),
      )
      assert.deepEqual(
        answers.map(({ status }) => status).toSorted((a, b) => a - b),
        [200, 200, 200, 200, 200, 400],
      )
      const refused = answers.find(({ status }) => status === 400)
      assert.deepEqual(refused?.body.errors, [{ code: 1489, message: 'Hit maximum CA cert allocation.' }])
      const leaf = await (await createAuthority()).issue({ name: 'leaf' })
      await t.sdk.mtlsCertificates.create({
        account_id,
        ca: false,
        certificates: leaf.cert,
        private_key: leaf.key,
      })
      const ca = (await t.sdk.mtlsCertificates.list({ account_id })).result.find((shown) => shown.ca)
      await t.sdk.mtlsCertificates.delete(ca?.id ?? '', { account_id })
      await t.sdk.mtlsCertificates.create({ account_id, ca: true, certificates: await newCa() })
    }))

  test('only PEM certificates are read: 1408', () =>
    withApi(async (t) => {
      const authority = await createAuthority()
      const pem = authority.cert
      for (const certificates of [
        'x',
        `${pem}rest`,
        `Subject: x\n${pem}`,
        pem.replaceAll('CERTIFICATE', 'X509 CRL'),
        pem + authority.key,
        pem.replace(/\n.{20}/, '\n'),
        pem.slice(0, -40),
      ])
        await assertSdkRefused(t.sdk.mtlsCertificates.create({ account_id, ca: true, certificates }), {
          status: 400,
          code: 1408,
        })
      await t.sdk.mtlsCertificates.create({ account_id, ca: true, certificates: `\n${pem}\n\n` })
    }))

  test('a CA has CA:TRUE and an RSA or ECDSA signature with SHA-1 or SHA-2: 1474', () =>
    withApi(async (t) => {
      const authority = await createAuthority()
      const leaf = await authority.issue({ name: 'leaf' })
      const refused = { status: 400, code: 1474 }
      const create = (certificates: string, ca = true, private_key?: string): PromiseLike<unknown> =>
        t.sdk.mtlsCertificates.create({
          account_id,
          ca,
          certificates,
          ...(private_key === undefined ? {} : { private_key }),
        })
      await assertSdkRefused(create(leaf.cert), refused)
      await assertSdkRefused(create(authority.cert + leaf.cert), refused)
      await assertSdkRefused(create(await newCa('ed25519')), refused)
      await assertSdkRefused(create(authority.cert, false, authority.key), refused)
      await assertSdkRefused(create(leaf.cert, false), refused)
      await assertSdkRefused(create(leaf.cert, false, authority.key), refused)
      await assertSdkRefused(create(leaf.cert, false, 'x'), refused)
      await create(await newCa('ecdsa-p384'))
      await create((await createAuthority({ hash: 'sha1' })).cert)
      await create(authority.cert + (await newCa()))
    }))

  test('a private key is never shown', () =>
    withApi(async (t) => {
      const leaf = await (await createAuthority()).issue({ name: 'leaf' })
      const body = { ca: false, certificates: leaf.cert, private_key: leaf.key }
      const made = await t.request('POST', path, { body })
      const { id } = made.body.result as { id: string }
      const answers = [made, await t.request('GET', path), await t.request('GET', `${path}/${id}`)]
      answers.push(await t.request('DELETE', `${path}/${id}`))
      for (const { status, text } of answers) {
        assert.equal(status, 200)
        assert.ok(!text.includes('PRIVATE KEY') && !text.includes('private'), 'private key in an answer')
      }
    }))

  test('what is in use is not deleted; its associations say so', () =>
    withApi(async (t) => {
      const { id = '' } = await t.sdk.mtlsCertificates.create({
        account_id,
        ca: true,
        certificates: await newCa(),
      })
      const associations = async (): Promise<unknown[]> =>
        (await t.sdk.mtlsCertificates.associations.get(id, { account_id })).result
      const put = (hostnames: string[]): PromiseLike<unknown> =>
        t.sdk.certificateAuthorities.hostnameAssociations.update({
          zone_id: ids.zone,
          hostnames,
          mtls_certificate_id: id,
        })
      assert.deepEqual(await associations(), [])
      await put(['api.example.test'])
      assert.deepEqual(await associations(), [{ service: 'api_shield', status: 'active' }])
      await assertSdkRefused(t.sdk.mtlsCertificates.delete(id, { account_id }), { status: 400, code: 1433 })
      await put([])
      assert.deepEqual(await associations(), [])
      await t.sdk.mtlsCertificates.delete(id, { account_id })
    }))

  test('wrong types are refused: 400 / 10001', () =>
    withApi(async (t) => {
      const certificates = await newCa()
      for (const body of [
        {},
        { certificates },
        { ca: 'true', certificates },
        { ca: true, certificates: [certificates] },
        { ca: true, certificates, name: 1 },
        { ca: true, certificates, private_key: null },
      ])
        assertRefused(await t.request('POST', path, { body }), { status: 400, code: 10_001 })
    }))
})
