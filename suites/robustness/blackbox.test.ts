/**
 * Checks of this part in a run that knows the hostname alone: what a 404 of the application behind an open door looks like
 * must never be a pass.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { registered } from '../../fixtures/catalogue.ts'
import type { CheckEnvironment } from '../../fixtures/environment.ts'
import { runCheck } from '../../fixtures/run.ts'
import { blackBoxDeployment } from '../../harness/deployment/blackbox.ts'
import { primary } from '../../harness/lab/hostnames.ts'
import { createLabMaterial, type Lab, type LabMaterial, startLab } from '../../harness/lab/lab.ts'
import { observe } from '../../harness/verify/observe.ts'
import { mints } from '../../harness/verify/run-file.ts'
import '../possession/possession.spec.ts'
import '../tls/reuse.spec.ts'
import './hello.spec.ts'

let material: LabMaterial

before(async () => {
  material = await createLabMaterial()
})

async function environmentOf(lab: Lab): Promise<CheckEnvironment> {
  const deployment = blackBoxDeployment(primary.hostname, { connectTo: `127.0.0.1:${lab.edge.port}` })
  const { signal } = new AbortController()
  const seen = await observe(deployment, signal)
  return { deployment, facts: seen.facts, mintFor: mints(seen.caNames, deployment.target), signal }
}

async function verdictOf(id: string, environment: CheckEnvironment): Promise<string> {
  const check = registered().find((one) => one.id === id)
  assert.ok(check, id)
  return (await runCheck(check, environment)).result.verdict
}

const shown = [
  ['possession.certificate-omitted-1.2', 'edge.accepts-omitted-certificate-1.2'],
  ['possession.certificate-omitted-1.3', 'edge.accepts-omitted-certificate-1.3'],
  ['robustness.hello-in-records', 'edge.hello-in-records-default'],
  ['robustness.hello-in-segments', 'edge.hello-in-segments-default'],
  ['robustness.hello-large', 'edge.large-hello-default'],
  ['robustness.hello-retry', 'edge.hello-retry-default'],
  ['robustness.hello-grease', 'edge.grease-default'],
  ['robustness.record-version', 'edge.record-version-default'],
  ['tls.without-authority', 'edge.open-without-authority'],
] as const

let healthy: Lab
before(async () => {
  healthy = await startLab({ material })
})
after(() => healthy.close())

for (const [id, fault] of shown) {
  test(`${id}: passes without anything but the hostname, and does not under ${fault}`, async () => {
    assert.equal(await verdictOf(id, await environmentOf(healthy)), 'pass')
    const lab = await startLab({ material, faults: [fault] })
    try {
      assert.equal(await verdictOf(id, await environmentOf(lab)), 'warn')
    } finally {
      await lab.close()
    }
  })
}

test('what needs a certificate says so', async () => {
  const environment = await environmentOf(healthy)
  assert.equal(await verdictOf('possession.verify-omitted-1.3', environment), 'not-applicable')
  assert.equal(await verdictOf('tls.reuse-http1', environment), 'not-applicable')
})
