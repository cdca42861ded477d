/**
 * Asks for a fault of the Access control plane.
 * @module
 */

import type { AccessApiFaultId } from '../../faults/access-api.ts'
import type { Faults } from '../../faults.ts'

/** Whether the fault is switched on. */
export const faulty = ({ faults }: { faults: Faults }, id: AccessApiFaultId): boolean => faults.has(id)
