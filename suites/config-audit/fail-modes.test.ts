import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { registered } from '../../fixtures/catalogue.ts'
import { CheckContext } from '../../fixtures/context.ts'
import { Ended } from '../../fixtures/verdict.ts'
import { loadDeployment } from '../../harness/deployment/load.ts'
import type { Deployment, Target } from '../../harness/deployment/types.ts'
import { accounts, zones } from '../../harness/lab/hostnames.ts'
import { type Lab, startLab } from '../../harness/lab/lab.ts'
import './fail-modes.spec.ts'

let dir: string
let lab: Lab
let deployment: Deployment

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'harness-fail-modes-'))
  lab = await startLab({ dir, parts: 'control-plane' })
  deployment = await loadDeployment(lab.deploymentFile ?? '')
})
after(async () => {
  await lab.close()
  await rm(dir, { recursive: true, force: true })
})

/** What a check says; every run reads the configuration anew. */
async function say(id: string, change: (target: Target) => Target = (target) => target): Promise<string> {
  const changed = { ...deployment, siblings: deployment.siblings.map(change) }
  const run = new CheckContext({ deployment: changed } as ConstructorParameters<typeof CheckContext>[0])
  const check = registered().find((one) => one.id === id)
  assert.ok(check)
  try {
    await check.body(run)
  } catch (error) {
    if (!(error instanceof Ended)) throw error
    return `${error.verdict}: ${error.observed}${error.reason}`
  }
  return `pass: ${run.observed}`
}

const declared =
  (strict: boolean | undefined) =>
  ({ access, ...target }: Target): Target => {
    if (access === undefined) return target
    const { strict: _, ...rest } = access
    return { ...target, access: strict === undefined ? rest : { ...rest, strict } }
  }

test('strict mode that is off counts unless the file says that sessions are wanted', async () => {
  const id = 'config-audit.strict-service-tokens'
  assert.match(await say(id), /^pass: off, as the file says; 4 applications/)
  assert.match(await say(id, declared(undefined)), /^fail: .*is off, and access.strict does not say/)
  assert.match(await say(id, declared(true)), /^fail: .*is off$/)
  const { access } = lab.store.state.accounts[accounts.lab.id] ?? assert.fail()
  assert.ok(access.organization)
  access.organization.strictServiceTokenAuth = true
  lab.store.changed()
  try {
    for (const strict of [undefined, true, false])
      assert.match(await say(id, declared(strict)), /^pass: strict service token authentication is on/)
  } finally {
    access.organization.strictServiceTokenAuth = false
    lab.store.changed()
  }
})

test('Workers elsewhere, and routes without a Worker, do not count', async () => {
  const id = 'config-audit.worker-fail-mode'
  const zone = lab.store.state.zones[zones.lab.id] ?? assert.fail()
  const made = zone.workerRoutes
  const route = (pattern: string, script: string | null) => ({ id: pattern, pattern, script, failOpen: true })
  const withRoute = async (pattern: string, script: string | null = 'x'): Promise<string> => {
    zone.workerRoutes = { [pattern]: route(pattern, script) }
    lab.store.changed()
    return say(id)
  }
  try {
    assert.match(await withRoute('elsewhere.harness.test/*'), /^pass: no Worker/)
    assert.match(await withRoute('api.harness.test/*', null), /^pass: no Worker/)
    for (const pattern of ['api.harness.test/*', '*.harness.test/*', '*harness.test/admin/*'])
      assert.match(await withRoute(pattern), /^fail: fails open/, pattern)
  } finally {
    if (made !== undefined) zone.workerRoutes = made
    lab.store.changed()
  }
})
