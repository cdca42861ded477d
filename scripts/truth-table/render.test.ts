import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CheckResult } from '../../reports/types.ts'
import { compare, decisive, isRight, type Point } from './compare.ts'
import { type Cell, cells } from './expected.ts'
import { closing, failures, isOk, renderCell } from './render.ts'
import type { CellResult } from './run-cell.ts'
import type { Said } from './said.ts'

function cellOf(server: string, mode: string): Cell {
  const cell = cells.find(
    ({ truth, version }) => truth.server === server && truth.mode === mode && version === 'both',
  )
  assert.ok(cell)
  return cell
}

const required = cellOf('haproxy', 'required')
const true_: Said = {
  facts: {
    'TLSv1.2': 'required',
    'TLSv1.3': 'required',
    enforced: true,
    enforcedAt: 'tls',
    caNames: [],
    because: 'every way in was refused',
  },
  exitCode: 0,
  checks: [],
}
const lie: Said = {
  ...true_,
  facts: { ...true_.facts, 'TLSv1.3': 'requested', enforced: 'unknown' },
  exitCode: 3,
}

const result = (points: Point[], more: Partial<CellResult> = {}): CellResult => ({
  cell: required,
  points,
  notes: [],
  inChild: false,
  ...more,
})

test('the truth is right on every point', () => {
  const points = compare(required, 'file', true_)
  assert.equal(points.length, 5)
  assert.ok(points.every(isRight))
  assert.ok(isOk(result(points)))
})

test('each wrong point is found, and shown as expected→seen', () => {
  const points = [...compare(required, 'file', true_), ...compare(required, 'blackBox', lie)]
  assert.deepEqual(
    points
      .filter((point) => !isRight(point))
      .map(({ what, view, expected, seen }) => [what, view, expected, seen]),
    [
      ['TLSv1.3', 'blackBox', 'required', 'requested'],
      ['enforced', 'blackBox', 'true', 'unknown'],
      ['exit', 'blackBox', '0', '3'],
    ],
  )
  const [line = '', ...below] = renderCell(result(points, { notes: ['why'] })).split('\n')
  assert.match(line, /required→requested \(blackBox\) .*true→unknown \(blackBox\) .* 0→3 +WRONG$/)
  assert.ok(below.some((text) => text.includes(required.truth.because)))
  assert.ok(below.some((text) => text.includes('why')))
})

test('what both views got wrong is shown once', () => {
  const points = [...compare(required, 'file', lie), ...compare(required, 'blackBox', lie)]
  assert.match(renderCell(result(points)), /required→requested {2}/)
})

test('nothing stated, or a failure, is never right', () => {
  assert.equal(isOk(result([])), false)
  assert.equal(isOk(result(compare(required, 'file', true_), { failure: 'it did not start' })), false)
  assert.match(renderCell(result([], { failure: 'it did not start' })), /WRONG\n.*\n {4}it did not start/)
})

test('a missing server is skipped here and a failure in CI; the last line counts', () => {
  const good = result(compare(required, 'file', true_))
  const skipped = result([], { skipped: 'haproxy is not installed' })
  assert.equal(failures([good, skipped], false), 0)
  assert.equal(failures([good, skipped], true), 1)
  assert.match(
    closing([good, skipped], { isCi: false, seconds: 1 }),
    /\n1 skipped: .*\n1 passed, 0 failed\n$/,
  )
  assert.match(
    closing([good, skipped], { isCi: true, seconds: 1 }),
    /failure with CI set.*\n1 passed, 1 failed\n$/,
  )
  assert.match(renderCell(skipped), /skipped: haproxy is not installed$/)
})

test('the notes name the checks that decided, not those that passed', () => {
  const check = { severity: 'high', observed: 'seen', reason: '' }
  const checks = [
    { ...check, id: 'a.failed', verdict: 'fail' },
    { ...check, id: 'b.passed', verdict: 'pass' },
    { ...check, id: 'c.blocked', verdict: 'blocked' },
  ] as CheckResult[]
  assert.deepEqual(decisive({ ...lie, checks }), [
    'enforced: every way in was refused',
    'fail high a.failed: seen',
    'blocked high c.blocked: seen',
  ])
})
