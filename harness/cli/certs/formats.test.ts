import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Openssl } from '../../pki/testing/openssl.ts'
import { ownFolder } from './testing/harness.ts'

const mode = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8)

test('pkcs12: openssl reads what is exported, its files are imported', async (t) => {
  const { folder, certs } = await ownFolder(t)
  const openssl = await Openssl.in(t)
  const path = (name: string): string => join(folder, name)
  const env = { P: 'secret phrase', K: 'key phrase' }
  await certs(['ca', '--out', 'ca'])
  await certs(['issue', 's', '--ca', 'ca', '--passphrase-env', 'K'], { env })
  const source = ['--cert', 's.pem', '--key', 's-key.pem']
  const made = await certs(
    ['pkcs12', 'export', ...source, '--key-passphrase-env', 'K', '--passphrase-env', 'P', '--out', 's.p12'],
    { env },
  )
  assert.equal(made.code, 0, made.stderr)
  assert.equal(await mode(path('s.p12')), '600')
  await openssl.run(['pkcs12', '-in', path('s.p12'), '-passin', 'env:P', '-nodes', '-out', 'all.pem'], env)
  await openssl.run(['pkcs12', '-export', '-in', 'all.pem', '-out', path('t.p12'), '-passout', 'env:P'], env)
  const read = await certs(['pkcs12', 'import', 't.p12', '--passphrase-file', '-', '--out', 'in'], {
    input: 'secret phrase\n',
  })
  assert.equal(read.code, 0, read.stderr)
  assert.equal(await readFile(path('in/t.pem'), 'utf8'), await readFile(path('s.pem'), 'utf8'))
  assert.equal(await mode(path('in/t-key.pem')), '600')
  const wrong = await certs(['pkcs12', 'import', 't.p12', '--passphrase-file', '-', '--out', 'no'], {
    input: 'battery',
  })
  assert.equal(wrong.code, 2)
  assert.match(wrong.stderr, /passphrase of the PKCS#12 file is wrong/)
  assert.doesNotMatch(wrong.stderr, /battery/)
})

test('crl revokes serials and certificate files, only of its own CA', async (t) => {
  const { folder, certs } = await ownFolder(t)
  const openssl = await Openssl.in(t)
  await certs(['ca', '--name', 'CN=A', '--out', 'a'])
  await certs(['ca', '--name', 'CN=B', '--out', 'b'])
  await certs(['issue', 's', '--ca', 'a'])
  assert.equal((await certs(['crl', '--ca', 'a', '--revoke', 's.pem', '0b:0c'])).code, 0)
  const path = (name: string): string => join(folder, name)
  const seen = await openssl.try([
    'verify',
    '-crl_check',
    '-CRLfile',
    path('crl.pem'),
    '-CAfile',
    path('a/ca.pem'),
    path('s.pem'),
  ])
  assert.match(seen.text, /certificate revoked/)
  assert.match(
    (await certs(['crl', '--ca', 'b', '--revoke', 's.pem', '--out', 'b.pem'])).stderr,
    /was not issued by CN=B, but by CN=A/,
  )
})

test('inspect prints facts, for people and as JSON', async (t) => {
  const { folder, certs } = await ownFolder(t)
  await certs(['ca', '--name', 'CN=A,O=Example', '--out', 'a'])
  await certs(['issue', 's', '--ca', 'a'])
  const { stdout, code } = await certs(['inspect', 's.pem', 'a/ca.pem'])
  assert.equal(code, 0)
  assert.match(stdout, /s\.pem \[1\/1\]\n {2}subject +CN=s\n +\/CN=s\n {2}issuer +CN=A,O=Example\n/)
  const json = await certs(['inspect', '-', '--json'], {
    input: await readFile(join(folder, 'a/ca.pem'), 'utf8'),
  })
  const [facts] = JSON.parse(json.stdout) as { isCa: boolean; subject: { legacy: string } }[]
  assert.deepEqual([facts?.isCa, facts?.subject.legacy], [true, '/O=Example/CN=A'])
})
