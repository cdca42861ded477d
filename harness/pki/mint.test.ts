import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { createSecureContext } from 'node:tls'
import { type Authority, createAuthority } from './authority.ts'
import { createMint, goodIds, type Mint } from './mint.ts'
import { certificatesIn, certificatesToPem } from './pem.ts'
import { Openssl, type OpensslResult } from './testing/openssl.ts'
import { type DefectId, defectIds, type Identity } from './types.ts'

/** What `openssl verify -purpose sslclient` says; `accepted` where plain OpenSSL lets the defect through. */
const expected: Record<DefectId, { error: string; depth?: number; args?: string[]; plain?: 'accepted' }> = {
  'expired-second': { error: 'certificate has expired' },
  'expired-day': { error: 'certificate has expired' },
  'expired-years': { error: 'certificate has expired' },
  'not-yet-valid': { error: 'certificate is not yet valid' },
  'unknown-ca': { error: 'unable to get local issuer certificate' },
  'unknown-ca-with-root': { error: 'self-signed certificate in certificate chain', depth: 1 },
  // The same error one step further up: its leaf's signature is good.
  'unknown-ca-with-intermediate': { error: 'unable to get local issuer certificate', depth: 1 },
  'impostor-ca': { error: 'certificate signature failure' },
  // The key identifiers differ: OpenSSL does not even try the real CA's key.
  'impostor-ca-other-ski': { error: 'unable to get local issuer certificate' },
  'impostor-ca-with-root': { error: 'certificate signature failure' },
  'self-signed': { error: 'self-signed certificate' },
  'server-auth-only': { error: 'unsuitable certificate purpose' },
  'code-signing-only': { error: 'unsuitable certificate purpose' },
  // RFC 5280 allows a CA at the end of a path, and OpenSSL does too, even when strict.
  'ca-as-leaf': { error: '', plain: 'accepted' },
  'leaf-as-ca': { error: 'invalid CA certificate', depth: 1 },
  'intermediate-without-basic-constraints': { error: 'invalid CA certificate', depth: 1 },
  'intermediate-without-key-cert-sign': { error: 'invalid CA certificate', depth: 1 },
  'path-length-exceeded': { error: 'path length constraint exceeded', depth: 2 },
  'name-constraint-broken': { error: 'permitted subtree violation' },
  'intermediate-missing': { error: 'unable to get local issuer certificate' },
  'intermediate-expired': { error: 'certificate has expired', depth: 1 },
  'intermediate-tampered': { error: 'certificate signature failure', depth: 1 },
  'signature-tampered': { error: 'certificate signature failure' },
  'tbs-tampered': { error: 'certificate signature failure' },
  // The default level of `openssl verify` asks for neither; servers run at level 1 or 2.
  'sha1-signature': {
    error: 'CA signature digest algorithm too weak',
    args: ['-auth_level', '2'],
    plain: 'accepted',
  },
  'rsa-1024': { error: 'EE certificate key too weak', args: ['-auth_level', '2'], plain: 'accepted' },
  'unknown-critical-extension': { error: 'unhandled critical extension' },
  revoked: { error: 'certificate revoked', args: ['-crl_check', '-CRLfile', 'crl.pem'], plain: 'accepted' },
}

let ca: Authority
let mint: Mint
const revokedSerial = '0A1B2C3D4E5F'

before(async () => {
  ca = await createAuthority({ name: 'CN=Test Client CA,O=Example,C=US' })
  mint = createMint({
    authority: ca,
    crl: Buffer.from(await ca.crl({ revoked: [{ serial: revokedSerial }] })),
  })
})

async function verify(
  openssl: Openssl,
  identity: Identity,
  args: string[] = [],
  root = ca.cert,
): Promise<OpensslResult> {
  const [leaf = Buffer.alloc(0), ...rest] = certificatesIn(identity.cert)
  await openssl.file('ca.pem', root)
  await openssl.file('leaf.pem', certificatesToPem([leaf]))
  const untrusted =
    rest.length === 0 ? [] : ['-untrusted', await openssl.file('chain.pem', certificatesToPem(rest))]
  const trust = ['-CAfile', 'ca.pem', '-no-CApath', '-no-CAstore', '-purpose', 'sslclient']
  return openssl.try(['verify', ...trust, ...untrusted, ...args, 'leaf.pem'])
}

for (const id of defectIds) {
  test(`openssl and ${id}`, async (t) => {
    const openssl = await Openssl.in(t)
    await openssl.file('crl.pem', await ca.crl({ revoked: [{ serial: revokedSerial }] }))
    const { error, depth = 0, args = [], plain } = expected[id]
    const bad = await mint.get(id)
    const seen = await verify(openssl, bad)
    assert.equal(seen.ok, plain === 'accepted', seen.text)
    if (error !== '') {
      const judged = await verify(openssl, bad, args)
      assert.equal(judged.ok, false, `${id} passed`)
      assert.match(judged.text, new RegExp(`at ${depth} depth lookup: ${error}`))
    } else {
      const strict = await verify(openssl, bad, ['-x509_strict', '-auth_level', '2'])
      assert.equal(strict.ok, true, 'OpenSSL began to refuse this: the table should say how')
    }
    const twin = await mint.twin(id)
    assert.equal(twin.defect, undefined)
    const crl = certificatesIn(twin.cert).length > 1 ? [] : ['-crl_check', '-CRLfile', 'crl.pem']
    const good = await verify(openssl, twin, ['-x509_strict', '-auth_level', '2', ...crl])
    assert.equal(good.ok, true, good.text)
  })
}

for (const id of goodIds) {
  test(`openssl accepts ${id}`, async (t) => {
    const openssl = await Openssl.in(t)
    const seen = await verify(openssl, await mint.get(id), ['-x509_strict', '-auth_level', '2'])
    assert.equal(seen.ok, true, seen.text)
    const other = await createAuthority({ name: 'CN=Another CA' })
    assert.equal((await verify(openssl, await mint.get(id), [], other.cert)).ok, false, 'passes under any CA')
  })
}

test('a client can load every identity with its key', async () => {
  for (const id of [...goodIds, ...defectIds]) {
    const { cert, key, weak = false, defect } = await mint.get(id)
    assert.equal(defect, (defectIds as readonly string[]).includes(id) ? id : undefined)
    createSecureContext({ cert, key, ...(weak ? { ciphers: 'DEFAULT@SECLEVEL=0' } : {}) })
    assert.equal(weak, id === 'rsa-1024' || id === 'sha1-signature')
  }
  const { cert } = await mint.get('valid')
  assert.throws(() => createSecureContext({ cert, key: ca.key }), /key values mismatch/)
})

test('the same id gives the same identity, another mint gives another', async () => {
  assert.equal(await mint.get('expired-day'), await mint.get('expired-day'))
  assert.equal(await mint.twin('expired-day'), await mint.get('valid'))
  const other = createMint({ authority: ca })
  assert.notEqual((await other.get('valid')).fingerprint256, (await mint.get('valid')).fingerprint256)
  assert.notEqual((await mint.get('valid-other')).subject, (await mint.get('valid')).subject)
})

test('an id that does not exist is refused with the list', async () => {
  await assert.rejects(mint.get('expired' as 'expired-day'), (error: Error & { hint?: string }) => {
    assert.match(error.message, /no identity "expired"/)
    return error.hint?.includes('expired-day') === true
  })
})

for (const algorithm of ['rsa-2048', 'ecdsa-p384', 'ed25519'] as const) {
  test(`an authority with ${algorithm} yields the same verdicts`, async (t) => {
    const openssl = await Openssl.in(t)
    const root = await createAuthority({ name: 'CN=Root', algorithm })
    const own = createMint({ authority: root })
    for (const id of [
      'valid',
      'impostor-ca',
      'impostor-ca-other-ski',
      'signature-tampered',
      'leaf-as-ca',
      'expired-day',
    ] as const) {
      const seen = await verify(openssl, await own.get(id), [], root.cert)
      if (id === 'valid') assert.equal(seen.ok, true, seen.text)
      else
        assert.match(
          seen.text,
          new RegExp(`at ${expected[id].depth ?? 0} depth lookup: ${expected[id].error}`),
        )
    }
    assert.equal(own.missing('sha1-signature') === undefined, algorithm !== 'ed25519')
  })
}

test('an issuing CA below a root sends its own certificate', async (t) => {
  const openssl = await Openssl.in(t)
  const issuing = await createAuthority({ name: 'CN=Issuing', issuer: ca, pathLength: 0 })
  const own = createMint({ authority: { cert: issuing.cert + ca.cert, key: issuing.key } })
  const valid = await own.get('valid')
  assert.equal(certificatesIn(valid.cert).length, 2)
  assert.equal((await verify(openssl, valid)).ok, true)
  assert.match((await verify(openssl, await own.get('impostor-ca'))).text, /certificate signature failure/)
  assert.match(own.missing('intermediate-expired') ?? '', /path length of 1 or more \(it allows 0\)/)
  assert.match(own.missing('path-length-exceeded') ?? '', /path length of 2 or more/)
  await assert.rejects(own.get('intermediate-expired'), /cannot be made: it needs mtls.ca.cert/)
})

test('the name constraints of the CA itself are kept', async (t) => {
  const openssl = await Openssl.in(t)
  const root = await createAuthority({ name: 'CN=Root', nameConstraints: { permitted: ['corp.example'] } })
  const own = createMint({ authority: root })
  for (const id of ['valid', 'valid-other', 'valid-via-intermediate'] as const) {
    assert.equal((await verify(openssl, await own.get(id), [], root.cert)).ok, true, id)
  }
  assert.equal((await verify(openssl, await own.twin('name-constraint-broken'), [], root.cert)).ok, true)
  assert.match(
    (await verify(openssl, await own.get('name-constraint-broken'), [], root.cert)).text,
    /permitted subtree violation/,
  )
})
