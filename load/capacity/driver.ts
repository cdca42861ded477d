/**
 * The built-in generator as a driver: valid traffic, or a mix of it with invalid.
 * @module
 */

import { unexpectedIn } from '../cost/preflight.ts'
import type { CpuSource } from '../cpu/types.ts'
import type { Generator } from '../engine/generator.ts'
import type { Lane, Outcome } from '../engine/types.ts'
import { latencyOf, mergeHistograms } from '../stats/histogram.ts'
import type { LoadDriver } from './types.ts'

/** Traffic at a rate of which each lane has a share. */
export interface DriverOptions {
  generator: Generator
  /** The first lane is the users': its latency counts. */
  lanes: readonly { lane: Lane; share: number; expected: Outcome }[]
  /** The server's CPU, where it is known. */
  cpu?: CpuSource
  /** Attempts in flight at most. Default 512. */
  maxInFlight?: number
}

/** Makes a driver. */
export function engineDriver({ generator, lanes, cpu, maxInFlight }: DriverOptions): LoadDriver {
  return {
    describe: generator.describe,
    async step({ rate, settleMs, sustainMs }, signal) {
      const watch = cpu === undefined ? undefined : watchCpu(cpu, settleMs, sustainMs)
      const result = await generator
        .open(
          {
            lanes: lanes.map(({ lane }) => lane),
            rates: lanes.map(({ share }) => share * rate),
            settleMs,
            sustainMs,
            ...(maxInFlight === undefined ? {} : { maxInFlight }),
          },
          signal,
        )
        .finally(() => watch?.stop())
      const busy = (await watch?.series()) ?? []
      const unexpected = lanes.reduce(
        (sum, { expected }, at) => sum + unexpectedIn(result.lanes[at]?.outcomes ?? {}, expected),
        0,
      )
      const latency = latencyOf(mergeHistograms(result.lanes.slice(0, 1).map((lane) => lane.latency)))
      return {
        rate,
        offered: result.offered,
        achieved: result.completed - unexpected,
        unexpected,
        dropped: result.dropped,
        ...(latency === undefined ? {} : { p99Ms: latency.p99, p50Ms: latency.p50 }),
        perSecond: result.perSecond,
        serverBusyPerSecond: busy,
        ...(busy.length === 0 ? {} : { serverBusy: busy.reduce((sum, one) => sum + one, 0) / busy.length }),
        clientBusy: result.clientCpuUsec / 1000 / result.wallMs,
        clientCores: 1,
        startLagMs: result.startLagMs,
      }
    },
  }
}

/** Reads the CPU once a second of the sustain window. */
function watchCpu(
  cpu: CpuSource,
  settleMs: number,
  sustainMs: number,
): { stop: () => void; series: () => Promise<number[]> } {
  const readings: Promise<{ at: number; usec: number }>[] = []
  let failure: unknown
  const read = (): void => {
    const reading = cpu.sample().then(({ cpuUsec }) => ({ at: performance.now(), usec: cpuUsec }))
    // Looked at when the step is over.
    reading.catch((error: unknown) => {
      failure ??= error
    })
    readings.push(reading)
  }
  const seconds = Math.floor(sustainMs / 1000)
  const timers = Array.from({ length: seconds + 1 }, (_, second) =>
    setTimeout(read, settleMs + second * 1000),
  )
  return {
    stop: () => {
      for (const timer of timers) clearTimeout(timer)
    },
    series: async () => {
      const points = await Promise.all(readings)
      if (failure !== undefined) throw failure
      return points.slice(1).map(({ at, usec }, index) => {
        const before = points[index]
        return before === undefined ? 0 : (usec - before.usec) / 1000 / (at - before.at)
      })
    },
  }
}
