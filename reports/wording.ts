/**
 * The words and orders that all formats share.
 * @module
 */
import { asStarted } from './started-as.ts'
import { duration, plural, thousands } from './text.ts'
import {
  type CheckResult,
  type ClientCertificatePolicy,
  type Door,
  type Results,
  type Severity,
  type Summary,
  severities,
  type Verdict,
} from './types.ts'

/** How a verdict is shown. `tone` is a class of colour, never the only sign. */
export interface VerdictWord {
  mark: string
  label: string
  tone: 'good' | 'bad' | 'warn' | 'unsure' | 'quiet'
  key: Exclude<keyof Summary, 'planned' | 'notBegun'>
}

/** Mark, label, tone and summary key of each verdict, in the order in which counts are shown. */
export const verdictWords: Readonly<Record<Verdict, VerdictWord>> = {
  fail: { mark: '✗', label: 'fail', tone: 'bad', key: 'fail' },
  error: { mark: '‼', label: 'error', tone: 'unsure', key: 'error' },
  inconclusive: { mark: '?', label: 'inconclusive', tone: 'unsure', key: 'inconclusive' },
  blocked: { mark: '⊘', label: 'blocked', tone: 'unsure', key: 'blocked' },
  warn: { mark: '!', label: 'warn', tone: 'warn', key: 'warn' },
  known: { mark: '~', label: 'known', tone: 'warn', key: 'known' },
  fixed: { mark: '↑', label: 'fixed', tone: 'warn', key: 'fixed' },
  note: { mark: 'i', label: 'note', tone: 'quiet', key: 'note' },
  pass: { mark: '✓', label: 'pass', tone: 'good', key: 'pass' },
  'not-applicable': { mark: '–', label: 'not applicable', tone: 'quiet', key: 'notApplicable' },
}

/** What each verdict means, for a legend. */
export const verdictMeanings: Readonly<Record<Verdict, string>> = {
  fail: 'the requirement does not hold',
  error: 'the check itself failed; nothing is known',
  inconclusive: 'the answer proves neither (time-out, 429, 5xx, challenge page)',
  blocked: 'does not count: the good twin was not let in',
  warn: 'holds in part, or for another reason than expected',
  known: 'fails, under a waiver that is in force',
  fixed: 'holds although it is waived: the waiver can go',
  note: 'observed, judged neither way',
  pass: 'the requirement holds',
  'not-applicable': 'not run: the deployment does not give, or does not promise, what it needs',
}

/** Verdicts that ask somebody to act, in the order in which they are listed. */
export const findingVerdicts = ['fail', 'error', 'inconclusive', 'blocked', 'warn'] as const

/** A subject of checks with its results. */
export interface Subject {
  suite: string
  title: string
  checks: CheckResult[]
}

const subjectTitles: Readonly<Record<string, string>> = {
  reach: 'Reachability',
  tls: 'TLS',
  'client-cert': 'Client certificates',
  mode: 'Enforce and report mode',
  resumption: 'Session resumption',
  headers: 'Forwarded headers',
  access: 'Access',
  token: 'Tokens',
  origin: 'Origin',
}

/** Title of a subject: a known one, else the suite's name with its first letter raised. */
export const subjectTitle = (suite: string): string =>
  (Object.hasOwn(subjectTitles, suite) ? subjectTitles[suite] : undefined) ??
  (suite.charAt(0).toUpperCase() + suite.slice(1)).replaceAll('-', ' ')

/** Groups by a key, keeping first-seen order. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): [key: string, items: T[]][] {
  return [...Map.groupBy(items, keyOf)]
}

/** Checks by subject, in the order of the file. */
export const bySubject = (checks: readonly CheckResult[]): Subject[] =>
  groupBy(checks, ({ suite }) => suite).map(([suite, own]) => ({
    suite,
    title: subjectTitle(suite),
    checks: own,
  }))

/** Rank of a severity: 0 for info, 4 for critical. */
export const severityRank = (severity: Severity): number => severities.indexOf(severity)

/** What somebody has to act on: failures first, then what stayed undecided, then warnings; the worst first. */
export const findings = (checks: readonly CheckResult[]): CheckResult[] =>
  findingVerdicts.flatMap((wanted) =>
    checks
      .filter(({ verdict }) => verdict === wanted)
      .sort((a, b) => severityRank(b.severity) - severityRank(a.severity)),
  )

/** A check's statement with what became of it in front: `Does not hold: an expired certificate is refused`. */
export function statement({ verdict, title }: CheckResult): string {
  if (verdict === 'fail' || verdict === 'known') return `Does not hold: ${title}`
  if (verdict === 'warn') return `Holds only in part: ${title}`
  return verdict === 'pass' || verdict === 'fixed' || verdict === 'note' ? title : `Undecided: ${title}`
}

/** It was carried out: it applied, it counted, and it was begun. */
export const wasExecuted = ({ verdict, begun }: CheckResult): boolean =>
  verdict !== 'not-applicable' && verdict !== 'blocked' && begun !== false

/** Checks that were carried out: all but those that do not apply, could not count, or were never begun. */
export const executed = ({ planned, notApplicable, blocked, notBegun = 0 }: Summary): number =>
  planned - notApplicable - blocked - notBegun

/** Nothing was carried out, although something was meant to be: the host was not reached, or the run was stopped at once. */
export const nothingBegun = (summary: Summary): boolean =>
  executed(summary) === 0 && (summary.notBegun ?? 0) > 0

/** What became of everything that was planned, by count; nothing that is zero but what was executed and did not apply. */
export const accounts = (summary: Summary): [count: number, what: string][] => [
  [executed(summary), 'executed'],
  [summary.notApplicable, 'not applicable'],
  ...(
    [
      [summary.blocked, 'blocked'],
      [summary.notBegun ?? 0, 'not begun'],
    ] as const
  )
    .filter(([count]) => count > 0)
    .map(([count, what]): [number, string] => [count, what]),
]

/** `289 planned = 58 executed + 222 not applicable + 9 blocked`. */
export const accountLine = (summary: Summary): string =>
  `${summary.planned} planned = ${accounts(summary)
    .map(([count, what]) => `${count} ${what}`)
    .join(' + ')}`

/** Counts above zero, in display order. */
export const counted = (summary: Summary): [verdict: Verdict, count: number][] =>
  (Object.keys(verdictWords) as Verdict[])
    .map((verdict): [Verdict, number] => [verdict, summary[verdictWords[verdict].key]])
    .filter(([, count]) => count > 0)

/** Where an outcome was decided, for people. */
export const layerMeanings: Readonly<Record<CheckResult['layer'], string>> = {
  tcp: 'TCP: the connection itself',
  tls: 'TLS: the handshake, an alert or a close after it',
  http: 'HTTP: an answer to the request',
  none: 'nowhere: nothing was decided',
}

/** What a policy of one TLS version means (DESIGN 4.6). */
export const policyMeanings: Readonly<Record<ClientCertificatePolicy, string>> = {
  off: 'no certificate was asked for',
  requested: 'asked for; without one there was still an HTTP answer',
  required: 'without one the connection was refused in TLS, before any HTTP answer',
  late: 'asked for only after the request (renegotiation or post-handshake authentication)',
  unsupported: 'the host does not speak this version',
  unknown: 'could not be told',
}

/** `yes, in TLS` and the like: whether anything got past the client certificate, and where it was stopped. */
export function enforcement({ enforced, enforcedAt }: Results['facts']['clientCertificate']): string {
  if (enforced === 'unknown') return 'unknown'
  if (!enforced) return 'no'
  return enforcedAt === 'tls' ? 'yes, in TLS' : enforcedAt === 'http' ? 'yes, by an HTTP answer' : 'yes'
}

/** The deployment file as one line: its path with the tail of its hash, or what a run without one is called. */
export const deploymentLine = ({ deployment, deploymentHash }: Results['target']): string =>
  deployment === null
    ? 'none (black box)'
    : `${deployment}${deploymentHash === null ? '' : ` (sha256 …${deploymentHash.slice(-12)})`}`

/** What to do next about a check that stayed undecided; empty for all others. */
export function nextStep({ verdict, begun, observed, reason }: CheckResult): string {
  if (begun === false) return 'Run it again when the host can be reached, and let the run end.'
  if (verdict === 'inconclusive' && /rate limited|HTTP 503/.test(observed))
    return 'Run it again with --rate 5 (connections per second): perhaps the host limits them.'
  if (verdict === 'inconclusive' && reason !== '') return 'Run it again when that is settled.'
  if (verdict === 'inconclusive') return 'Run it again when the host can be reached and answers normally.'
  if (verdict === 'blocked')
    return 'Make the good twin pass first: until then a refusal of the bad one proves nothing.'
  return verdict === 'error' ? 'The check is at fault, not the host: report it with this evidence.' : ''
}

/** Quotes a word for a POSIX shell where it needs it. */
const shell = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

/** The command that runs one check again in the same way. */
export function rerun({ target, run }: Pick<Results, 'target' | 'run'>, id: string): string {
  const where = target.lab
    ? ['--lab', ...run.faults.flatMap((fault) => ['--fault', fault])]
    : target.deployment === null
      ? [target.hostname, '--connect-to', target.connect]
      : ['--deployment', target.deployment, '--connect-to', target.connect]
  return asStarted(['harness', 'verify', ...where, '--only', id].map(shell).join(' '))
}

/** Turns the reason of a check that did not run into what to do about it. */
export const asAdvice = (reason: string): string =>
  reason.startsWith('needs ') ? `Add to the deployment file: ${reason.slice('needs '.length)}` : reason

/** `143 connections (of at most 900) in 3.4 s`. */
export const effort = ({ connections, connectionLimit, durationMs }: Results['run']): string => {
  const most = connectionLimit === undefined ? '' : ` (of at most ${thousands(connectionLimit)})`
  return `${plural(connections, 'connection')}${most} in ${duration(durationMs)}`
}

/** A door that is there at all. */
export const isThere = ({ seen }: Door): boolean => seen !== 'closed'

const seenWords: Readonly<Record<Door['seen'], string>> = {
  closed: 'closed',
  refused: 'refuses',
  redirect: 'redirects',
  open: 'answers without credentials',
  unknown: 'there, undecided',
  'not-tested': 'there, not certified: it cannot be tested from here',
}

/** `port 8443: refuses`. */
export const doorWords = ({ where, seen }: Door): string => `${where}: ${seenWords[seen]}`
