/**
 * Only what needs action, each with all that is needed to act.
 * @module
 */
import { asStarted } from '../started-as.ts'
import { clip, prose, visible } from '../text.ts'
import type { CheckResult, Results } from '../types.ts'
import { findings, groupBy, layerMeanings, nextStep, rerun, statement, verdictWords } from '../wording.ts'
import { heading, labelled, type Page, safe } from './layout.ts'
import { toneStyles, wrap } from './paint.ts'

const labels = 12

/** The section of findings; nothing where there are none. */
export function findingLines(page: Page, results: Results): string[] {
  const never = results.checks.filter(({ begun }) => begun === false)
  const all = findings(results.checks).filter(({ begun }) => begun !== false)
  return [...found(page, results, all), ...notBegun(page, never)]
}

/** What was never begun has one reason and one remedy: the report lists which. */
function notBegun(page: Page, checks: readonly CheckResult[]): string[] {
  const [first] = checks
  if (first === undefined) return []
  return [
    ...heading(page, `Not begun (${checks.length})`),
    ...labelled(page, 'reason', first.reason, 4, labels),
    ...labelled(page, 'next step', nextStep(first), 4, labels),
  ]
}

function found(page: Page, results: Results, all: readonly CheckResult[]): string[] {
  if (all.length === 0) return []
  const [together, single] = commonCause(all)
  const fixed = new Map<string, string>()
  for (const { id, remediation } of single.filter(hasFix))
    if (!fixed.has(remediation)) fixed.set(remediation, id)
  return [
    ...heading(page, `Findings (${all.length})`),
    ...single.flatMap((check) => finding(page, results, check, fixed.get(check.remediation) ?? check.id)),
    ...together.flatMap((checks) => undecided(page, checks)),
  ]
}

/** From this many on, checks that ended undecided for one and the same reason are one entry. */
const many = 4

/** Undecided checks that share their reason and their observation, and all the others. */
function commonCause(all: readonly CheckResult[]): [together: CheckResult[][], single: CheckResult[]] {
  const causeOf = ({ verdict, observed, reason }: CheckResult): string =>
    JSON.stringify([verdict, observed, reason])
  const groups = groupBy(
    all.filter(({ verdict, reason }) => verdict !== 'fail' && verdict !== 'warn' && reason !== ''),
    causeOf,
  )
    .map(([, checks]) => checks)
    .filter(({ length }) => length >= many)
  const grouped = new Set(groups.flat())
  return [groups, all.filter((check) => !grouped.has(check))]
}

function undecided(page: Page, checks: readonly CheckResult[]): string[] {
  const [first] = checks
  if (first === undefined) return []
  const { mark, label, tone } = verdictWords[first.verdict]
  const line = (name: string, text: string): string[] => labelled(page, name, text, 4, labels)
  return [
    '',
    `  ${page.paint(['bold', toneStyles[tone]], `${mark} ${label}`)}: ${checks.length} checks for the same reason`,
    ...line('observed', first.observed),
    ...line('reason', first.reason),
    ...line('next step', nextStep(first)),
    ...line('checks', checks.map(({ id }) => id).join(', ')),
  ]
}

/** A remedy is for what does not hold; of an undecided check nobody knows that. */
const hasFix = (check: CheckResult): boolean => nextStep(check) === '' && check.remediation !== ''

/** @param fixedBy the first finding with the same remedy, which alone tells it at length. */
function finding(page: Page, results: Results, check: CheckResult, fixedBy: string): string[] {
  const { mark, label, tone } = verdictWords[check.verdict]
  const line = (name: string, text: string): string[] => labelled(page, name, text, 4, labels)
  const next = nextStep(check)
  return [
    '',
    `  ${page.paint(['bold', toneStyles[tone]], `${mark} ${label}`)}, ${check.severity}: ${page.paint('bold', safe(check.id))}`,
    ...wrap(safe(statement(check)), page.width - 4).map((text) => `    ${text}`),
    ...line('expected', check.expected),
    ...line('observed', check.observed),
    ...line(next === '' ? 'decided at' : 'ended at', layerMeanings[check.layer]),
    ...line('reason', check.reason),
    ...line(
      'consequence',
      check.reached ? 'a request without a valid certificate reached the application' : '',
    ),
    ...line('next step', next),
    ...(!hasFix(check)
      ? []
      : fixedBy === check.id
        ? fix(page, check.remediation)
        : line('fix', `as for ${fixedBy}`)),
    ...commands(page, [...check.reproduce, rerun(results, check.id)]),
    ...line('more', asStarted(`harness explain ${check.id}`)),
  ]
}

function fix(page: Page, remediation: string): string[] {
  const width = page.width - 4 - labels
  const lines = prose(clip(remediation, 4000)).flatMap(({ kind, text }) =>
    kind === 'paragraph' ? wrap(safe(text), width) : text.split('\n').map((line) => `  ${visible(line)}`),
  )
  return indent(page, 'fix', lines)
}

/** Commands are never wrapped: they are there to be copied. */
const commands = (page: Page, all: readonly string[]): string[] =>
  indent(
    page,
    'reproduce',
    all.map((command) => visible(clip(command, 4000)).replaceAll('\n', '\\n')),
  )

const indent = (page: Page, name: string, lines: readonly string[]): string[] =>
  lines.map((line, index) => `    ${page.paint('dim', (index === 0 ? name : '').padEnd(labels))}${line}`)
