/**
 * Circumstances that spoil a measurement: time stolen by the hypervisor, throttling by a CPU limit, a changing clock.
 * @module
 */
import { join } from 'node:path'
import { keyed, textOf } from './read.ts'

/** Counters at one moment; undefined: this machine does not tell. */
export interface MachineCounters {
  /** CPU time of all cores, microseconds, idle included. */
  totalUsec?: number
  stealUsec?: number
  /** Of the server's cgroup, where it has one. */
  throttledPeriods?: number
  throttledUsec?: number
  /** Each core's clock now, MHz. */
  mhz?: readonly number[]
}

/** What happened between two moments. */
export interface MachineContext {
  /** Share of all CPU time that the hypervisor gave to others. */
  stealShare?: number
  throttledPeriods?: number
  throttledMs?: number
  /** Slowest and fastest clock seen, MHz. */
  mhz?: [slowest: number, fastest: number]
}

/** Reads the counters. @param cgroup folder of the server's group, for throttling. */
export async function readMachine(cgroup?: string, root = '/'): Promise<MachineCounters> {
  const [cpu = ''] = ((await textOf(join(root, 'proc/stat'))) ?? '').split('\n')
  const ticks = cpu.startsWith('cpu ') ? cpu.trim().split(/\s+/).slice(1, 9).map(Number) : []
  const throttle = cgroup === undefined ? undefined : keyed((await textOf(join(cgroup, 'cpu.stat'))) ?? '')
  const info = (await textOf(join(root, 'proc/cpuinfo'))) ?? ''
  const mhz = [...info.matchAll(/^cpu MHz\s*:\s*([\d.]+)$/gm)].map(([, value]) => Number(value))
  const steal = ticks[7]
  const periods = throttle?.get('nr_throttled')
  // The first version counts nanoseconds.
  const first = throttle?.get('throttled_time')
  const throttled = throttle?.get('throttled_usec') ?? (first === undefined ? undefined : first / 1000)
  return {
    ...(ticks.length === 8 ? { totalUsec: ticks.reduce((a, b) => a + b, 0) * 10_000 } : {}),
    ...(steal === undefined ? {} : { stealUsec: steal * 10_000 }),
    ...(periods === undefined ? {} : { throttledPeriods: periods }),
    ...(throttled === undefined ? {} : { throttledUsec: throttled }),
    ...(mhz.length === 0 ? {} : { mhz }),
  }
}

/** What happened between two readings. */
export function machineContext(before: MachineCounters, after: MachineCounters): MachineContext {
  const grown = (name: Exclude<keyof MachineCounters, 'mhz'>): number | undefined => {
    const [from, to] = [before[name], after[name]]
    return from === undefined || to === undefined ? undefined : to - from
  }
  const total = grown('totalUsec')
  const steal = grown('stealUsec')
  const periods = grown('throttledPeriods')
  const throttled = grown('throttledUsec')
  const clocks = [...(before.mhz ?? []), ...(after.mhz ?? [])]
  return {
    ...(total === undefined || steal === undefined || total <= 0 ? {} : { stealShare: steal / total }),
    ...(periods === undefined ? {} : { throttledPeriods: periods }),
    ...(throttled === undefined ? {} : { throttledMs: throttled / 1000 }),
    ...(clocks.length === 0 ? {} : { mhz: [Math.min(...clocks), Math.max(...clocks)] as [number, number] }),
  }
}
