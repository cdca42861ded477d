import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAuthority, loadAuthority } from './authority.ts'
import { type CertificateFacts, describeCertificate } from './describe.ts'
import { keyAlgorithms, keyToEncryptedPem, readPrivateKey } from './keys.ts'
import { Openssl } from './testing/openssl.ts'
import type { KeyAlgorithm } from './types.ts'

function facts(pem: string): CertificateFacts {
  const description = describeCertificate(pem)
  assert(description.ok)
  return description.facts
}

const keyText: Record<KeyAlgorithm, RegExp> = {
  'ecdsa-p256': /prime256v1/,
  'ecdsa-p384': /secp384r1/,
  'ecdsa-p521': /secp521r1/,
  'rsa-1024': /\(1024 bit/,
  'rsa-2048': /\(2048 bit/,
  'rsa-3072': /\(3072 bit/,
  'rsa-4096': /\(4096 bit/,
  ed25519: /ED25519/,
}

// RSA-3072 and 4096 take seconds on a small machine; their path is that of 2048.
for (const algorithm of keyAlgorithms.filter((each) => each !== 'rsa-3072' && each !== 'rsa-4096')) {
  test(`openssl verifies a chain of ${algorithm}`, async (t) => {
    const openssl = await Openssl.in(t)
    const root = await createAuthority({ algorithm, name: 'CN=Root,O=Example' })
    const leaf = await root.issue({
      algorithm,
      purpose: 'server',
      san: { dns: ['api.example'], ip: ['10.0.0.1'] },
    })
    await openssl.file('root.pem', root.cert)
    await openssl.file('leaf.pem', leaf.cert)
    await openssl.file('leaf.key', leaf.key)
    const level = algorithm === 'rsa-1024' ? '0' : '2'
    const strict = [
      'verify',
      '-x509_strict',
      '-auth_level',
      level,
      '-CAfile',
      'root.pem',
      '-purpose',
      'sslserver',
    ]
    const seen = await openssl.try([...strict, '-verify_hostname', 'api.example', 'leaf.pem'])
    assert.equal(seen.ok, true, seen.text)
    assert.equal((await openssl.try([...strict, '-verify_hostname', 'www.example', 'leaf.pem'])).ok, false)
    assert.equal((await openssl.try([...strict, '-verify_ip', '10.0.0.1', 'leaf.pem'])).ok, true)
    assert.match(await openssl.run(['pkey', '-in', 'leaf.key', '-noout', '-text']), keyText[algorithm])
  })
}

test('chains of intermediates, with path length, name constraints and distribution points', async (t) => {
  const openssl = await Openssl.in(t)
  const url = 'http://crl.example/root.crl'
  const root = await createAuthority({ name: 'CN=Root', crlDistributionPoints: [url] })
  const policy = await createAuthority({ name: 'CN=Policy', issuer: root, pathLength: 1 })
  const issuing = await createAuthority({
    name: 'CN=Issuing',
    issuer: policy,
    nameConstraints: { permitted: ['corp.example'], excluded: ['lab.corp.example'] },
  })
  assert.equal(root.chain, '')
  assert.equal(issuing.chain, issuing.cert + policy.cert)
  await openssl.file('root.pem', root.cert)
  await openssl.file('chain.pem', issuing.chain)
  const verdict = async (name: string): Promise<string> => {
    const { cert } = await issuing.issue({ san: { dns: [name] } })
    await openssl.file('leaf.pem', cert)
    return (
      await openssl.try([
        'verify',
        '-x509_strict',
        '-CAfile',
        'root.pem',
        '-untrusted',
        'chain.pem',
        'leaf.pem',
      ])
    ).text
  }
  assert.match(await verdict('a.corp.example'), /OK/)
  assert.match(await verdict('a.other.example'), /permitted subtree violation/)
  assert.match(await verdict('a.lab.corp.example'), /excluded subtree violation/)
  assert.deepEqual(facts(policy.cert).crlDistributionPoints, [url])
  assert.deepEqual(facts(issuing.cert).crlDistributionPoints, [])
  assert.match(
    await openssl.run(['x509', '-in', 'leaf.pem', '-noout', '-ext', 'authorityKeyIdentifier']),
    new RegExp((issuing.ski.match(/../g) ?? []).join(':')),
  )
  assert.deepEqual(facts(issuing.cert).nameConstraints, {
    permitted: ['DNS:corp.example'],
    excluded: ['DNS:lab.corp.example'],
  })
})

test('what a client certificate holds by default, and what can be changed', async () => {
  const ca = await createAuthority()
  const plain = facts((await ca.issue()).cert)
  assert.deepEqual(
    [plain.isCa, plain.keyUsage, plain.eku],
    [false, ['digitalSignature'], ['1.3.6.1.5.5.7.3.2']],
  )
  assert.deepEqual([plain.aki, plain.ski?.length, plain.san.dns], [ca.ski, 40, ['client.invalid']])
  assert(Date.now() - Date.parse(plain.validFrom) > 3_500_000, 'backdated for clocks that differ')
  const extra = { oid: '1.3.6.1.4.1.32473.9', critical: false, value: Buffer.from('0500', 'hex') }
  const options = {
    subject: 'CN=a\\, b+UID=7,DC=example',
    serial: '0x0a:ff',
    eku: [],
    keyUsage: [],
    ca: true,
    extensions: [extra],
  }
  const changed = facts(
    (
      await ca.issue({
        ...options,
        san: { uri: ['spiffe://example/a'], email: ['a@example'], ip: ['2001:db8::1'] },
      })
    ).cert,
  )
  assert.deepEqual([changed.isCa, changed.keyUsage, changed.eku, changed.serial], [true, [], [], '0AFF'])
  assert.deepEqual(changed.san, {
    dns: [],
    email: ['a@example'],
    uri: ['spiffe://example/a'],
    ip: ['2001:db8::1'],
    other: [],
  })
  assert.equal(changed.subject.rfc4514, 'UID=7+CN=a\\, b,DC=example')
  assert(changed.extensions.some(({ oid }) => oid === extra.oid))
})

test('what cannot be encoded is refused', async () => {
  const ca = await createAuthority()
  await assert.rejects(ca.issue({ subject: 'sensor' }), { code: 'ERR_USAGE', message: /has no "="/ })
  await assert.rejects(ca.issue({ subject: 'XY=sensor' }), /"XY" is not known/)
  await assert.rejects(ca.issue({ eku: ['clientauthentication'] }), /not known/)
  await assert.rejects(ca.issue({ san: { dns: ['bücher.example'] } }), { hint: /punycode/ })
  await assert.rejects(ca.issue({ san: { ip: ['10.0.0.256'] } }), /not an IP address/)
  await assert.rejects(ca.issue({ serial: 'xyz' }), /not a serial number/)
})

test('authorities survive the way through PEM, encrypted or not', async (t) => {
  const openssl = await Openssl.in(t)
  const root = await createAuthority({ name: 'CN=Root' })
  const issuing = await createAuthority({ name: 'CN=Issuing', issuer: root })
  const key = keyToEncryptedPem(readPrivateKey(issuing.key), 'p4ss wörd')
  const bundle = root.cert + issuing.cert
  const loaded = await loadAuthority({ cert: bundle, key, passphrase: 'p4ss wörd' })
  assert.deepEqual(
    [loaded.subject, loaded.ski, loaded.chain, loaded.key],
    [issuing.subject, issuing.ski, issuing.cert, issuing.key],
  )
  await openssl.file('ca.key', key)
  assert.match(
    await openssl.run(['pkey', '-in', 'ca.key', '-passin', 'env:P', '-pubout'], { P: 'p4ss wörd' }),
    /PUBLIC KEY/,
  )
  await openssl.run(
    [
      'genpkey',
      '-algorithm',
      'EC',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-aes-256-cbc',
      '-pass',
      'env:P',
      '-out',
      'o.key',
    ],
    { P: 'x' },
  )
  await openssl.run(['ecparam', '-name', 'prime256v1', '-genkey', '-out', 'sec1.key'])
  const { readFile } = await import('node:fs/promises')
  assert.equal(readPrivateKey(await readFile(openssl.path('o.key'), 'utf8'), 'x').asymmetricKeyType, 'ec')
  assert.equal(readPrivateKey(await readFile(openssl.path('sec1.key'), 'utf8')).asymmetricKeyType, 'ec')
})

test('authorities that do not load say why, and nothing secret', async () => {
  const [root, other] = [await createAuthority({ name: 'CN=Root' }), await createAuthority()]
  const leaf = await root.issue()
  const encrypted = keyToEncryptedPem(readPrivateKey(root.key), 'correct horse')
  const failure = async (source: Parameters<typeof loadAuthority>[0]): Promise<string> => {
    const error = await loadAuthority(source).then(
      () => assert.fail('loaded'),
      (reason: Error & { code?: string; hint?: string }) => reason,
    )
    const text = `${error.code}: ${error.message}`
    assert.doesNotMatch(`${text} ${error.hint}`, /correct horse|battery|PRIVATE KEY-----\n/)
    return text
  }
  assert.match(await failure({ cert: root.cert, key: other.key }), /ERR_CERTIFICATE: .*do not match/)
  assert.match(await failure({ cert: leaf.cert, key: leaf.key }), /ERR_CERTIFICATE: .*not a CA/)
  assert.match(
    await failure({ cert: root.cert, key: encrypted }),
    /ERR_PASSPHRASE: .*encrypted and no passphrase/,
  )
  assert.match(
    await failure({ cert: root.cert, key: encrypted, passphrase: 'battery' }),
    /ERR_PASSPHRASE: .*wrong/,
  )
  assert.match(await failure({ cert: 'garbage', key: root.key }), /ERR_CERTIFICATE: .*not PEM/)
  assert.match(await failure({ cert: root.cert, key: 'garbage' }), /ERR_PRIVATE_KEY: .*not PEM/)
  assert.match(await failure({ cert: root.cert, key: root.cert }), /ERR_PRIVATE_KEY: .*holds a certificate/)
  assert.match(
    await failure({ cert: root.cert, key: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n' }),
    /damaged/,
  )
  assert.match(
    await failure({ cert: '-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----\n', key: root.key }),
    /cannot be read/,
  )
})

test('a key of another type does not disturb the next one', async () => {
  const [rsa, ec] = [await createAuthority({ algorithm: 'rsa-2048' }), await createAuthority()]
  await assert.rejects(loadAuthority({ cert: rsa.cert, key: ec.key }), /do not match/)
  assert.equal((await loadAuthority(rsa)).ski, rsa.ski)
})
