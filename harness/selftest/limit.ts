/**
 * So many at the same time, the others in the order they came.
 * @module
 */

/** Wraps an asynchronous function: at most `most` calls of it run at the same time. */
export function limited<Arguments extends readonly unknown[], Result>(
  most: number,
  run: (...given: Arguments) => Promise<Result>,
): (...given: Arguments) => Promise<Result> {
  let running = 0
  const waiting: (() => void)[] = []
  return async (...given) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    else running += 1
    try {
      return await run(...given)
    } finally {
      // Who leaves hands the place on: nobody can slip in between.
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}
