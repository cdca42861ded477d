/**
 * Every route of the control plane, by subject.
 * @module
 */
import type { Routes } from './context.ts'

/** Added in this order. */
export const routes: readonly Routes[] = []
