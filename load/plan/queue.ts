/**
 * Waiting for a core: M/G/c by Allen and Cunneen. A curve to plan with and to compare with measured points, not a measurement.
 *
 * Arrivals are taken as random (Poisson). The spread of service times within a category is not known from its mean cost; it
 * is taken as exponential, which errs towards more cores.
 * @module
 */

/** Probability that an arrival waits with c servers and an offered load of `load` servers (Erlang C); 1 when overloaded. */
export function erlangC(servers: number, load: number): number {
  if (load >= servers) return 1
  // Erlang B by its recursion: no factorials, no overflow.
  let blocked = 1
  for (let n = 1; n <= servers; n += 1) blocked = (load * blocked) / (n + load * blocked)
  return blocked / (1 - (load / servers) * (1 - blocked))
}

/** Traffic of one kind. */
export interface Stream {
  /** Per second. */
  rate: number
  /** Mean service time, seconds. */
  service: number
}

/**
 * 99th percentile of waiting plus service, milliseconds; infinite when overloaded.
 * @param slowdown factor on service times by which many cores are slower than one.
 */
export function responseP99(streams: readonly Stream[], servers: number, slowdown = 1): number {
  const rate = streams.reduce((sum, stream) => sum + stream.rate, 0)
  if (rate === 0) return 0
  const mean = (streams.reduce((sum, one) => sum + one.rate * one.service, 0) / rate) * slowdown
  const square =
    (streams.reduce((sum, one) => sum + one.rate * 2 * one.service ** 2, 0) / rate) * slowdown ** 2
  const load = rate * mean
  if (load >= servers) return Number.POSITIVE_INFINITY
  const waits = erlangC(servers, load)
  // Variation of arrivals (1) and of services scales the M/M/c wait.
  const scale = (1 + square / mean ** 2 - 1) / 2
  const decay = (servers / mean - rate) / scale
  const waiting = waits <= 0.01 ? 0 : Math.log(waits / 0.01) / decay
  const serving = mean * Math.log(100)
  return 1000 * (waiting + serving)
}
