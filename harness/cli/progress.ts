/**
 * Live progress: one line that is rewritten on a terminal; elsewhere a line per finding, as it is found.
 * @module
 */
import type { WriteStream } from 'node:tty'
import { progressLine } from '../../reports/progress.ts'
import { plural } from '../../reports/text.ts'
import type { Verdict } from '../../reports/types.ts'
import type { RunEvent } from '../verify/execute.ts'

const loud = new Set<Verdict>(['fail', 'error', 'inconclusive', 'blocked', 'warn'])

/** What is said of a plan before it is executed. */
export interface PlanSummary {
  executing: number
  planned: number
  /** The host gave an answer that can be judged. */
  reachable: boolean
  /** Connections that the whole run makes at most. */
  connectionLimit: number
}

/** Shows how far a run is. */
export class Progress {
  readonly #out: WriteStream
  readonly #started = Date.now()
  readonly #counts: Partial<Record<Verdict, number>> = {}
  readonly #running = new Set<string>()
  #total = 0
  #done = 0

  constructor(out: WriteStream) {
    this.#out = out
  }

  /** The run has begun: the host is being looked at, with so many connections at most. */
  start(hostname: string, connections: number): void {
    this.#say(`looking at ${hostname}, with at most ${plural(connections, 'connection')}`)
  }

  /** The plan is known: nothing of it has been sent yet. */
  plan({ executing, planned, reachable, connectionLimit }: PlanSummary): void {
    this.#total = executing
    this.#say(
      reachable
        ? `${plural(executing, 'check')} to run (${planned - executing} do not apply), with at most ${plural(connectionLimit, 'connection')} in all`
        : 'the host gave no answer that could be judged: no check is begun',
    )
  }

  /** A check began or ended. */
  event(event: RunEvent): void {
    if (event.event === 'begin') this.#running.add(event.id)
    if (event.event === 'end') {
      const { verdict, id, observed } = event.run.result
      this.#running.delete(id)
      this.#done += 1
      this.#counts[verdict] = (this.#counts[verdict] ?? 0) + 1
      if (loud.has(verdict) && !this.#out.isTTY) this.#out.write(`${verdict.padEnd(12)} ${id}: ${observed}\n`)
    }
    const current = [...this.#running].at(-1) ?? ''
    this.#live(progressLine(this.#done, this.#total, current, this.#counts, Date.now() - this.#started))
  }

  /** Leaves a clean line behind. */
  end(): void {
    if (this.#out.isTTY) this.#out.write('\r\u001b[2K')
  }

  /** A line that stays. */
  #say(line: string): void {
    this.end()
    this.#out.write(`${line}\n`)
  }

  #live(line: string): void {
    if (this.#out.isTTY) this.#out.write(`\r\u001b[2K${line.slice(0, Math.max(20, this.#out.columns - 1))}`)
  }
}
