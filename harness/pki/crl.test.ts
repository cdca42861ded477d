import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAuthority } from './authority.ts'
import { readCrl } from './crl.ts'
import { certificatesIn, pemBlocks } from './pem.ts'
import { Openssl } from './testing/openssl.ts'

test('openssl verifies our CRL and reads what it revokes', async (t) => {
  const openssl = await Openssl.in(t)
  for (const algorithm of ['ecdsa-p256', 'rsa-2048', 'ed25519'] as const) {
    const ca = await createAuthority({ algorithm })
    const leaf = await ca.issue({ serial: '00C0FFEE' })
    await openssl.file('ca.pem', ca.cert)
    await openssl.file('leaf.pem', leaf.cert)
    const check = async (serials: string[]): Promise<string> => {
      await openssl.file(
        'crl.pem',
        await ca.crl({ revoked: serials.map((serial) => ({ serial })), number: 7 }),
      )
      return (
        await openssl.try(['verify', '-crl_check', '-CRLfile', 'crl.pem', '-CAfile', 'ca.pem', 'leaf.pem'])
      ).text
    }
    assert.match(await check(['c0:ff:ee', '01']), /certificate revoked/)
    assert.match(await check(['01']), /OK/)
    assert.match(await check([]), /OK/)
    assert.match(
      await openssl.run(['crl', '-in', 'crl.pem', '-noout', '-verify', '-CAfile', 'ca.pem', '-crlnumber']),
      /0x07\nverify OK/,
    )
  }
})

test('a CRL past its nextUpdate is seen as expired', async (t) => {
  const openssl = await Openssl.in(t)
  const ca = await createAuthority()
  await openssl.file('ca.pem', ca.cert)
  await openssl.file('leaf.pem', (await ca.issue()).cert)
  const [thisUpdate, nextUpdate] = [new Date(Date.now() - 7_200_000), new Date(Date.now() - 3_600_000)]
  await openssl.file('crl.pem', await ca.crl({ revoked: [], thisUpdate, nextUpdate }))
  const seen = await openssl.try([
    'verify',
    '-crl_check',
    '-CRLfile',
    'crl.pem',
    '-CAfile',
    'ca.pem',
    'leaf.pem',
  ])
  assert.match(seen.text, /CRL has expired/)
})

test('CRLs are read, PEM and DER, ours and openssl’s', async (t) => {
  const openssl = await Openssl.in(t)
  const ca = await createAuthority({ name: 'CN=CRL CA' })
  const date = new Date('2026-01-02T03:04:05Z')
  const pem = await ca.crl({ revoked: [{ serial: 'ab', date }] })
  const [block] = pemBlocks(pem)
  for (const input of [Buffer.from(pem), block?.der ?? Buffer.alloc(0)]) {
    const { revoked, nextUpdate } = readCrl(input)
    assert.deepEqual(revoked, [{ serial: 'AB', date }])
    assert(nextUpdate !== undefined && nextUpdate.getTime() > Date.now())
  }
  await openssl.file('ca.pem', ca.cert)
  await openssl.file('ca.key', ca.key)
  await openssl.file('index.txt', 'R\t301231235959Z\t260102030405Z\t1F\tunknown\t/CN=x\n')
  await openssl.file(
    'ca.cnf',
    '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ndefault_md=sha256\ndefault_crl_days=3\n',
  )
  const made = await openssl.run([
    'ca',
    '-gencrl',
    '-config',
    'ca.cnf',
    '-cert',
    'ca.pem',
    '-keyfile',
    'ca.key',
  ])
  const facts = readCrl(Buffer.from(made))
  assert.deepEqual(facts.revoked, [{ serial: '1F', date }])
  assert(certificatesIn(ca.cert)[0]?.includes(facts.issuer))
})

test('what is no CRL is an error', () => {
  for (const junk of [
    Buffer.alloc(0),
    Buffer.from('junk'),
    Buffer.from('3003020101', 'hex'),
    Buffer.alloc(200, 0x30),
  ]) {
    assert.throws(() => readCrl(junk), { code: 'ERR_CERTIFICATE' })
  }
})
