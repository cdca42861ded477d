/**
 * Latency histograms that can be stored and merged (HdrHistogram, V2 compressed, base64: readable by every port of it).
 * Values are whole microseconds with three significant digits, up to ten minutes.
 * @module
 */
import { createRequire } from 'node:module'
import type { Histogram } from 'hdr-histogram-js'

// Its entry imports without extensions: only require() can load it.
const hdr = createRequire(import.meta.url)('hdr-histogram-js') as typeof import('hdr-histogram-js')

const longest = 600_000_000

/** Percentiles in milliseconds. */
export interface Latency {
  count: number
  min: number
  p50: number
  p90: number
  p99: number
  max: number
}

/** An empty histogram. */
export const createHistogram = (): Histogram =>
  hdr.build({
    bitBucketSize: 64,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: longest,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  })

/** Records a time in milliseconds; what is longer than ten minutes counts as ten minutes. */
export const record = (histogram: Histogram, milliseconds: number): void =>
  histogram.recordValue(Math.min(longest, Math.max(1, Math.round(milliseconds * 1000))))

/** As text. */
export const encodeHistogram = (histogram: Histogram): string => hdr.encodeIntoCompressedBase64(histogram)

/** All of them as one; none: an empty one. @throws Error when a text is no histogram. */
export function mergeHistograms(encoded: readonly string[]): Histogram {
  const whole = createHistogram()
  for (const text of encoded) whole.add(hdr.decodeFromCompressedBase64(text, 64, false))
  return whole
}

/** Its percentiles; undefined when nothing was recorded: no time is not a time of zero. */
export function latencyOf(histogram: Histogram): Latency | undefined {
  if (histogram.totalCount === 0) return undefined
  const at = (percentile: number): number => histogram.getValueAtPercentile(percentile) / 1000
  return {
    count: histogram.totalCount,
    // Through the buckets like the others: a decoded histogram no longer knows its exact ends.
    min: at(0),
    p50: at(50),
    p90: at(90),
    p99: at(99),
    max: at(100),
  }
}
