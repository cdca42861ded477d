import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { createAuthority } from '../../harness/pki/authority.ts'
import { parseCertificate } from '../../harness/pki/certificate.ts'
import { readCrl } from '../../harness/pki/crl.ts'
import { certificatesIn } from '../../harness/pki/pem.ts'
import { goSends, profileMaker } from './make.ts'
import { expectedOutcomes, isProfileId, profileIds, profiles } from './table.ts'

const authority = await createAuthority({ name: 'CN=Client CA,O=Example' })
const other = await createAuthority({ name: 'CN=Other CA' })
const ca = new X509Certificate(authority.cert)
const [caDer = Buffer.alloc(0)] = certificatesIn(authority.cert)
const named = [parseCertificate(caDer).subject.toString('hex')]
const maker = profileMaker({ authority: { cert: authority.cert, key: authority.key } })

test("a Go client sends every certificate of the table to a server that names the CA; another CA's it does not", async () => {
  for (const id of profileIds) {
    const identity = await maker.make(id)
    assert.equal(identity !== undefined, profiles[id].certificate, id)
    if (identity !== undefined) assert.equal(goSends(identity, named), true, id)
  }
  const stranger = await other.issue()
  assert.equal(goSends(stranger, named), false)
  assert.equal(goSends(stranger, []), true)
})

test('each certificate has its one defect', async () => {
  const leafOf = async (
    id: 'valid' | 'expired' | 'unknown-ca-by-impostor-name' | 'self-signed' | 'rsa-4096',
  ) => {
    const identity = await maker.make(id)
    assert.ok(identity)
    return new X509Certificate(identity.cert)
  }
  const valid = await leafOf('valid')
  assert.equal(valid.verify(ca.publicKey), true)
  assert.ok(valid.validToDate > new Date())
  const expired = await leafOf('expired')
  assert.equal(expired.verify(ca.publicKey), true)
  assert.ok(expired.validToDate < new Date())
  const impostor = await leafOf('unknown-ca-by-impostor-name')
  assert.deepEqual([impostor.issuer, impostor.verify(ca.publicKey)], [ca.subject, false])
  const alone = await leafOf('self-signed')
  assert.deepEqual(
    [alone.issuer, alone.subject, alone.verify(alone.publicKey)],
    [ca.subject, ca.subject, true],
  )
  assert.equal((await leafOf('rsa-4096')).publicKey.asymmetricKeyDetails?.modulusLength, 4096)
})

test('the forged leaf hangs under real intermediates; the long chain is whole', async () => {
  const check = async (id: 'forged-chain' | 'long-chain', length: number, leafIsGood: boolean) => {
    const identity = await maker.make(id)
    const chain = certificatesIn(identity?.cert ?? '').map((der) => new X509Certificate(der))
    assert.equal(chain.length, length)
    const links = chain.map((one, at) => one.verify((chain[at + 1] ?? ca).publicKey))
    assert.deepEqual(links, [leafIsGood, ...Array(length - 1).fill(true)])
  }
  await check('forged-chain', 4, false)
  await check('long-chain', 7, true)
})

test('the CRL names the revoked one and no other', async () => {
  const serials = readCrl(Buffer.from(maker.crl())).revoked.map(({ serial }) => BigInt(`0x${serial}`))
  const serialOf = async (id: 'revoked' | 'valid') => {
    const identity = await maker.make(id)
    return BigInt(`0x${new X509Certificate(identity?.cert ?? '').serialNumber}`)
  }
  assert.deepEqual(serials, [await serialOf('revoked')])
  assert.ok(!serials.includes(await serialOf('valid')))
})

test("a deployment's own CRL gives the serial", async () => {
  const crl = Buffer.from(await authority.crl({ revoked: [{ serial: '0abc' }] }))
  const made = await profileMaker({ authority: { cert: authority.cert, key: authority.key }, crl }).make(
    'revoked',
  )
  assert.equal(BigInt(`0x${new X509Certificate(made?.cert ?? '').serialNumber}`), 0xabcn)
})

test('without the key of the CA only what needs none can be made, and the error says what is missing', async () => {
  const poor = profileMaker({ caCert: authority.cert })
  for (const id of profileIds) assert.equal(poor.missing(id) === undefined, !profiles[id].needsKey, id)
  await assert.rejects(poor.make('expired'), { code: 'ERR_USAGE', message: /needs the client CA's key/ })
  assert.throws(() => poor.crl(), { code: 'ERR_USAGE' })
  const impostor = await poor.make('unknown-ca-by-impostor-name')
  assert.ok(impostor && goSends(impostor, named))
  const nothing = profileMaker({})
  assert.match(nothing.missing('self-signed') ?? '', /certificate/)
  assert.equal(await nothing.make('none'), undefined)
  const given = await authority.issue()
  assert.equal(await profileMaker({ identity: given }).make('valid'), given)
})

test('what is expected follows from verdict and style', () => {
  assert.deepEqual(expectedOutcomes('valid', 'alert'), ['accepted'])
  assert.deepEqual(expectedOutcomes('expired', 'http-400'), ['http-400'])
  assert.deepEqual(expectedOutcomes('none', 'closed'), ['closed', 'alert'])
  assert.deepEqual(expectedOutcomes('expired', 'closed'), ['closed'])
  assert.deepEqual(expectedOutcomes('long-chain', 'http-403'), ['accepted', 'http-403'])
  assert.equal(isProfileId('constructor'), false)
})
