/**
 * From checks to counts, exit code and the one sentence. Pure.
 * @module
 */
import { plural, short } from './text.ts'
import type { CheckResult, Results, Severity, Summary } from './types.ts'
import { executed, findings, severityRank, verdictWords } from './wording.ts'

/** Counts checks per verdict; `planned` is all of them. */
export function summarise(checks: readonly CheckResult[]): Summary {
  const summary: Summary = {
    planned: checks.length,
    pass: 0,
    fail: 0,
    warn: 0,
    note: 0,
    notApplicable: 0,
    blocked: 0,
    inconclusive: 0,
    error: 0,
    known: 0,
    fixed: 0,
  }
  for (const { verdict } of checks) summary[verdictWords[verdict].key] += 1
  const notBegun = checks.filter(({ begun }) => begun === false).length
  return notBegun === 0 ? summary : { ...summary, notBegun }
}

const decided = new Set(['pass', 'fail', 'warn', 'known', 'fixed'])
const undecided = new Set(['inconclusive', 'blocked', 'error'])

const failures = (checks: readonly CheckResult[], failOn: Severity): CheckResult[] =>
  checks.filter(
    ({ verdict, severity }) => verdict === 'fail' && severityRank(severity) >= severityRank(failOn),
  )

const severeUndecided = (checks: readonly CheckResult[]): CheckResult[] =>
  checks.filter(
    ({ verdict, severity }) => undecided.has(verdict) && severityRank(severity) >= severityRank('high'),
  )

/**
 * Exit code of a run (DESIGN 4.1). An expired waiver arrives here as `fail`.
 * - 3 when interrupted, whatever was found;
 * - 1 when a check at or above `failOn` failed;
 * - 3 when nothing was verified, or a check of severity high or critical stayed undecided;
 * - 0 otherwise.
 */
export function exitCodeOf(
  checks: readonly CheckResult[],
  failOn: Severity,
  interrupted: boolean,
): 0 | 1 | 3 {
  if (interrupted) return 3
  if (failures(checks, failOn).length > 0) return 1
  if (!checks.some(({ verdict }) => decided.has(verdict)) || severeUndecided(checks).length > 0) return 3
  return 0
}

/** What the verdict sentence is made from: the results without it. */
export type VerdictParts = Pick<Results, 'run' | 'target' | 'checks' | 'exitCode'> &
  Partial<Pick<Results, 'facts'>>

/** The answers to “may it go live?”. */
export const answers = {
  go: 'May go live',
  refusals: 'Only refusals were proven',
  selected: 'Only selected checks were run',
  noGo: 'Must not go live',
  notVerified: 'Not verified',
} as const

/** One of the answers. */
export type Answer = keyof typeof answers

/** Which answer a run gives. Exit 0 without proof that a valid certificate is accepted is not “may go live”. */
export function answerOf({ exitCode, ...parts }: VerdictParts): Answer {
  if (exitCode === 1) return 'noGo'
  if (exitCode !== 0) return 'notVerified'
  if (narrowed(parts)) return 'selected'
  return acceptanceUnproven(parts) ? 'refusals' : 'go'
}

/** Checks were chosen or left out on the command line: the rest of the profile was not looked at. */
const narrowed = ({ run }: Pick<VerdictParts, 'run'>): boolean =>
  run.selection.only.length > 0 || run.selection.skip.length > 0

/** No deployment file, or one without anybody who should be let in: acceptance cannot have been tried. */
const acceptanceUnproven = ({ target, checks }: Omit<VerdictParts, 'exitCode'>): boolean =>
  target.deployment === null ||
  lacking(checks, 'needs mtls.identities') ||
  (isAccessOnly(checks) && lacking(checks, 'needs access.token or'))

const lacking = (checks: readonly CheckResult[], what: string): boolean =>
  checks.some(({ verdict, reason }) => verdict === 'not-applicable' && reason.startsWith(what))

/** Access is the door, and certificates are not even asked for: the checks of certificates say so. */
const isAccessOnly = (checks: readonly CheckResult[]): boolean =>
  checks.some(({ id, reason }) => id === 'client-cert.valid' && reason.startsWith('Access protects it'))

/** One honest sentence: may it go live, what that rests on, and what it does not cover. */
export function verdictSentence(parts: VerdictParts): string {
  const answer = answerOf(parts)
  const build = { go, refusals, selected: go, noGo, notVerified }[answer]
  return `${answers[answer]}: ${build(parts)}.`
}

function go({ run, target, checks, facts }: VerdictParts): string {
  const rest = [
    remainder(checks, run.failOn),
    gaps(checks),
    modeClause(target.mode),
    uncertified(facts),
  ].filter(Boolean)
  return [`${basis(checks)} and none failed at or above ${run.failOn}`, ...rest].join('; ')
}

function refusals({ run, checks, facts }: VerdictParts): string {
  const open = isAccessOnly(checks)
    ? 'that somebody who may use it is let in was not tried (it needs access.serviceToken or access.token in a deployment file)'
    : 'that a valid certificate is accepted was not tried (it needs mtls.identities or mtls.ca in a deployment file)'
  const rest = [remainder(checks, run.failOn), open, gaps(checks), uncertified(facts)].filter(Boolean)
  return [`${basis(checks)} and none failed at or above ${run.failOn}`, ...rest].join('; ')
}

function noGo({ run, checks }: VerdictParts): string {
  const failed = failures(checks, run.failOn)
  const rest = [reachedClause(failed), undecidedClause(checks)].filter(Boolean)
  return [found(failed, `at or above ${run.failOn}`), ...rest].join('; ')
}

function notVerified({ run, checks }: VerdictParts): string {
  const count = checks.filter(({ verdict }) => decided.has(verdict)).length
  const failed = findings(checks).filter(({ verdict }) => verdict === 'fail')
  const soFar = failed.length === 0 ? '' : `; ${found(failed)}, so far`
  if (run.interrupted)
    return `the run was interrupted with ${count} of ${plural(checks.length, 'check')} decided${soFar}`
  if (checks.length === 0) return 'no check was run'
  const open = checks.filter(({ verdict }) => undecided.has(verdict))
  if (count === 0) {
    const first = open[0]
    const why = first === undefined ? 'none applies here' : `the first: ${first.id}, ${because(first)}`
    return `none of ${plural(checks.length, 'check')} could be decided (${why})`
  }
  const severe = severeUndecided(checks)
  const first = severe[0]
  if (first === undefined)
    return `the run did not complete, ${count} of ${plural(checks.length, 'check')} were decided`
  return `${plural(severe.length, 'check')} of severity high or above stayed undecided (the first: ${first.id}, ${because(first)})`
}

/** Why a check is undecided, short and on one line: it may quote the server. */
const because = ({ reason, observed, verdict }: CheckResult): string =>
  short(reason || observed || verdict, 100)

const basis = (checks: readonly CheckResult[]): string =>
  `${plural(executed(summarise(checks)), 'check')} executed`

function found(failed: readonly CheckResult[], level = ''): string {
  const worst = findings(failed)[0]
  if (worst === undefined) return 'findings were reported'
  const which = failed.length === 1 ? worst.severity : `the worst ${worst.severity}`
  return `${plural(failed.length, 'finding')}${level === '' ? '' : ` ${level}`}, ${which}: ${worst.id}, “${short(worst.title, 120)}” does not hold`
}

function reachedClause(failed: readonly CheckResult[]): string {
  const count = failed.filter(({ reached }) => reached).length
  return count === 0
    ? ''
    : `in ${count} of them a request without a valid certificate reached the application`
}

function undecidedClause(checks: readonly CheckResult[]): string {
  const count = checks.filter(({ verdict }) => undecided.has(verdict)).length
  return count === 0 ? '' : `${plural(count, 'check')} stayed undecided`
}

/** What an exit 0 leaves behind that somebody should look at. */
function remainder(checks: readonly CheckResult[], failOn: Severity): string {
  const summary = summarise(checks)
  const parts: [count: number, noun: string, many?: string][] = [
    [summary.fail, `finding below ${failOn}`, `findings below ${failOn}`],
    [summary.warn, 'warning'],
    [summary.known, 'waived finding'],
    [summary.fixed, 'waiver to remove', 'waivers to remove'],
    [summary.error + summary.inconclusive + summary.blocked, 'undecided', 'undecided'],
  ]
  return parts
    .filter(([count]) => count > 0)
    .map((part) => plural(...part))
    .join(', ')
}

/** What was not looked at. */
function gaps(checks: readonly CheckResult[]): string {
  const skipped = checks.filter(({ verdict }) => verdict === 'not-applicable')
  if (skipped.length === 0) return ''
  const severe = skipped.filter(({ severity }) => severityRank(severity) >= severityRank('high')).length
  return `${skipped.length} did not apply${severe === 0 ? '' : `, ${severe} of them high or critical`}`
}

/** A transport that is there and was not tested. */
const uncertified = (facts: Results['facts'] | undefined): string =>
  facts?.elsewhere?.some(({ kind }) => kind === 'http3') === true ? 'not certified for HTTP/3' : ''

function modeClause(mode: Results['target']['mode']): string {
  if (mode === 'report')
    return 'in report mode the application itself must refuse what the edge reports as invalid'
  return mode === 'off' ? 'client certificates are declared off' : ''
}
