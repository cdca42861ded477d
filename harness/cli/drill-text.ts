/**
 * What drills say when something is left to be done by hand.
 * @module
 */
import type { RemainingStep } from '../../reports/drill/types.ts'

/** The remaining steps as commands to paste, in order. */
export function remainingText(steps: readonly RemainingStep[]): string {
  if (steps.length === 0) return 'Nothing remains to be done.\n'
  const lines = steps.map(({ sentence, command }, at) => `${at + 1}. ${sentence}\n   ${command}\n`)
  return `REMAINING STEPS, in this order, with the API token in CLOUDFLARE_API_TOKEN:\n${lines.join('')}`
}
