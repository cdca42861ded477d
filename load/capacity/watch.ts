/**
 * Reads a server's CPU once a second of a window.
 * @module
 */
import type { CpuSource } from '../cpu/types.ts'

/**
 * Starts to read.
 * @returns `stop` ends it early; `series` gives the cores that were busy in each second.
 */
export function watchCpu(
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
