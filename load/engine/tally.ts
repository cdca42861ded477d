/**
 * Counts attempts of one lane.
 * @module
 */
import type { Histogram } from 'hdr-histogram-js'
import { createHistogram, encodeHistogram, record } from '../stats/histogram.ts'
import type { AttemptResult } from './attempt.ts'
import type { LaneResult, Outcome } from './types.ts'

/** One lane's counters. */
export class Tally {
  readonly #id: string
  readonly #outcomes: Partial<Record<Outcome, number>> = {}
  readonly #alerts: Record<string, number> = {}
  readonly #latency: Histogram = createHistogram()
  #problem: string | undefined
  #bytes = 0
  #count = 0

  constructor(id: string) {
    this.#id = id
  }

  /** @param latencyMs time to the verdict, from wherever the load counts it. */
  add({ outcome, alert, problem, bytesWritten }: AttemptResult, latencyMs: number): void {
    this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1
    if (alert !== undefined) this.#alerts[alert] = (this.#alerts[alert] ?? 0) + 1
    this.#problem ??= problem
    this.#bytes += bytesWritten
    this.#count += 1
    record(this.#latency, latencyMs)
  }

  result(): LaneResult {
    return {
      id: this.#id,
      outcomes: this.#outcomes,
      alerts: this.#alerts,
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
      latency: encodeHistogram(this.#latency),
      meanBytesWritten: this.#count === 0 ? 0 : this.#bytes / this.#count,
    }
  }
}
