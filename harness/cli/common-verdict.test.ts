import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleResults } from '../../reports/sample.ts'
import type { ExitCode } from '../errors.ts'
import { commonExitCode, commonVerdict, type NamedRun } from './common-verdict.ts'

const run = (exitCode: 0 | 1 | 3, hostname = 'a.test', interrupted = false): NamedRun => {
  const results = sampleResults()
  return {
    hostname,
    what: 'server 1.2',
    results: { ...results, exitCode, run: { ...results.run, interrupted } },
  }
}

test('0 only where all are verified; findings before what is undecided; interrupted before all', () => {
  const cases: [NamedRun[], ExitCode][] = [
    [[run(0), run(0)], 0],
    [[run(0), run(1)], 1],
    [[run(3), run(1), run(0)], 1],
    [[run(0), run(3)], 3],
    [[run(1), run(3, 'a.test', true)], 3],
    [[], 3],
  ]
  for (const [runs, expected] of cases) assert.equal(commonExitCode(runs), expected)
})

test('each is named with its verdict, and how many are verified', () => {
  const lines = commonVerdict([run(0), run(1, 'longer.test')])
  assert.match(lines[0] ?? '', /^a\.test {7}server 1\.2 {2}\S/)
  assert.match(lines[1] ?? '', /^longer\.test {2}server 1\.2 {2}Must not go live \(\d+ passed/)
  assert.equal(lines.at(-1), '1 of 2 deployments verified')
  assert.equal(commonVerdict([run(0), run(0)]).at(-1), 'all 2 deployments verified')
})
