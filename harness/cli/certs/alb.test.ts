import assert from 'node:assert/strict'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { type CertificateFacts, describeCertificate } from '../../pki/describe.ts'
import { Openssl } from '../../pki/testing/openssl.ts'
import { ownFolder } from './testing/harness.ts'

const env = { P: 'root phrase' }

/** The guide's commands, with a passphrase from the environment where a person would type it. */
async function guide(openssl: Openssl): Promise<void> {
  await openssl.run(['genrsa', '-aes256', '-passout', 'env:P', '-out', 'rootca.key', '4096'], env)
  await openssl.run(
    [
      'req',
      '-x509',
      '-new',
      '-nodes',
      '-key',
      'rootca.key',
      '-passin',
      'env:P',
      '-sha256',
      '-days',
      '1826',
      '-out',
      'rootca.crt',
      '-subj',
      '/CN=example.com',
    ],
    env,
  )
  await openssl.run([
    'req',
    '-new',
    '-nodes',
    '-out',
    'cert.csr',
    '-newkey',
    'rsa:4096',
    '-keyout',
    'cert.key',
    '-subj',
    '/CN=api.example.com',
  ])
  await openssl.file('cert.v3.ext', 'basicConstraints=CA:FALSE\n')
  await openssl.run(
    [
      'x509',
      '-req',
      '-in',
      'cert.csr',
      '-CA',
      'rootca.crt',
      '-CAkey',
      'rootca.key',
      '-passin',
      'env:P',
      '-CAcreateserial',
      '-out',
      'cert.crt',
      '-days',
      '730',
      '-sha256',
      '-extfile',
      './cert.v3.ext',
    ],
    env,
  )
}

async function facts(path: string): Promise<CertificateFacts> {
  const description = describeCertificate(await readFile(path))
  assert(description.ok)
  return description.facts
}

/** What the recipe decides; serials, times and keys are different every time. */
const shape = (made: CertificateFacts): unknown => ({
  subject: made.subject,
  issuer: made.issuer,
  version: made.version,
  extensions: made.extensions,
  isCa: made.isCa,
  pathLen: made.pathLen,
  keyUsage: made.keyUsage,
  eku: made.eku,
  san: made.san,
  key: made.key,
  signature: made.signatureAlgorithm,
  days: (Date.parse(made.validTo) - Date.parse(made.validFrom)) / 86_400_000,
})

test('alb yields what the guide’s openssl commands yield', async (t) => {
  const openssl = await Openssl.in(t)
  const { folder, certs } = await ownFolder(t)
  const [, made] = await Promise.all([
    guide(openssl),
    certs(['alb', 'api.example.com', '--passphrase-env', 'P', '--out', 'alb'], { env }),
  ])
  assert.equal(made.code, 0, made.stderr)
  const ours = (name: string): string => join(folder, 'alb', name)
  const [root, leaf] = [await facts(ours('rootca.crt')), await facts(ours('cert.crt'))]
  assert.deepEqual(shape(root), shape(await facts(openssl.path('rootca.crt'))))
  assert.deepEqual(shape(leaf), shape(await facts(openssl.path('cert.crt'))))
  assert.deepEqual([root.key.size, leaf.key.size, leaf.aki, root.aki], [4096, 4096, root.ski, root.ski])

  for (const [name, mode] of [
    ['rootca.key', 0o600],
    ['cert.key', 0o600],
    ['cert.crt', 0o644],
  ] as const) {
    assert.equal((await stat(ours(name))).mode & 0o777, mode)
    const [label] = /-----BEGIN [^-]+-----/.exec(await readFile(ours(name), 'utf8')) ?? []
    assert(
      (await readFile(openssl.path(name), 'utf8')).startsWith(label ?? 'none'),
      `${name} has another form than openssl’s`,
    )
  }
  assert.equal(await readFile(ours('cert.v3.ext'), 'utf8'), 'basicConstraints=CA:FALSE\n')
  assert.match(
    await openssl.run(['pkey', '-in', ours('rootca.key'), '-passin', 'env:P', '-noout', '-check'], env),
    /valid/,
  )
  assert.equal(
    (await openssl.try(['pkey', '-in', ours('rootca.key'), '-passin', 'pass:no', '-noout'])).ok,
    false,
  )
  assert.match(
    await openssl.run(['verify', '-purpose', 'sslclient', '-CAfile', ours('rootca.crt'), ours('cert.crt')]),
    /OK/,
  )
  assert.equal((await openssl.try(['verify', '-CAfile', 'rootca.crt', ours('cert.crt')])).ok, false)
  assert.match(
    await openssl.run(['req', '-in', ours('cert.csr'), '-noout', '-verify', '-subject']),
    /CN = api\.example\.com\n[\s\S]*verify OK/,
  )
  const published = async (args: string[]): Promise<string> => openssl.run([...args, '-noout', '-pubkey'])
  assert.equal(
    await published(['req', '-in', ours('cert.csr')]),
    await published(['x509', '-in', ours('cert.crt')]),
  )

  const again = await certs(['alb', 'api.example.com', '--passphrase-env', 'P', '--out', 'alb'], { env })
  assert.equal(again.code, 2)
  assert.match(again.stderr, /rootca\.key exists/)
  assert.doesNotMatch(again.stderr, /making/, 'found before seconds are spent on keys')
  assert.equal((await readdir(join(folder, 'alb'))).length, 6)
})
