/**
 * Bootstrap confidence intervals. The unit that is drawn is the block (or the round): attempts within a block are not
 * independent of each other.
 *
 * The plain percentile interval is too narrow for a dozen blocks. Its ends are moved outwards by as much as Student's
 * distribution differs from the normal one ("expanded percentile", T. Hesterberg, The American Statistician 69, 2015).
 *
 * Rows in order of time resemble their neighbours (machines have good and bad seconds): stretches of them are drawn then, from a
 * circle ("circular block bootstrap", D. Politis and J. Romano, Stanford TR 370, 1991), or the interval is too narrow again.
 * @module
 */
import { mean, quantileOfSorted } from './describe.ts'
import { normalBelow, studentQuantile } from './distributions.ts'
import { seededRandom } from './random.ts'

/** A figure with its confidence interval, in the figure's own unit. */
export interface Interval {
  estimate: number
  low: number
  high: number
}

/** How intervals are made. */
export interface BootstrapOptions {
  /** Share of runs whose interval holds the true value. Default 0.95. */
  level?: number
  /** Resamples. Default 2000. */
  resamples?: number
  /** Default 1. */
  seed?: number
  /** The rows are in order of time. Default: they are in no order. */
  series?: boolean
}

/**
 * The interval of any statistic of rows (a row: one block, or everything of one round, kept together).
 * With fewer than two rows nothing is known of the spread: the interval is infinite.
 */
export function bootstrap<T>(
  rows: readonly T[],
  statistic: (rows: readonly T[]) => number,
  options: BootstrapOptions = {},
): Interval {
  const estimate = statistic(rows)
  if (rows.length < 2) return unknown(estimate)
  const draw = drawer(options)
  return between(estimate, rows.length, options, () => statistic(draw(rows)))
}

/** The interval of a mean. */
export const bootstrapMean = (values: readonly number[], options: BootstrapOptions = {}): Interval =>
  bootstrap(values, mean, options)

/** The interval of a statistic of two independent samples, each drawn by itself. */
export function bootstrapTwo(
  first: readonly number[],
  second: readonly number[],
  statistic: (first: readonly number[], second: readonly number[]) => number,
  options: BootstrapOptions = {},
): Interval {
  const estimate = statistic(first, second)
  const smaller = Math.min(first.length, second.length)
  if (smaller < 2) return unknown(estimate)
  const draw = drawer(options)
  return between(estimate, smaller, options, () => statistic(draw(first), draw(second)))
}

/** Half of the interval's width as a share of the estimate; infinite where it is not known. */
export const relativeHalfWidth = ({ estimate, low, high }: Interval): number => {
  const share = (high - low) / 2 / Math.abs(estimate)
  return Number.isNaN(share) ? Number.POSITIVE_INFINITY : share
}

/** Whether two intervals have a value in common. */
export const overlap = (a: Interval, b: Interval): boolean => a.low <= b.high && b.low <= a.high

function between(estimate: number, n: number, options: BootstrapOptions, draw: () => number): Interval {
  const { level = 0.95, resamples = 2000 } = options
  // Stretches are what is independent.
  const units = n / stretchOf(n, options)
  const draws = Float64Array.from({ length: resamples }, draw).sort()
  const tail = (1 - level) / 2
  const expanded = normalBelow(Math.sqrt(units / (units - 1)) * studentQuantile(tail, units - 1))
  return {
    estimate,
    low: quantileOfSorted(draws, expanded),
    high: quantileOfSorted(draws, 1 - expanded),
  }
}

const unknown = (estimate: number): Interval => ({
  estimate,
  low: Number.NEGATIVE_INFINITY,
  high: Number.POSITIVE_INFINITY,
})

/** Rows that are drawn together: about the cube root of their number is the usual length. */
const stretchOf = (rows: number, { series = false }: BootstrapOptions): number =>
  series ? Math.round(Math.cbrt(rows)) : 1

/** Draws as many rows as there are. */
function drawer(options: BootstrapOptions): <T>(rows: readonly T[]) => T[] {
  const random = seededRandom(options.seed ?? 1)
  return <T>(rows: readonly T[]) => {
    const stretch = stretchOf(rows.length, options)
    const drawn: T[] = []
    for (let at = 0; drawn.length < rows.length; at += 1) {
      if (drawn.length % stretch === 0) at = Math.floor(random() * rows.length)
      drawn.push(rows[at % rows.length] as T)
    }
    return drawn
  }
}
