/**
 * A drill in a few lines, for a terminal.
 * @module
 */
import type { DrillOutcome, DrillResult, WrongAnswers } from './types.ts'

const words: Readonly<Record<DrillOutcome, string>> = {
  'as-predicted': 'as predicted',
  'not-as-predicted': 'NOT AS PREDICTED',
  'stopped-and-restored': 'STOPPED, the state before is restored',
  'not-restored': 'NOT RESTORED',
}

/** The lines, each with its end. */
export function drillText({ lanes, state, outcome, problems }: DrillResult): string {
  const width = Math.max(...lanes.map(({ label }) => label.length), 0)
  const lines = lanes.map(
    ({ label, requests, longestGapMs, wrongAllows, wrongDenies }) =>
      `${label.padEnd(width)}  ${requests} requests, longest gap ${longestGapMs ?? '–'} ms, ${wrong('let in', wrongAllows)}, ${wrong('locked out', wrongDenies)}`,
  )
  return [
    ...lines,
    `state: ${state.same ? 'as before' : `differs: ${state.changes.join('; ')}`}`,
    words[outcome],
    ...problems.map((problem) => `- ${problem}`),
  ]
    .map((line) => `  ${line}\n`)
    .join('')
}

const wrong = (name: string, { count, predicted }: WrongAnswers): string =>
  count === 0 ? `never wrongly ${name}` : `wrongly ${name} ${count} times (${predicted} predicted)`
