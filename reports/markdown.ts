/**
 * A short summary in Markdown, for the step summary of a CI job or a pull request comment.
 * @module
 */
import { questionsOf } from './questions.ts'
import { standingLine } from './standing.ts'
import { oneLine, short } from './text.ts'
import type { CheckResult, Results } from './types.ts'
import {
  accountLine,
  asAdvice,
  counted,
  deploymentLine,
  effort,
  enforcement,
  findings,
  groupBy,
  nextStep,
  verdictWords,
} from './wording.ts'

/** Longest cell; a step summary is limited to 1 MiB as a whole. */
const longest = 300
const mostFindings = 50

/**
 * Text as text: characters with a meaning become numeric references, which Markdown (CommonMark 6.2) never reads as
 * structure. That covers tables, HTML, emphasis, mentions and links alike.
 */
export const escapeMarkdown = (text: string): string =>
  short(text, longest)
    .replace(/[\\`*_{}[\]<>|#~@&$]/g, (char) => `&#${char.charCodeAt(0)};`)
    // Links that some dialects make of bare text.
    .replace(/:(?=\/)/g, '&#58;')
    .replace(/\bwww\./gi, (match) => `${match.slice(0, -1)}&#46;`)

/** The same in a code element, where no dialect turns anything into a mention. For text of a server. */
const code = (text: string): string =>
  oneLine(text.slice(0, longest)) === '' ? '' : `<code>${escapeMarkdown(text)}</code>`

const tableRow = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [tableRow(head), tableRow(head.map(() => '---')), ...rows.map(tableRow)].join('\n')

/** Renders the summary: sentence, counts, facts, findings, what did not apply. */
export function renderMarkdown(results: Results): string {
  const { verdict, checks, target } = results
  const parts = [
    `## ${escapeMarkdown(target.hostname)}`,
    `**${emphasis(verdict)}**`,
    countsLine(results),
    factsTable(results),
    findingsTable(checks),
    questionsList(results),
    gapsTable(checks),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/** The sentence is longer than a cell may be. */
const emphasis = (sentence: string): string =>
  (oneLine(sentence).match(/.{1,200}/gu) ?? []).map(escapeMarkdown).join('')

function countsLine({ summary, run, checks }: Results): string {
  const counts = counted(summary).map(([verdict, count]) => `${count} ${verdictWords[verdict].label}`)
  const rest = standingLine(checks)
  return `${accountLine(summary)} (${counts.join(', ')}); ${effort(run)}.${rest === '' ? '' : ` They rest: ${rest}.`}`
}

function factsTable({ facts, target, run }: Results): string {
  const { clientCertificate: policy } = facts
  return table(
    ['Fact', 'Value'],
    [
      ['Client certificate in TLS 1.2', policy['TLSv1.2']],
      ['Client certificate in TLS 1.3', policy['TLSv1.3']],
      ['Enforced', `${enforcement(policy)}: ${code(policy.because)}`],
      ['CA names', policy.caNames.slice(0, 8).map(code).join('<br>') || 'none'],
      ['Connected to', code(target.connect)],
      ['Deployment', code(deploymentLine(target))],
      [
        'Mode and profile',
        `${target.mode}, ${escapeMarkdown(run.profile)}${run.interrupted ? ', interrupted' : ''}`,
      ],
    ],
  )
}

function findingsTable(checks: readonly CheckResult[]): string {
  const all = findings(checks)
  if (all.length === 0) return ''
  const rows = all
    .slice(0, mostFindings)
    .map((check) => [
      `${verdictWords[check.verdict].mark} ${verdictWords[check.verdict].label}`,
      check.severity,
      `${escapeMarkdown(check.title)}<br>${code(check.id)}`,
      code(check.expected),
      code(check.observed),
      check.reason === '' ? escapeMarkdown(nextStep(check)) : code(check.reason),
    ])
  const more = all.length > mostFindings ? `\n\n${all.length - mostFindings} more in results.json` : ''
  return `### Findings (${all.length})\n\n${table(['Verdict', 'Severity', 'Check', 'Expected', 'Observed', 'Reason'], rows)}${more}`
}

/** More than these are in results.json only. */
const mostQuestions = 20

function questionsList(results: Results): string {
  const all = questionsOf(results)
  if (all.length === 0) return ''
  const rows = all
    .slice(0, mostQuestions)
    .map(({ ask, add, lines }) => [
      escapeMarkdown(ask),
      `${escapeMarkdown(add)}${lines === '' ? '' : `<br>${lines.split('\n').map(indented).join('<br>')}`}`,
    ])
  return `### Questions that remain (${all.length}), the most valuable first\n\n${table(['Question', 'What to add'], rows)}`
}

/** A line of a file in a table: its indentation is part of it. */
const indented = (line: string): string => {
  const [, space = '', text = ''] = /^( *)(.*)$/.exec(line) ?? []
  return `<code>${'&nbsp;'.repeat(space.length)}${escapeMarkdown(text)}</code>`
}

function gapsTable(checks: readonly CheckResult[]): string {
  const skipped = checks.filter(({ verdict }) => verdict === 'not-applicable')
  if (skipped.length === 0) return ''
  const rows = groupBy(skipped, ({ reason }) => reason).map(([reason, own]) => [
    escapeMarkdown(asAdvice(reason)),
    own
      .slice(0, 40)
      .map(({ id }) => code(id))
      .join(', '),
  ])
  return `### Not applicable (${skipped.length})\n\n${table(['What it takes', 'Checks'], rows)}`
}
