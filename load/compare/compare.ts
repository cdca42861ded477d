/**
 * Two cost measurements: did a category get dearer, cheaper, or is it noise. Intervals decide, and no difference below what
 * either measurement could tell apart (its A/A check) counts.
 * @module
 */
import type { BlockRecord, CostResult } from '../cost/types.ts'
import { type Outcome, verdictOf } from '../engine/types.ts'
import { bootstrapTwo, type Interval } from '../stats/bootstrap.ts'
import { mean } from '../stats/describe.ts'

/** What became of a category. */
export type Change =
  | 'regression'
  | 'improvement'
  | 'noise'
  /** One of the two has no figures. */
  | 'not-comparable'

/** One category in both. */
export interface CategoryChange {
  id: string
  change: Change
  /** Next by base, less one. Left out when it is not comparable. */
  difference?: Interval
  /** The same by each run's own control lane: what is left when the whole machine got slower. */
  againstControl?: Interval
  reason: string
}

/** Comparison of two measurements. */
export interface Comparison {
  schemaVersion: '1.0'
  kind: 'comparison'
  /** Differences up to here are noise, share. */
  noiseFloor: number
  /** Why it is that. */
  noiseGround: string
  maxRegression: number
  /** Whatever got dearer by this share or more was found, in any category; less may have been missed. Left out: nothing compared. */
  found?: number
  /** Categories of both runs. */
  categories: CategoryChange[]
  /** `regression` when any category has one, else `not-comparable` when any category is. */
  verdict: Change
  notes: string[]
}

/** How it is decided. */
export interface CompareOptions {
  /** A category may get dearer by this share. Default 0.05. */
  maxRegression?: number
  seed?: number
}

/** Noise that is assumed where no A/A check was possible. */
const assumedNoise = 0.05
/** Share of comparisons of which every interval holds the true difference. */
const together = 0.95
/** The ends of such intervals lie far out. */
const resamples = 10_000

/** Compares the costs of two runs by category. */
export function compareLoad(base: CostResult, next: CostResult, options: CompareOptions = {}): Comparison {
  const { maxRegression = 0.05, seed = 1 } = options
  const floors = [base, next].map(noiseOf)
  const noiseFloor = Math.max(...floors.map(({ floor }) => floor))
  const noiseGround = floors.find(({ floor }) => floor === noiseFloor)?.ground ?? ''
  const [ids, alone] = idsOf(base, next)
  const scaled = [base, next].every(hasYardstick)
  const blocks = [base, next].map(usable)
  const lanes = [...(blocks.flat().some(isControl) ? ['control'] : []), ...ids]
  // All of them are to hold together (Bonferroni): of twenty intervals that hold at 95 % each, one does not.
  const level = 1 - (1 - together) / lanes.length
  const changeOf = (before: readonly number[], after: readonly number[]): Interval =>
    bootstrapTwo(before, after, (from, to) => mean(to) / mean(from) - 1, {
      level,
      resamples,
      seed,
      series: true,
    })
  const costs = blocks.map((own) => costsOf(own, scaled))
  const categories = lanes.map((id): CategoryChange => {
    const [before = [], after = []] = costs.map((of) => of(id))
    if (isLetInNow(base, next, id))
      return {
        id,
        change: 'regression' as const,
        reason: 'it was refused before and is let in now: see harness verify',
      }
    const reason = notComparable(base, next, id, before, after)
    if (reason !== undefined) return { id, change: 'not-comparable' as const, reason }
    const difference = changeOf(before, after)
    const [controlled = [], controlledNext = []] = blocks.map((own) => ratiosToControl(own, id))
    const canControl = id !== 'control' && controlled.length > 1 && controlledNext.length > 1
    return {
      id,
      ...decide(difference, noiseFloor, maxRegression),
      difference,
      ...(canControl ? { againstControl: changeOf(controlled, controlledNext) } : {}),
    }
  })
  const changes = categories.map(({ change }) => change)
  const widths = categories.flatMap(({ difference }) =>
    difference === undefined ? [] : [difference.high - difference.low],
  )
  return {
    schemaVersion: '1.0',
    kind: 'comparison',
    noiseFloor,
    noiseGround,
    maxRegression,
    ...(widths.length === 0 ? {} : { found: Math.max(noiseFloor, maxRegression) + Math.max(...widths) }),
    categories,
    // What could not be compared is not called noise.
    verdict:
      (['regression', 'not-comparable', 'improvement'] as const).find((one) => changes.includes(one)) ??
      'noise',
    notes: [
      ...(alone.length === 0 ? [] : [`only in one run: ${alone.join(', ')}`]),
      ...(scaled
        ? [
            `costs are compared in units of the machine's speed: its yardstick took ${speedOf(base).toFixed(1)} µs before, ${speedOf(next).toFixed(1)} µs now`,
          ]
        : []),
      ...notesOf(base, next, categories),
    ],
  }
}

/** What a run cannot tell apart: the far end of its A/A interval. */
function noiseOf({ aa, target }: CostResult): { floor: number; ground: string } {
  if (aa === undefined)
    return { floor: assumedNoise, ground: `no A/A check of ${target.name}: 5 % is assumed` }
  const { low, high } = aa.difference
  return { floor: Math.max(Math.abs(low), Math.abs(high)), ground: `A/A interval of ${target.name}` }
}

const counts = ({ round, void: reason }: BlockRecord): boolean => round > 0 && reason === undefined

const isControl = (block: BlockRecord): boolean => block.id === 'control' && counts(block)

/** Blocks without those of a control lane that is not one. */
const usable = ({ blocks, controlNotMeasured }: CostResult): readonly BlockRecord[] =>
  controlNotMeasured === undefined ? blocks : blocks.filter(({ id }) => id !== 'control')

const hasYardstick = ({ blocks }: CostResult): boolean =>
  blocks.some(counts) && blocks.filter(counts).every(({ yardUsec }) => yardUsec !== undefined)

/** Costs by category: in microseconds, or `scaled` by how fast the machine was in each round (one block's yardstick says little). */
function costsOf(blocks: readonly BlockRecord[], scaled: boolean): (id: string) => number[] {
  const counted = blocks.filter(counts)
  const speeds = new Map(
    [...Map.groupBy(counted, ({ round }) => round)].map(([round, own]) => [
      round,
      scaled ? mean(own.map(({ yardUsec = Number.NaN }) => yardUsec)) : 1,
    ]),
  )
  return (id) =>
    counted
      .filter((block) => block.id === id)
      .map(({ serverUsec, round }) => serverUsec / (speeds.get(round) ?? 1))
}

const speedOf = ({ blocks }: CostResult): number =>
  mean(blocks.filter(counts).map(({ yardUsec = Number.NaN }) => yardUsec))

function ratiosToControl(blocks: readonly BlockRecord[], id: string): number[] {
  const counted = blocks.filter(counts)
  const control = new Map(
    counted.flatMap((one) => (one.id === 'control' ? [[one.round, one.serverUsec]] : [])),
  )
  return counted.flatMap((block) => {
    const by = control.get(block.round)
    return block.id !== id || by === undefined ? [] : [block.serverUsec / by]
  })
}

/** Categories of both, and those that only one of the two was asked for. */
function idsOf(base: CostResult, next: CostResult): [both: string[], alone: string[]] {
  const [before, after] = [base, next].map(({ categories }) => new Set(categories.map(({ id }) => id)))
  const all = [...new Set([...(before ?? []), ...(after ?? [])])]
  const isBoth = (id: string): boolean => before?.has(id) === true && after?.has(id) === true
  return [all.filter(isBoth), all.filter((id) => !isBoth(id))]
}

const outcomeIn = ({ categories }: CostResult, id: string): Outcome | undefined =>
  categories.find((one) => one.id === id)?.outcome

function isLetInNow(base: CostResult, next: CostResult, id: string): boolean {
  const [was, is] = [outcomeIn(base, id), outcomeIn(next, id)]
  return was !== undefined && verdictOf(was) === 'refused' && is !== undefined && verdictOf(is) === 'allowed'
}

function notComparable(
  base: CostResult,
  next: CostResult,
  id: string,
  before: readonly number[],
  after: readonly number[],
): string | undefined {
  const [was, is] = [base, next].map(({ categories }) => categories.find((one) => one.id === id))
  if (was?.notMeasured !== undefined) return `not measured before: ${was.notMeasured}`
  if (is?.notMeasured !== undefined) return `not measured now: ${is.notMeasured}`
  if (before.length < 2) return 'not measured before'
  if (after.length < 2) return 'not measured now'
  if (!(mean(before) > 0 && mean(after) > 0)) return 'a cost of nothing or less was measured: no figure'
  return was?.outcome === is?.outcome
    ? undefined
    : `it ended with ${was?.outcome} before and ends with ${is?.outcome} now: not the same work`
}

function decide(
  { low, high }: Interval,
  floor: number,
  maxRegression: number,
): { change: 'regression' | 'improvement' | 'noise'; reason: string } {
  const limit = Math.max(floor, maxRegression)
  const range = `${percent(low)} to ${percent(high)}`
  if (low > limit)
    return { change: 'regression', reason: `${range}: all of the interval is above ${percent(limit)}` }
  if (high < -floor)
    return { change: 'improvement', reason: `${range}: all of the interval is below ${percent(-floor)}` }
  return {
    change: 'noise',
    reason: `${range}: the interval reaches into what is permitted or cannot be told apart`,
  }
}

function notesOf(base: CostResult, next: CostResult, categories: readonly CategoryChange[]): string[] {
  const control = categories.find(({ id }) => id === 'control')
  const different = [
    ...(base.target.version === next.target.version ? [] : ['TLS version']),
    ...(base.method.concurrency === next.method.concurrency ? [] : ['concurrency']),
    ...(base.method.cpu.kind === next.method.cpu.kind ? [] : ['CPU source']),
    ...(base.target.name === next.target.name ? [] : ['server']),
  ]
  return [
    ...(different.length === 0 ? [] : [`the runs differ in ${different.join(', ')}`]),
    ...(control?.change === 'regression' || control?.change === 'improvement'
      ? [
          'the control lane changed too: the machine or the server as a whole, not verification; see againstControl',
        ]
      : []),
  ]
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
