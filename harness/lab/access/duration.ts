/**
 * Durations as Go writes them, `8760h`, `30m`, `1h30m`, which is how the Access API takes them.
 * @module
 */

const milliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** Longer than this is no duration to Go: 2^63 ns, 292 years. */
const longest = 2 ** 63 / 1e6

const part = String.raw`(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h)`
const whole = new RegExp(`^\\+?(?:0|(?:${part})+)$`)
const parts = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g

/**
 * Milliseconds of a Go duration (`time.ParseDuration`); undefined when it is none. Negative ones are refused here: no
 * field of the API has a use for them.
 */
export function parseDuration(text: string): number | undefined {
  if (text.length > 64 || !whole.test(text)) return undefined
  let total = 0
  for (const [, amount = '', unit = ''] of text.matchAll(parts)) {
    total += Number(amount) * (milliseconds[unit] ?? Number.NaN)
  }
  return total < longest ? total : undefined
}

/**
 * When something with this duration ends: epoch milliseconds, or `Infinity` for `forever`; undefined when the text is no
 * duration.
 */
export function endOf(duration: string, from: number): number | undefined {
  if (duration === 'forever') return Number.POSITIVE_INFINITY
  const length = parseDuration(duration)
  return length === undefined ? undefined : from + length
}
