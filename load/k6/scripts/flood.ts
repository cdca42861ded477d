/**
 * A flood of attempts with one identity, or with none: constant, stepped (LOAD_STAGES) or ramping (LOAD_RAMP).
 * Settings: settings.ts.
 * @module
 */
import { ask, needed, optionsFor } from './settings.ts'

needed('LOAD_URL')

export const options = optionsFor('attempt')

/** One attempt. A refusal in TLS is no failure of the script: it is what is counted. */
export function attempt(): void {
  ask()
}
