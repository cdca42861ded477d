import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Seen } from '../../reports/drill/types.ts'
import { judgeLane, type Passage, segmentsOf, wrongOf } from './judge.ts'
import type { Sample } from './traffic.ts'

const shot = (from: number, seen: Seen, to = from + 10): Sample => ({
  lane: 'a',
  from,
  to,
  seen,
  answer: seen,
})
const passage = (
  step: string,
  from: number,
  expect: 'allowed' | 'refused',
  more: { settled?: number; ought?: 'allowed' | 'refused' } = {},
): Passage => ({
  step,
  from,
  settled: more.settled === undefined ? {} : { a: more.settled },
  expect: { a: expect },
  ought: { a: more.ought ?? expect },
})
const start = passage('before', 0, 'allowed')
const shut = [start, passage('shut', 100, 'refused', { settled: 150 })]
const lane = { id: 'a', label: 'a', skipped: 0 }

test('while a change takes effect both truths are right, afterwards only the new one', () => {
  assert.equal(wrongOf(shot(50, 'refused'), shut)?.kind, 'deny')
  assert.equal(wrongOf(shot(110, 'refused'), shut), undefined)
  assert.equal(wrongOf(shot(120, 'allowed'), shut), undefined)
  assert.equal(wrongOf(shot(145, 'allowed'), shut), undefined, 'sent before it was seen')
  assert.deepEqual(wrongOf(shot(160, 'allowed'), shut), { kind: 'allow', step: 'shut', predicted: false })
  assert.equal(wrongOf(shot(160, 'refused'), shut), undefined)
})

test('a request under way when the change is sent may meet either', () => {
  assert.equal(wrongOf(shot(95, 'refused', 105), shut), undefined)
  assert.equal(wrongOf(shot(80, 'refused', 90), shut)?.kind, 'deny')
})

test('no clear answer is no service, and lets nobody in', () => {
  assert.equal(wrongOf(shot(50, 'unclear'), shut)?.kind, 'deny')
  assert.equal(wrongOf(shot(200, 'unclear'), shut), undefined)
})

test('what a wrong order predicts is wrong, and predicted; the way out of it too', () => {
  const outage = [
    start,
    passage('outage', 100, 'refused', { settled: 150, ought: 'allowed' }),
    passage('over', 300, 'allowed', { settled: 340 }),
  ]
  assert.deepEqual(wrongOf(shot(200, 'refused'), outage), { kind: 'deny', step: 'outage', predicted: true })
  assert.deepEqual(wrongOf(shot(310, 'refused'), outage), { kind: 'deny', step: 'over', predicted: true })
  assert.deepEqual(wrongOf(shot(350, 'refused'), outage), { kind: 'deny', step: 'over', predicted: false })
  assert.equal(wrongOf(shot(350, 'allowed'), outage), undefined)
})

test('figures of a lane: gap, first wrong answers, stretches', () => {
  const samples = [
    shot(0, 'allowed'),
    shot(40, 'unclear'),
    shot(80, 'allowed', 95),
    shot(200, 'allowed'),
    shot(220, 'refused'),
  ]
  const { requests, longestGapMs, wrongAllows, wrongDenies } = judgeLane(lane, samples, shut)
  assert.deepEqual(
    { requests, longestGapMs, wrongAllows, wrongDenies },
    {
      requests: 5,
      longestGapMs: 85,
      wrongAllows: { count: 1, predicted: 0, first: { at: 210, step: 'shut', answer: 'allowed' } },
      wrongDenies: { count: 1, predicted: 0, first: { at: 50, step: 'before', answer: 'unclear' } },
    },
  )
  assert.deepEqual(
    segmentsOf(samples, shut).map(({ count, seen, wrong }) => [count, seen, wrong]),
    [
      [1, 'allowed', null],
      [1, 'unclear', 'deny'],
      [1, 'allowed', null],
      [1, 'allowed', 'allow'],
      [1, 'refused', null],
    ],
  )
})

test('a lane that is always refused has no gap', () => {
  const never = [passage('before', 0, 'refused')]
  assert.equal(judgeLane(lane, [shot(0, 'refused'), shot(50, 'refused')], never).longestGapMs, null)
})
