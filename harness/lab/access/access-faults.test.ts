/**
 * Every fault of Access: what the healthy lab does, and what this one does instead.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { accessFaults } from '../faults/access.ts'
import { type Idp, startIdp } from '../idp/idp.ts'
import type { Row } from './testing/row.ts'
import { forgedRows } from './testing/rows-forged.ts'
import { policyRows, serviceTokenRows } from './testing/rows-policies.ts'
import { sessionRows } from './testing/rows-sessions.ts'
import { tokenRows } from './testing/rows-tokens.ts'
import { redirectUri } from './testing/steps.ts'
import { createWorld } from './testing/world.ts'

/** A fault without a row does not compile. */
const rows: Record<(typeof accessFaults)[number]['id'], Row> = {
  ...tokenRows,
  ...forgedRows,
  ...sessionRows,
  ...policyRows,
  ...serviceTokenRows,
}

let idp: Idp
before(async () => {
  idp = await startIdp({ redirectUris: [redirectUri] })
})
after(() => idp.close())

for (const { id } of accessFaults) {
  test(id, async () => {
    const { show, healthy, faulty } = rows[id]
    assert.equal(await show(await createWorld(), idp), healthy, 'healthy')
    assert.equal(await show(await createWorld([id]), idp), faulty, 'faulty')
  })
}

/** Faults of which one includes the other. */
const related: Readonly<Record<string, readonly string[]>> = {
  'access.allows-by-default': ['access.email-domain-by-suffix'],
  'access.certificate-of-any-ca': ['access.certificate-of-any-hostname'],
  'access.ignores-strict-mode': ['access.takes-first-of-duplicates', 'access.takes-both-token-forms'],
}

for (const table of [tokenRows, forgedRows, sessionRows, policyRows, serviceTokenRows] as Record<
  string,
  Row
>[]) {
  test(`${Object.keys(table)[0]} and its neighbours change their own attempts and no other`, async () => {
    const unexpected: string[] = []
    for (const { id } of accessFaults.filter((fault) => Object.hasOwn(table, fault.id))) {
      for (const [other, { show, healthy }] of Object.entries(table)) {
        if (other === id || related[id]?.includes(other)) continue
        const seen = await show(await createWorld([id]), idp)
        if (seen !== healthy) unexpected.push(`${id} changes ${other}: ${seen} instead of ${healthy}`)
      }
    }
    assert.deepEqual(unexpected, [])
  })
}
