import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { GoodId, Mint } from '../../pki/mint.ts'
import { certificatesIn } from '../../pki/pem.ts'
import { type DefectId, defectIds } from '../../pki/types.ts'
import { type FaultId, selectFaults } from '../faults.ts'
import { createLabMaterial } from '../material.ts'
import { mintFor } from '../testing/mint.ts'
import { managedTrust } from '../testing/trust.ts'
import { judge, noCertificate, type Verdict } from './verdict.ts'
import type { ClientTrust } from './verify-chain.ts'

let mint: Mint
let trust: ClientTrust

before(async () => {
  const material = await createLabMaterial()
  mint = mintFor(material)
  trust = managedTrust(material)
})

async function verdictOf(
  id: DefectId | GoodId,
  faults: readonly FaultId[],
  mode: 'enforce' | 'report' = 'enforce',
): Promise<Verdict> {
  const { cert } = await mint.get(id)
  return judge(certificatesIn(cert), { mode, trust }, selectFaults(faults), new Date())
}

for (const defect of defectIds) {
  test(`edge.accepts-${defect} accepts that and nothing else`, async () => {
    const accepted: DefectId[] = []
    for (const other of defectIds) {
      if ((await verdictOf(other, [`edge.accepts-${defect}`])).status === 'valid') accepted.push(other)
    }
    assert.deepEqual(accepted, [defect])
    assert.equal(
      (await verdictOf(defect, [`edge.accepts-${defect}`], 'report')).status,
      'valid',
      'in report mode too',
    )
    assert.equal((await verdictOf('valid', [`edge.accepts-${defect}`])).status, 'valid')
  })
}

test('faults add up', async () => {
  const faults = ['edge.accepts-expired-day', 'edge.accepts-self-signed'] as const
  for (const defect of ['expired-day', 'self-signed'] as const) {
    assert.equal((await verdictOf(defect, faults)).status, 'valid')
  }
  assert.equal((await verdictOf('revoked', faults)).status, 'invalid')
})

const refusals: [FaultId, GoodId[]][] = [
  ['edge.refuses-long-validity', ['valid-long', 'valid-2050']],
  ['edge.refuses-intermediates', ['valid-via-intermediate']],
  ['edge.refuses-extra-certificates', ['valid-with-extra-certificates']],
]

for (const [fault, refused] of refusals) {
  test(`${fault} refuses ${refused.join(', ')} only, and only in enforce mode`, async () => {
    for (const id of [
      'valid',
      'valid-rsa',
      'valid-long',
      'valid-2050',
      'valid-via-intermediate',
      'valid-with-extra-certificates',
    ] as const) {
      assert.equal((await verdictOf(id, [fault])).status, refused.includes(id) ? 'invalid' : 'valid', id)
      assert.equal((await verdictOf(id, [fault], 'report')).status, 'valid', id)
    }
  })
}

test('a certificate that is only revoked is told from one that is bad besides', async () => {
  assert.equal((await verdictOf('revoked', [])).revoked, true)
  assert.equal((await verdictOf('self-signed', [])).revoked, false)
  assert.equal((await verdictOf('valid', [])).revoked, false)
})

test('without a certificate the verdict is none', () => {
  assert.deepEqual(judge([], { mode: 'enforce', trust }, selectFaults([]), new Date()), noCertificate)
})
