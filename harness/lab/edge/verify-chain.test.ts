import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { type GoodId, goodIds, type Mint } from '../../pki/mint.ts'
import { certificatesIn } from '../../pki/pem.ts'
import type { DefectId } from '../../pki/types.ts'
import { createLabMaterial, type LabMaterial } from '../material.ts'
import { mintFor } from '../testing/mint.ts'
import { managedTrust } from '../testing/trust.ts'
import { type ChainReport, type ClientTrust, verifyChain } from './verify-chain.ts'

let material: LabMaterial
let mint: Mint
let trust: ClientTrust

before(async () => {
  material = await createLabMaterial()
  mint = mintFor(material)
  trust = managedTrust(material)
})

const verify = async (id: DefectId | GoodId, now = new Date()): Promise<ChainReport> =>
  verifyChain(certificatesIn((await mint.get(id)).cert), trust, now)

for (const id of goodIds) {
  test(`${id}: nothing is wrong`, async () => {
    assert.deepEqual((await verify(id)).violations, [])
  })
}

const expected: Record<DefectId, string> = {
  'expired-second': 'certificate has expired',
  'expired-day': 'certificate has expired',
  'expired-years': 'certificate has expired',
  'not-yet-valid': 'certificate is not yet valid',
  'unknown-ca': 'unable to get local issuer certificate',
  'unknown-ca-with-root': 'self-signed certificate in certificate chain',
  'unknown-ca-with-intermediate': 'unable to get issuer certificate',
  'impostor-ca': 'certificate signature failure',
  'impostor-ca-other-ski': 'unable to get local issuer certificate',
  'impostor-ca-with-root': 'self-signed certificate in certificate chain',
  'self-signed': 'self-signed certificate',
  'server-auth-only': 'unsuitable certificate purpose',
  'code-signing-only': 'unsuitable certificate purpose',
  'ca-as-leaf': 'unsuitable certificate purpose',
  'leaf-as-ca': 'invalid CA certificate',
  'intermediate-without-basic-constraints': 'invalid CA certificate',
  'intermediate-without-key-cert-sign': 'key usage does not include certificate signing',
  'path-length-exceeded': 'path length constraint exceeded',
  'name-constraint-broken': 'permitted subtree violation',
  'intermediate-missing': 'unable to get local issuer certificate',
  'intermediate-expired': 'certificate has expired',
  'intermediate-tampered': 'certificate signature failure',
  'signature-tampered': 'certificate signature failure',
  'tbs-tampered': 'certificate signature failure',
  'sha1-signature': 'CA signature digest algorithm too weak',
  'rsa-1024': 'EE certificate key too weak',
  'unknown-critical-extension': 'unhandled critical extension',
  revoked: 'certificate revoked',
}

for (const [defect, text] of Object.entries(expected) as [DefectId, string][]) {
  test(`${defect}: ${text}`, async () => {
    const { violations, leaf } = await verify(defect)
    assert.equal(violations[0]?.text, text)
    assert.ok(leaf, 'the leaf is told whatever is wrong with it')
    const twin = certificatesIn((await mint.twin(defect)).cert)
    assert.deepEqual(verifyChain(twin, trust, new Date()).violations, [], 'its twin is good')
  })
}

test('order and unrelated certificates behind the leaf do not matter', async () => {
  const chain = certificatesIn((await mint.get('valid-via-intermediate')).cert)
  const other = certificatesIn(material.identities['partner-001'].cert)
  const [leaf = Buffer.alloc(0), ...rest] = chain
  assert.deepEqual(
    verifyChain([leaf, ...other, ...rest, leaf, Buffer.from('junk')], trust, new Date()).violations,
    [],
  )
})

test('an impostor of the CA behind a valid leaf takes nothing away', async () => {
  const [, root = Buffer.alloc(0)] = certificatesIn((await mint.get('impostor-ca-with-root')).cert)
  const [leaf = Buffer.alloc(0)] = certificatesIn((await mint.get('valid')).cert)
  assert.deepEqual(verifyChain([leaf, root], trust, new Date()).violations, [])
})

test('a certificate of another CA of the edge is not good here', () => {
  const report = verifyChain(certificatesIn(material.identities['partner-001'].cert), trust, new Date())
  assert.equal(report.violations[0]?.rule, 'issuer-not-found')
})

test('what is no certificate is invalid, not an error', () => {
  for (const junk of [Buffer.alloc(0), Buffer.from('3003020101', 'hex'), Buffer.alloc(64, 0x30)]) {
    assert.equal(verifyChain([junk], trust, new Date()).violations[0]?.rule, 'unreadable')
  }
})

test('the result says until when it holds', async () => {
  const now = new Date()
  const { until } = await verify('valid', now)
  assert.ok(until && until > now)
  assert.notDeepEqual(
    (await verify('valid', new Date(until.getTime() + 1))).violations,
    [],
    'and not a moment longer',
  )
})
