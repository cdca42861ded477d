/**
 * How many attempts per second, when.
 * @module
 */
import { HarnessError } from '../../harness/errors.ts'

/** A rate over time. Rates are whole numbers per second. */
export type RatePlan =
  | { rate: number; seconds: number }
  | { stages: readonly { rate: number; seconds: number }[] }
  | { ramp: { from: number; to: number; seconds: number } }

const length = (seconds: number): string => `${Math.round(seconds * 1000)}ms`

/** As the scripts read it. @throws HarnessError ERR_USAGE for a rate that is not whole, or a time that is not positive. */
export function rateEnv(plan: RatePlan): Record<string, string> {
  for (const { rate, seconds } of levels(plan)) {
    if (!Number.isInteger(rate) || rate < 0) {
      throw new HarnessError('ERR_USAGE', `${rate} attempts per second: a whole number is needed`)
    }
    if (!(seconds > 0)) throw new HarnessError('ERR_USAGE', `${seconds} seconds: more than 0 are needed`)
  }
  if ('stages' in plan) {
    return { LOAD_STAGES: plan.stages.map(({ rate, seconds }) => `${rate}@${length(seconds)}`).join(',') }
  }
  if ('ramp' in plan) {
    const { from, to, seconds } = plan.ramp
    return { LOAD_RAMP: `${from}-${to}@${length(seconds)}` }
  }
  return { LOAD_RATE: String(plan.rate), LOAD_DURATION: length(plan.seconds) }
}

function levels(plan: RatePlan): readonly { rate: number; seconds: number }[] {
  if ('stages' in plan) return plan.stages
  if (!('ramp' in plan)) return [plan]
  const { from, to, seconds } = plan.ramp
  return [
    { rate: from, seconds },
    { rate: to, seconds },
  ]
}

/** What a plan comes to: its highest rate, its length, and how many attempts it asks for. */
export function totalOf(plan: RatePlan): { rate: number; seconds: number; count: number } {
  if ('ramp' in plan) {
    const { from, to, seconds } = plan.ramp
    return { rate: Math.max(from, to), seconds, count: ((from + to) / 2) * seconds }
  }
  const all = levels(plan)
  return {
    rate: Math.max(...all.map(({ rate }) => rate)),
    seconds: all.reduce((sum, { seconds }) => sum + seconds, 0),
    count: all.reduce((sum, { rate, seconds }) => sum + rate * seconds, 0),
  }
}
