import assert from 'node:assert/strict'
import { test } from 'node:test'
import { quantiles } from '../k6/collect.ts'
import { breakingPoint, holds, shares, sweepOf } from './steps.ts'
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
  // 1.1 s at 3/s: 3 or 4 attempts begin in it; at 1.5/s for 1 s: 1 or 2; at 1/s for 0.4 s: none or one.
  const short = { rate: 3, seconds: 1.1 }
  assert.equal(verdict(numbers({ accepted: 3 }, 20), short), true)
  assert.equal(verdict(numbers({ accepted: 4 }, 20), short), true)
  assert.equal(verdict(numbers({ accepted: 1 }, 20), { rate: 3, seconds: 0.5 }), true)
  assert.equal(verdict(numbers({ accepted: 1 }, 20), { rate: 1, seconds: 1.6 }), true)
  assert.equal(verdict(numbers({}, 0), { rate: 1, seconds: 0.4 }), notMeasurable)
  assert.equal(verdict(numbers({ accepted: 28 }, 20), { rate: 29, seconds: 0.99 }), true)
  // More than the edge is missing: they wait.
  assert.equal(verdict(numbers({ accepted: 1 }, 20), { rate: 3, seconds: 1.5 }), false)
  assert.equal(verdict(numbers({ accepted: 22 }, 20), { rate: 29, seconds: 0.99 }), false)
})

test('what the generator did not begin says nothing about the server', () => {
  assert.equal(verdict(numbers({ accepted: 60 }, 20, 40)), notMeasurable)
  assert.equal(verdict(numbers({ accepted: 60 }, 20), { late: true }), notMeasurable)
  // Those that did begin were too slow: that was seen.
  assert.equal(verdict(numbers({ accepted: 60 }, 80, 40)), false)
})

test('the breaking point is the first broken rate; what held above it does not count', () => {
  const step = (rate: number, held: FloodStep['holds']) => ({ rate, holds: held }) as FloodStep
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
