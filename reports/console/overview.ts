/**
 * Top and bottom of the console report: what was looked at, and what it comes to.
 * @module
 */

import { standingLine } from '../standing.ts'
import { answerOf, answers } from '../summarise.ts'
import type { Results } from '../types.ts'
import {
  accountLine,
  counted,
  deploymentLine,
  doorWords,
  effort,
  enforcement,
  isThere,
  policyMeanings,
  verdictWords,
} from '../wording.ts'
import { labelled, type Page, safe } from './layout.ts'
import { type ToneStyle, toneStyles, wrap } from './paint.ts'

const labels = 20

/** Hostname, addresses, deployment, profile, mode. */
export function header(page: Page, { target, run, tool, facts }: Results): string[] {
  const line = (label: string, text: string): string[] => labelled(page, label, text, 2, labels)
  return [
    `${page.paint('bold', safe(target.hostname))}  ${page.paint('dim', `${safe(tool.name)} ${safe(tool.version)}`)}`,
    ...line(
      'connected to',
      `${target.connect}${facts.addresses.length > 0 ? ` (${facts.addresses.join(', ')})` : ''}`,
    ),
    ...line('deployment', `${deploymentLine(target)}${target.lab ? ', embedded lab' : ''}`),
    ...line('faults on', run.faults.join(', ')),
    ...line('profile', `${run.profile}, mode ${target.mode}, fails at ${run.failOn} and above`),
    ...line('run', `${run.id}${run.interrupted ? ', interrupted' : ''}`),
  ]
}

/** What the host showed about client certificates, and its own certificate. */
export function factLines(page: Page, { facts }: Results): string[] {
  const { clientCertificate: policy, serverCertificate: server } = facts
  const line = (label: string, text: string): string[] => labelled(page, label, text, 2, labels)
  const version = (value: keyof typeof policyMeanings): string => `${value}: ${policyMeanings[value]}`
  const names = policy.caNames.slice(0, 4).join(' · ')
  const more = policy.caNames.length > 4 ? ` and ${policy.caNames.length - 4} more` : ''
  return [
    '',
    ...line('TLS 1.2 certificate', version(policy['TLSv1.2'])),
    ...line('TLS 1.3 certificate', version(policy['TLSv1.3'])),
    ...line('enforced', `${enforcement(policy)}: ${policy.because}`),
    ...line('CA names', policy.caNames.length === 0 ? 'none in the CertificateRequest' : names + more),
    ...line('server certificate', server === undefined ? '' : `${server.subject}, ${trust(server)}`),
    ...line('Access', facts.access?.because ?? ''),
    ...line('elsewhere', (facts.elsewhere ?? []).filter(isThere).map(doorWords).join('; ')),
  ]
}

const trust = ({
  trusted,
  trustError,
  notAfter,
}: NonNullable<Results['facts']['serverCertificate']>): string =>
  trusted ? `verified, until ${notAfter.slice(0, 10)}` : `not verified: ${trustError ?? 'reason unknown'}`

const answerStyles = {
  go: 'green',
  refusals: 'yellow',
  selected: 'yellow',
  noGo: 'red',
  notVerified: 'magenta',
} as const

/** The one sentence, the counts, the report's path. */
export function footer(page: Page, results: Results, report: string | undefined): string[] {
  const { summary, run, verdict } = results
  const answer = answerOf(results)
  const word = answers[answer]
  const [first = '', ...others] = wrap(safe(verdict), page.width)
  const rest = first.startsWith(word)
    ? page.paint(['bold', answerStyles[answer]], word) + first.slice(word.length)
    : first
  const counts = counted(summary)
    .filter(([own]) => own !== 'not-applicable' && own !== 'blocked')
    .map(([own, count]): [typeof own, number] => [
      own,
      own === 'inconclusive' ? count - (summary.notBegun ?? 0) : count,
    ])
    .filter(([, count]) => count > 0)
    .map(([own, count]) => ({
      text: `${count} ${verdictWords[own].label}`,
      style: toneStyles[verdictWords[own].tone],
    }))
  const rests = standingLine(results.checks)
  return [
    '',
    rest,
    ...others,
    '',
    ...wrap(accountLine(summary), page.width),
    ...flow(page, 'executed: ', counts),
    ...(rests === '' ? [] : wrap(`they rest: ${rests}`, page.width)),
    page.paint('dim', effort(run)),
    ...(report === undefined ? [] : [`report: ${report}`]),
  ]
}

/** A list after its name, wrapped by what is seen and painted piece by piece. */
function flow(
  { paint, width }: Page,
  name: string,
  items: readonly { text: string; style: ToneStyle }[],
): string[] {
  const lines: string[] = []
  let line = name
  let used = name.length
  for (const [index, { text, style }] of items.entries()) {
    const end = index === items.length - 1 ? '' : ', '
    if (used + text.length + 1 > width) {
      lines.push(line)
      line = ' '.repeat(name.length)
      used = name.length
    }
    line += paint(style, text) + end
    used += text.length + end.length
  }
  return items.length === 0 ? [] : [...lines, line]
}
