/**
 * Mean, spread, quantiles.
 * @module
 */

/** NaN for an empty list. */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** Sample standard deviation (n - 1); NaN for fewer than two values. */
export function deviation(values: readonly number[]): number {
  if (values.length < 2) return Number.NaN
  const middle = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1))
}

/** Coefficient of variation: standard deviation by mean, as a share of one. NaN for fewer than two values. */
export const variation = (values: readonly number[]): number => deviation(values) / Math.abs(mean(values))

/**
 * Quantile of values that are sorted upwards, interpolated as R does by default (type 7); NaN for an empty list.
 * @param share in [0, 1].
 */
export function quantileOfSorted(sorted: ArrayLike<number>, share: number): number {
  const at = (sorted.length - 1) * Math.min(1, Math.max(0, share))
  const below = sorted[Math.floor(at)] ?? Number.NaN
  const above = sorted[Math.ceil(at)] ?? Number.NaN
  return below + (above - below) * (at - Math.floor(at))
}

/** As {@link quantileOfSorted}, for values in any order. */
export const quantile = (values: readonly number[], share: number): number =>
  quantileOfSorted(
    values.toSorted((a, b) => a - b),
    share,
  )
