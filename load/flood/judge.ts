/**
 * What a step of the sweep shows: its numbers from the samples, and whether they may be used at all. A step is named by what was
 * delivered, and one in which the server, a generator or a lane went away shows nothing.
 * @module
 */
import type { Collector } from '../k6/collect.ts'
import { holds } from './steps.ts'
import { type FloodStep, type LaneNumbers, type Measured, notMeasurable, type Objective } from './types.ts'

/** Id of the valid users' lane. */
export const victims = 'victims'

/** The lanes of a sweep as they run, or ran. */
export interface Sampled {
  /** Epoch milliseconds of the common beginning. */
  readonly startAt: number
  readonly collectors: ReadonlyMap<string, Collector>
  /** Lanes of which a process failed, and when (epoch milliseconds). */
  readonly died: ReadonlyMap<string, number>
}

/** A sweep as planned. */
export interface Sweep {
  /** Invalid attempts per second, step by step. */
  sweep: readonly number[]
  victimRate: number
  stepSeconds: number
  settleSeconds: number
  objective: Required<Objective>
  /** Processes of k6 per lane. */
  processes: number
}

/** A step, and whether what went on in it ends the sweep. */
export interface JudgedStep {
  step: FloodStep
  /** Something went away: what it was. */
  lost?: string
}

/** When a step began, epoch milliseconds. */
export const startOf = ({ stepSeconds }: Sweep, { startAt }: Sampled, at: number): number =>
  startAt + at * stepSeconds * 1000

/** What differs by less is the same rate: windows cut attempts off at their edges. */
const sameRate = 0.05

/**
 * The rate that a step is named by: what was wanted where it was delivered, else what was delivered.
 * @param edges attempts that windows of this many processes may cut off, per second.
 */
export const named = (wanted: number, delivered: number, edges = 1): number =>
  Math.abs(delivered - wanted) <= Math.max(1, edges, sameRate * wanted) ? wanted : Math.round(delivered)

/** More valid attempts than this share that find nobody listening: the server has gone, which is no matter of latency. */
const mostUnheard = 0.01

const refusedConnection = /connection refused/

/** Attempts that found nobody listening. */
function unheard({ attempts: { other } }: LaneNumbers): number {
  return Object.entries(other).reduce(
    (sum, [text, count]) => sum + (refusedConnection.test(text) ? count : 0),
    0,
  )
}

/**
 * Judges one step.
 * @param live attempts of the flood may still wait for their end: those that should have begun are taken for begun.
 */
export function judgeStep(sweep: Sweep, sampled: Sampled, at: number, live: boolean): JudgedStep {
  const { stepSeconds, settleSeconds, objective, victimRate, processes } = sweep
  const { startAt, collectors } = sampled
  const rate = sweep.sweep[at] ?? 0
  const from = (at * stepSeconds + settleSeconds) * 1000
  const to = (at + 1) * stepSeconds * 1000
  const window = { from: startAt + from, to: startAt + to }
  const all = [...collectors].map(([id, collector]) => [id, collector.numbers(window)] as const)
  const mine = all.find(([id]) => id === victims)?.[1]
  if (mine === undefined) throw new Error('the victims were lost')
  const flood = Object.fromEntries(
    all.filter(([id]) => id !== victims).map(([id, numbers]) => [id.replace(/^flood-/, ''), numbers]),
  )
  const first = collectors.get(victims)?.first
  // Where nothing ended yet, that says nothing about when it began.
  const late = first !== undefined && at === 0 && first > window.from + 1000 / victimRate
  const seconds = (to - from) / 1000
  const found = holds(mine, { rate: victimRate, seconds, late }, objective)
  const sums = Object.values(flood).map(({ attempts, dropped }) => ({ ended: attempts.total, dropped }))
  const ended = sums.reduce((sum, one) => sum + one.ended, 0)
  const dropped = sums.reduce((sum, one) => sum + one.dropped, 0)
  // A server that is full leaves attempts without an end: they began unless k6 dropped them.
  const begun = live || found.holds === false ? Math.max(ended, rate * seconds - dropped) : ended
  const delivered = named(rate, begun / seconds, (sums.length * processes) / seconds)
  const numbers = { rate, delivered, from, to, victims: mine, flood }
  const lost = whatWentAway(sampled, window.to, mine)
  if (lost !== undefined)
    return { step: { ...numbers, holds: notMeasurable, why: `${lost}: ${found.why}` }, lost }
  return { step: { ...numbers, ...delivery({ rate, delivered, dropped }, found) } }
}

function whatWentAway({ died }: Sampled, to: number, { attempts, ...mine }: LaneNumbers): string | undefined {
  const dead = [...died].find(([, when]) => when < to)
  if (dead !== undefined) return `k6 of ${dead[0]} failed`
  const nobody = unheard({ attempts, ...mine })
  if (attempts.total === 0 || nobody / attempts.total <= mostUnheard) return undefined
  return `${nobody} of ${attempts.total} valid attempts found nobody listening: the server went away, by the flood or otherwise`
}

/** A promise that was kept beside less than was wanted says nothing about what was wanted. */
function delivery(
  { rate, delivered, dropped }: { rate: number; delivered: number; dropped: number },
  found: { holds: Measured<boolean>; why: string },
): { holds: Measured<boolean>; why: string } {
  if (delivered >= rate) return found
  const short = `${delivered}/s of the ${rate}/s that were wanted were delivered${dropped === 0 ? '' : ` (${dropped} attempts were not begun: no virtual user was free)`}`
  return found.holds === true
    ? { holds: notMeasurable, why: `${short}: ${found.why}` }
    : { ...found, why: `${found.why}; ${short}` }
}

/**
 * Takes away what steps seemed to show beside lanes that must not be used: without the valid users nothing is left, without a
 * part of the flood only the step that had none.
 * @param reasons to call a lane void, by its id.
 */
export function withoutVoid(
  steps: readonly FloodStep[],
  reasons: ReadonlyMap<string, readonly string[]>,
): FloodStep[] {
  const bad = [...reasons].find(([id, own]) => id === victims && own.length > 0)
  const worse = bad ?? [...reasons].find(([, own]) => own.length > 0)
  if (worse === undefined) return [...steps]
  const [id, own] = worse
  return steps.map((step) =>
    step.holds === notMeasurable || (bad === undefined && step.rate === 0)
      ? step
      : { ...step, holds: notMeasurable, why: `${id} is void (${own[0] ?? ''}): ${step.why}` },
  )
}
