/**
 * What may differ in a run of the healthy lab. Pure.
 * @module
 */
import type { CheckResult, Results } from '../../reports/types.ts'

/** One run, judged. */
export interface RunJudgement {
  executed: number
  /** Checks that stayed undecided: allowed on a busy machine. */
  undecided: string[]
  /** Checks with a verdict that is not true of the healthy lab, and what they said. */
  wrong: string[]
}

const right = new Set<CheckResult['verdict']>(['pass', 'not-applicable'])
/** Time ran out for the attempt itself, or for what it is compared with. */
const undecided = new Set<CheckResult['verdict']>(['inconclusive'])

/** Judges a results file of the healthy lab. */
export function judgeRun({ checks }: Pick<Results, 'checks'>): RunJudgement {
  const told = ({ id, verdict, observed, reason }: CheckResult): string =>
    `${verdict} ${id}: ${[observed, reason].filter(Boolean).join('; ')}`
  return {
    executed: checks.filter(({ verdict }) => verdict !== 'not-applicable').length,
    undecided: checks.filter(({ verdict }) => undecided.has(verdict)).map(({ id }) => id),
    wrong: checks.filter(({ verdict }) => !right.has(verdict) && !undecided.has(verdict)).map(told),
  }
}

/** The sum, and what was undecided or wrong with how often. */
export function renderFlakes(runs: readonly RunJudgement[]): string {
  const counted = (texts: readonly string[]): string[] =>
    [...Map.groupBy(texts, (text) => text)].map(([text, all]) => `  ${all.length} × ${text}`)
  const wrong = runs.flatMap((run) => run.wrong)
  const open = runs.flatMap((run) => run.undecided)
  const total = runs.reduce((sum, { executed }) => sum + executed, 0)
  const lines = [
    `${runs.length} runs, ${total} verdicts: ${wrong.length} wrong, ${open.length} undecided`,
    ...(wrong.length === 0 ? [] : ['wrong:', ...counted(wrong)]),
    ...(open.length === 0 ? [] : ['undecided:', ...counted(open)]),
  ]
  return `${lines.join('\n')}\n`
}
