/**
 * Faults between the edge and the origin.
 * @module
 */
import type { Fault } from './fault.ts'

/** Which certificate is presented, and what is made of the origin's answer. */
export const originPullFaults = [] as const satisfies readonly Fault[]
