/**
 * What a load run comes to: its exit code and its one sentence, by the table of DESIGN 4.1.
 * @module
 */
import type { CapacityResult } from '../capacity/types.ts'
import type { CostResult } from '../cost/types.ts'
import type { FloodResult } from '../flood/types.ts'
import { notMeasurable } from '../flood/types.ts'
import type { LoadResults } from './types.ts'

/** Whether a cost measurement has a figure. */
export const hasCosts = ({ categories }: CostResult): boolean =>
  categories.some(({ server }) => server !== undefined)

/** Whether a search knows a side of the knee. */
export const hasKnee = ({ knee }: CapacityResult): boolean =>
  knee.holds !== undefined || knee.breaks !== undefined

/** Whether a flood has a step that shows something. */
export const hasSteps = ({ steps }: FloodResult): boolean =>
  steps.some(({ holds }) => holds !== notMeasurable)

/** A bad certificate that was let in: a finding about the server, found before any load. */
export function findingsOf({ costs, floods }: Pick<LoadResults, 'costs' | 'floods'>): string[] {
  return [
    ...costs.flatMap(({ problems, target }) =>
      problems.flatMap(({ what, message }) =>
        what === 'invalid-accepted' ? [`${target.name}: ${message}`] : [],
      ),
    ),
    ...floods.flatMap(({ preflight, target }) =>
      preflight.profiles.flatMap(({ finding }) => (finding === undefined ? [] : [`${target}: ${finding}`])),
    ),
  ]
}

/** What was asked for: a capacity whose costs alone were measured was not measured. */
function measured({
  costs,
  capacities,
  floods,
}: Pick<LoadResults, 'costs' | 'capacities' | 'floods'>): boolean {
  if (capacities.length > 0) return capacities.some(({ result }) => hasKnee(result))
  return floods.length > 0 ? floods.some(hasSteps) : costs.some(hasCosts)
}

/** 3 when it was interrupted or nothing was measured, 1 for findings, else 0. */
export function exitCodeOf(
  results: Pick<LoadResults, 'interrupted' | 'costs' | 'capacities' | 'floods'>,
): LoadResults['exitCode'] {
  if (findingsOf(results).length > 0) return 1
  return results.interrupted || !measured(results) ? 3 : 0
}
