/**
 * What was probably meant.
 * @module
 */

/** Number of letters inserted, deleted, replaced or swapped with their neighbour (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min(at(previous, j) + 1, at(row, j - 1) + 1, at(previous, j - 1) + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, at(before, j - 2) + 1)
      row.push(best)
    }
    before = previous
    previous = row
  }
  return at(previous, b.length)
}

const at = (row: readonly number[], index: number): number => row[index] ?? Number.POSITIVE_INFINITY

/** `did you mean X? ` where something is near, and where to look in any case. */
export const suggestion = (near: string | undefined, look: string): string =>
  near === undefined ? look : `did you mean ${near}? ${look}`

/** The candidate that `written` is nearest to, if near enough to be a slip; case, `-` and `_` do not count. */
export function nearest(written: string, candidates: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replace(/[-_ ]/g, '')
  const from = plain(written)
  if (from === '' || from.length > 40) return undefined
  let best: string | undefined
  let least = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const distance = editDistance(from, plain(candidate))
    if (distance < least) [best, least] = [candidate, distance]
  }
  return least <= Math.max(1, Math.floor(from.length / 3)) ? best : undefined
}
