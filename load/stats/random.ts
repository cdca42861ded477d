/**
 * Random numbers that can be repeated: the same seed gives the same resamples and the same block order, so a result can be
 * worked out again from its file.
 * @module
 */

/** Next number in [0, 1). */
export type Random = () => number

/** sfc32 (Chris Doty-Humphrey, PractRand), seeded from one number. */
export function seededRandom(seed: number): Random {
  let a = 0x9e3779b9
  let b = 0x243f6a88
  let c = seed >>> 0
  let counter = 1
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return (sum >>> 0) / 2 ** 32
  }
  // The first outputs still show the seed.
  for (let n = 0; n < 15; n += 1) next()
  return next
}

/** The items in a random order (Fisher-Yates); the given list stays as it is. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const pool = [...items]
  const order: T[] = []
  while (pool.length > 0) order.push(...pool.splice(Math.floor(random() * pool.length), 1))
  return order
}
