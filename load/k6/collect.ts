/**
 * Samples of one lane, whatever the number of processes they came from, and what a window of time of them says.
 * @module
 */
import { type LaneNumbers, type Measured, notMeasurable, type Quantiles } from '../flood/types.ts'
import { count, noOutcomes, type Outcome } from './outcome.ts'
import type { Sample } from './samples.ts'

/** Epoch milliseconds, `to` excluded. */
export interface Window {
  from: number
  to: number
}

/** Exact quantiles. Does not change `values`. */
export function quantiles(values: readonly number[]): Measured<Quantiles> {
  if (values.length === 0) return notMeasurable
  const sorted = Float64Array.from(values).sort()
  const at = (share: number): number => {
    const place = (sorted.length - 1) * share
    const low = sorted[Math.floor(place)] ?? 0
    const high = sorted[Math.ceil(place)] ?? low
    return low + (high - low) * (place - Math.floor(place))
  }
  return {
    count: sorted.length,
    min: at(0),
    mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    p50: at(0.5),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
    max: at(1),
  }
}

/** A duration that began some time. */
export interface Timed {
  /** Epoch milliseconds. */
  began: number
  value: number
}

/** Collects. */
export class Collector {
  readonly #attempts: (Timed & { outcome: Outcome })[] = []
  readonly #handshakes: Timed[] = []
  readonly #dropped: { at: number; value: number }[] = []
  #first: number | undefined
  #last = 0

  /** When the first attempt began; undefined: none did. */
  get first(): number | undefined {
    return this.#first
  }

  /** When the last attempt began. */
  get last(): number {
    return this.#last
  }

  /** Every attempt so far, in the order they ended. */
  get attempts(): readonly (Timed & { outcome: Outcome })[] {
    return this.#attempts
  }

  /** When the first attempt was dropped; undefined: none was. */
  get firstDrop(): number | undefined {
    return this.#dropped[0]?.at
  }

  /** Attempts so far. */
  get total(): number {
    return this.#attempts.length
  }

  add(sample: Sample): void {
    if (sample.metric === 'own') return
    const { at, value } = sample
    if (sample.metric === 'dropped') {
      this.#dropped.push({ at, value })
      return
    }
    if (sample.metric === 'handshake') {
      // Its time is the end of the request; when the handshake began it does not say.
      this.#handshakes.push({ began: at, value })
      return
    }
    const timed = { began: at - value, value }
    this.#attempts.push({ ...timed, outcome: sample.outcome })
    if (this.#first === undefined || timed.began < this.#first) this.#first = timed.began
    if (timed.began > this.#last) this.#last = timed.began
  }

  /** Numbers of a window, by when attempts began (handshakes: when their request ended); default: everything. */
  numbers(window?: Window): LaneNumbers {
    const { from, to } = window ?? { from: this.#first ?? 0, to: this.#last + 1 }
    const inside = ({ began }: Timed): boolean => window === undefined || (began >= from && began < to)
    const attempts = this.#attempts.filter(inside)
    const outcomes = noOutcomes()
    for (const { outcome } of attempts) count(outcomes, outcome)
    const handshakes = this.#handshakes.filter(inside)
    // 0 is what k6 writes where the handshake failed, and no handshake takes no time: it must not count as quick.
    const timed = handshakes.filter(({ value }) => value > 0)
    const values = (list: readonly Timed[]): number[] => list.map(({ value }) => value)
    return {
      attempts: outcomes,
      achieved: attempts.length / Math.max(0.001, (to - from) / 1000),
      dropped: this.#dropped
        .filter(({ at }) => window === undefined || (at >= from && at < to))
        .reduce((sum, { value }) => sum + value, 0),
      latency: quantiles(values(attempts)),
      acceptedLatency: quantiles(values(attempts.filter(({ outcome }) => outcome.kind === 'accepted'))),
      handshake: quantiles(values(timed)),
      handshakesWithoutTime: handshakes.length - timed.length,
    }
  }
}
