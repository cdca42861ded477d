/**
 * What `/proc` says of one process. Read synchronously: the files are in memory, and a hundred of them through the thread
 * pool take ten times as long, twice per block.
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Microseconds per clock tick of `/proc/PID/stat`: USER_HZ is 100 in the interface of every Linux that Node runs on. */
export const tickUsec = 10_000

/** Fields of `/proc/PID/stat`, times in microseconds. */
export interface ProcessStat {
  parent: number
  /** Distinguishes a process from a later one with the same number. */
  startTime: string
  /** Its own time, threads that ended included; cut to whole ticks, twice (user and system). */
  ownUsec: number
  /** Time of children that ended and were waited for, and of theirs. */
  reapedUsec: number
}

/** @returns undefined when the process is gone. */
export function readStat(pid: number, proc = '/proc'): ProcessStat | undefined {
  const text = textNow(join(proc, String(pid), 'stat'))
  if (text === undefined) return undefined
  // The name stands in brackets and may hold anything, brackets and spaces too.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const at = (position: number): number => Number(fields[position - 3] ?? Number.NaN)
  return {
    parent: at(4),
    startTime: fields[22 - 3] ?? '',
    ownUsec: (at(14) + at(15)) * tickUsec,
    reapedUsec: (at(16) + at(17)) * tickUsec,
  }
}

/** CPU time of each live thread, microseconds, from the scheduler (nanoseconds there). */
export function readThreads(pid: number, proc = '/proc'): Map<string, number> {
  const folder = join(proc, String(pid), 'task')
  const threads = new Map<string, number>()
  for (const thread of namesIn(folder)) {
    const [nanoseconds] = (textNow(join(folder, thread, 'schedstat')) ?? '').split(' ')
    if (nanoseconds !== undefined && nanoseconds !== '') threads.set(thread, Number(nanoseconds) / 1000)
  }
  return threads
}

/** Numbers of all processes. */
export const allPids = (proc = '/proc'): number[] =>
  namesIn(proc)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)

/** Undefined when it is gone. */
function textNow(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
