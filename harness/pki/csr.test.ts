import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAuthority } from './authority.ts'
import { buildCsr } from './csr.ts'
import { type CertificateFacts, describeCertificate } from './describe.ts'
import { subjectAltName } from './extensions.ts'
import { generateKey } from './keys.ts'
import { encodeName } from './names.ts'
import { Openssl } from './testing/openssl.ts'

function facts(pem: string): CertificateFacts {
  const description = describeCertificate(pem)
  assert(description.ok)
  return description.facts
}

async function csrBy(openssl: Openssl, args: string[]): Promise<string> {
  await openssl.run([
    'req',
    '-new',
    '-nodes',
    '-newkey',
    'rsa:2048',
    '-keyout',
    'csr.key',
    '-out',
    'c.csr',
    '-subj',
    '/O=Example/CN=device 7',
    ...args,
  ])
  return openssl.run(['req', '-in', 'c.csr'])
}

test('CSRs of openssl are signed: names are taken over, CA:TRUE is not', async (t) => {
  const openssl = await Openssl.in(t)
  const ca = await createAuthority()
  const csr = await csrBy(openssl, [
    '-addext',
    'subjectAltName=DNS:d7.example',
    '-addext',
    'basicConstraints=CA:TRUE',
  ])
  const signed = facts(await ca.signCsr(csr))
  assert.deepEqual(
    [signed.subject.rfc4514, signed.san.dns, signed.isCa],
    ['CN=device 7,O=Example', ['d7.example'], false],
  )
  const named = facts(await ca.signCsr(csr, { subject: 'CN=renamed', san: { dns: ['other.example'] } }))
  assert.deepEqual([named.subject.rfc4514, named.san.dns], ['CN=renamed', ['other.example']])
  await openssl.file('ca.pem', ca.cert)
  await openssl.file('leaf.pem', await ca.signCsr(csr))
  assert.match(await openssl.run(['verify', '-x509_strict', '-CAfile', 'ca.pem', 'leaf.pem']), /OK/)
  const pss = await csrBy(openssl, ['-sigopt', 'rsa_padding_mode:pss'])
  assert.equal(facts(await ca.signCsr(pss)).key.size, 2048)
})

test('a CSR whose sender does not hold the key is refused', async (t) => {
  const openssl = await Openssl.in(t)
  const ca = await createAuthority()
  const csr = await csrBy(openssl, [])
  const der = Buffer.from(csr.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  der[der.length - 1] = (der[der.length - 1] ?? 0) ^ 1
  const tampered = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
  await assert.rejects(ca.signCsr(tampered), { code: 'ERR_CERTIFICATE', message: /signature .* is wrong/ })
  await assert.rejects(ca.signCsr('nothing'), /not PEM/)
  await assert.rejects(ca.signCsr(ca.cert.replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST')), {
    code: 'ERR_CERTIFICATE',
  })
})

test('our CSRs satisfy openssl', async (t) => {
  const openssl = await Openssl.in(t)
  const san = subjectAltName({ dns: ['a.example'] })
  assert(san)
  for (const algorithm of ['ecdsa-p256', 'rsa-2048', 'ed25519'] as const) {
    const csr = buildCsr(
      encodeName('CN=a'),
      await generateKey(algorithm),
      algorithm === 'rsa-2048' ? [] : [san],
    )
    await openssl.file('c.csr', csr)
    const text = await openssl.run(['req', '-in', 'c.csr', '-noout', '-verify', '-text'])
    assert.match(text, /verify OK/)
    assert.equal(text.includes('DNS:a.example'), algorithm !== 'rsa-2048')
  }
})
