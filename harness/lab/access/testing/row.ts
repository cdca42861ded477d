/**
 * How a fault is shown.
 * @module
 */
import type { Idp } from '../../idp/idp.ts'
import type { World } from './world.ts'

/** One attempt that the fault changes the answer to. */
export interface Row {
  /** What is done in a fresh world; the answer in a few words. */
  show(world: World, idp: Idp): Promise<string>
  healthy: string
  faulty: string
}
