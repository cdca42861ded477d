/**
 * Faults of Access.
 * @module
 */
import type { Fault } from './fault.ts'

/** What goes wrong with tokens, policies and sessions. */
export const accessFaults = [] as const satisfies readonly Fault[]
