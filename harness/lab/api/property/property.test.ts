/**
 * Generated sequences over client certificates, CAs, origin pulls, rulesets, managed headers and Access, over HTTP, against a model that is written
 * from the documents; and proof that a wrong control plane is found.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FaultId } from '../../faults.ts'
import { createPool } from './pool.ts'
import { runProperty } from './run.ts'

const pool = await createPool()
const runs = Number(process.env.PROPERTY_RUNS ?? 1000)

test(`${runs} sequences: every answer, everything read back, and the same after export and import`, async () => {
  const { sent, writes } = await runProperty({ pool, runs })
  assert.ok(sent > runs * 20, `only ${sent} requests were sent`)
  // A model is easy to please with sequences of refusals.
  const rare = [...writes].filter(
    // Rotations make RSA keys; they are rare on purpose.
    ([kind, { taken }]) => taken < 2 && !kind.endsWith('/keys/rotate'),
  )
  assert.deepEqual(rare, [], 'writes that hardly ever succeed')
  assert.ok(writes.size >= 45, [...writes.keys()].join('\n'))
})

/** Faults of the control plane that show in its answers or in what it keeps. */
const visible: readonly FaultId[] = [
  'edge.pulls-zone-off-disables-hostnames',
  'edge.pulls-null-as-false',
  'edge.pulls-api-returns-private-key',
  'edge.pulls-tombstone-unreadable',
  'edge.pulls-new-id-after-deletion',
  'edge.pulls-deletes-in-use',
  'edge.pulls-accepts-wrong-key',
  'edge.pulls-accepts-ca',
  'access-api.rotate-keeps-old-secret',
  'access-api.rotate-ignores-grace',
  'access-api.delete-leaves-token',
  'access-api.disable-ignored',
  'access-api.secret-readable',
  'access-api.idp-secret-echoed',
  'access-api.app-update-drops-policies',
  'access-api.precedence-ignored',
  'access-api.revoke-ignored',
  'access-api.strict-not-kept',
  'access-api.ca-deleted-while-attached',
]

for (const fault of visible) {
  test(`finds ${fault}`, async () => {
    await assert.rejects(
      runProperty({ pool, runs: 400, faults: [fault], seed: 7, shrink: false }),
      /Property failed after \d+ tests[\s\S]*seed: 7/,
    )
  })
}
