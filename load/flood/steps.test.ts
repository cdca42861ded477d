import assert from 'node:assert/strict'
import { test } from 'node:test'
import { quantiles } from '../k6/collect.ts'
import {
  breakingPoint,
  enoughSeconds,
  fewestForP99,
  holds,
  settleOf,
  shares,
  sweepOf,
  tooFew,
} from './steps.ts'
import { type FloodStep, type LaneNumbers, notMeasurable, type OutcomeKind } from './types.ts'

function numbers(byKind: Partial<Record<OutcomeKind, number>>, latency: number, dropped = 0): LaneNumbers {
  const total = Object.values(byKind).reduce((sum, one) => sum + one, 0)
  const accepted = quantiles(Array.from({ length: byKind.accepted ?? 0 }, () => latency))
  return {
    attempts: { total, byKind, alerts: {}, statuses: {}, other: {} },
    achieved: total / 10,
    dropped,
    latency: accepted,
    acceptedLatency: accepted,
    handshake: notMeasurable,
    handshakesWithoutTime: 0,
  }
}
const asked = { rate: 10, seconds: 10, late: false }
const objective = { p99: 50, accepted: 0.99 }
const verdict = (victims: LaneNumbers, changes = {}) =>
  holds(victims, { ...asked, ...changes }, objective).holds

test('the objective holds, or breaks by latency, by refusals, or by attempts without an answer', () => {
  assert.equal(verdict(numbers({ accepted: 100 }, 20)), true)
  assert.equal(verdict(numbers({ accepted: 100 }, 50)), true)
  assert.equal(verdict(numbers({ accepted: 100 }, 51)), false)
  assert.equal(verdict(numbers({ accepted: 98, timeout: 2 }, 20)), false)
  assert.equal(verdict(numbers({ accepted: 80 }, 20)), false)
  // A server that hangs altogether has no sample at all, and is not the generator's fault.
  assert.equal(verdict(numbers({}, 0)), false)
})

test('a window that is no whole number of attempts long lacks none for that', () => {
  // 1.1 s at 93/s: 102 or 103 attempts begin in it.
  const short = { rate: 93, seconds: 1.1 }
  assert.equal(verdict(numbers({ accepted: 101 }, 20), short), true)
  assert.equal(verdict(numbers({ accepted: 103 }, 20), short), true)
  // Some more are missing than the edge explains, but no more than a tenth; then: they wait.
  assert.equal(verdict(numbers({ accepted: 100 }, 20), { rate: 110, seconds: 1 }), true)
  assert.equal(verdict(numbers({ accepted: 100 }, 20), { rate: 120, seconds: 1 }), false)
})

test('of fewer than a hundred answers there is no 99th percentile: such a step neither holds nor breaks', () => {
  const few = holds(numbers({ accepted: 3 }, 20), { rate: 1, seconds: 3, late: false }, objective)
  assert.equal(few.holds, notMeasurable)
  assert.match(few.why, /^p99 not measurable: 3 valid attempts got in, it needs 100/)
  for (const victims of [numbers({ accepted: 3 }, 900), numbers({ timeout: 3 }, 0), numbers({}, 0)])
    assert.equal(verdict(victims, { rate: 1, seconds: 3 }), notMeasurable)
  // A hundred were due, and one is missing.
  assert.equal(verdict(numbers({ accepted: 99 }, 20)), notMeasurable)
  // Enough were due: half of those seen were too slow, and those not seen cannot make that good.
  const slow = holds(numbers({ accepted: 95 }, 80), asked, objective)
  assert.deepEqual([slow.holds, /half of 95 valid users waited/.test(slow.why)], [false, true])
})

test('whether a step can count enough is known before it starts', () => {
  assert.match(tooFew(1, 5) ?? '', /^1 valid .* are 3 in .* of 5 s: .* steps of 103 s or more valid/)
  assert.equal(tooFew(20, 8), undefined, 'the usual values')
  for (const rate of [1, 7, 20, 45, 400]) {
    const seconds = enoughSeconds(rate)
    assert.equal(tooFew(rate, seconds), undefined)
    assert.ok(rate * (seconds - settleOf(seconds)) >= fewestForP99 + 1)
  }
})

test('what the generator did not begin says nothing about the server', () => {
  assert.equal(verdict(numbers({ accepted: 60 }, 20, 40)), notMeasurable)
  // One in twenty, and no more.
  const two = { rate: 20, seconds: 10 }
  assert.equal(verdict(numbers({ accepted: 190 }, 20, 10), two), true)
  assert.equal(verdict(numbers({ accepted: 189 }, 20, 11), two), notMeasurable)
  assert.equal(verdict(numbers({ accepted: 60 }, 20), { late: true }), notMeasurable)
  // Those that did begin were too slow: that was seen.
  assert.equal(verdict(numbers({ accepted: 60 }, 80, 40)), false)
})

test('the breaking point is the first broken rate; what held above it does not count', () => {
  const step = (rate: number, held: FloodStep['holds']) =>
    ({ rate, delivered: rate, holds: held }) as FloodStep
  assert.deepEqual(breakingPoint([step(0, true), step(10, true), step(20, false), step(30, true)]), {
    brokenAt: 20,
    heldAt: 10,
  })
  assert.deepEqual(breakingPoint([step(0, true), step(10, notMeasurable)]), { heldAt: 0 })
  assert.deepEqual(breakingPoint([step(0, false)]), { brokenAt: 0 })
  assert.deepEqual(breakingPoint([]), {})
})

test('a sweep begins without a flood and goes up; rates are shared in whole numbers without loss', () => {
  assert.deepEqual(sweepOf([50, 10, 50]), [0, 10, 50])
  for (const rates of [[], [0], [1.5], [-1]]) assert.throws(() => sweepOf(rates), { code: 'ERR_USAGE' })
  assert.deepEqual(shares(10, 3), [4, 3, 3])
  assert.deepEqual(shares(0, 2), [0, 0])
})
