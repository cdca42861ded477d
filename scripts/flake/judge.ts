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
  /** What became of each check, by its id. */
  verdicts: ReadonlyMap<string, CheckResult['verdict']>
}

/** Checks that did not end alike in all runs, each with how often it ended how; a check that is missing somewhere is one. */
export function differences(runs: readonly Pick<RunJudgement, 'verdicts'>[]): Difference[] {
  const ids = new Set(runs.flatMap(({ verdicts }) => [...verdicts.keys()]))
  return [...ids].flatMap((id) => {
    const ended = runs.map(({ verdicts }) => verdicts.get(id) ?? 'missing')
    const counts = [...Map.groupBy(ended, (one) => one)].map(([one, all]) => `${all.length} × ${one}`)
    if (counts.length === 1) return []
    // A busy machine may leave a check undecided, and do nothing else to it.
    const decided = new Set(ended.filter((one) => one !== 'inconclusive'))
    return [{ text: `${id}: ${counts.join(', ')}`, allowed: decided.size === 1 }]
  })
}

/** One of them; `allowed` where it is but for undecided runs the same. */
export interface Difference {
  text: string
  allowed: boolean
}

const right = new Set<CheckResult['verdict']>(['pass', 'not-applicable'])
/** Time ran out for the attempt itself, or for what it is compared with. */
const undecided = new Set<CheckResult['verdict']>(['inconclusive'])

/** Judges a results file of the healthy lab. */
export function judgeRun({ checks }: Pick<Results, 'checks'>): RunJudgement {
  const told = ({ id, verdict, observed, reason }: CheckResult): string =>
    `${verdict} ${id}: ${[observed, reason].filter(Boolean).join('; ')}`
  return {
    verdicts: new Map(checks.map(({ id, verdict }) => [id, verdict])),
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
  const unlike = differences(runs)
  const lines = [
    `${runs.length} runs, ${total} verdicts: ${wrong.length} wrong, ${open.length} undecided`,
    ...(wrong.length === 0 ? [] : ['wrong:', ...counted(wrong)]),
    ...(open.length === 0 ? [] : ['undecided:', ...counted(open)]),
    unlike.length === 0 ? 'all runs alike' : 'not alike:',
    ...unlike.map(({ text }) => `  ${text}`),
  ]
  return `${lines.join('\n')}\n`
}
