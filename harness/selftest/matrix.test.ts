import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Check } from '../../fixtures/catalogue.ts'
import type { Verdict } from '../../reports/types.ts'
import { loadCatalogue } from '../../suites/index.ts'
import { type Cell, isTotal, judgeMatrix, type Row } from './matrix.ts'

const [sample] = await loadCatalogue()
assert.ok(sample)
const check = (id: string, killedBy: string[]): Check => ({ ...sample, id, killedBy })
const row = (fault: string | undefined, verdicts: Record<string, Verdict>): Row => ({
  fault,
  durationMs: 1,
  cells: new Map(
    Object.entries(verdicts).map(([id, verdict]): [string, Cell] => [
      id,
      { verdict, observed: '', durationMs: 1 },
    ]),
  ),
})

const f = 'edge.accepts-no-certificate'
const g = 'edge.refusal-body'
const checks = [check('a', [f]), check('b', [g])]
const healthy = row(undefined, { a: 'pass', b: 'pass' })
const killsA = row(f, { a: 'fail', b: 'pass' })
const killsB = row(g, { a: 'pass', b: 'warn' })

test('each killed by its fault and by nothing else: total', () => {
  assert.ok(isTotal(judgeMatrix(checks, [healthy, killsA, killsB])))
})

test('a check that survives every fault is seen', () => {
  const problems = judgeMatrix(checks, [healthy, row(f, { a: 'pass', b: 'pass' }), killsB])
  assert.deepEqual(problems.immortal, ['a'])
  assert.deepEqual(problems.survived, [{ check: 'a', fault: f, verdict: 'pass' }])
  assert.deepEqual(problems.idle, [f])
})

test('with a part of the catalogue a fault that kills nothing is no problem', () => {
  const [a] = checks
  assert.ok(a)
  assert.deepEqual(judgeMatrix([a], [healthy, killsA, killsB], false).idle, [])
  assert.deepEqual(judgeMatrix([a], [healthy, killsA, killsB]).idle, [g])
})

test('a check without a fault is immortal', () => {
  const problems = judgeMatrix(
    [...checks, check('c', [])],
    [row(undefined, { a: 'pass', b: 'pass', c: 'pass' }), killsA, killsB],
  )
  assert.deepEqual(problems.immortal, ['c'])
})

test('undecided is not killed: a blocked or inconclusive check has proven nothing', () => {
  for (const verdict of ['blocked', 'inconclusive', 'error', 'not-applicable'] as const) {
    assert.deepEqual(judgeMatrix(checks, [healthy, row(f, { a: verdict, b: 'pass' }), killsB]).immortal, [
      'a',
    ])
  }
})

test('a failure under another fault is an accident', () => {
  const problems = judgeMatrix(checks, [healthy, row(f, { a: 'fail', b: 'fail' }), killsB])
  assert.deepEqual(problems.accidental, [
    { check: 'b', fault: f, verdict: 'fail', observed: '', durationMs: 1 },
  ])
})

test('a check that does not pass in the healthy lab is seen, whatever it says', () => {
  for (const verdict of ['fail', 'inconclusive', 'blocked', 'not-applicable'] as const) {
    const problems = judgeMatrix(checks, [healthy, row(undefined, { a: verdict, b: 'pass' }), killsA, killsB])
    assert.equal(problems.unhealthy[0]?.check, 'a')
  }
})

test('a fault that the lab does not have is seen', () => {
  assert.equal(judgeMatrix([check('a', ['edge.nonsense'])], [healthy]).unknown.length, 1)
})
