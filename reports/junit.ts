/**
 * JUnit XML, as CI systems read it (the de-facto schema of Jenkins' xunit plugin).
 * @module
 */
import { clip, visible } from './text.ts'
import type { CheckResult, Evidence, Results } from './types.ts'
import { bySubject, rerun, statement, verdictWords } from './wording.ts'

/** Characters XML 1.0 allows (section 2.2); all others cannot be written at all, not even as references. */
const illegal = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}

/** Longest text of one element. */
const longest = 16_000

/** What is left is legal; direction overrides and the like are written as escapes. */
const legal = (text: string): string => visible(text.replace(illegal, ''))

const content = (text: string): string =>
  legal(clip(text, longest)).replace(/[&<>]/g, (char) => entities[char] ?? '')

const attribute = (text: string): string =>
  legal(clip(text, 2000)).replace(/[&<>"'\t\n\r]/g, (char) => entities[char] ?? '')

const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${attribute(String(value))}"`)
    .join('')

const seconds = (ms: number): string => (ms / 1000).toFixed(3)

/** How a verdict is told to JUnit: it knows four outcomes. */
type Outcome = 'passed' | 'failure' | 'error' | 'skipped'

const outcomeOf = ({ verdict }: CheckResult): Outcome => {
  if (verdict === 'fail') return 'failure'
  // Undecided is not skipped: a gate that reads only this file must not be green where the exit code is 3.
  if (verdict === 'error' || verdict === 'inconclusive' || verdict === 'blocked') return 'error'
  return verdict === 'not-applicable' ? 'skipped' : 'passed'
}

function counts(checks: readonly CheckResult[]): Record<string, number | string> {
  const count = (wanted: Outcome): number => checks.filter((check) => outcomeOf(check) === wanted).length
  return {
    tests: checks.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    time: seconds(checks.reduce((total, { durationMs }) => total + durationMs, 0)),
  }
}

/** Renders results as JUnit XML: one suite per subject, one case per check. */
export function renderJunit(results: Results): string {
  const { checks, tool, target, run } = results
  const suites = bySubject(checks).map(({ suite, checks: own }) => {
    const head = attributes({
      name: suite,
      ...counts(own),
      timestamp: run.started.replace(/(?:\.\d+)?Z$/, ''),
      hostname: target.hostname,
    })
    return `  <testsuite${head}>\n${properties(results)}${own.map((check) => testCase(results, check)).join('')}  </testsuite>\n`
  })
  const head = attributes({ name: `${tool.name} ${target.hostname}`, ...counts(checks) })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${head}>\n${suites.join('')}</testsuites>\n`
}

function properties({ run, target, tool, verdict, exitCode }: Results): string {
  const values = {
    'harness.version': tool.version,
    'harness.run': run.id,
    'harness.profile': run.profile,
    'harness.mode': target.mode,
    'harness.deployment': target.deployment ?? 'none',
    'harness.exit-code': exitCode,
    'harness.verdict': verdict,
  }
  const lines = Object.entries(values).map(
    ([name, value]) => `      <property${attributes({ name, value })}/>\n`,
  )
  return `    <properties>\n${lines.join('')}    </properties>\n`
}

function testCase(results: Results, check: CheckResult): string {
  const { id, suite, title, durationMs } = check
  const head = attributes({ name: `${id}: ${title}`, classname: suite, time: seconds(durationMs) })
  return `    <testcase${head}>\n      ${body(results, check)}\n    </testcase>\n`
}

function body(results: Results, check: CheckResult): string {
  const { verdict, severity, reason, observed } = check
  const outcome = outcomeOf(check)
  const { label } = verdictWords[verdict]
  if (outcome === 'skipped') return `<skipped${attributes({ message: `${label}: ${reason || observed}` })}/>`
  const text = content(details(results, check))
  if (outcome === 'passed') return `<system-out>${text}</system-out>`
  const message = `${label}, ${severity}: ${observed}${reason === '' ? '' : ` (${reason})`}`
  return `<${outcome}${attributes({ type: verdict, message })}>${text}</${outcome}>`
}

function details(results: Results, check: CheckResult): string {
  const { verdict, severity, expected, observed, reason, remediation, grounds } = check
  const lines = [
    `${verdictWords[verdict].label}, ${severity}: ${statement(check)}`,
    `expected: ${expected}`,
    `observed: ${observed}`,
    reason === '' ? '' : `reason: ${reason}`,
    grounds.length === 0 ? '' : `grounds: ${grounds.join(', ')}`,
    outcomeOf(check) === 'failure' ? `\nHow to fix\n${remediation}` : '',
    outcomeOf(check) === 'passed'
      ? ''
      : `\nHow to reproduce\n${[...check.reproduce, rerun(results, check.id)].join('\n')}`,
    ...check.evidence.slice(0, 4).map(attempt),
  ]
  return lines.filter((line) => line !== '').join('\n')
}

const attempt = ({ label, outcome, transcript }: Evidence): string =>
  [`\n${label}: ${outcome}`, ...transcript.slice(0, 60)].join('\n')
