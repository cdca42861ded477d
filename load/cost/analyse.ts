/**
 * From blocks to costs: pure functions. The unit of every interval is the round: blocks of one round share its circumstances,
 * so differences and ratios are taken within rounds.
 * @module
 */
import { bootstrap, bootstrapMean, type Interval, relativeHalfWidth } from '../stats/bootstrap.ts'
import { mean, variation } from '../stats/describe.ts'
import { wilcoxonSignedRank } from '../stats/wilcoxon.ts'
import type { BlockRecord, CategoryCost, SelfCheck } from './types.ts'

/** Half-width of a cost that is precise enough. */
export const enoughHalfWidth = 0.05
/** Most that two lanes of the same category may differ. */
export const aaLimit = 0.03
/** Half-width of their difference that is enough: equal lanes then seem to differ by the limit in one run of three hundred. */
export const aaHalfWidth = 0.02
/** A block that takes so many times as long as half of its kind stood still. */
const stalled = 2.5
/** A round that costs less than this share of the one before shows a server that is still warming up. */
const stillWarming = 0.97
/** Most that mixed traffic may differ from its prediction. */
export const mixLimit = 0.1

/**
 * Costs of rounds resemble those of the rounds before. Differences and ratios within a round do not: what a round shares with its
 * neighbours is not in them (measured: correlation of A/A ratios with the one before, -0.1 to 0.1).
 */
const series = true

/** Blocks that count, by round and id. */
export type Rounds = ReadonlyMap<number, ReadonlyMap<string, BlockRecord>>

/**
 * Marks blocks that took far longer than usual of their kind: something else had the machine, and caches are cold after it. Time
 * is looked at, never cost, so that no dear block is left out for being dear.
 */
export function withoutStalls(blocks: readonly BlockRecord[]): BlockRecord[] {
  const usual = new Map<string, number>()
  for (const [id, own] of Map.groupBy(
    blocks.filter(({ round }) => round > 0),
    (block) => block.id,
  )) {
    const sorted = own.map(({ wallMs }) => wallMs).toSorted((a, b) => a - b)
    usual.set(id, sorted[Math.floor(sorted.length / 2)] ?? 0)
  }
  return blocks.map((block) => {
    const times = block.wallMs / (usual.get(block.id) ?? Number.POSITIVE_INFINITY)
    if (block.round === 0 || block.void !== undefined || times < stalled) return block
    return {
      ...block,
      void: `it took ${times.toFixed(1)} times as long as usual: something else had the machine`,
    }
  })
}

/** Orders blocks; the warm-up and void blocks are left out. */
export function roundsOf(blocks: readonly BlockRecord[]): Rounds {
  const rounds = new Map<number, Map<string, BlockRecord>>()
  for (const block of blocks) {
    if (block.round === 0 || block.void !== undefined) continue
    const round = rounds.get(block.round) ?? new Map<string, BlockRecord>()
    rounds.set(block.round, round.set(block.id, block))
  }
  return rounds
}

/** Rounds that have all these blocks: their server costs, in the order of the ids. */
export const together = (rounds: Rounds, ...ids: string[]): number[][] =>
  [...rounds.values()].flatMap((round) => {
    const found = ids.flatMap((id) => round.get(id)?.serverUsec ?? [])
    return found.length === ids.length ? [found] : []
  })

const column = (rows: readonly (readonly number[])[], at: number): number[] =>
  rows.map((row) => row[at] ?? Number.NaN)

/** Mean of the second minus the first, paired by round. */
export const pairedDifference = (
  rounds: Rounds,
  from: string,
  to: string,
  seed: number,
): Interval | undefined => {
  const differences = together(rounds, from, to).map(([a = 0, b = 0]) => b - a)
  return differences.length < 2 ? undefined : bootstrapMean(differences, { seed })
}

/** Ratio of two sums over the same rounds. */
const ratio = (rows: readonly (readonly number[])[], seed: number): Interval | undefined =>
  rows.length < 2
    ? undefined
    : bootstrap(rows, (drawn) => mean(column(drawn, 0)) / mean(column(drawn, 1)), { seed })

/** The figures of one category. */
export function figures(
  rounds: Rounds,
  id: string,
  valid: string,
  seed: number,
): Pick<
  CategoryCost,
  'server' | 'client' | 'variation' | 'verification' | 'versusValid' | 'displacement' | 'asymmetry'
> {
  const own = [...rounds.values()].flatMap((round) => round.get(id) ?? [])
  if (own.length < 2) return {}
  const server = own.map(({ serverUsec }) => serverUsec)
  const client = own.map(({ clientUsec }) => clientUsec)
  const verification = pairedDifference(rounds, 'control', id, seed)
  const versus = id === valid ? undefined : pairedDifference(rounds, valid, id, seed)
  const differences = together(rounds, valid, id).map(([a = 0, b = 0]) => b - a)
  const displacement = id === valid ? undefined : ratio(together(rounds, id, valid), seed)
  const asymmetry = ratio(
    own.map((block) => [block.serverUsec, block.clientUsec]),
    seed,
  )
  return {
    server: bootstrapMean(server, { seed, series }),
    client: bootstrapMean(client, { seed, series }),
    variation: variation(server),
    ...(verification === undefined ? {} : { verification }),
    ...(versus === undefined ? {} : { versusValid: { ...versus, p: wilcoxonSignedRank(differences).p } }),
    ...(displacement === undefined ? {} : { displacement }),
    ...(asymmetry === undefined ? {} : { asymmetry }),
  }
}

const selfCheck = (
  rows: readonly (readonly number[])[],
  limit: number,
  seed: number,
): SelfCheck | undefined => {
  const quotient = ratio(rows, seed)
  if (quotient === undefined) return undefined
  const { estimate, low, high } = quotient
  return {
    difference: { estimate: estimate - 1, low: low - 1, high: high - 1 },
    limit,
    passed: Math.abs(estimate - 1) < limit,
    resolved: (high - low) / 2 < limit,
  }
}

/** Whether the last round of a warm-up was not cheaper than the one before. */
export function isWarm(rounds: readonly (readonly BlockRecord[])[]): boolean {
  const [before, last] = rounds
    .slice(-2)
    .map((blocks) => blocks.reduce((sum, { serverUsec, attempts }) => sum + serverUsec * attempts, 0))
  return before !== undefined && last !== undefined && last >= before * stillWarming
}

/** Whether the A/A interval is narrow enough to stop. */
export const aaIsPrecise = (rounds: Rounds, valid: string, seed: number): boolean => {
  const { low = 0, high = Number.POSITIVE_INFINITY } = checkAa(rounds, valid, seed)?.difference ?? {}
  return (high - low) / 2 < aaHalfWidth
}

/** Two lanes of the same category. */
export const checkAa = (rounds: Rounds, valid: string, seed: number): SelfCheck | undefined =>
  selfCheck(together(rounds, 'again', valid), aaLimit, seed)

/** Mixed traffic against the weighted costs of its round. */
export function checkMix(
  rounds: Rounds,
  shares: Readonly<Record<string, number>>,
  seed: number,
): (SelfCheck & { shares: Record<string, number>; predictedUsec: number; measuredUsec: number }) | undefined {
  const ids = Object.keys(shares)
  const rows = together(rounds, 'mix', ...ids).map(([measured = 0, ...costs]) => [
    measured,
    costs.reduce((sum, cost, at) => sum + cost * (shares[ids[at] ?? ''] ?? 0), 0),
  ])
  const check = selfCheck(rows, mixLimit, seed)
  return check === undefined
    ? undefined
    : {
        ...check,
        shares: { ...shares },
        predictedUsec: mean(column(rows, 1)),
        measuredUsec: mean(column(rows, 0)),
      }
}

/** Widest relative half-width of the lanes that are measured; infinite before two rounds. */
export function widest(rounds: Rounds, ids: readonly string[], seed: number): number {
  const widths = ids.map((id) => {
    const costs = column(together(rounds, id), 0)
    return costs.length < 2
      ? Number.POSITIVE_INFINITY
      : relativeHalfWidth(bootstrapMean(costs, { seed, series, resamples: 500 }))
  })
  return Math.max(...widths)
}

/** Later half of the control lane against its earlier half. */
export function driftOf(rounds: Rounds): number | undefined {
  const costs = column(together(rounds, 'control'), 0)
  if (costs.length < 4) return undefined
  const half = Math.floor(costs.length / 2)
  return mean(costs.slice(-half)) / mean(costs.slice(0, half)) - 1
}
