import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { describeCertificate } from '../../pki/describe.ts'
import { pemBlocks } from '../../pki/pem.ts'
import { Openssl } from '../../pki/testing/openssl.ts'
import { defectIds } from '../../pki/types.ts'
import { ownFolder } from './testing/harness.ts'

const mode = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8)

test('ca and issue: openssl verifies, keys are 0600, nothing is overwritten unasked', async (t) => {
  const { folder, certs } = await ownFolder(t)
  const openssl = await Openssl.in(t)
  const path = (name: string): string => join(folder, name)
  assert.equal((await certs(['ca', '--name', 'CN=Root', '--out', 'root'])).code, 0)
  const limited = ['--path-length', '0', '--permit', 'corp.example', '--crl-url', 'http://crl.example/a']
  assert.equal(
    (await certs(['ca', '--name', 'CN=Issuing', '--ca', 'root', '--out', 'issuing', ...limited])).code,
    0,
  )
  const issued = await certs([
    'issue',
    'sensor',
    '--ca',
    'issuing',
    '--subject',
    'CN=s,O=Example',
    '--dns',
    'a.corp.example',
    'b.corp.example',
  ])
  assert.equal(issued.code, 0, issued.stderr)
  const strict = [
    'verify',
    '-x509_strict',
    '-CAfile',
    path('root/ca.pem'),
    '-untrusted',
    path('issuing/chain.pem'),
  ]
  assert.match(await openssl.run([...strict, '-purpose', 'sslclient', path('sensor.pem')]), /OK/)
  assert.equal((await openssl.try([...strict, '-purpose', 'sslserver', path('sensor.pem')])).ok, false)
  for (const key of ['root/ca-key.pem', 'issuing/ca-key.pem', 'sensor-key.pem'])
    assert.equal(await mode(path(key)), '600')
  assert.equal(await mode(path('sensor.pem')), '644')
  const description = describeCertificate(await readFile(path('issuing/ca.pem'), 'utf8'))
  assert(description.ok)
  assert.deepEqual(
    [description.facts.pathLen, description.facts.crlDistributionPoints],
    [0, ['http://crl.example/a']],
  )

  const before = await readFile(path('sensor-key.pem'), 'utf8')
  const again = await certs(['issue', 'sensor', '--ca', 'issuing', '--dns', 'a.corp.example'])
  assert.equal(again.code, 2)
  assert.match(again.stderr, /sensor\.pem exists and is not overwritten\n {2}hint: .*--force/)
  assert.equal(await readFile(path('sensor-key.pem'), 'utf8'), before)
  await chmod(path('sensor-key.pem'), 0o644)
  assert.equal(
    (await certs(['issue', 'sensor', '--ca', 'issuing', '--force', '--algorithm', 'rsa-2048'])).code,
    0,
  )
  assert.notEqual(await readFile(path('sensor-key.pem'), 'utf8'), before)
  assert.equal(await mode(path('sensor-key.pem')), '600', 'a replaced file does not keep its wide mode')
})

test('issue signs CSRs and makes server certificates', async (t) => {
  const { folder, certs } = await ownFolder(t)
  const openssl = await Openssl.in(t)
  await certs(['ca', '--out', 'ca'])
  await openssl.run([
    'req',
    '-new',
    '-nodes',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-keyout',
    'k',
    '-out',
    'c.csr',
    '-subj',
    '/CN=d7',
  ])
  const csr = await readFile(openssl.path('c.csr'), 'utf8')
  assert.equal((await certs(['issue', 'd7', '--ca', 'ca', '--csr', '-'], { input: csr })).code, 0)
  assert.equal(new X509Certificate(await readFile(join(folder, 'd7.pem'))).subject, 'CN=d7')
  assert.deepEqual((await readdir(folder)).toSorted(), ['ca', 'd7.pem'], 'no key is made for a CSR')
  assert.match(
    (await certs(['issue', 'd8', '--ca', 'ca', '--csr', '-'], { input: 'x' })).stderr,
    /signing request is not PEM/,
  )
  await certs([
    'issue',
    'api',
    '--server',
    '--dns',
    'api.example',
    '--ip',
    '::1',
    '--ca',
    'ca',
    '--eku',
    'serverAuth',
    '1.2.3.4',
  ])
  const server = new X509Certificate(await readFile(join(folder, 'api.pem')))
  assert.equal(server.checkHost('api.example'), 'api.example')
  assert.equal(server.checkIP('::1'), '::1')
  assert.deepEqual(server.keyUsage, ['1.3.6.1.5.5.7.3.1', '1.2.3.4'])
})

test('encrypted keys: passphrases from a variable, a file and stdin', async (t) => {
  const { folder, certs } = await ownFolder(t)
  const env = { CA_PASS: 'correct horse' }
  assert.equal((await certs(['ca', '--out', 'ca', '--passphrase-env', 'CA_PASS'], { env })).code, 0)
  assert.match(await readFile(join(folder, 'ca/ca-key.pem'), 'utf8'), /BEGIN ENCRYPTED PRIVATE KEY/)
  await writeFile(join(folder, 'pass.txt'), 'correct horse\n')
  assert.equal((await certs(['issue', 'a', '--ca', 'ca', '--ca-passphrase-file', 'pass.txt'])).code, 0)
  assert.equal(
    (await certs(['issue', 'b', '--ca', 'ca', '--ca-passphrase-file', '-'], { input: 'correct horse' })).code,
    0,
  )
  const wrong = [
    [['--ca-passphrase-file', '-'], /passphrase of the private key is wrong/],
    [[], /encrypted and no passphrase was given/],
    [['--ca-passphrase-env', 'UNSET_ONE'], /variable UNSET_ONE is not set/],
    [['--ca-passphrase-env', 'battery staple'], /variable that was named is not set/],
    [['--ca-passphrase-env', 'CA_PASS', '--ca-passphrase-file', '-'], /one place/],
  ] as const
  for (const [args, expected] of wrong) {
    const { code, stderr, stdout } = await certs(
      ['issue', 'c', '--ca', 'ca', ...args],
      (args as readonly string[]).includes('-') ? { input: 'battery staple', env } : { env },
    )
    assert.equal(code, 2)
    assert.match(stderr, expected)
    assert.doesNotMatch(stderr + stdout, /battery|correct horse/)
  }
})

test('usage errors say what to do next', async (t) => {
  const { certs } = await ownFolder(t)
  await certs(['ca', '--out', 'ca'])
  const cases: [args: string[], expected: RegExp, input?: string][] = [
    [['issue', 'x'], /no CA was named\n {2}hint: .*harness certs ca/],
    [['issue', 'x', '--ca', 'nowhere'], /CA certificate cannot be read from nowhere\/ca\.pem: no such file/],
    [['issue', 'x', '--ca-cert', 'ca/ca.pem'], /--ca-key is missing/],
    [['issue', '../x', '--ca', 'ca'], /cannot be a file name/],
    [['issue', 'x', '--ca', 'ca', '--days', '0'], /whole number from 1 to 36500/],
    [['issue', 'x', '--ca', 'ca', '--subject', 'sensor'], /has no "="\n {2}hint: .*RFC 4514/],
    [['ca', '--algorithm', 'rsa-512'], /Allowed choices are ecdsa-p256/],
    [['defects', '--only', 'expired'], /no defect "expired"\n {2}hint: .*expired-day/],
    [['inspect', 'ca/ca-key.pem'], /no certificate in this PEM text/],
    [
      ['pkcs12', 'import', 'ca/ca.pem'],
      /passphrase of the PKCS#12 file is needed\n {2}hint: .*--passphrase-env/,
    ],
    [['alb', 'api.example'], /passphrase for rootca\.key is needed/, ''],
  ]
  for (const [args, expected, input] of cases) {
    const { code, stderr } = await certs(args, input === undefined ? {} : { input })
    assert.match(stderr, expected)
    assert.equal(code, 2, args.join(' '))
  }
})

test('every command has help with examples', async (t) => {
  const { certs } = await ownFolder(t)
  for (const args of [
    [],
    ['ca'],
    ['issue'],
    ['defects'],
    ['crl'],
    ['pkcs12', 'export'],
    ['pkcs12', 'import'],
    ['inspect'],
    ['alb'],
  ]) {
    const { code, stdout } = await certs([...args, '--help'])
    assert.equal(code, 0)
    assert.match(stdout, /Examples:\n {2}harness certs/, args.join(' '))
  }
})

test('defects: every id with its twin, an index, and what openssl says', async (t) => {
  const { folder, certs } = await ownFolder(t)
  const { code, stderr } = await certs(['defects', '--out', 'd'])
  assert.equal(code, 0, stderr)
  const { identities } = JSON.parse(await readFile(join(folder, 'd/index.json'), 'utf8')) as {
    identities: {
      id: string
      kind: string
      openssl: string
      cert: string
      key: string
      fingerprint256: string
      twin?: { cert: string; key: string; openssl: string }
    }[]
  }
  const bad = identities.filter(({ kind }) => kind === 'defect')
  assert.deepEqual(
    bad.map(({ id }) => id),
    [...defectIds],
  )
  for (const { id, cert, key, openssl, twin, fingerprint256 } of bad) {
    assert(twin)
    assert.equal(twin.openssl, 'OK', id)
    assert.equal(openssl === 'OK', id === 'ca-as-leaf', id)
    for (const file of [key, twin.key]) assert.equal(await mode(join(folder, 'd', file)), '600')
    const [leaf] = pemBlocks(await readFile(join(folder, 'd', cert), 'utf8'))
    assert.equal(
      new X509Certificate(leaf?.text ?? '').fingerprint256.replaceAll(':', '').toLowerCase(),
      fingerprint256,
    )
    await stat(join(folder, 'd', twin.cert))
  }
  for (const { id, openssl } of identities.filter(({ kind }) => kind === 'good'))
    assert.equal(openssl, 'OK', id)
  const readme = await readFile(join(folder, 'd/README.md'), 'utf8')
  for (const id of defectIds) assert(readme.includes(`\`${id}\``), id)
  assert.equal((await certs(['defects', '--out', 'd'])).code, 2)
})

test('defects of an issuing CA that allows no intermediate: what cannot be made is said', async (t) => {
  const { folder, certs } = await ownFolder(t)
  await certs(['ca', '--name', 'CN=Root', '--out', 'root'])
  await certs(['ca', '--name', 'CN=Issuing', '--ca', 'root', '--path-length', '0', '--out', 'issuing'])
  const { code, stdout } = await certs([
    'defects',
    '--ca',
    'issuing',
    '--only',
    'expired-day',
    'intermediate-expired',
    '--out',
    'd',
  ])
  assert.equal(code, 0)
  assert.match(stdout, /not made: intermediate-expired needs mtls\.ca\.cert with a path length/)
  const readme = await readFile(join(folder, 'd/README.md'), 'utf8')
  assert.match(readme, /`expired-day` .* certificate has expired \(depth 0\) \| OK \|/)
  assert.match(readme, /`intermediate-expired` .*not made/)
})

test('defects of a deployment file: those of its CA for the names it lets in, of a sibling by its name', async (t) => {
  const { folder, certs } = await ownFolder(t)
  await certs(['ca', '--name', 'CN=Own', '--out', 'own'])
  await certs(['ca', '--name', 'CN=Theirs', '--out', 'theirs'])
  const mtls = (ca: string, more = ''): string =>
    `{ mode: enforce, ca: { cert: ./${ca}/ca.pem, key: ./${ca}/ca-key.pem }${more} }`
  await writeFile(
    join(folder, 'harness.yaml'),
    [
      'hostname: api.example.com',
      `mtls: ${mtls('own', ', commonNames: [till-7]')}`,
      `siblings: [{ hostname: b.example.com, mtls: ${mtls('theirs')} }]`,
    ].join('\n'),
  )
  const made = async (...args: string[]): Promise<X509Certificate> => {
    const { code, stderr } = await certs(['defects', '-d', 'harness.yaml', '--force', ...args])
    assert.equal(code, 0, stderr)
    return new X509Certificate(await readFile(join(folder, 'defects', `${args[1]}.pem`)))
  }
  const valid = await made('--only', 'valid')
  assert.deepEqual([valid.subject.split('\n').includes('CN=till-7'), valid.issuer], [true, 'CN=Own'])
  assert.equal((await made('--only', 'expired-day', '--hostname', 'b.example.com')).issuer, 'CN=Theirs')
  assert.equal(await mode(join(folder, 'defects/expired-day-key.pem')), '600')
  for (const [args, said] of [
    [['-d', 'harness.yaml', '--ca', 'own'], /those of the deployment file/],
    [
      ['-d', 'harness.yaml', '--hostname', 'c.example.com'],
      /no hostname of harness\.yaml\n.*api\.example\.com, b\./,
    ],
    [['--hostname', 'b.example.com'], /--deployment/],
  ] as const) {
    const { code, stderr } = await certs(['defects', ...args])
    assert.equal(code, 2)
    assert.match(stderr, said)
  }
  // Nothing to imitate: what needs no CA is made, the rest is named.
  await writeFile(join(folder, 'bare.yaml'), 'hostname: api.example.com\n')
  const bare = await certs([
    'defects',
    '-d',
    'bare.yaml',
    '--only',
    'unknown-ca',
    'expired-day',
    '--out',
    'bare',
  ])
  assert.equal(bare.code, 0, bare.stderr)
  assert.match(bare.stdout, /^1 certificates in bare.*\n.*not made: expired-day needs/)
  await stat(join(folder, 'bare/unknown-ca.pem'))
  await assert.rejects(stat(join(folder, 'bare/ca.pem')))
})
