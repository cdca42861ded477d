/**
 * Every check by subject, what did not apply by reason, waivers, sources.
 * @module
 */

import { standingOf, standings, standingWords } from '../standing.ts'
import { asStarted } from '../started-as.ts'
import { duration } from '../text.ts'
import type { CheckResult, Verdict } from '../types.ts'
import { asAdvice, bySubject, groupBy, type Subject, verdictMeanings, verdictWords } from '../wording.ts'
import { type Html, html } from './escape.ts'
import { evidence, ground, pill } from './parts.ts'

/** Tables of the checks that ran, one per subject. `targets` are the anchors of the findings. */
export function checksSection(
  checks: readonly CheckResult[],
  targets: ReadonlyMap<CheckResult, string>,
): Html {
  const ran = checks.filter(({ verdict }) => verdict !== 'not-applicable')
  return html`<section aria-labelledby="checks"><h2 id="checks">Checks by subject</h2>
${ran.length === 0 ? html`<p>No check was run.</p>` : bySubject(ran).map((subject) => table(subject, targets))}${legend(ran)}</section>`
}

function table({ title, checks }: Subject, targets: ReadonlyMap<CheckResult, string>): Html {
  const passed = checks.filter(({ verdict }) => verdict === 'pass').length
  return html`<div class="card subject"><table class="checks"><caption>${title} <span class="muted">· ${passed} of ${checks.length} passed</span></caption>
<thead><tr><th scope="col" class="c-verdict">Verdict</th><th scope="col" class="c-check">Check</th><th scope="col" class="c-observed">Observed</th><th scope="col" class="c-severity">Severity</th><th scope="col" class="c-time num">Time</th></tr></thead>
<tbody>${checks.map((check) => line(check, targets.get(check)))}</tbody></table></div>
`
}

function line(check: CheckResult, anchor: string | undefined): Html {
  const { verdict, title, id, observed, reason, severity, durationMs } = check
  const more =
    anchor === undefined
      ? evidence(check, 'Evidence')
      : html`<a class="small block" href="#${anchor}">Expected, fix, evidence</a>`
  return html`<tr><td class="c-verdict">${pill(verdict)}</td><th scope="row" class="c-check">${title}<span class="id">${id}</span></th><td class="c-observed">${observed}${reason === '' ? undefined : html` <span class="muted">(${reason})</span>`} ${more}</td><td class="c-severity">${severity}</td><td class="c-time num">${duration(durationMs)}</td></tr>
`
}

function legend(checks: readonly CheckResult[]): Html {
  const used = (Object.keys(verdictWords) as Verdict[]).filter((verdict) =>
    checks.some((check) => check.verdict === verdict),
  )
  return html`<details><summary>What the verdicts mean</summary><dl class="small">${used.map(
    (verdict) => html`<dt>${pill(verdict)}</dt><dd>${verdictMeanings[verdict]}</dd>`,
  )}</dl></details>`
}

/** What did not apply, grouped by what would have to be given. */
export function notApplicableSection(
  checks: readonly CheckResult[],
  blackBox: string | undefined,
): Html | undefined {
  const skipped = checks.filter(({ verdict }) => verdict === 'not-applicable')
  if (skipped.length === 0) return undefined
  return html`<section aria-labelledby="not-applicable"><h2 id="not-applicable">Not applicable (${skipped.length})</h2>
<div class="card"><p class="small muted">These checks did not run. The left column says what would let them.${
    blackBox === undefined
      ? undefined
      : html` There was no deployment file: <code>${asStarted(`harness init ${blackBox}`)}</code> writes one.`
  }</p>
<table class="small"><thead><tr><th scope="col">What it takes</th><th scope="col">Checks</th></tr></thead><tbody>
${groupBy(skipped, ({ reason }) => reason).map(
  ([
    reason,
    own,
  ]) => html`<tr><th scope="row">${asAdvice(reason)}</th><td><ul class="plain">${own.map(({ title, id, severity }) => html`<li>${title} <span class="id muted">${id}</span>, ${severity}</li>`)}</ul></td></tr>
`,
)}</tbody></table></div></section>`
}

/** Waivers that are in force and waivers that can go. */
export function waiversSection(checks: readonly CheckResult[]): Html | undefined {
  const waived = checks.filter(({ verdict }) => verdict === 'known' || verdict === 'fixed')
  if (waived.length === 0) return undefined
  return html`<section aria-labelledby="waivers"><h2 id="waivers">Waivers (${waived.length})</h2>
<div class="card"><table class="small"><thead><tr><th scope="col">Verdict</th><th scope="col">Check</th><th scope="col">Observed</th><th scope="col">Waiver</th></tr></thead><tbody>
${waived.map(
  ({
    verdict,
    title,
    id,
    observed,
    reason,
  }) => html`<tr><td>${pill(verdict)}</td><th scope="row">${title} <span class="id muted">${id}</span></th><td>${observed}</td><td>${reason}</td></tr>
`,
)}</tbody></table></div></section>`
}

/** Every source with the checks that stand on it. */
export function groundsSection(checks: readonly CheckResult[]): Html | undefined {
  const uses = checks.flatMap(({ id, grounds }) => grounds.map((text) => ({ text, id })))
  if (uses.length === 0) return undefined
  const sources = groupBy(uses, ({ text }) => text).sort(([a], [b]) =>
    a.localeCompare(b, 'en', { numeric: true }),
  )
  return html`<section aria-labelledby="grounds"><h2 id="grounds">Grounds</h2>
<div class="card"><table class="small"><thead><tr><th scope="col">Rest on</th><th scope="col">Checks</th></tr></thead><tbody>
${standings.map((standing) => {
  const own = checks.filter(({ grounds }) => standingOf(grounds) === standing)
  return html`<tr><th scope="row">${standingWords[standing]}</th><td class="muted id">${own.map(({ id }) => id).join(', ') || 'none'}</td></tr>
`
})}</tbody></table></div>
<div class="card"><table class="small"><thead><tr><th scope="col">Source</th><th scope="col">Checks that stand on it</th></tr></thead><tbody>
${sources.map(
  ([
    text,
    own,
  ]) => html`<tr><th scope="row">${ground(text)}</th><td class="muted id">${own.map(({ id }) => id).join(', ')}</td></tr>
`,
)}</tbody></table></div></section>`
}
