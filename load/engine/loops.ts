/**
 * Closed and open loops.
 * @module
 */
import { createHistogram, latencyOf, record } from '../stats/histogram.ts'
import { type AttemptResult, attempt, type PreparedLane, prepareLane } from './attempt.ts'
import { Tally } from './tally.ts'
import type { Block, BlockResult, OpenLoad, OpenResult } from './types.ts'

const defaultTimeout = 10_000

/** Does a block's work. Aborted: the attempts under way are given up, no further ones start. */
export async function runBlock(block: Block, signal?: AbortSignal): Promise<BlockResult> {
  const { attempts, concurrency, timeoutMs = defaultTimeout } = block
  const lanes = block.lanes.map(prepareLane)
  const tallies = block.lanes.map(({ id }) => new Tally(id))
  const order = evenly(attempts)
  const clock = stopwatch()
  let next = 0
  const work = async (): Promise<void> => {
    for (let at = order[next++]; at !== undefined && signal?.aborted !== true; at = order[next++]) {
      const lane = lanes[at]
      if (lane === undefined) continue
      const result = await attempt(lane, timeoutMs, signal)
      tallies[at]?.add(result, result.verdictMs)
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, order.length) }, work))
  return { lanes: tallies.map((tally) => tally.result()), ...clock() }
}

/** Indexes of lanes, each as often as it has attempts, spread evenly (a smooth weighted round robin). */
export function evenly(attempts: readonly number[]): number[] {
  const due = attempts.flatMap((count, lane) =>
    Array.from({ length: count }, (_, n) => ({ lane, when: (n + 0.5) / count })),
  )
  return due.toSorted((a, b) => a.when - b.when || a.lane - b.lane).map(({ lane }) => lane)
}

/** Applies an open load. Aborted: ends early, and counts what was due until then. */
export async function runOpen(load: OpenLoad, signal?: AbortSignal): Promise<OpenResult> {
  const { settleMs, sustainMs, maxInFlight = 512, timeoutMs = defaultTimeout } = load
  const lanes = load.lanes.map((lane, at) => ({
    prepared: prepareLane(lane),
    tally: new Tally(lane.id),
    every: 1000 / (load.rates[at] ?? 0),
    next: 0,
  }))
  // Lanes do not start in step.
  for (const [at, lane] of lanes.entries()) lane.next = (lane.every * (at + 0.5)) / lanes.length
  const lag = createHistogram()
  const perSecond = Array.from({ length: Math.ceil(sustainMs / 1000) }, () => 0)
  const flying = new Set<Promise<void>>()
  let [offered, completed, dropped] = [0, 0, 0]
  const begin = performance.now()
  let clock: ReturnType<typeof stopwatch> | undefined
  const fly = async (prepared: PreparedLane, tally: Tally, due: number, counted: boolean): Promise<void> => {
    const late = performance.now() - begin - due
    const result: AttemptResult = await attempt(prepared, timeoutMs, signal)
    if (counted) {
      tally.add(result, late + result.verdictMs)
      record(lag, late)
      completed += 1
    }
    const second = Math.floor((performance.now() - begin - settleMs) / 1000)
    if (second >= 0 && second < perSecond.length) perSecond[second] = (perSecond[second] ?? 0) + 1
  }
  const end = settleMs + sustainMs
  for (let now = 0; signal?.aborted !== true; now = performance.now() - begin) {
    if (now >= settleMs) clock ??= stopwatch()
    for (const lane of lanes) {
      for (; lane.next <= now && lane.next < end; lane.next += lane.every) {
        const counted = lane.next >= settleMs
        if (counted) offered += 1
        if (flying.size >= maxInFlight) {
          if (counted) dropped += 1
          continue
        }
        const flight = fly(lane.prepared, lane.tally, lane.next, counted).finally(() => flying.delete(flight))
        flying.add(flight)
      }
    }
    // Looked at behind the last pass: what became due while this process was kept waiting is offered, late.
    if (now >= end) break
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  const used = (clock ?? stopwatch())()
  await Promise.all(flying)
  return {
    lanes: lanes.map(({ tally }) => tally.result()),
    ...used,
    offered,
    completed,
    dropped,
    perSecond,
    startLagMs: latencyOf(lag)?.p99 ?? 0,
  }
}

function stopwatch(): () => { wallMs: number; clientCpuUsec: number } {
  const begin = performance.now()
  const cpu = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(cpu)
    return { wallMs: performance.now() - begin, clientCpuUsec: user + system }
  }
}
