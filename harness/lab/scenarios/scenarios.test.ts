/**
 * Every scenario, twice, in one lab, from `lab.json` alone.
 */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { HarnessError } from '../../errors.ts'
import type { FaultId } from '../faults.ts'
import { createLabMaterial, type Lab, type LabMaterial, startLab } from '../lab.ts'
import { diffStates } from '../state/diff.ts'
import { type ScenarioContext, scenarioContext } from './context.ts'
import { lasting } from './lasting.ts'
import { type Scenario, scenarios } from './scenarios.ts'
import { ScenarioError } from './steps.ts'

let dir: string
let material: LabMaterial
let lab: Lab
let context: ScenarioContext
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'harness-scenarios-'))
  material = await createLabMaterial()
  lab = await startLab({ dir, parts: 'all', material })
  context = await scenarioContext(lab.labFile ?? '')
})
after(async () => {
  await lab.close()
  await rm(dir, { recursive: true, force: true })
})

function scenarioOf(name: string): Scenario {
  const found = scenarios.find((one) => one.name === name)
  assert.ok(found, name)
  return found
}

const rounds = { first: {}, second: {}, 'delayed third': { deployment: 300, deletion: 300, revocation: 300 } }

for (const [round, delays] of Object.entries(rounds)) {
  for (const { name, run } of scenarios) {
    test(`${name}, ${round} round`, async () => {
      Object.assign(lab.store.state.delays, delays)
      const state = structuredClone(lab.store.state)
      const origins = await context.api.originSettings('pulls')
      const steps = await run(context)
      assert.ok(steps.length > 5)
      for (const { sentence, expected, seen } of steps) assert.equal(seen, expected, sentence)
      const changes = diffStates(state, structuredClone(lab.store.state), { ignoreTimestamps: true })
      assert.deepEqual(
        changes.filter((change) => !lasting(change)).map(({ path }) => path),
        [],
      )
      assert.deepEqual(await context.api.originSettings('pulls'), origins)
    })
  }
}

/** Faults of the real edge, or of its operator, and the scenario that must not go through with them. */
const noticed: [fault: FaultId, scenario: string, step: RegExp, left?: RegExp][] = [
  ['edge.rule-ignores-revoked', 'api-shield', /looks at cert_revoked/],
  ['edge.pulls-deletes-in-use', 'origin-pulls', /cannot be deleted \(1433/, /associations/],
  ['access-api.idp-secret-echoed', 'login', /secret is not shown again/],
  ['access-api.rotate-ignores-grace', 'service-token', /old and new secret are good/],
  ['edge.report-wrong-ski', 'company-root', /with its SKI/],
  ['access.common-name-by-prefix', 'common-name', /another name/],
]

for (const [fault, name, step, left] of noticed) {
  test(`with ${fault} the scenario ${name} fails, names the step, and takes back what it has set up`, async () => {
    const folder = join(dir, fault)
    const faulty = await startLab({ dir: folder, parts: 'all', faults: [fault], material })
    try {
      const before = structuredClone(faulty.store.state)
      await assert.rejects(
        scenarioOf(name).run(await scenarioContext(faulty.labFile ?? '')),
        (error) =>
          error instanceof ScenarioError && step.test(error.step.sentence) && step.test(error.message),
      )
      const changes = diffStates(before, structuredClone(faulty.store.state), { ignoreTimestamps: true })
      assert.deepEqual(
        changes.filter((one) => !lasting(one) && left?.test(one.path) !== true).map(({ path }) => path),
        [],
      )
    } finally {
      await faulty.close()
    }
  })
}

test('an origin that lets everybody in: the scenario fails halfway, certificate and association are taken back', async () => {
  const before = structuredClone(lab.store.state)
  const origins = await context.api.originSettings('pulls')
  const open: ScenarioContext = {
    ...context,
    visitOrigin: async () => ({ status: 200, headers: {}, body: '' }),
  }
  await assert.rejects(scenarioOf('origin-pulls').run(open), /directly does not: expected 400, saw 200/)
  const changes = diffStates(before, structuredClone(lab.store.state), { ignoreTimestamps: true })
  assert.equal(changes.length, 1, 'the tombstone')
  assert.ok(changes.every(lasting))
  assert.deepEqual(await context.api.originSettings('pulls'), origins)
})

test('what no scenario may leave behind is told from what stays for ever', () => {
  const made = (status: string) => ({ lifecycle: { status } })
  const zone = '/zones/z'
  for (const [path, change, stays] of [
    [`${zone}/clientCertificates/c`, { after: made('revoked') }, true],
    [`${zone}/clientCertificates/c`, { after: made('active') }, false],
    [`${zone}/clientCertificates/c`, { before: made('revoked') }, false],
    [`${zone}/originPulls/hostnameCertificates/c`, { after: made('deleted') }, true],
    [`${zone}/originPulls/hostnameCertificates/c`, { after: made('active') }, false],
    [`${zone}/originPulls/associations/h`, { after: {} }, false],
    [`${zone}/rulesets/http_request_firewall_custom/version`, { before: 1, after: 3 }, true],
    [`${zone}/rulesets/http_request_firewall_custom/rules/3`, { after: {} }, false],
    ['/accounts/a/access/users/u', { after: { email: 'a@b.test' } }, true],
    ['/accounts/a/access/policies/p', { after: {} }, false],
  ] as const)
    assert.equal(lasting({ path, ...change }), stays, path)
})

test('a folder without a lab, and a lab without control plane, are said to be that', async () => {
  const usage = (message: RegExp) => (error: unknown) =>
    error instanceof HarnessError && error.code === 'ERR_USAGE' && message.test(error.message)
  await assert.rejects(scenarioContext(join(dir, 'nowhere', 'lab.json')), usage(/is not there/))
  const folder = join(dir, 'data-plane')
  const bare = await startLab({ dir: folder, material })
  try {
    await assert.rejects(scenarioContext(bare.labFile ?? ''), usage(/no lab with control plane/))
  } finally {
    await bare.close()
  }
})
