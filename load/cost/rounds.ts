/**
 * One block with the server's CPU read around it, and one round of them in a fresh random order.
 * @module
 */
import type { CpuSource } from '../cpu/types.ts'
import type { Generator } from '../engine/generator.ts'
import type { Lane, Outcome } from '../engine/types.ts'
import { type Random, shuffled } from '../stats/random.ts'
import { unexpectedIn } from './preflight.ts'
import type { BlockRecord, Clock, CostOptions } from './types.ts'

/** More unexpected outcomes than this share make a block void. */
export const mostUnexpected = 0.001

/** Fixed work of a round. */
export interface Work {
  id: string
  /** Blocks of it in a round, each at a place of its own; they count as one. Default 1. */
  blocks?: number
  parts: readonly { lane: Lane; attempts: number; expected: Outcome }[]
}

/** What a round needs. */
export interface RoundTools {
  cpu: CpuSource
  generator: Generator
  yardstick?: CostOptions['yardstick']
  clock: Clock
  concurrency: number
  quietMs: number
  idleUsecPerSecond: number
  random: Random
  /** Gets what the CPU source could not read exactly. */
  note: (text: string) => void
}

/** Measures every block once. @throws the signal's reason when aborted: a round that is not complete does not count. */
export async function measureRound(
  round: number,
  works: readonly Work[],
  tools: RoundTools,
  signal: AbortSignal,
): Promise<BlockRecord[]> {
  const all = works.flatMap((work) => Array.from({ length: work.blocks ?? 1 }, () => work))
  const records = new Map<string, BlockRecord>()
  let before = await tools.yardstick?.measure()
  for (const [position, work] of shuffled(all, tools.random).entries()) {
    const measured = await measureBlock(work, tools, signal)
    const after = await tools.yardstick?.measure()
    const yard = before === undefined || after === undefined ? {} : { yardUsec: (before + after) / 2 }
    const block = { round, position, ...measured, ...yard }
    before = after
    const same = records.get(work.id)
    records.set(work.id, same === undefined ? block : joined(same, block))
  }
  return [...records.values()]
}

/** Two blocks of the same work in a round, as one. */
function joined(first: BlockRecord, second: BlockRecord): BlockRecord {
  const attempts = first.attempts + second.attempts
  const average = (of: (block: BlockRecord) => number): number =>
    (of(first) * first.attempts + of(second) * second.attempts) / attempts
  const outcomes = { ...first.outcomes }
  for (const [outcome, count] of Object.entries(second.outcomes) as [Outcome, number][]) {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + count
  }
  return {
    ...second,
    ...first,
    attempts,
    serverUsec: average(({ serverUsec }) => serverUsec),
    clientUsec: average(({ clientUsec }) => clientUsec),
    ...(first.yardUsec === undefined ? {} : { yardUsec: average(({ yardUsec = 0 }) => yardUsec) }),
    wallMs: first.wallMs + second.wallMs,
    outcomes,
  }
}

async function measureBlock(
  { id, parts }: Work,
  { cpu, generator, clock, concurrency, quietMs, idleUsecPerSecond, note }: RoundTools,
  signal: AbortSignal,
): Promise<Omit<BlockRecord, 'round' | 'position'>> {
  const from = clock.now()
  const before = await cpu.sample()
  const result = await generator.block(
    { lanes: parts.map(({ lane }) => lane), attempts: parts.map(({ attempts }) => attempts), concurrency },
    signal,
  )
  // What the server still does for a connection after the client has its verdict belongs to the block.
  await clock.sleep(quietMs)
  const after = await cpu.sample()
  const idle = (idleUsecPerSecond * (clock.now() - from)) / 1000
  for (const text of after.notes) note(text)
  const attempts = parts.reduce((sum, part) => sum + part.attempts, 0)
  const unexpected = parts.reduce(
    (sum, { expected }, at) => sum + unexpectedIn(result.lanes[at]?.outcomes ?? {}, expected),
    0,
  )
  const outcomes: Partial<Record<Outcome, number>> = {}
  for (const lane of result.lanes) {
    for (const [outcome, count] of Object.entries(lane.outcomes) as [Outcome, number][]) {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + count
    }
  }
  const done = Object.values(outcomes).reduce((sum, count) => sum + count, 0)
  const reason =
    done !== attempts
      ? `${done} of ${attempts} attempts were made`
      : unexpected > mostUnexpected * attempts
        ? `${unexpected} of ${attempts} attempts ended unexpectedly`
        : after.cpuUsec <= before.cpuUsec
          ? 'the CPU counter did not move: does it count this server?'
          : undefined
  return {
    id,
    attempts,
    serverUsec: (after.cpuUsec - before.cpuUsec - idle) / attempts,
    clientUsec: result.clientCpuUsec / attempts,
    wallMs: result.wallMs,
    outcomes,
    ...(reason === undefined ? {} : { void: reason }),
  }
}
