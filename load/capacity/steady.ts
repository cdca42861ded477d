/**
 * Whether a window of seconds was steady.
 * @module
 */
import { mean, variation } from '../stats/describe.ts'

/** Most that seconds of a steady window vary (Georges et al., OOPSLA 2007: 2 to 5 %). */
export const steadyVariation = 0.05

/** Most that the later half of a window may use more or less CPU than the earlier one. */
export const mostTrend = 0.2

/** Later half against the earlier half, share; 0 for fewer than four values. */
export function trend(series: readonly number[]): number {
  if (series.length < 4) return 0
  const half = Math.floor(series.length / 2)
  const change = mean(series.slice(-half)) / mean(series.slice(0, half)) - 1
  return Number.isFinite(change) ? change : 0
}

/**
 * Variation of the seconds that counting alone does not explain: n attempts in a second vary by chance (at fixed
 * intervals less), which is not unsteadiness.
 */
export function unexplainedVariation(perSecond: readonly number[]): number {
  const all = variation(perSecond)
  const chance = 1 / mean(perSecond)
  return Number.isFinite(all) ? Math.sqrt(Math.max(0, all * all - chance)) : 0
}
