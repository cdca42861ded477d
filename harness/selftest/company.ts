/**
 * Every fault against every check without a lab for each pair. Faults are switched on in company: checks that are about
 * none of them must pass there, which says it of each of them. What does not pass, and every check that is about one of the
 * company, is run again in each part of it, and so on down to each fault alone: nothing else ever counts against a fault.
 * Where one member keeps many checks from passing, it is found and taken out first.
 * @module
 */
import type { Check } from '../../fixtures/catalogue.ts'
import type { Cell, Row } from './matrix.ts'

/** Faults that kill more checks than this are run alone: they would leave nothing to the others. */
const narrow = 6

/**
 * Divides faults into companies of at most `size`. Neighbours in the list are about the same subject and are kept apart:
 * they would stand in each other's way.
 */
export function companies(
  checks: readonly Pick<Check, 'killedBy'>[],
  faults: readonly string[],
  size: number,
): string[][] {
  const kills = (fault: string): number => checks.filter(({ killedBy }) => killedBy.includes(fault)).length
  const sociable = faults.filter((fault) => size > 1 && kills(fault) <= narrow)
  const alone = faults.filter((fault) => !sociable.includes(fault))
  const count = Math.ceil(sociable.length / size)
  const groups = Array.from({ length: count }, (_, at) => sociable.filter((_, index) => index % count === at))
  return [...alone.map((fault) => [fault]), ...groups]
}

/** Runs checks in a lab with faults. */
export type CellsOf = (checks: readonly Check[], faults: readonly string[]) => Promise<Map<string, Cell>>

/** The rows of one company. */
export async function runCompany(
  members: readonly string[],
  checks: readonly Check[],
  cellsOf: CellsOf,
): Promise<Row[]> {
  const rows = new Map(members.map((fault) => [fault, { cells: new Map<string, Cell>(), durationMs: 0 }]))
  await settle(members, checks, async (some, faults) => {
    const started = performance.now()
    const cells = await cellsOf(some, faults)
    for (const fault of faults) {
      const row = rows.get(fault)
      if (row === undefined) continue
      row.durationMs += (performance.now() - started) / faults.length
      for (const [id, cell] of cells)
        if (faults.length === 1 || cell.verdict === 'pass') row.cells.set(id, cell)
    }
    return cells
  })
  return [...rows].map(([fault, row]) => ({
    fault,
    company: members.filter((other) => other !== fault),
    ...row,
  }))
}

/** More surprises than this have one cause, which is worth looking for. */
const many = 12

/** Parts that a company is divided into. */
const parts = 4

/** Runs what can be told of all members together, then the rest of each part, down to each alone. */
async function settle(members: readonly string[], checks: readonly Check[], cellsOf: CellsOf): Promise<void> {
  if (checks.length === 0) return
  if (members.length === 1) {
    await cellsOf(checks, members)
    return
  }
  const about = ({ killedBy }: Check): boolean => killedBy.some((fault) => members.includes(fault))
  const together = await cellsOf(
    checks.filter((check) => !about(check)),
    members,
  )
  const open = checks.filter(({ id }) => together.get(id)?.verdict !== 'pass')
  const surprises = open.filter((check) => !about(check))
  const [sample] = surprises
  const divided =
    sample !== undefined && surprises.length > many
      ? await withoutCulprit(members, sample, cellsOf)
      : divide(members, parts)
  await Promise.all(divided.map((some) => settle(some, open, cellsOf)))
}

/** The member that keeps a check from passing, and the others: halves are asked until one is left. */
async function withoutCulprit(
  members: readonly string[],
  sample: Check,
  cellsOf: CellsOf,
): Promise<readonly string[][]> {
  let suspects = members
  while (suspects.length > 1) {
    const [some = [], others = []] = divide(suspects, 2)
    suspects = (await cellsOf([sample], some)).get(sample.id)?.verdict === 'pass' ? others : some
  }
  return [[...suspects], members.filter((fault) => !suspects.includes(fault))]
}

const divide = (members: readonly string[], count: number): string[][] => {
  const size = Math.ceil(members.length / count)
  return Array.from({ length: count }, (_, at) => members.slice(at * size, (at + 1) * size)).filter(
    (some) => some.length > 0,
  )
}
