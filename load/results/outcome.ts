/**
 * What a load run comes to: its exit code and its one sentence, by the table of DESIGN 4.1.
 * @module
 */
import type { CapacityResult } from '../capacity/types.ts'
import type { CostResult } from '../cost/types.ts'
import type { FloodResult } from '../flood/types.ts'
import type { LoadResults, ProofRun } from './types.ts'

/** Whether a cost measurement has a figure. */
export const hasCosts = ({ categories }: CostResult): boolean =>
  categories.some(({ server }) => server !== undefined)

/** Whether a search knows a side of the knee. A break that is in doubt is none. */
export const hasKnee = ({ knee, doubt }: CapacityResult): boolean =>
  knee.holds !== undefined || (knee.breaks !== undefined && doubt === undefined)

/** Whether a flood has a step that shows something about a flood: that the promise holds without one is nothing. */
export const hasSteps = ({ steps }: FloodResult): boolean =>
  steps.some(({ holds, rate }) => holds === false || (holds === true && rate > 0))

/** Whether every certificate was sent, and seen by the server where it can tell. */
export const isProven = ({ preflight }: ProofRun): boolean =>
  preflight.profiles.length > 0 && preflight.profiles.every(({ void: reasons }) => reasons.length === 0)

/** A bad certificate that was let in: a finding about the server, found before any load. */
export function findingsOf({
  costs,
  floods,
  proofs,
}: Pick<LoadResults, 'costs' | 'floods' | 'proofs'>): string[] {
  return [
    ...costs.flatMap(({ problems, target }) =>
      problems.flatMap(({ what, message }) =>
        what === 'invalid-accepted' ? [`${target.name}: ${message}`] : [],
      ),
    ),
    ...[...floods, ...proofs].flatMap(({ preflight, target }) =>
      preflight.profiles.flatMap(({ finding }) => (finding === undefined ? [] : [`${target}: ${finding}`])),
    ),
  ]
}

/**
 * What was asked for: a capacity whose costs alone were measured was not measured, and a proof that lacks one certificate of
 * one server is none.
 */
function measured({
  costs,
  capacities,
  floods,
  proofs,
}: Pick<LoadResults, 'costs' | 'capacities' | 'floods' | 'proofs'>): boolean {
  if (proofs.length > 0) return proofs.every(isProven)
  if (capacities.length > 0) return capacities.some(({ result }) => hasKnee(result))
  return floods.length > 0 ? floods.some(hasSteps) : costs.some(hasCosts)
}

/** 3 when it was interrupted or nothing was measured, 1 for findings, else 0. */
export function exitCodeOf(
  results: Pick<LoadResults, 'interrupted' | 'costs' | 'capacities' | 'floods' | 'proofs'>,
): LoadResults['exitCode'] {
  if (findingsOf(results).length > 0) return 1
  return results.interrupted || !measured(results) ? 3 : 0
}
