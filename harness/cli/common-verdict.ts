/**
 * Several runs, one verdict: each is named with its own, and all have to be verified.
 * @module
 */
import { answerOf, answers } from '../../reports/summarise.ts'
import { plural } from '../../reports/text.ts'
import type { Results } from '../../reports/types.ts'
import { type ExitCode, exitCodes } from '../errors.ts'

/** One run. */
export interface NamedRun {
  /** The hostname, and what serves it. */
  hostname: string
  what: string
  results: Results
}

/**
 * Exit code of all: 3 where one was interrupted, 1 where one has findings, otherwise 3 where one is not verified. A run in
 * which nothing was executed is not verified.
 */
export function commonExitCode(runs: readonly NamedRun[]): ExitCode {
  const codes = runs.map(({ results }) => results.exitCode)
  if (runs.length === 0 || runs.some(({ results }) => results.run.interrupted)) return exitCodes.notVerified
  return ([1, 3] as const).find((code) => codes.includes(code)) ?? exitCodes.ok
}

/** A line per run, and one about all. */
export function commonVerdict(runs: readonly NamedRun[]): string[] {
  const widths = [
    Math.max(...runs.map(({ hostname }) => hostname.length)),
    Math.max(...runs.map(({ what }) => what.length)),
  ] as const
  const lines = runs.map(({ hostname, what, results }) => {
    const { pass, fail, notApplicable } = results.summary
    const counts = `${pass} passed${fail > 0 ? `, ${fail} failed` : ''}, ${notApplicable} do not apply`
    return `${hostname.padEnd(widths[0])}  ${what.padEnd(widths[1])}  ${answers[answerOf(results)]} (${counts})`
  })
  const verified = runs.filter(({ results }) => results.exitCode === 0).length
  const all =
    verified === runs.length
      ? `all ${plural(runs.length, 'deployment')} verified`
      : `${verified} of ${plural(runs.length, 'deployment')} verified`
  return [...lines, '', all]
}
