/**
 * Known-bad configurations of real servers are found by the suite `origin`, good ones are clean.
 */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { runCheck } from '../../fixtures/run.ts'
import { exitCodeOf } from '../../reports/summarise.ts'
import type { CheckResult } from '../../reports/types.ts'
import { loadCatalogue } from '../../suites/index.ts'
import { loadDeployment } from '../deployment/load.ts'
import { createLabMaterial, type LabMaterial, startLab } from '../lab/lab.ts'
import { startLabContainers } from '../lab/origins/containers/lab-containers.ts'
import { withoutDocker } from '../lab/origins/containers/testing.ts'
import { type ContainerOrigins, containerNames } from '../lab/origins/containers/types.ts'
import { observe } from '../verify/observe.ts'
import { mints } from '../verify/run-file.ts'
import { serverConfigurations } from './server-configurations.ts'
import { problemsOf, runServers } from './servers.ts'

let material: LabMaterial
let containers: ContainerOrigins
before(async () => {
  if (withoutDocker !== false) return
  material = await createLabMaterial()
  containers = await startLabContainers(material, { faults: new Set() })
})
after(() => containers?.close())

test('every configuration of the table on every server: bad ones are found, good ones are clean', {
  skip: withoutDocker,
}, async (t) => {
  const checks = await loadCatalogue()
  const settings = containers.origins.map((one) => one.settings)
  const rows = await runServers({
    checks,
    material,
    containers: containers.origins,
    signal: t.signal,
  })
  for (const { server, configuration, verdicts } of rows) {
    const found = Object.entries(verdicts).filter(([, verdict]) => verdict === 'fail' || verdict === 'warn')
    t.diagnostic(`${server} ${configuration}: ${found.map(([id]) => id).join(' ') || 'clean'}`)
  }
  assert.deepEqual(
    rows.flatMap(({ server, configuration, problems }) =>
      problems.map((problem) => `${server}, ${configuration}: ${problem}`),
    ),
    [],
  )
  const expected = serverConfigurations.flatMap(({ servers = containerNames }) => servers).length
  assert.equal(rows.length, expected)
  const ids = checks.map(({ id }) => id).filter((id) => id.startsWith('origin.'))
  assert.ok(ids.length >= 13)
  for (const { verdicts } of rows) assert.deepEqual(Object.keys(verdicts), ids)
  assert.deepEqual(
    containers.origins.map((one) => one.settings),
    settings,
    'left as they were',
  )
})

test('an edge that presents nothing to a server that insists is found from outside, too', {
  skip: withoutDocker,
}, async (t) => {
  const canary = (await loadCatalogue()).find(({ id }) => id === 'reach.canary')
  assert.ok(canary)
  const dir = await mkdtemp(join(tmpdir(), 'harness-servers-'))
  const lab = await startLab({ dir, material, containers: containers.origins })
  try {
    for (const { name, hostname, deploymentFile = '' } of lab.containers) {
      const deployment = await loadDeployment(deploymentFile)
      const { facts, caNames } = await observe(deployment, t.signal)
      const result = async (): Promise<CheckResult> => {
        const mintFor = mints(caNames, deployment.target)
        return (await runCheck(canary, { deployment, facts, mintFor })).result
      }
      assert.equal((await result()).verdict, 'pass', hostname)
      for (const { originPulls } of Object.values(lab.store.state.zones))
        delete originPulls.associations[hostname]
      lab.store.changed()
      const locked = await result()
      // nginx’s own 400 says that it refuses; the edge’s 520 only that somebody did.
      assert.equal(locked.verdict, name === 'nginx' ? 'blocked' : 'fail', `${hostname}: ${locked.observed}`)
      assert.notEqual(exitCodeOf([locked], 'medium', false), 0)
    }
  } finally {
    await lab.close()
    await rm(dir, { recursive: true, force: true })
  }
})

test('a row is wrong where a finding is missed, where another is made, and where nothing was decided', () => {
  const said = (verdict: 'pass' | 'fail' | 'inconclusive' | 'not-applicable') => ({ verdict, said: 'so' })
  const open = { found: ['origin.direct'], alsoAffected: ['origin.insists'] }
  const problems = (verdicts: Record<string, Parameters<typeof said>[0]>): number =>
    problemsOf('nginx', open, new Map(Object.entries(verdicts).map(([id, verdict]) => [id, said(verdict)])))
      .length
  assert.equal(problems({ 'origin.direct': 'fail', 'origin.plain-port': 'pass' }), 0)
  assert.equal(problems({ 'origin.direct': 'fail', 'origin.insists': 'not-applicable' }), 0)
  assert.equal(problems({ 'origin.direct': 'pass', 'origin.plain-port': 'pass' }), 1)
  assert.equal(problems({ 'origin.direct': 'fail', 'origin.plain-port': 'fail' }), 1)
  assert.equal(problems({ 'origin.direct': 'inconclusive', 'origin.insists': 'inconclusive' }), 2)
  assert.equal(problems({ 'origin.direct': 'fail', 'origin.shared-ca': 'not-applicable' }), 1)
})
