/**
 * The service-demand model: every attempt takes the CPU time that its category costs, so busy cores are the sum of rate times
 * cost (load-anchors 3.4: additive within 1 % where it was measured).
 * @module
 */
import type { Interval } from '../stats/bootstrap.ts'
import type { CapacityStep, ModelCheck } from './types.ts'

/** Traffic of one category. */
export interface Demand {
  /** Attempts per second. */
  rate: number
  /** Server CPU per attempt, microseconds. */
  cost: Interval
}

/**
 * Cores kept busy. The ends of the interval take all costs at their low or their high end together: they were measured in the
 * same rounds and err together, and where they do not, this is the wider answer.
 */
export const busyCores = (demands: readonly Demand[]): Interval => ({
  estimate: total(demands, ({ estimate }) => estimate),
  low: total(demands, ({ low }) => low),
  high: total(demands, ({ high }) => high),
})

const total = (demands: readonly Demand[], of: (cost: Interval) => number): number =>
  demands.reduce((sum, { rate, cost }) => sum + (rate * of(cost)) / 1e6, 0)

/**
 * Steps that hold, against what the costs predict for them. Far below the knee an attempt costs more than in a busy server
 * (cold caches, wake-ups: HAProxy at 5 % busy used 30 to 45 % more than predicted, at 28 % busy 6 to 13 %), so the steps near
 * the knee are the ones that judge the model.
 * @param mix share and cost of each category in the steps' traffic.
 */
export function checkModel(
  steps: readonly CapacityStep[],
  mix: readonly { share: number; cost: Interval }[],
): ModelCheck[] {
  return steps.flatMap(({ rate, verdict, serverBusy }) => {
    if (verdict !== 'holds' || serverBusy === undefined) return []
    const predicted = busyCores(mix.map(({ share, cost }) => ({ rate: rate * share, cost })))
    return [{ rate, predicted, measured: serverBusy, difference: serverBusy / predicted.estimate - 1 }]
  })
}
