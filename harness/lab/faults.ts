/**
 * The faults: deliberate defects of the lab, one switch each, freely combined. Each check of the catalogue must be
 * shown to fail under at least one of them, and no other check may.
 * @module
 */
import { HarnessError } from '../errors.ts'
import { accessFaults } from './faults/access.ts'
import { accessApiFaults } from './faults/access-api.ts'
import { admissionFaults } from './faults/admission.ts'
import { certificateUseFaults } from './faults/certificate-use.ts'
import { acceptFaults, judgementFaults } from './faults/client-certificate.ts'
import { configFaults } from './faults/config.ts'
import { formFaults } from './faults/forms.ts'
import { headerFaults } from './faults/headers.ts'
import { helloFaults } from './faults/hello.ts'
import { modeFaults } from './faults/mode.ts'
import { originAssertionFaults } from './faults/origin-assertion.ts'
import { originPullFaults } from './faults/origin-pulls.ts'
import { originFaults } from './faults/origins.ts'
import { pathFaults } from './faults/paths.ts'
import { messageFaults, possessionFaults } from './faults/possession.ts'
import { presenceFaults } from './faults/presence.ts'
import { responseFaults } from './faults/responses.ts'
import { resumptionFaults } from './faults/resumption.ts'
import { ruleFaults } from './faults/rules.ts'
import { tlsFaults } from './faults/tls.ts'

export type { Fault } from './faults/fault.ts'

/** Every fault of the lab. */
export const faults = [
  ...tlsFaults,
  ...acceptFaults,
  ...judgementFaults,
  ...presenceFaults,
  ...modeFaults,
  ...headerFaults,
  ...resumptionFaults,
  ...helloFaults,
  ...possessionFaults,
  ...messageFaults,
  ...ruleFaults,
  ...pathFaults,
  ...formFaults,
  ...originFaults,
  ...configFaults,
  ...certificateUseFaults,
  ...originAssertionFaults,
  ...originPullFaults,
  ...accessFaults,
  ...admissionFaults,
  ...responseFaults,
  ...accessApiFaults,
] as const

/** Faults that no check is about yet: tests of their own part of the lab show each of them. */
export const uncheckedFaults = [
  ...ruleFaults,
  ...pathFaults,
  ...formFaults,
  ...originFaults,
  ...configFaults,
  ...certificateUseFaults,
  ...originAssertionFaults,
  ...originPullFaults,
  ...accessFaults,
  ...admissionFaults,
  ...responseFaults,
  ...accessApiFaults,
] as const

/** The id of a fault that no check is about yet. */
export type UncheckedFaultId = (typeof uncheckedFaults)[number]['id']

/** The id of a fault. */
export type FaultId = (typeof faults)[number]['id']

/** The faults that are switched on. */
export type Faults = ReadonlySet<FaultId>

const known: ReadonlySet<string> = new Set(faults.map(({ id }) => id))
const isFaultId = (id: string): id is FaultId => known.has(id)

/**
 * The ids as a set.
 * @throws HarnessError ERR_USAGE naming the nearest fault when an id is not known.
 */
export function selectFaults(ids: readonly string[]): Faults {
  const selected = new Set<FaultId>()
  for (const id of ids) {
    if (!isFaultId(id)) {
      throw new HarnessError('ERR_USAGE', `there is no fault "${id.slice(0, 80)}"`, {
        hint: `did you mean "${nearestFault(id)}"?`,
      })
    }
    selected.add(id)
  }
  return selected
}

/** The fault whose id is the fewest edits away; a forgotten `edge.` costs nothing. */
export function nearestFault(id: string): FaultId {
  const wanted = id.toLowerCase().slice(0, 80)
  const ranked = faults
    .map((fault) => ({
      id: fault.id,
      distance: Math.min(
        editDistance(wanted, fault.id),
        editDistance(wanted, fault.id.slice('edge.'.length)),
      ),
    }))
    .toSorted((a, b) => a.distance - b.distance)
  return ranked[0]?.id ?? 'edge.accepts-no-certificate'
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, charA] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, charB] of [...b].entries()) {
      const substitute = (row[j] ?? 0) + (charA === charB ? 0 : 1)
      next.push(Math.min(substitute, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
