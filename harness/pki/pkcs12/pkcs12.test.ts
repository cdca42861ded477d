import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { createAuthority } from '../authority.ts'
import { loadPkcs12 } from '../identity.ts'
import { certificatesIn } from '../pem.ts'
import { Openssl } from '../testing/openssl.ts'
import type { Identity } from '../types.ts'
import { exportPkcs12 } from './export.ts'

const root = await createAuthority({ name: 'CN=Root' })
const issuing = await createAuthority({ name: 'CN=Issuing', issuer: root })
const passphrase = 'pässw0rd €'
const env = { P: passphrase }

for (const algorithm of ['ecdsa-p256', 'rsa-2048', 'ed25519'] as const) {
  test(`PKCS#12 with ${algorithm}: openssl reads ours, we read openssl’s`, async (t) => {
    const openssl = await Openssl.in(t)
    const identity = await issuing.issue({ name: 'sensor', algorithm })
    await openssl.file('ours.p12', exportPkcs12({ ...identity, passphrase, friendlyName: 'sensor €' }))
    const read = await openssl.run(['pkcs12', '-in', 'ours.p12', '-passin', 'env:P', '-nodes'], env)
    assert.deepEqual(certificatesIn(read), certificatesIn(identity.cert))
    assert(read.includes(identity.key.trim()))
    const info = await openssl.run(['pkcs12', '-in', 'ours.p12', '-passin', 'env:P', '-nokeys', '-info'], env)
    assert.match(info, /MAC: sha256[\s\S]*PBES2, PBKDF2, AES-256-CBC/)
    assert.equal(
      (await openssl.try(['pkcs12', '-in', 'ours.p12', '-passin', 'pass:wrong', '-nodes'])).ok,
      false,
    )

    assert.deepEqual(
      loadPkcs12({ name: 'sensor', pfx: exportPkcs12({ ...identity, passphrase }), passphrase }),
      identity,
    )
    for (const args of [[], ['-keypbe', 'NONE', '-certpbe', 'NONE'], ['-nomac'], ['-macalg', 'sha512']]) {
      const pfx = await exportedBy(openssl, identity, args)
      assert.deepEqual(loadPkcs12({ name: 'sensor', pfx, passphrase }), identity, args.join(' '))
    }
  })
}

async function exportedBy(
  openssl: Openssl,
  { cert, key }: Identity,
  args: string[],
  secret = env,
): Promise<Buffer> {
  await openssl.file('all.pem', key + cert + root.cert)
  await openssl.run(
    ['pkcs12', '-export', '-in', 'all.pem', '-out', 'theirs.p12', '-passout', 'env:P', ...args],
    secret,
  )
  return readFile(openssl.path('theirs.p12'))
}

test('old files with RC2 and Triple DES are read, the root is left out', async (t) => {
  const openssl = await Openssl.in(t)
  for (const algorithm of ['ecdsa-p256', 'rsa-2048'] as const) {
    const identity = await issuing.issue({ name: 'sensor', algorithm })
    const pfx = await exportedBy(openssl, identity, ['-legacy'], { P: 'ascii' })
    assert.deepEqual(loadPkcs12({ name: 'sensor', pfx, passphrase: 'ascii' }), identity)
    assert.throws(() => loadPkcs12({ name: 'sensor', pfx, passphrase: 'wrong' }), { code: 'ERR_PASSPHRASE' })
  }
})

test('what does not load says why', async (t) => {
  const openssl = await Openssl.in(t)
  const identity = await issuing.issue()
  const pfx = exportPkcs12({ ...identity, passphrase })
  const load = (bytes: Buffer, secret = passphrase): Identity =>
    loadPkcs12({ name: 'x', pfx: bytes, passphrase: secret })
  assert.throws(() => load(pfx, 'battery'), { code: 'ERR_PASSPHRASE', message: /wrong/ })
  assert.throws(() => load(pfx, ''), { code: 'ERR_PASSPHRASE' })
  assert.throws(() => load(Buffer.from(identity.cert)), {
    code: 'ERR_CERTIFICATE',
    message: /cannot be read/,
  })
  for (const length of [0, 1, 30, pfx.length - 1])
    assert.throws(() => load(pfx.subarray(0, length)), { code: 'ERR_CERTIFICATE' })
  const unprotected = await exportedBy(openssl, identity, ['-nomac'])
  assert.throws(() => load(unprotected, 'battery'), { code: 'ERR_PASSPHRASE' })
  const noKey = await exportedBy(openssl, identity, ['-nokeys'])
  assert.throws(() => load(noKey), { code: 'ERR_PRIVATE_KEY', message: /no private key/ })
  assert.throws(() => exportPkcs12({ ...identity, cert: root.cert, passphrase }), /do not match/)
  assert.throws(() => exportPkcs12({ ...identity, passphrase: '' }), { code: 'ERR_PASSPHRASE' })
})

test('a file that asks for endless key derivation is refused at once', async (t) => {
  const openssl = await Openssl.in(t)
  const pfx = await exportedBy(openssl, await issuing.issue(), ['-iter', '2048'])
  const rounds = Buffer.from('02020800', 'hex')
  const endless = Buffer.from(pfx)
  // The last INTEGER 2048 belongs to the MAC. -1 is as bad as too many; both must end without work.
  Buffer.from('02028000', 'hex').copy(endless, pfx.lastIndexOf(rounds))
  assert.throws(() => loadPkcs12({ name: 'x', pfx: endless, passphrase }), /rounds of key derivation/)
})
