/**
 * CPU time of processes from /proc. Where there is none (macOS, Windows), nothing is measurable.
 * @module
 */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { type GeneratorVerdict, type Measured, notMeasurable } from '../flood/types.ts'

/** USER_HZ: 100 on every architecture that Node runs on. */
const ticksPerSecond = 100

/** User and system seconds of a living process, all threads, ended ones too (granularity 10 ms). */
export function cpuSecondsOf(pid: number, read = readFileSync): number | undefined {
  try {
    const stat = read(`/proc/${pid}/stat`, 'utf8') as string
    // The name, in parentheses, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = Number(fields[11]) + Number(fields[12])
    return Number.isFinite(ticks) ? ticks / ticksPerSecond : undefined
  } catch {
    return undefined
  }
}

/** Above this share of the cores, delays are the generator's as likely as the server's (load-anchors 3.4). */
export const limitedAbove = 0.7

/**
 * Whether the generator was the limit.
 * @param cpu seconds used by each process; undefined where it could not be read.
 */
export function generatorVerdict(options: {
  cpu: readonly (number | undefined)[]
  seconds: number
  dropped: number
  cores?: number
}): GeneratorVerdict {
  const { cpu, seconds, dropped, cores = availableParallelism() } = options
  const known = cpu.every((one) => one !== undefined) && seconds > 0
  const coresUsed: Measured = known
    ? cpu.reduce<number>((sum, one) => sum + (one ?? 0), 0) / seconds
    : notMeasurable
  const reasons: string[] = []
  if (coresUsed !== notMeasurable && coresUsed > cores * limitedAbove) {
    reasons.push(`k6 used ${coresUsed.toFixed(2)} of ${cores} cores`)
  }
  if (dropped > 0) reasons.push(`${dropped} attempts were not begun: no virtual user was free`)
  const limited: Measured<boolean> =
    reasons.length > 0 ? true : coresUsed === notMeasurable ? notMeasurable : false
  return { limited, coresUsed, cores, reasons }
}
