/**
 * Checks for which any refusal will do, in a run that knows the hostname alone: the application of this lab answers `/` with 404,
 * and a 404 from behind an open door must never be a pass.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { registered } from '../fixtures/catalogue.ts'
import type { CheckEnvironment } from '../fixtures/environment.ts'
import { runCheck } from '../fixtures/run.ts'
import { blackBoxDeployment } from '../harness/deployment/blackbox.ts'
import { primary } from '../harness/lab/hostnames.ts'
import { createLabMaterial, type Lab, type LabMaterial, startLab } from '../harness/lab/lab.ts'
import { observe } from '../harness/verify/observe.ts'
import { mints } from '../harness/verify/run-file.ts'
import './client-cert/basics.spec.ts'
import './mode/enforce.spec.ts'
import './paths/paths.spec.ts'
import './reach/reach.spec.ts'
import './resumption/resumption.spec.ts'
import './tls/names.spec.ts'
import './tls/other-names.spec.ts'

let material: LabMaterial
let healthy: CheckEnvironment
const labs: Lab[] = []

async function environmentFor(...faults: string[]): Promise<CheckEnvironment> {
  const lab = await startLab({ material, faults } as Parameters<typeof startLab>[0])
  labs.push(lab)
  const deployment = blackBoxDeployment(primary.hostname, { connectTo: `127.0.0.1:${lab.edge.port}` })
  const { facts, caNames } = await observe(deployment)
  return { deployment, facts, mintFor: mints(caNames, deployment.target) }
}

async function run(id: string, environment: CheckEnvironment) {
  const check = registered().find((one) => one.id === id)
  assert.ok(check, id)
  return (await runCheck(check, environment)).result
}

before(async () => {
  material = await createLabMaterial()
  healthy = await environmentFor()
})
after(() => Promise.all(labs.map((lab) => lab.close())))

const shown = [
  ['tls.host-upper-case', 'edge.host-upper-case'],
  ['tls.host-trailing-dot', 'edge.host-trailing-dot'],
  ['tls.host-with-port', 'edge.host-with-port'],
  ['tls.sni-upper-case', 'edge.sni-upper-case'],
  ['tls.sni-trailing-dot', 'edge.sni-trailing-dot'],
  ['tls.no-sni', 'edge.no-sni-default'],
  ['tls.sni-unknown', 'edge.unknown-sni-default'],
  ['tls.unknown-names', 'edge.serves-unknown-names'],
  ['resumption.without-certificate-1.2', 'edge.resumes-without-certificate-1.2'],
  ['resumption.without-certificate-1.3', 'edge.resumes-without-certificate'],
  ['client-cert.every-request', 'edge.checks-first-request-only'],
  ['mode.refusal-head', 'edge.head-open'],
  ['mode.refusal-range', 'edge.range-open'],
  ['paths.double-slash', 'edge.rule-misses-double-slash'],
  ['paths.options', 'edge.open-options'],
  ['paths.client-address', 'edge.open-client-address'],
  ['reach.plain-http-on-tls-port', 'edge.plain-http-on-tls-port'],
] as const

for (const [id, fault] of shown) {
  test(`${id}: passes black box, and not under ${fault}`, async () => {
    const good = await run(id, healthy)
    assert.equal(good.verdict, 'pass', good.observed)
    const bad = await run(id, await environmentFor(fault))
    assert.notEqual(bad.verdict, 'pass', bad.observed)
    assert.notEqual(bad.verdict, 'error', bad.observed)
    assert.equal(bad.reached, false, 'nothing proves that the application was reached')
  })
}
