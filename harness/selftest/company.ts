/**
 * Every fault against every check without a lab for each pair. Faults are switched on in company: checks that are about
 * none of them must pass there, which says it of each of them. What does not pass, and every check that is about one of the
 * company, is run under each of the faults alone.
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
  const started = performance.now()
  const about = ({ killedBy }: Check): boolean => killedBy.some((fault) => members.includes(fault))
  const others = members.length === 1 ? [] : checks.filter((check) => !about(check))
  const together = await cellsOf(others, members)
  const passed = [...together].filter(([, { verdict }]) => verdict === 'pass')
  const settled = new Set(passed.map(([id]) => id))
  const open = checks.filter(({ id }) => !settled.has(id))
  const rows: Row[] = []
  let last = started
  for (const fault of members) {
    const alone = await cellsOf(open, [fault])
    const now = performance.now()
    const company = members.filter((other) => other !== fault)
    rows.push({ fault, company, cells: new Map([...passed, ...alone]), durationMs: now - last })
    last = now
  }
  return rows
}
