import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAuthority } from './authority.ts'
import { type CertificateFacts, describeAll, describeCertificate } from './describe.ts'
import { createMint } from './mint.ts'
import { encodeName } from './names.ts'
import { certificatesIn, certificatesToPem } from './pem.ts'
import { Openssl } from './testing/openssl.ts'
import { defectIds, type Identity } from './types.ts'

const ca = await createAuthority({ name: 'CN=Client CA,O=Example', algorithm: 'rsa-2048' })

function leafFacts({ cert }: Pick<Identity, 'cert'>): CertificateFacts {
  const description = describeCertificate(cert)
  assert(description.ok)
  return description.facts
}

test('with nothing: only what needs no knowledge', async () => {
  const mint = createMint({})
  const possible = defectIds.filter((id) => mint.missing(id) === undefined)
  assert.deepEqual(possible, [
    'unknown-ca',
    'unknown-ca-with-root',
    'unknown-ca-with-intermediate',
    'self-signed',
  ])
  assert.equal(mint.missing('valid'), 'mtls.identities')
  assert.equal(mint.missing('expired-day'), 'mtls.ca.key')
  assert.equal(mint.missing('impostor-ca'), 'mtls.ca.cert')
  assert.equal((await mint.get('self-signed')).defect, 'self-signed')
  await assert.rejects(mint.twin('self-signed'), /needs mtls.identities/)
  await assert.rejects(mint.get('expired-day'), { code: 'ERR_USAGE' })
})

test('with CA names from the wire: the name is copied byte for byte', async () => {
  // A PrintableString where our own encoder writes a UTF8String: re-encoding would show.
  const der = encodeName('O=Wire,C=US').toString('hex').replace('0c04', '1304')
  const mint = createMint({
    caNames: [
      { der: 'zz', text: '?' },
      { der, text: 'O=Wire,C=US' },
    ],
  })
  const impostor = await mint.get('impostor-ca-other-ski')
  assert(certificatesIn(impostor.cert)[0]?.includes(Buffer.from(der, 'hex')))
  assert.equal(mint.missing('impostor-ca'), 'mtls.ca.cert')
  assert.equal(mint.missing('impostor-ca-with-root'), 'mtls.ca.cert')
})

test('with the CA certificate only: impostors, no valid one', async () => {
  const mint = createMint({ caCert: ca.cert })
  const [leaf, root] = describeAll(Buffer.from((await mint.get('impostor-ca-with-root')).cert))
  assert(leaf?.ok && root?.ok)
  assert.equal(leaf.facts.aki, ca.ski)
  assert.equal(root.facts.ski, ca.ski)
  assert.equal(root.facts.subject.rfc4514, ca.subject)
  assert.notEqual(root.facts.fingerprint256, leafFacts(ca).fingerprint256)
  assert.equal(
    leaf.facts.signatureAlgorithm,
    'sha256WithRSAEncryption',
    'signed with the kind of key the CA has',
  )
  assert.equal(mint.missing('valid'), 'mtls.identities')
  assert.equal(mint.missing('tbs-tampered'), 'mtls.identities')
})

test('with a valid identity only: what can be made of it', async (t) => {
  const openssl = await Openssl.in(t)
  const identity = await ca.issue({
    name: 'sensor-001',
    subject: 'CN=sensor-001,O=Example',
    san: { dns: ['sensor.example'] },
    eku: [],
  })
  const mint = createMint({ identity })
  assert.deepEqual(
    defectIds.filter((id) => mint.missing(id) === undefined),
    [
      'unknown-ca',
      'unknown-ca-with-root',
      'unknown-ca-with-intermediate',
      'impostor-ca',
      'impostor-ca-other-ski',
      'impostor-ca-with-root',
      'self-signed',
      'leaf-as-ca',
      'signature-tampered',
      'tbs-tampered',
    ],
  )
  assert.equal(mint.missing('intermediate-missing'), 'mtls.ca.key')
  assert.equal(await mint.get('valid'), identity)
  await openssl.file('ca.pem', ca.cert)
  const errors = {
    'impostor-ca': 'certificate signature failure',
    'leaf-as-ca': 'invalid CA certificate',
    'tbs-tampered': 'certificate signature failure',
    'self-signed': 'self-signed certificate',
  } as const
  for (const [id, error] of Object.entries(errors)) {
    const made = await mint.get(id as keyof typeof errors)
    const [leaf = Buffer.alloc(0), ...rest] = certificatesIn(made.cert)
    await openssl.file('leaf.pem', certificatesToPem([leaf]))
    await openssl.file('rest.pem', certificatesToPem(rest.length === 0 ? [leaf] : rest))
    const seen = await openssl.try(['verify', '-CAfile', 'ca.pem', '-untrusted', 'rest.pem', 'leaf.pem'])
    assert.match(seen.text, new RegExp(error), id)
    if (id === 'leaf-as-ca') continue
    assert.equal(made.key, identity.key)
    const facts = leafFacts(made)
    assert.equal(facts.subject.rfc4514, 'CN=sensor-001,O=Example')
    assert.deepEqual(
      [facts.san.dns, facts.eku],
      [['sensor.example'], []],
      'names and usages are the identity’s own',
    )
  }
  assert.equal(await mint.twin('impostor-ca'), identity)
})

test('with a valid identity that has an intermediate: the chain defects of it', async () => {
  const issuing = await createAuthority({ name: 'CN=Issuing', issuer: ca })
  const identity = await issuing.issue({ name: 'sensor' })
  const mint = createMint({ identity })
  assert.equal(mint.missing('intermediate-missing'), undefined)
  const missing = await mint.get('intermediate-missing')
  assert.equal(certificatesIn(missing.cert).length, 1)
  assert.equal(missing.fingerprint256, identity.fingerprint256)
  assert.equal(leafFacts(await mint.get('impostor-ca')).issuer.rfc4514, 'CN=Issuing')
  assert.notEqual((await mint.get('intermediate-tampered')).cert, identity.cert)
})

test('with both: what is minted looks like the identity', async () => {
  const identity = await ca.issue({ name: 'sensor-001', subject: 'CN=sensor-001,O=Example' })
  const mint = createMint({ authority: ca, identity })
  assert.equal((await mint.get('expired-day')).subject, 'CN=sensor-001,O=Example')
  assert.equal((await mint.get('expired-day')).key, identity.key)
  assert.notEqual((await mint.get('valid-other')).subject, identity.subject)
})

test('revoked says what is missing', async () => {
  const other = await createAuthority({ name: 'CN=Other CA' })
  const crl = async (of: typeof ca, revoked: { serial: string }[]): Promise<Buffer> =>
    Buffer.from(await of.crl({ revoked }))
  assert.equal(createMint({}).missing('revoked'), 'mtls.ca.key')
  assert.equal(createMint({ authority: ca }).missing('revoked'), 'mtls.crl')
  assert.match(createMint({ authority: ca, crl: await crl(ca, []) }).missing('revoked') ?? '', /at least one/)
  assert.match(
    createMint({ authority: ca, crl: await crl(other, [{ serial: '1' }]) }).missing('revoked') ?? '',
    /issued by/,
  )
  assert.equal(
    createMint({ authority: ca, crl: await crl(ca, [{ serial: '1' }]) }).missing('revoked'),
    undefined,
  )
})

test('a broken source is an error at once, without its content', async () => {
  const other = await createAuthority()
  assert.throws(() => createMint({ authority: { cert: ca.cert, key: other.key } }), /do not match/)
  assert.throws(() => createMint({ authority: { cert: 'x', key: ca.key } }), { code: 'ERR_CERTIFICATE' })
  assert.throws(() => createMint({ authority: ca, crl: Buffer.from('junk') }), /CRL cannot be read/)
})
