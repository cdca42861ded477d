/**
 * The sweep: rates of the flood one after the other, and what each did to valid users.
 * @module
 */
import { HarnessError } from '../../harness/errors.ts'
import { shareOf } from '../k6/outcome.ts'
import { type FloodStep, type LaneNumbers, type Measured, notMeasurable, type Objective } from './types.ts'

/** Shares `rate` among `parts` in whole numbers that differ by one at most. */
export function shares(rate: number, parts: number): number[] {
  const low = Math.floor(rate / parts)
  const more = rate - low * parts
  return Array.from({ length: parts }, (_, at) => low + (at < more ? 1 : 0))
}

/** Checks a sweep and puts a step without a flood first, to compare with. @throws HarnessError ERR_USAGE. */
export function sweepOf(rates: readonly number[]): number[] {
  const wrong = rates.find((rate) => !Number.isInteger(rate) || rate < 0)
  if (wrong !== undefined)
    throw new HarnessError('ERR_USAGE', `${wrong} is no rate of a flood: a whole number`)
  const sweep = [...new Set([0, ...rates])].sort((a, b) => a - b)
  if (sweep.length < 2) throw new HarnessError('ERR_USAGE', 'a flood needs a rate above 0')
  return sweep
}

/** Above this share of attempts without a sample, something is wrong: with the generator, or with the server. */
const tooMany = 0.1

/** Above this share of valid attempts that were not begun, those that were are not all users. */
const mostDropped = 0.05

/** Of fewer answers the 99th percentile is the slowest of them, or nearly: no percentile. */
export const fewestForP99 = 100

/** Seconds left out at the beginning of a step. */
export const settleOf = (stepSeconds: number): number => Math.min(2, stepSeconds / 2)

/** Whole seconds that a step needs to count enough answers; one more, since a window may lack the attempt at its edge. */
export function enoughSeconds(victimRate: number): number {
  const counted = (fewestForP99 + 1) / victimRate
  return Math.ceil(counted > 2 ? counted + 2 : counted * 2)
}

/** Why no step can show anything; undefined: it can. */
export function tooFew(victimRate: number, stepSeconds: number): string | undefined {
  const due = victimRate * (stepSeconds - settleOf(stepSeconds))
  if (due >= fewestForP99) return undefined
  return `${victimRate} valid attempts per second are ${Math.floor(due)} in what counts of a step of ${stepSeconds} s: a 99th percentile needs ${fewestForP99}; steps of ${enoughSeconds(victimRate)} s or more valid attempts per second give them`
}

/** What was asked of the victims in a step. */
export interface Asked {
  /** Attempts per second. */
  rate: number
  /** Length of the window. */
  seconds: number
  /** k6 began with them only after the window had begun. */
  late: boolean
}

/** Whether valid users got what they were promised. */
export function holds(
  victims: LaneNumbers,
  { rate, seconds, late }: Asked,
  { p99, accepted }: Required<Objective>,
): { holds: Measured<boolean>; why: string } {
  // Of attempts at even distances a window may hold one less than rate times length says: the one at its edge.
  const due = Math.max(1, rate * seconds)
  const certain = Math.floor(rate * seconds + 1e-9) - 1
  const { attempts, dropped, acceptedLatency: latency } = victims
  if (late) return { holds: notMeasurable, why: 'k6 began too late' }
  const answers = latency === notMeasurable ? 0 : latency.count
  const few = `p99 ${notMeasurable}: ${answers} valid attempts got in, it needs ${fewestForP99}`
  if (due + 1e-9 < fewestForP99) return { holds: notMeasurable, why: few }
  // What was seen to be bad is bad, whatever was not seen.
  const share = shareOf(attempts, ['accepted'])
  if (share !== undefined && share < accepted) {
    return {
      holds: false,
      why: `${percent(share)} of valid attempts got in, ${percent(accepted)} are promised`,
    }
  }
  const measured = latency !== notMeasurable && answers >= fewestForP99
  const figures = measured ? `p99 of valid users ${latency.p99.toFixed(1)} ms, ${p99} ms is promised` : few
  if (measured && latency.p99 > p99) return { holds: false, why: figures }
  // Half of those that were seen are more than one in a hundred of those that were due: enough, whatever the others did.
  if (latency !== notMeasurable && latency.p50 > p99 && answers / 2 > due / 100) {
    return {
      holds: false,
      why: `half of ${answers} valid users waited ${latency.p50.toFixed(1)} ms and more, ${p99} ms is promised`,
    }
  }
  if (dropped / due > mostDropped) {
    return { holds: notMeasurable, why: `${dropped} valid attempts were not begun: no virtual user was free` }
  }
  // Neither begun too late nor dropped, and yet without an end: they wait for the server.
  const waiting = (certain - dropped - attempts.total) / due
  if (waiting > tooMany) {
    return { holds: false, why: `${percent(waiting)} of the valid attempts had no answer by then` }
  }
  return { holds: measured ? true : notMeasurable, why: figures }
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

/** The first rate that broke the objective, and the highest below it that held, as delivered. */
export function breakingPoint(steps: readonly FloodStep[]): { brokenAt?: number; heldAt?: number } {
  const broken = steps.find((step) => step.holds === false)
  const held = steps.filter(
    (step) => step.holds === true && (broken === undefined || step.rate < broken.rate),
  )
  const heldAt = held.at(-1)?.delivered
  return {
    ...(broken === undefined ? {} : { brokenAt: broken.delivered }),
    ...(heldAt === undefined ? {} : { heldAt }),
  }
}
