import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countOutput, runStage } from './stage.ts'

const summary = (tests: number, pass: number, fail: number, cancelled = 0, skipped = 0) =>
  `▶ noise\nℹ tests ${tests}\nℹ suites 0\nℹ pass ${pass}\nℹ fail ${fail}\nℹ cancelled ${cancelled}\nℹ skipped ${skipped}\nℹ todo 0\n`

test("Node's summary is counted; cancelled is failed", () => {
  assert.deepEqual(countOutput(summary(5, 3, 1, 1), 1), { passed: 3, failed: 2, skipped: 0 })
  assert.deepEqual(countOutput(summary(3, 2, 0, 0, 1), 0), { passed: 2, failed: 0, skipped: 1 })
  assert.deepEqual(countOutput(`\u001b[34m${summary(1, 1, 0)}\u001b[39m`, 0).passed, 1)
})

test('a run of no test has failed', () => {
  assert.deepEqual(countOutput(summary(0, 0, 0), 0), { passed: 0, failed: 1, skipped: 0 })
})

test('an exit code says failed even where the counts do not', () => {
  assert.equal(countOutput(summary(3, 3, 0), 1).failed, 1)
  assert.equal(countOutput('5 passed, 0 failed\n', 1).failed, 1)
  assert.equal(countOutput(summary(3, 3, 0), null).failed, 1)
})

test('a closing line of counts is taken over, from the last line only', () => {
  assert.deepEqual(countOutput('table\n30 passed, 2 failed\n', 1), { passed: 30, failed: 2, skipped: 0 })
  assert.deepEqual(countOutput('30 passed, 2 failed\nall good\n', 0), { passed: 1, failed: 0, skipped: 0 })
})

test('a stage without counts is one, passed or failed by its exit code', async () => {
  const stage = (code: string) => ({ name: 'x', what: 'x', args: () => ['-e', code] })
  const good = await runStage(stage('0'), '.')
  assert.deepEqual([good.passed, good.failed], [1, 0])
  const bad = await runStage(stage('process.exit(3)'), '.')
  assert.deepEqual([bad.passed, bad.failed], [0, 1])
  const killed = await runStage(stage('process.kill(process.pid, "SIGKILL")'), '.')
  assert.deepEqual([killed.passed, killed.failed], [0, 1])
})
