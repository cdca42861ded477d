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

/** Below this share of what should have begun, k6 was too slow to ask. */
const enoughBegun = 0.9

/** Whether valid users got what they were promised. */
export function holds(
  victims: LaneNumbers,
  victimRate: number,
  { p99, accepted }: Required<Objective>,
): { holds: Measured<boolean>; why: string } {
  const begun = victims.achieved / victimRate
  const share = shareOf(victims.attempts, ['accepted'])
  const latency = victims.acceptedLatency
  if (share !== undefined && share < accepted) {
    return {
      holds: false,
      why: `${percent(share)} of valid attempts got in, ${percent(accepted)} are promised`,
    }
  }
  if (latency !== notMeasurable && latency.p99 > p99) {
    return { holds: false, why: `p99 of valid users ${latency.p99.toFixed(1)} ms, ${p99} ms is promised` }
  }
  if (latency === notMeasurable || begun < enoughBegun) {
    return {
      holds: notMeasurable,
      why: `${percent(Number.isFinite(begun) ? begun : 0)} of the valid attempts were begun: the generator was too slow`,
    }
  }
  return { holds: true, why: `p99 of valid users ${latency.p99.toFixed(1)} ms of ${p99} ms` }
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

/** The first rate that broke the objective, and the highest below it that held. */
export function breakingPoint(steps: readonly FloodStep[]): { brokenAt?: number; heldAt?: number } {
  const broken = steps.find((step) => step.holds === false)
  const held = steps.filter(
    (step) => step.holds === true && (broken === undefined || step.rate < broken.rate),
  )
  const heldAt = held.at(-1)?.rate
  return {
    ...(broken === undefined ? {} : { brokenAt: broken.rate }),
    ...(heldAt === undefined ? {} : { heldAt }),
  }
}
