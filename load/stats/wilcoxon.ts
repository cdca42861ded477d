/**
 * Wilcoxon's signed-rank test: whether paired differences lie about zero.
 * @module
 */
import { normalBelow } from './distributions.ts'

/** Result of the test. */
export interface Wilcoxon {
  /** Sum of the ranks of the positive differences. */
  w: number
  /** Differences that are not zero. */
  n: number
  /** Two-sided. 1 when no difference is left. */
  p: number
}

/** Up to here the distribution is counted out; beyond, and with ties, the normal approximation is good. */
const exactUpTo = 30

/** The test on paired differences. Zeros are left out (Wilcoxon's own way), ties get their mean rank. */
export function wilcoxonSignedRank(differences: readonly number[]): Wilcoxon {
  const kept = differences.filter((value) => value !== 0)
  const n = kept.length
  if (n === 0) return { w: 0, n, p: 1 }
  const sizes = kept.map(Math.abs)
  const sorted = sizes.toSorted((a, b) => a - b)
  const rank = (size: number): number => (sorted.indexOf(size) + sorted.lastIndexOf(size)) / 2 + 1
  const w = kept.reduce((sum, value) => (value > 0 ? sum + rank(Math.abs(value)) : sum), 0)
  const ties = tieGroups(sorted)
  return { w, n, p: n <= exactUpTo && ties.length === 0 ? exact(w, n) : approximate(w, n, ties) }
}

function tieGroups(sorted: readonly number[]): number[] {
  const counts = new Map<number, number>()
  for (const value of sorted) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts.values()].filter((count) => count > 1)
}

/** Every sign is a coin: counts the sets of ranks by their sum. */
function exact(w: number, n: number): number {
  const most = (n * (n + 1)) / 2
  let ways = [1]
  for (let rank = 1; rank <= n; rank += 1) {
    const before = ways
    ways = Array.from(
      { length: before.length + rank },
      (_, sum) => (before[sum] ?? 0) + (before[sum - rank] ?? 0),
    )
  }
  const low = Math.min(w, most - w)
  const tail = ways.slice(0, low + 1).reduce((sum, count) => sum + count, 0) / 2 ** n
  return Math.min(1, 2 * tail)
}

function approximate(w: number, n: number, ties: readonly number[]): number {
  const centre = (n * (n + 1)) / 4
  const corrected = ties.reduce((sum, count) => sum + (count ** 3 - count) / 48, 0)
  const spread = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24 - corrected)
  const distance = Math.max(0, Math.abs(w - centre) - 0.5)
  return Math.min(1, 2 * normalBelow(-distance / spread))
}
