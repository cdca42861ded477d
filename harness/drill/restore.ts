/**
 * Back to the state before the drill, one repair after another, each worked out from what is there now; and what is left
 * to be done by hand where that does not succeed.
 * @module
 */
import type { RemainingStep } from '../../reports/drill/types.ts'
import { HarnessError } from '../errors.ts'
import { failureOf } from './control-plane.ts'
import { planRepairs, type Repair, type TouchedState } from './repairs.ts'
import type { DrillTerms } from './types.ts'
import { pause } from './until.ts'
import type { World } from './world.ts'

/** How restoring ended. */
export interface Restored {
  done: boolean
  /** What could not be done, in order, as commands. Empty when done. */
  remaining: RemainingStep[]
  /** Why it was given up. */
  failure?: string
}

/** No state is further away than this. */
const mostTurns = 100

/** Restores `before`. Goes on for `terms.tries` failures in a row; never throws. `onRepair`: one was made. */
export async function restore(
  world: World,
  before: TouchedState,
  terms: Pick<DrillTerms, 'tries' | 'pause'>,
  onRepair: (repair: Repair) => void = () => undefined,
): Promise<Restored> {
  let failures = 0
  let failure = 'the state did not become the one before'
  let made = ''
  for (let turn = 0; turn < mostTurns; turn += 1) {
    try {
      const [next] = planRepairs(before, await world.read())
      if (next === undefined) return { done: true, remaining: [] }
      if (JSON.stringify(next) === made) {
        made = ''
        throw new HarnessError('ERR_UNREACHABLE', `accepted, and not done: ${world.command(next).sentence}`)
      }
      await world.repair(next)
      onRepair(next)
      // Of what is accepted and not done nobody knows that it has failed until it is due again.
      if (made !== '') failures = 0
      made = JSON.stringify(next)
    } catch (error) {
      failure = failureOf(error)
      failures += 1
      if (failures >= terms.tries) break
      await pause(terms.pause)
    }
  }
  const remaining = planRepairs(before, world.assumed()).map((repair) => world.command(repair))
  return { done: false, remaining, failure }
}
