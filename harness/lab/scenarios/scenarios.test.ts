/**
 * Every scenario, twice, in one lab, from `lab.json` alone.
 */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Lab, startLab } from '../lab.ts'
import { diffStates } from '../state/diff.ts'
import { type ScenarioContext, scenarioContext } from './context.ts'
import { lasting } from './lasting.ts'
import { scenarios } from './scenarios.ts'

let dir: string
let lab: Lab
let context: ScenarioContext
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'harness-scenarios-'))
  lab = await startLab({ dir, parts: 'all' })
  context = await scenarioContext(lab.labFile ?? '')
})
after(async () => {
  await lab.close()
  await rm(dir, { recursive: true, force: true })
})

for (const round of ['first', 'second']) {
  for (const { name, run } of scenarios) {
    test(`${name}, ${round} round`, async () => {
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
