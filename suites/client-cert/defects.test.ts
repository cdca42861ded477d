/** What is let in and is no flaw says why; what is a flaw stays one. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { registered } from '../../fixtures/catalogue.ts'
import { runCheck } from '../../fixtures/run.ts'
import { loadDeployment } from '../../harness/deployment/load.ts'
import { type Lab, startLab } from '../../harness/lab/lab.ts'
import { observe } from '../../harness/verify/observe.ts'
import { mints } from '../../harness/verify/run-file.ts'
import './defects.spec.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

let lab: Lab
let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'defects-'))
  lab = await startLab({ faults: ['edge.accepts-ca-as-leaf', 'edge.accepts-expired-day'], dir: folder })
})
after(async () => {
  await lab.close()
  await rm(folder, { recursive: true })
})

test('a CA’s certificate that is let in is an observation with a reason; an expired one is a failure without', async () => {
  const deployment = await loadDeployment(lab.deploymentFile ?? '')
  const { facts, caNames } = await observe(deployment)
  const environment = { deployment, facts, mintFor: mints(caNames, deployment.target) }
  for (const [id, verdict, reason, reached] of [
    ['client-cert.ca-as-leaf', 'note', /^RFC 5280 allows it/, false],
    ['client-cert.expired-day', 'fail', /^$/, true],
    ['client-cert.expired-years', 'pass', /^$/, false],
  ] as const) {
    const check = registered().find((one) => one.id === id)
    assert.ok(check, id)
    const { result } = await runCheck(check, environment)
    assert.equal(result.verdict, verdict, `${id}: ${result.observed}`)
    assert.match(result.reason, reason)
    assert.equal(result.reached, reached)
  }
})
