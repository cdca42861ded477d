/**
 * The kill matrix: every fault of the lab against every check. A check that no fault can make fail proves nothing;
 * a check that fails under a fault it is not about will cry wolf.
 * @module
 */
import type { Check } from '../../fixtures/catalogue.ts'
import type { Verdict } from '../../reports/types.ts'
import { faults } from '../lab/faults.ts'

/** What one check said in one lab. */
export interface Cell {
  verdict: Verdict
  observed: string
  durationMs: number
}

/** The healthy lab (no fault), or one fault, and what every check said. */
export interface Row {
  fault: string | undefined
  /** Faults that were on beside it where checks that are about none of them passed. */
  company?: readonly string[]
  cells: Map<string, Cell>
  durationMs: number
}

/** What is wrong with the matrix; all lists empty: it is total. */
export interface MatrixProblems {
  /** Checks that do not pass in the healthy lab. */
  unhealthy: { check: string; verdict: Verdict; observed: string }[]
  /** Faults that a check says it is killed by, and is not. */
  survived: { check: string; fault: string; verdict: Verdict }[]
  /** Checks that a fault makes fail although they are not about it. */
  accidental: { check: string; fault: string; verdict: Verdict; observed: string }[]
  /** Checks that no fault kills. */
  immortal: string[]
  /** Faults that kill nothing. */
  idle: string[]
  /** Faults named by a check that the lab does not have. */
  unknown: { check: string; fault: string }[]
}

const killing = new Set<Verdict>(['fail', 'warn', 'note'])

/**
 * Judges a matrix, its rows of the healthy lab included: pure. With a part of the catalogue (`whole` false) a fault that kills
 * nothing is no problem.
 */
export function judgeMatrix(checks: readonly Check[], rows: readonly Row[], whole = true): MatrixProblems {
  const problems: MatrixProblems = {
    unhealthy: [],
    survived: [],
    accidental: [],
    immortal: [],
    idle: [],
    unknown: [],
  }
  const known = new Set(faults.map(({ id }): string => id))
  const killed = killedIn(checks, rows)
  for (const { id, killedBy } of checks) {
    for (const { fault, cells } of rows) {
      const cell = cells.get(id)
      if (fault === undefined && cell !== undefined && cell.verdict !== 'pass')
        problems.unhealthy.push({ check: id, ...cell })
    }
    for (const fault of killedBy) if (!known.has(fault)) problems.unknown.push({ check: id, fault })
  }
  for (const { fault, cells } of rows) {
    if (fault === undefined) continue
    let kills = 0
    for (const { id, killedBy } of checks) {
      const cell = cells.get(id)
      if (cell === undefined) continue
      const dead = killing.has(cell.verdict)
      const meant = killedBy.includes(fault)
      if (dead && meant) kills += 1
      if (dead && !meant) problems.accidental.push({ check: id, fault, ...cell })
      if (!dead && meant) problems.survived.push({ check: id, fault, verdict: cell.verdict })
    }
    if (kills === 0 && whole) problems.idle.push(fault)
  }
  const ran = new Set(rows.map(({ fault }) => fault))
  problems.immortal = checks
    .filter(
      ({ id, killedBy }) =>
        !killed.has(id) && (killedBy.length === 0 || killedBy.some((fault) => ran.has(fault))),
    )
    .map(({ id }) => id)
  return problems
}

/** Ids of the checks that a fault which is meant to kill them has killed. */
export const killedIn = (checks: readonly Check[], rows: readonly Row[]): Set<string> =>
  new Set(
    checks
      .filter(({ id, killedBy }) =>
        rows.some(({ fault, cells }) => {
          const cell = cells.get(id)
          return (
            fault !== undefined && killedBy.includes(fault) && cell !== undefined && killing.has(cell.verdict)
          )
        }),
      )
      .map(({ id }) => id),
  )

/** Is there nothing wrong? */
export const isTotal = (problems: MatrixProblems): boolean =>
  Object.values(problems).every((list) => list.length === 0)
