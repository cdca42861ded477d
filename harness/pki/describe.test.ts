import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { rootCertificates } from 'node:tls'
import { createAuthority } from './authority.ts'
import { type CertificateFacts, describeAll, describeCertificate } from './describe.ts'
import { certificatesIn } from './pem.ts'
import { Openssl } from './testing/openssl.ts'

function facts(input: Buffer | string): CertificateFacts {
  const description = describeCertificate(input)
  assert(description.ok)
  return description.facts
}

test('facts of a certificate made by openssl agree with what openssl prints', async (t) => {
  const openssl = await Openssl.in(t)
  const extensions = [
    'subjectAltName=DNS:a.example,DNS:*.b.example,IP:10.1.2.3,IP:2001:db8::7,URI:spiffe://x/y,email:a@b.example,RID:1.2.3',
    'extendedKeyUsage=clientAuth,1.3.6.1.4.1.32473.5',
    'keyUsage=critical,digitalSignature,keyCertSign,decipherOnly',
    'basicConstraints=critical,CA:TRUE,pathlen:3',
    'nameConstraints=critical,permitted;DNS:.example,permitted;IP:10.0.0.0/255.0.0.0,excluded;email:evil.example',
    'crlDistributionPoints=URI:http://crl.example/a.crl',
    '1.3.6.1.4.1.32473.77=critical,ASN1:NULL',
  ]
  const added = extensions.flatMap((extension) => ['-addext', extension])
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-384',
    '-nodes',
    '-keyout',
    'c.key',
    '-sha512',
  ]
  await openssl.run([
    'req',
    '-x509',
    '-subj',
    '/C=DE/O=Example/CN=a',
    ...key,
    '-out',
    'c.pem',
    '-set_serial',
    '0x00ff01',
    ...added,
  ])
  const pem = await readFile(openssl.path('c.pem'), 'utf8')
  const made = facts(pem)
  const printed = async (...args: string[]): Promise<string> =>
    (await openssl.run(['x509', '-in', 'c.pem', '-noout', ...args])).trim().replace(/^[^=]*= ?/, '')
  assert.equal(made.serial, await printed('-serial'))
  assert.equal(made.notBefore, await printed('-startdate'))
  assert.equal(made.notAfter, await printed('-enddate'))
  assert.equal(
    made.fingerprint256,
    (await printed('-fingerprint', '-sha256')).replaceAll(':', '').toLowerCase(),
  )
  assert.equal(made.fingerprint1, (await printed('-fingerprint', '-sha1')).replaceAll(':', '').toLowerCase())
  assert.match(
    await openssl.run(['x509', '-in', 'c.pem', '-noout', '-text']),
    new RegExp(`Signature Algorithm: ${made.signatureAlgorithm}\n`),
  )
  const ski = await openssl.run(['x509', '-in', 'c.pem', '-noout', '-ext', 'subjectKeyIdentifier'])
  assert(ski.replaceAll(':', '').includes(made.ski ?? 'none'))
  assert.equal(made.aki, made.ski)
  assert.deepEqual(made.san, {
    dns: ['a.example', '*.b.example'],
    email: ['a@b.example'],
    uri: ['spiffe://x/y'],
    ip: ['10.1.2.3', '2001:db8::7'],
    other: ['8:2A03'],
  })
  assert.deepEqual(made.eku, ['1.3.6.1.5.5.7.3.2', '1.3.6.1.4.1.32473.5'])
  assert.deepEqual(made.keyUsage, ['digitalSignature', 'keyCertSign', 'decipherOnly'])
  assert.deepEqual([made.isCa, made.pathLen, made.version, made.selfIssued], [true, 3, 3, true])
  assert.deepEqual(made.nameConstraints, {
    permitted: ['DNS:.example', 'IP:10.0.0.0/255.0.0.0'],
    excluded: ['email:evil.example'],
  })
  assert.deepEqual(made.crlDistributionPoints, ['http://crl.example/a.crl'])
  assert.deepEqual(made.unknownCritical, ['1.3.6.1.4.1.32473.77'])
  assert.deepEqual(made.key, { type: 'ec', size: 384, curve: 'secp384r1' })
  assert.deepEqual(made.problems, [])
})

test('every root that Node ships is described as Node reads it', () => {
  for (const pem of rootCertificates) {
    const [made, node] = [facts(pem), new X509Certificate(pem)]
    assert.equal(made.serial, node.serialNumber === '0' ? '00' : node.serialNumber)
    assert.equal(made.fingerprint256, node.fingerprint256.replaceAll(':', '').toLowerCase())
    assert.equal(made.notBefore, node.validFrom)
    assert.equal(made.notAfter, node.validTo)
    assert.equal(made.isCa, node.ca)
    assert.deepEqual(made.problems, [])
  }
})

test('garbage is an answer, never an exception', async () => {
  const ca = await createAuthority({ nameConstraints: { permitted: ['x.example'] }, pathLength: 2 })
  const { cert } = await ca.issue({ san: { dns: ['a'], ip: ['::1'], uri: ['u:x'] } })
  for (const junk of [
    '',
    'junk',
    ca.key,
    Buffer.alloc(0),
    Buffer.from('junk'),
    Buffer.alloc(64, 0x30),
    Buffer.from('30820000', 'hex'),
  ]) {
    const description = describeCertificate(junk)
    assert.equal(description.ok, false)
  }
  let readable = 0
  for (const der of certificatesIn(ca.cert + cert)) {
    for (let at = 0; at < der.length; at++) {
      assert.equal(describeCertificate(der.subarray(0, at)).ok, false)
      for (const value of [0x00, 0x30, 0xff]) {
        const broken = Buffer.from(der)
        broken[at] = value
        if (describeCertificate(broken).ok) readable++
      }
    }
  }
  assert(readable > 300, 'most single-byte changes leave a certificate that can be described')
})

test('an extension that cannot be read is named, the rest is still told', async () => {
  const ca = await createAuthority()
  const broken = { oid: '2.5.29.17', critical: false, value: Buffer.from('3082ffff', 'hex') }
  const made = facts((await ca.issue({ extensions: [broken] })).cert)
  assert.deepEqual(made.san.dns, [])
  assert.match(made.problems.join(), /2\.5\.29\.17 cannot be read/)
  assert.equal(made.subject.rfc4514, 'CN=client')
})

test('bundles are described one by one, and a NUL in a name is visible', async () => {
  const ca = await createAuthority()
  const nul = { oid: '2.5.29.17', critical: false, value: Buffer.from('3006820461006200', 'hex') }
  const leaf = await ca.issue({ extensions: [nul] })
  const all = describeAll(Buffer.from(leaf.cert + ca.cert))
  assert.equal(all.length, 2)
  assert(all[0]?.ok)
  assert.deepEqual(all[0].facts.san.dns, ['a\\x00b\\x00'])
  assert.equal(describeAll(certificatesIn(ca.cert)[0] ?? Buffer.alloc(0)).length, 1)
  assert.deepEqual(
    describeAll(Buffer.from('x')).map(({ ok }) => ok),
    [false],
  )
})
