/**
 * One card per finding: all that is needed to understand, repeat and mend it.
 * @module
 */
import { asStarted } from '../started-as.ts'
import { summarise } from '../summarise.ts'
import { plural } from '../text.ts'
import type { CheckResult, Results } from '../types.ts'
import { counted, findings, layerMeanings, nextStep, rerun, statement, verdictWords } from '../wording.ts'
import { type Html, html } from './escape.ts'
import { evidence, groundList, pill, proseHtml, row } from './parts.ts'

/** Anchor of each finding. By position, never from an id: an id is not ours to put into markup. */
export const anchors = (checks: readonly CheckResult[]): Map<CheckResult, string> =>
  new Map(findings(checks).map((check, index) => [check, `finding-${index + 1}`]))

/** The section; says so where there is nothing to act on. */
export function findingsSection(results: Results, targets: ReadonlyMap<CheckResult, string>): Html {
  const cards = [...targets].map(([check, anchor]) => card(results, check, anchor))
  return html`<section aria-labelledby="findings"><h2 id="findings">Findings (${targets.size})</h2>
${
  targets.size === 0
    ? html`<p>Nothing asks for action.</p>`
    : html`<p class="muted small">${tally([...targets.keys()])}. Failures first, then what stayed undecided, then warnings; the worst first.</p>`
}${cards}</section>`
}

const tally = (checks: readonly CheckResult[]): string =>
  counted(summarise(checks))
    .map(([verdict, count]) => `${count} ${verdictWords[verdict].label}`)
    .join(', ')

function card(results: Results, check: CheckResult, anchor: string): Html {
  const { verdict, reached, layer } = check
  const next = nextStep(check)
  return html`<article class="card finding ${verdictWords[verdict].tone}" id="${anchor}" aria-labelledby="${anchor}-title">
<header>${pill(verdict)} <span class="small"><strong>${check.severity}</strong> <span class="muted">· ${check.kind}</span></span> <span class="id muted">${check.id}</span><h3 id="${anchor}-title">${statement(check)}</h3></header>
<dl>${[
    row('Expected', check.expected),
    row('Observed', check.observed),
    row(next === '' ? 'Decided at' : 'Ended at', layerMeanings[layer]),
    row('Reason', check.reason),
    row('Consequence', reached ? 'a request without a valid certificate reached the application' : undefined),
    row('Next step', next),
    row('Grounds', groundList(check.grounds)),
  ]}</dl>
${check.remediation === '' ? undefined : html`<h4>${next === '' ? 'How to fix' : 'How to fix, should it not hold'}</h4>${proseHtml(check.remediation)}`}
<h4>How to reproduce</h4>${[...check.reproduce, rerun(results, check.id)].map((command) => html`<pre><code>${command}</code></pre>`)}
<p class="small muted">What the check sends and why: <code>${asStarted(`harness explain ${check.id}`)}</code></p>
${evidence(check, `Evidence: ${plural(check.evidence.length, 'attempt')}, with the decrypted transcript`)}
</article>
`
}
