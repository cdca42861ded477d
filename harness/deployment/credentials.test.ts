import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { createAuthority } from '../pki/authority.ts'
import { loadDeployment } from './load.ts'
import { DeploymentError } from './problems.ts'
import type { Deployment } from './types.ts'

const run = promisify(execFile)
const passphrase = 'correct horse battery'
const env = { PASS: passphrase, WRONG: 'wr0ng-passphrase', CERT: 'leaf.pem' }
let directory = ''
let fingerprint = ''

const write = (name: string, text: string | Buffer): Promise<void> =>
  writeFile(join(directory, name), text, { mode: 0o600 })
const openssl = (...args: string[]) => run('openssl', args, { cwd: directory })

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'harness-credentials-'))
  const root = await createAuthority({ name: 'CN=Test Root' })
  const ca = await createAuthority({ name: 'CN=Test CA', issuer: root })
  const leaf = await ca.issue({ name: 'sensor', subject: 'CN=sensor-001' })
  const other = await ca.issue({ name: 'other' })
  fingerprint = leaf.fingerprint256
  const key = createPrivateKey(leaf.key)
  const encrypted = { format: 'pem', cipher: 'aes-256-cbc', passphrase } as const
  await write('leaf.pem', leaf.cert)
  await write('leaf.key', leaf.key)
  await write('leaf-sec1.key', key.export({ type: 'sec1', format: 'pem' }))
  await write('leaf-pkcs8-encrypted.key', key.export({ type: 'pkcs8', ...encrypted }))
  await write('leaf-sec1-encrypted.key', key.export({ type: 'sec1', ...encrypted }))
  await write('leaf.der', key.export({ type: 'pkcs8', format: 'der' }))
  await write('other.key', other.key)
  await write('ca.pem', ca.cert)
  await write('bundle.pem', root.cert + ca.cert)
  await write('ca.key', createPrivateKey(ca.key).export({ type: 'pkcs8', ...encrypted }))
  await write('clients.crl', await ca.crl({ revoked: [{ serial: '0A' }] }))
  const pfx = ['pkcs12', '-export', '-in', 'leaf.pem', '-inkey', 'leaf.key', '-passout']
  await openssl(...pfx, `pass:${passphrase}`, '-out', 'leaf.p12')
  await openssl('crl', '-in', 'clients.crl', '-outform', 'DER', '-out', 'clients.der')
})
after(() => rm(directory, { recursive: true, force: true }))

/** A file whose `mtls` has these lines. */
async function load(...lines: string[]): Promise<Deployment> {
  const text = [
    'hostname: a.example',
    'mtls:',
    '  mode: enforce',
    ...lines.map((line) => `  ${line}`),
    '',
  ].join('\n')
  await write('harness.yaml', text)
  return loadDeployment(join(directory, 'harness.yaml'), { env })
}

const unencrypted = /^-----BEGIN PRIVATE KEY-----\n/

const goodIdentities = [
  '{ name: sensor, cert: leaf.pem, key: leaf.key }',
  '{ name: sensor, cert: leaf.pem, key: leaf-sec1.key }',
  '{ name: sensor, cert: leaf.pem, key: leaf-pkcs8-encrypted.key, passphrase: ${PASS} }',
  '{ name: sensor, cert: leaf.pem, key: leaf-sec1-encrypted.key, passphrase: "${PASS}" }',
  '{ name: sensor, pfx: leaf.p12, passphrase: ${PASS} }',
]
for (const form of goodIdentities) {
  test(`identity ${form}`, async () => {
    const [identity, ...others] = (await load(`identities: [${form}]`)).target.mtls?.identities ?? []
    assert.equal(others.length, 0)
    assert.deepEqual(
      [identity?.name, identity?.fingerprint256, identity?.subject],
      ['sensor', fingerprint, 'CN=sensor-001'],
    )
    assert.match(identity?.key ?? '', unencrypted)
    // Where it is, for commands: two PEM files, or one of PKCS#12.
    const { cert = '', key = '', form: kind } = identity?.files ?? {}
    const pfx = form.includes('pfx')
    assert.equal(cert, join(directory, pfx ? 'leaf.p12' : 'leaf.pem'))
    assert.ok(form.includes(basename(key)), key)
    assert.equal(kind, pfx ? 'P12' : undefined)
  })
}

test('a path that the environment gave is not told on', async () => {
  const [identity] =
    (await load('identities: [{ name: sensor, cert: "${CERT}", key: leaf.key }]')).target.mtls?.identities ??
    []
  assert.equal(identity?.fingerprint256, fingerprint)
  assert.equal(identity?.files, undefined)
})

test('the CA with an encrypted key, from a bundle', async () => {
  const { mtls } = (await load('ca: { cert: bundle.pem, key: ca.key, passphrase: ${PASS} }')).target
  assert.match(mtls?.ca?.key ?? '', unencrypted)
  await write('first.pem', mtls?.ca?.cert ?? '')
  const { stdout } = await openssl('x509', '-in', 'first.pem', '-noout', '-subject')
  assert.match(stdout, /Test CA/, "the key's own certificate comes first")
  assert.equal(mtls?.ca?.cert.match(/BEGIN CERTIFICATE/g)?.length, 2, 'the rest of the bundle is kept')
})

test('the CA without its key, and the CRL in both forms', async () => {
  const { mtls } = (await load('ca: { cert: ca.pem }', 'crl: clients.crl')).target
  assert.equal(mtls?.ca, undefined)
  assert.match(mtls?.caCert ?? '', /BEGIN CERTIFICATE/)
  assert.match(mtls?.crl?.toString() ?? '', /BEGIN X509 CRL/)
  assert.equal((await load('crl: clients.der')).target.mtls?.crl?.[0], 0x30)
})

const secret = 'ERR_DEPLOYMENT_SECRET'
const file = 'ERR_DEPLOYMENT_FILE'
const bad: [line: string, column: number, code: string, says: RegExp][] = [
  [
    'identities: [{ name: a, cert: leaf.pem, key: other.key }]',
    48,
    file,
    /key: certificate and private key do not match/,
  ],
  [
    'identities: [{ name: a, cert: leaf.key, key: leaf.key }]',
    33,
    file,
    /cert: a certificate was expected, the file holds a private key/,
  ],
  [
    'identities: [{ name: a, cert: leaf.pem, key: leaf.pem }]',
    48,
    file,
    /key: a private key was expected, the file holds a certificate/,
  ],
  ['identities: [{ name: a, cert: leaf.pem, key: leaf.der }]', 48, file, /key: the private key is not PEM/],
  [
    'identities: [{ name: a, cert: clients.der, key: leaf.key }]',
    33,
    file,
    /cert: the certificate is not PEM/,
  ],
  [
    'identities: [{ name: a, cert: leaf.pem, key: leaf-pkcs8-encrypted.key }]',
    48,
    secret,
    /key: the private key is encrypted and no passphrase was given/,
  ],
  [
    'identities: [{ name: a, cert: leaf.pem, key: leaf-pkcs8-encrypted.key, passphrase: ${WRONG} }]',
    86,
    secret,
    /passphrase: .*passphrase.* wrong/,
  ],
  [
    'identities: [{ name: a, cert: leaf.pem, key: leaf-sec1-encrypted.key, passphrase: ${WRONG} }]',
    85,
    secret,
    /passphrase: .*(passphrase.* wrong|wrong passphrase)/,
  ],
  [
    'identities: [{ name: a, cert: leaf.pem, key: ca.key, passphrase: ${UNSET} }]',
    68,
    secret,
    /passphrase: environment variable UNSET is not set/,
  ],
  ['identities: [{ name: a, pfx: leaf.p12, passphrase: ${WRONG} }]', 54, secret, /passphrase: .*wrong/],
  ['identities: [{ name: a, pfx: leaf.p12 }]', 32, secret, /pfx: .*passphrase/],
  ['identities: [{ name: a, pfx: leaf.pem, passphrase: ${PASS} }]', 32, file, /pfx: /],
  ['ca: { cert: leaf.pem, key: leaf.key }', 15, file, /ca\.cert: the certificate is not a CA/],
  ['ca: { cert: ca.pem, key: leaf.key }', 28, file, /ca\.key: CA certificate and CA key do not match/],
  ['ca: { cert: ca.pem, key: ca.key, passphrase: ${WRONG} }', 48, secret, /ca\.passphrase: .*wrong/],
  ['ca: { cert: ca.pem, key: ca.key }', 28, secret, /ca\.key: the private key is encrypted/],
  ['ca: { cert: leaf.key }', 15, file, /ca\.cert: a certificate was expected/],
  ['crl: leaf.pem', 8, file, /crl: the CRL cannot be read/],
]
for (const [line, column, code, says] of bad) {
  test(`refused: ${line}`, async () => {
    const error = await load(line).then(
      () => assert.fail('it loaded'),
      (reason: unknown) => reason,
    )
    assert(error instanceof DeploymentError)
    assert.deepEqual(
      error.problems.map((one) => [one.line, one.column, one.code]),
      [[4, column, code]],
      error.message,
    )
    assert.match(error.message, says)
    assert.doesNotMatch(`${error.message} ${error.hint}`, /wr0ng|correct horse|PRIVATE KEY-----\n/)
  })
}

test('certificates that must not be let in: other accounts’, public CAs’', async () => {
  const deployment = await load(
    'strangers: [{name: neighbour, cert: leaf.pem, key: leaf.key}]',
    'publicCertificates: [{name: shop, cert: leaf.pem, key: leaf.key}]',
  )
  const { mtls } = deployment.target
  assert.deepEqual(
    mtls?.strangers?.map(({ name, fingerprint256 }) => [name, fingerprint256]),
    [['neighbour', fingerprint]],
  )
  assert.deepEqual(
    mtls?.publicCertificates?.map(({ name }) => name),
    ['shop'],
  )
  const without = await load()
  assert.equal(without.target.mtls?.strangers, undefined)
})

test('a stranger without its key is a problem of the file', async () => {
  await assert.rejects(
    load('strangers: [{name: neighbour, cert: leaf.pem}]'),
    (error: unknown) =>
      error instanceof DeploymentError &&
      error.problems.some(({ message }) => message.includes('missing key `key` in mtls.strangers[0]')),
  )
  await assert.rejects(
    load('publicCertificates: [{name: shop, cert: leaf.pem, key: other.key}]'),
    (error: unknown) =>
      error instanceof DeploymentError &&
      error.problems.some(({ path }) => path.join('.') === 'mtls.publicCertificates.0.key'),
  )
})
