/**
 * Top of the page: the answer, the counts, and what was looked at.
 * @module
 */
import { standingLine } from '../standing.ts'
import { type Answer, answerOf, answers } from '../summarise.ts'
import { plural } from '../text.ts'
import type { Results } from '../types.ts'
import {
  accounts,
  counted,
  doorWords,
  effort,
  enforcement,
  policyMeanings,
  verdictWords,
} from '../wording.ts'
import { type Html, html } from './escape.ts'
import type { Tone } from './palette.ts'
import { row } from './parts.ts'

const answerTones: Readonly<Record<Answer, Tone>> = {
  go: 'good',
  refusals: 'warn',
  selected: 'warn',
  noGo: 'bad',
  notVerified: 'unsure',
}

/** The verdict sentence in a box, its first words large. */
export function verdictBox(results: Results): Html {
  const answer = answerOf(results)
  const word = answers[answer]
  const { verdict } = results
  const rest = verdict.startsWith(`${word}: `) ? verdict.slice(word.length + 2) : verdict
  const sentence = rest.charAt(0).toUpperCase() + rest.slice(1)
  return html`<section class="verdict ${answerTones[answer]}" aria-label="Verdict"><p><strong class="word">${word}</strong>${sentence}</p></section>`
}

/** Counts as a bar with a legend that says the same in words. */
export function counts({ summary }: Results): Html {
  const entries = counted(summary)
  const words = entries.map(([verdict, count]) => `${count} ${verdictWords[verdict].label}`).join(', ')
  return html`<div class="bar" role="img" aria-label="${plural(summary.planned, 'check')}: ${words}">${entries.map(
    ([verdict, count]) => html`<span class="${verdictWords[verdict].tone}" style="flex:${count} 1 0"></span>`,
  )}</div>
<ul class="legend"><li class="sum"><b>${summary.planned}</b> planned = ${accounts(summary).map(([count, what], index) => html`${index === 0 ? '' : ' + '}<b>${count}</b> ${what}`)}</li>${entries
    .filter(([verdict]) => verdict !== 'not-applicable')
    .map(
      ([verdict, count]) =>
        html`<li class="${verdictWords[verdict].tone}"><b>${count}</b> ${verdictWords[verdict].label}</li>`,
    )}</ul>`
}

/** What was looked at: the run, the client certificate policy, the server certificate. */
export function lookedAt(results: Results): Html {
  return html`<section aria-labelledby="looked-at"><h2 id="looked-at">What was looked at</h2>
<div class="columns"><div class="stack">${clientCertificate(results)}${serverCertificate(results)}</div>${target(results)}</div></section>`
}

function clientCertificate({ facts }: Results): Html {
  const { clientCertificate: policy } = facts
  const version = (name: string, value: keyof typeof policyMeanings): Html =>
    html`<tr><th scope="row" class="nowrap">${name}</th><td><strong>${value}</strong></td><td class="muted">${policyMeanings[value]}</td></tr>`
  return html`<div class="card"><h3>Client certificates</h3>
<table class="small"><thead><tr><th scope="col">Version</th><th scope="col">Policy</th><th scope="col">Meaning</th></tr></thead><tbody>
${version('TLS 1.2', policy['TLSv1.2'])}
${version('TLS 1.3', policy['TLSv1.3'])}
</tbody></table>
<h4>Enforced: ${enforcement(policy)}</h4><p class="small">${policy.because}</p>
<h4>CA names in the CertificateRequest</h4>${
    policy.caNames.length === 0
      ? html`<p class="small muted">none: legal, and tells clients nothing</p>`
      : html`<ul class="plain small">${policy.caNames.map((name) => html`<li><code>${name}</code></li>`)}</ul>`
  }</div>`
}

function target({ run, target: at, facts, tool, checks }: Results): Html {
  return html`<div class="card"><h3>Target and run</h3>
<dl>${[
    row('Connected to', at.connect),
    row('Addresses', facts.addresses.join(', ')),
    row('Protocols', facts.alpn.join(', ')),
    row('Server', facts.server),
    row('Access', facts.access?.because),
    row('Elsewhere', (facts.elsewhere ?? []).map(doorWords).join('; ')),
    row(
      'Access audience',
      facts.access?.audience == null ? undefined : html`<span class="id">${facts.access.audience}</span>`,
    ),
    row('Deployment', `${at.deployment ?? 'none (black box)'}${at.lab ? ', embedded lab' : ''}`),
    row(
      'File SHA-256',
      at.deploymentHash === null ? undefined : html`<span class="id">${at.deploymentHash}</span>`,
    ),
    row('Declared mode', at.mode),
    row('Faults on', run.faults.join(', ')),
    row('Profile', `${run.profile}, fails at ${run.failOn} and above`),
    row(
      'Run',
      html`<span class="id">${run.id}</span>${run.interrupted ? html` <strong>interrupted</strong>` : undefined}`,
    ),
    row('Effort', effort(run)),
    row('Checks rest', standingLine(checks)),
    row('Written by', `${tool.name} ${tool.version} on Node ${tool.node}`),
  ]}</dl></div>`
}

function serverCertificate({ facts: { serverCertificate: server } }: Results): Html {
  return html`<div class="card"><h3>Server certificate</h3>${
    server === undefined
      ? html`<p class="small muted">none was seen</p>`
      : html`<dl>${[
          row('Subject', server.subject),
          row('Issuer', server.issuer),
          row('Valid until', server.notAfter),
          row('Verified', server.trusted ? 'yes' : `no: ${server.trustError ?? 'reason unknown'}`),
          row('SHA-256', html`<span class="id">${server.fingerprint256}</span>`),
        ]}</dl>`
  }</div>`
}
