/** Steps from made-up samples: by what was delivered they are named, and what went away makes them void. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Collector } from '../k6/collect.ts'
import type { Outcome } from '../k6/outcome.ts'
import { judgeStep, named, type Sampled, type Sweep, victims, withoutVoid } from './judge.ts'
import { breakingPoint } from './steps.ts'
import { type FloodStep, notMeasurable } from './types.ts'

const sweep: Sweep = {
  sweep: [0, 100, 400],
  victimRate: 60,
  stepSeconds: 4,
  settleSeconds: 1,
  processes: 1,
  objective: { p99: 250, accepted: 0.999 },
}
const startAt = 1_000_000
const accepted: Outcome = { kind: 'accepted', status: 200 }
const refused: Outcome = { kind: 'http-403', status: 403 }
const unheard: Outcome = { kind: 'unreachable', text: 'dial tcp *: connect: connection refused' }

/** Attempts at even distances over the whole sweep, or over one step of it. */
function attempts(
  collector: Collector,
  rate: number,
  { step, value = 20, outcome = accepted }: { step?: number; value?: number; outcome?: Outcome } = {},
): void {
  const from = step === undefined ? 0 : step * 4000
  const length = step === undefined ? 12_000 : 4000
  for (let at = 0; at < length; at += 1000 / rate)
    collector.add({ metric: 'attempt', at: startAt + from + at + value, value, outcome })
}

function sampled(fill: (mine: Collector, flood: Collector) => void, died: [string, number][] = []): Sampled {
  const [mine, flood] = [new Collector(), new Collector()]
  fill(mine, flood)
  const collectors = new Map([
    [victims, mine],
    ['flood-none', flood],
  ])
  return { startAt, collectors, died: new Map(died) }
}

const drop = (collector: Collector, step: number, value: number): void =>
  collector.add({ metric: 'dropped', at: startAt + step * 4000 + 2000, value })

test('a step is named by what was wanted where that was delivered, and by what was delivered where it was not', () => {
  assert.deepEqual(
    [named(100, 99.3), named(100, 95), named(100, 105), named(1, 0.4), named(0, 0)],
    [100, 100, 100, 1, 0],
  )
  // Six processes may lack an attempt each at the edge of a window of two seconds.
  assert.deepEqual([named(25, 22.2, 3), named(25, 21.9, 3), named(25, 22.2)], [25, 22, 22])
  assert.deepEqual([named(100, 94.4), named(400, 235.2), named(100, 120)], [94, 235, 120])
})

test('a promise that was kept beside less than was wanted says nothing about what was wanted', () => {
  const full = sampled((mine, flood) => {
    attempts(mine, 60)
    attempts(flood, 100, { step: 1, outcome: refused })
  })
  const { step } = judgeStep(sweep, full, 1, false)
  assert.deepEqual([step.holds, step.rate, step.delivered], [true, 100, 100])

  // 403s after four seconds: no virtual user is free for the rest.
  const short = sampled((mine, flood) => {
    attempts(mine, 60)
    attempts(flood, 69, { step: 1, outcome: refused })
    drop(flood, 1, 93)
  })
  const less = judgeStep(sweep, short, 1, false).step
  assert.deepEqual([less.holds, less.rate, less.delivered], [notMeasurable, 100, 69])
  assert.match(less.why, /^69\/s of the 100\/s that were wanted were delivered \(93 attempts were not begun/)
  // While it runs, the others may still be under way.
  const live = sampled((mine, flood) => {
    attempts(mine, 60)
    attempts(flood, 69, { step: 1, outcome: refused })
  })
  assert.equal(judgeStep(sweep, live, 1, true).step.holds, true)
  assert.equal(judgeStep(sweep, live, 1, false).step.holds, notMeasurable)
})

test('a promise that broke broke at what was delivered, not at what was wanted', () => {
  const slow = sampled((mine, flood) => {
    attempts(mine, 60, { step: 0 })
    attempts(mine, 60, { step: 2, value: 400 })
    attempts(flood, 235, { step: 2, outcome: refused })
    drop(flood, 2, 495)
  })
  const steps = [0, 2].map((at) => judgeStep(sweep, slow, at, false).step)
  const [, broken] = steps
  assert.deepEqual([broken?.holds, broken?.rate, broken?.delivered], [false, 400, 235])
  assert.match(broken?.why ?? '', /235\/s of the 400\/s that were wanted/)
  assert.deepEqual(breakingPoint(steps), { brokenAt: 235, heldAt: 0 })
})

test('a server that went away broke no promise: the step is void and says so', () => {
  const gone = sampled((mine, flood) => {
    attempts(mine, 60, { step: 0 })
    attempts(mine, 30, { step: 1 })
    attempts(mine, 30, { step: 1, value: 1, outcome: unheard })
    attempts(flood, 100, { step: 1, outcome: { kind: 'closed', text: 'EOF' } })
  })
  const before = judgeStep(sweep, gone, 0, false)
  assert.deepEqual([before.step.holds, before.lost], [true, undefined])
  const { step, lost } = judgeStep(sweep, gone, 1, false)
  assert.equal(step.holds, notMeasurable)
  assert.match(lost ?? '', /^90 of 180 valid attempts found nobody listening: the server went away/)
  // Other ends than that are the server's answer to what is too much.
  const full = sampled((mine, flood) => {
    attempts(mine, 30, { step: 1 })
    attempts(mine, 30, { step: 1, value: 1, outcome: { kind: 'closed', text: 'EOF' } })
    attempts(flood, 100, { step: 1, outcome: refused })
  })
  const refusing = judgeStep(sweep, full, 1, false)
  assert.deepEqual([refusing.step.holds, refusing.lost], [false, undefined])
})

test('a k6 that failed takes its step away and those after it, none before', () => {
  const dead = sampled(
    (mine, flood) => {
      attempts(mine, 60)
      attempts(flood, 100, { step: 1, outcome: refused })
    },
    [['flood-none', startAt + 8100]],
  )
  assert.equal(judgeStep(sweep, dead, 1, false).step.holds, true)
  const { step, lost } = judgeStep(sweep, dead, 2, false)
  assert.equal(step.holds, notMeasurable)
  assert.equal(lost, 'k6 of flood-none failed')
})

test('beside a void lane of the flood only the step without a flood counts, without valid users none', () => {
  const step = (rate: number): FloodStep => ({ rate, delivered: rate, holds: true, why: 'fine' }) as FloodStep
  const steps = [step(0), step(100)]
  const of = (...reasons: [string, string[]][]) =>
    withoutVoid(steps, new Map(reasons)).map(({ holds }) => holds)
  assert.deepEqual(of([victims, []], ['flood-none', []]), [true, true])
  assert.deepEqual(of(['flood-none', []], ['flood-expired', ['not sent']]), [true, notMeasurable])
  assert.deepEqual(of([victims, ['not sent']], ['flood-none', []]), [notMeasurable, notMeasurable])
  const [, named] = withoutVoid(steps, new Map([['flood-none', ['not sent']]]))
  assert.equal(named?.why, 'flood-none is void (not sent): fine')
})
