/**
 * Medians and rows.
 * @module
 */

/** One row of figures. */
export interface Figure {
  what: string
  value: string
}

/** Runs `work` `times` times after one warm-up; milliseconds per run, sorted. */
export async function timed(times: number, work: () => unknown): Promise<number[]> {
  await work()
  const taken: number[] = []
  for (let n = 0; n < times; n += 1) {
    const start = performance.now()
    await work()
    taken.push(performance.now() - start)
  }
  return taken.toSorted((a, b) => a - b)
}

/** The middle of sorted figures. */
export const median = (sorted: readonly number[]): number =>
  sorted[Math.floor(sorted.length / 2)] ?? Number.NaN

/** Median with least and most, in milliseconds. */
export const spread = (sorted: readonly number[]): string =>
  `${median(sorted).toFixed(1)} ms (${sorted[0]?.toFixed(1)} to ${sorted.at(-1)?.toFixed(1)}, n=${sorted.length})`

/** Prints a section. */
export function print(title: string, figures: readonly Figure[]): void {
  const width = Math.max(...figures.map(({ what }) => what.length))
  process.stdout.write(`\n${title}\n`)
  for (const { what, value } of figures) process.stdout.write(`  ${what.padEnd(width)}  ${value}\n`)
}
