/**
 * Costs of a measurement, and the demand of a traffic.
 * @module
 */
import { HarnessError } from '../../harness/errors.ts'
import { busyCores, type Demand } from '../capacity/model.ts'
import type { CostResult } from '../cost/types.ts'
import type { Interval } from '../stats/bootstrap.ts'
import type { PlanCosts, Traffic } from './types.ts'

/** @throws HarnessError ERR_USAGE when the valid category was not measured: nothing can be planned then. */
export function costsOf(result: CostResult): PlanCosts {
  const categories = Object.fromEntries(
    result.categories.flatMap(({ id, server }) => (server === undefined ? [] : [[id, server] as const])),
  )
  const valid = Object.hasOwn(categories, result.valid) ? categories[result.valid] : undefined
  if (valid === undefined) {
    throw new HarnessError('ERR_USAGE', `the results hold no cost of "${result.valid}"`, {
      hint: result.problems[0]?.message ?? 'measure again, with more time',
    })
  }
  return { valid, categories }
}

/** The traffic with its costs. @throws HarnessError ERR_USAGE for a category that was not measured or a rate below zero. */
export function demandsOf({ valid, categories }: PlanCosts, traffic: Traffic): Demand[] {
  const all = [
    { rate: traffic.valid, cost: valid },
    ...Object.entries(traffic.invalid ?? {}).map(([id, rate]) => ({ rate, cost: costOf(categories, id) })),
  ]
  const bad = all.find(({ rate }) => !(rate >= 0 && Number.isFinite(rate)))
  if (bad !== undefined)
    throw new HarnessError('ERR_USAGE', `a rate must be a number from 0 up, not ${bad.rate}`)
  return all
}

/** CPU time per second, in cores. */
export const demandOf = (costs: PlanCosts, traffic: Traffic): Interval => busyCores(demandsOf(costs, traffic))

function costOf(categories: PlanCosts['categories'], id: string): Interval {
  const cost = Object.hasOwn(categories, id) ? categories[id] : undefined
  if (cost === undefined) {
    throw new HarnessError('ERR_USAGE', `the cost of "${id}" was not measured`, {
      hint: `measured: ${Object.keys(categories).join(', ')}`,
    })
  }
  return cost
}
