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
import { watchCpu } from './watch.ts'

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
        timeouts: result.lanes.reduce((sum, { outcomes }) => sum + (outcomes.timeout ?? 0), 0),
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
