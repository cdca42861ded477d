/**
 * CPU time of a process and everything below it, by pid.
 *
 * The scheduler's own counter (`/proc/PID/task/TID/schedstat`, nanoseconds) is exact but only there while the thread lives;
 * `/proc/PID/stat` also counts what ended, cut to ticks of 10 ms. So: live threads exactly; of a thread or process that ended
 * since the last reading the last exact value is kept, and what it used after that is taken from the tick counters, with
 * their resolution, and said in the notes. Never seen is what a child used that was not waited for (its parent ignores
 * SIGCHLD), or that lived and died between two readings below a parent that ended too.
 * @module
 */
import { HarnessError } from '../../harness/errors.ts'
import { allPids, type ProcessStat, readStat, readThreads, tickUsec } from './proc.ts'
import { unreadable } from './read.ts'
import type { CpuSource } from './types.ts'

/** User and system time are each cut to a whole tick. */
const coarse = 2 * tickUsec

interface Known {
  stat: ProcessStat
  /** Exact time of the threads that live. */
  live: Map<string, number>
  /** Time of threads that ended: the last exact values, raised to what the tick counter proves. */
  ended: number
  /** Time of waited-for children that is counted already, because they were watched while they lived. */
  watched: number
  /** Time of waited-for children that never were in a reading. */
  unwatched: number
}

/**
 * Watches a process tree.
 * @param proc where procfs is mounted.
 * @throws HarnessError ERR_PLATFORM when the process does not exist, or the kernel keeps no schedstat.
 */
export async function processSource(pid: number, proc = '/proc'): Promise<CpuSource> {
  const first = readStat(pid, proc)
  if (first === undefined) throw unreadable(`there is no process ${pid}`)
  if (readThreads(pid, proc).size === 0) {
    throw unreadable(`the kernel keeps no schedstat of process ${pid}`, 'measure its cgroup instead')
  }
  const tree = new Tree(pid, first.startTime, proc)
  return {
    kind: 'process tree',
    describe: `process ${pid} and its children`,
    sample: async () => tree.sample(),
  }
}

class Tree {
  readonly #root: number
  readonly #startTime: string
  readonly #proc: string
  readonly #known = new Map<number, Known>()
  /** Of processes that are gone. */
  #gone = 0
  #newest = 0

  constructor(root: number, startTime: string, proc: string) {
    this.#root = root
    this.#startTime = startTime
    this.#proc = proc
  }

  sample(): { cpuUsec: number; resolutionUsec: number; notes: string[] } {
    const stats = this.#members()
    const notes: string[] = []
    // Leaves before their parents: what a parent waited for is compared with what was seen of it.
    for (const [pid, known] of [...this.#known]) {
      if (stats.get(pid)?.startTime !== known.stat.startTime) this.#bury(pid, known, notes)
    }
    for (const [pid, stat] of stats) this.#update(pid, stat, notes)
    const total =
      this.#gone + [...this.#known.values()].reduce((sum, known) => sum + spent(known) + known.unwatched, 0)
    this.#newest = Math.max(this.#newest, total)
    return { cpuUsec: this.#newest, resolutionUsec: notes.length === 0 ? 1 : coarse, notes }
  }

  /** The root, its descendants, and those known before that have another parent by now. */
  #members(): Map<number, ProcessStat> {
    const stats = new Map<number, ProcessStat>()
    for (const pid of allPids(this.#proc)) {
      const stat = readStat(pid, this.#proc)
      if (stat !== undefined) stats.set(pid, stat)
    }
    if (stats.get(this.#root)?.startTime !== this.#startTime) {
      throw new HarnessError('ERR_PLATFORM', `the measured process ${this.#root} has ended`)
    }
    const members = new Map<number, ProcessStat>()
    const belongs = (pid: number, stat: ProcessStat): boolean =>
      pid === this.#root ||
      members.has(stat.parent) ||
      this.#known.get(pid)?.stat.startTime === stat.startTime
    for (let grown = true; grown; ) {
      grown = false
      for (const [pid, stat] of stats) {
        if (members.has(pid) || !belongs(pid, stat)) continue
        members.set(pid, stat)
        grown = true
      }
    }
    return members
  }

  #update(pid: number, stat: ProcessStat, notes: string[]): void {
    const threads = readThreads(pid, this.#proc)
    const known = this.#known.get(pid)
    if (known === undefined) {
      const fresh: Known = { stat, live: threads, ended: 0, watched: 0, unwatched: 0 }
      // Before the first reading: whatever it was, it cancels out in differences.
      fresh.ended = Math.max(0, stat.ownUsec - sum(threads))
      if (this.#newest > 0) fresh.unwatched = stat.reapedUsec
      else fresh.watched = stat.reapedUsec
      this.#known.set(pid, fresh)
      return
    }
    for (const [thread, usec] of known.live) if (!threads.has(thread)) known.ended += usec
    const beyond = stat.ownUsec - known.ended - sum(threads)
    if (beyond > coarse) {
      known.ended += beyond
      notes.push(`threads of process ${pid} ended: ${Math.round(beyond / 1000)} ms are known to 20 ms only`)
    }
    const children = stat.reapedUsec - known.watched - known.unwatched
    if (children > coarse) {
      known.unwatched += children
      notes.push(
        `children of process ${pid} ended: ${Math.round(children / 1000)} ms are known to 20 ms only`,
      )
    }
    known.live = threads
    known.stat = stat
  }

  /** Keeps the time of a process that ended, and tells its parent that it was counted. */
  #bury(pid: number, known: Known, notes: string[]): void {
    this.#known.delete(pid)
    const total = spent(known) + known.unwatched
    this.#gone += total
    const parent = this.#known.get(known.stat.parent)
    if (parent !== undefined) parent.watched += spent(known) + known.unwatched + known.watched
    else notes.push(`process ${pid} ended, and its parent is not known: its last moments are missing`)
  }
}

const sum = (threads: Map<string, number>): number => [...threads.values()].reduce((a, b) => a + b, 0)
const spent = (known: Known): number => known.ended + sum(known.live)
