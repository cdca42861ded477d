/**
 * The Universal Scalability Law (N. Gunther): throughput of n cores with contention and coherency.
 *
 *     X(n) = gamma n / (1 + alpha (n - 1) + beta n (n - 1))
 * @module
 */
import { leastSquares } from '../stats/least-squares.ts'

/** One measured core count. */
export interface ScalingPoint {
  cores: number
  /** Per second. */
  throughput: number
}

/** A fitted law. */
export interface Usl {
  /** Throughput of one core. */
  gamma: number
  /** Contention, share that is serial. */
  alpha: number
  /** Coherency. */
  beta: number
  /** Share of the variance that it explains. */
  rSquared: number
  /** Beyond this many cores nothing was measured: every figure there is extrapolated. */
  largestMeasured: number
  /** Core count of the highest throughput; left out where it grows without end. */
  peakCores?: number
}

/** Throughput of the law. */
export const uslThroughput = (
  { gamma, alpha, beta }: Pick<Usl, 'gamma' | 'alpha' | 'beta'>,
  cores: number,
): number => (gamma * cores) / (1 + alpha * (cores - 1) + beta * cores * (cores - 1))

/**
 * Fits the law to at least three different core counts (Gauss-Newton on the throughput, as R's package usl; started from the
 * linear fit of cores by throughput). Coefficients below zero mean nothing: they are set to zero and the rest is fitted again.
 * @returns undefined for fewer than three core counts.
 */
export function fitUsl(points: readonly ScalingPoint[]): Usl | undefined {
  if (new Set(points.map(({ cores }) => cores)).size < 3) return undefined
  const [fit] = [
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ]
    .map(([alpha = false, beta = false]) => fitFree(points, alpha, beta))
    .filter((one) => one !== undefined && one.alpha >= 0 && one.beta >= 0)
    .toSorted((a, b) => residual(points, a) - residual(points, b))
  if (fit === undefined) return undefined
  const { alpha, beta } = fit
  const middle = points.reduce((sum, { throughput }) => sum + throughput, 0) / points.length
  const spread = points.reduce((sum, { throughput }) => sum + (throughput - middle) ** 2, 0)
  return {
    ...fit,
    rSquared: spread === 0 ? 1 : 1 - residual(points, fit) / spread,
    largestMeasured: Math.max(...points.map(({ cores }) => cores)),
    ...(beta > 0 ? { peakCores: Math.sqrt(Math.max(0, 1 - alpha) / beta) } : {}),
  }
}

type Coefficients = Pick<Usl, 'gamma' | 'alpha' | 'beta'>

const residual = (points: readonly ScalingPoint[], fit: Coefficients | undefined): number =>
  fit === undefined
    ? Number.POSITIVE_INFINITY
    : points.reduce((sum, { cores, throughput }) => sum + (throughput - uslThroughput(fit, cores)) ** 2, 0)

function fitFree(
  points: readonly ScalingPoint[],
  withAlpha: boolean,
  withBeta: boolean,
): Coefficients | undefined {
  const pick = <T>(values: [T, T, T]): T[] =>
    values.filter((_, at) => at === 0 || (at === 1 ? withAlpha : withBeta))
  const spread = (values: readonly number[]): Coefficients => {
    const [gamma = 0, ...rest] = values
    return { gamma, alpha: withAlpha ? (rest[0] ?? 0) : 0, beta: withBeta ? (rest.at(-1) ?? 0) : 0 }
  }
  // n / X is linear in 1/gamma, alpha/gamma, beta/gamma; weights undo what the reciprocal does to errors.
  const linear = leastSquares(
    points.map(({ cores: n }) => pick([1, n - 1, n * (n - 1)])),
    points.map(({ cores, throughput }) => cores / throughput),
    points.map(({ cores, throughput }) => (throughput ** 2 / cores) ** 2),
  )
  if (linear === undefined) return undefined
  const inverse = linear[0] ?? Number.NaN
  let fit = spread([1 / inverse, ...linear.slice(1).map((value) => value / inverse)])
  for (let round = 0; round < 50; round += 1) {
    const { gamma, alpha, beta } = fit
    const step = leastSquares(
      points.map(({ cores: n }) => {
        const below = 1 + alpha * (n - 1) + beta * n * (n - 1)
        return pick([n / below, (-gamma * n * (n - 1)) / below ** 2, (-gamma * n * n * (n - 1)) / below ** 2])
      }),
      points.map(({ cores, throughput }) => throughput - uslThroughput(fit, cores)),
    )
    if (step === undefined) break
    const change = spread(step)
    const next = { gamma: gamma + change.gamma, alpha: alpha + change.alpha, beta: beta + change.beta }
    if (!(residual(points, next) <= residual(points, fit))) break
    fit = next
  }
  return Number.isFinite(fit.gamma) && fit.gamma > 0 ? fit : undefined
}
