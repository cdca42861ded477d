/**
 * Faults of client certificate rules and forwarded fields.
 * @module
 */
import type { Fault } from './fault.ts'

/** What operators and the edge get wrong about rules. */
export const ruleFaults = [] as const satisfies readonly Fault[]
