/**
 * What was said against what is true. Pure.
 * @module
 */
import { type Cell, type Statement, statementOf } from './expected.ts'
import type { Said } from './said.ts'

/** With a deployment file, or from outside without one. */
export type View = 'file' | 'blackBox'

/** One thing that had to be stated. */
export interface Point {
  what: keyof Statement | 'exit'
  view: View
  expected: string
  seen: string
}

const facts = ['TLSv1.2', 'TLSv1.3', 'enforced', 'enforcedAt'] as const

/** Every point of one view of a cell, right or wrong. */
export function compare(cell: Cell, view: View, said: Said): Point[] {
  const unknowable = cell.truth.unknowable?.includes(view) === true
  const unknown = unknowable ? { enforced: 'unknown', enforcedAt: 'unknown' } : {}
  const statement = { ...statementOf(cell), ...unknown }
  return [
    ...facts.map((what) => ({
      what,
      view,
      expected: String(statement[what]),
      seen: String(said.facts[what]),
    })),
    { what: 'exit', view, expected: String(cell.truth.exit[view]), seen: String(said.exitCode) },
  ]
}

/** Whether a point is as it should be. */
export const isRight = ({ expected, seen }: Point): boolean => expected === seen

const maxShown = 8

/** The checks that decided an exit code, for whoever looks for the fault: the failed ones, or the undecided. */
export function decisive({ checks, facts: { because } }: Said): string[] {
  const shown = checks.filter(({ verdict }) => ['fail', 'blocked', 'inconclusive', 'error'].includes(verdict))
  const lines = shown.map(
    ({ id, verdict, severity, observed, reason }) =>
      `${verdict} ${severity} ${id}: ${[observed, reason].filter(Boolean).join('; ')}`,
  )
  const more = lines.length > maxShown ? [`and ${lines.length - maxShown} more`] : []
  return [`enforced: ${because}`, ...lines.slice(0, maxShown), ...more]
}
