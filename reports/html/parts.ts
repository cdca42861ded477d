/**
 * Small pieces that several sections use.
 * @module
 */
import { groundLink } from '../grounds.ts'
import { clip, prose } from '../text.ts'
import type { CheckResult, Evidence, Verdict } from '../types.ts'
import { verdictWords } from '../wording.ts'
import { type Html, html, type Value } from './escape.ts'

/** A verdict as a coloured word with its mark. */
export function pill(verdict: Verdict): Html {
  const { mark, label, tone } = verdictWords[verdict]
  return html`<span class="pill ${tone}"><span aria-hidden="true">${mark}</span> ${label}</span>`
}

/** A row of a definition list; nothing where there is nothing to say. */
export const row = (term: string, value: Value): Html | undefined =>
  value === undefined || value === '' ? undefined : html`<dt>${term}</dt><dd>${value}</dd>`

/** Prose with code blocks. */
export const proseHtml = (text: string): Html[] =>
  prose(clip(text, longProse)).map(({ kind, text: block }) =>
    kind === 'code' ? html`<pre><code>${block}</code></pre>` : html`<p>${block}</p>`,
  )

const longProse = 16_000

/** A source, linked where it has a known address. */
export function ground(text: string): Html {
  const link = groundLink(text)
  return link === undefined ? html`${text}` : html`<a href="${link}" rel="noreferrer">${text}</a>`
}

/** Sources of one check, separated by commas. */
export const groundList = (grounds: readonly string[]): Html[] =>
  grounds.map((one, index) => html`${index === 0 ? '' : ', '}${ground(one)}`)

/** No page shows more attempts of a check, or more lines of a transcript, than this; results.json has them all. */
const mostAttempts = 12
const mostLines = 250

/** All attempts of a check, folded. Empty where there are none. */
export function evidence({ evidence: attempts }: CheckResult, summary: string): Html | undefined {
  if (attempts.length === 0) return undefined
  const shown = attempts.slice(0, mostAttempts)
  const more = attempts.length - shown.length
  return html`<details><summary>${summary}</summary>
${shown.map(attempt)}${more > 0 ? html`<p class="muted small">${more} more in results.json</p>` : undefined}</details>`
}

function attempt({ label, outcome, layer, request, response, transcript }: Evidence): Html {
  const lines = transcript.slice(0, mostLines).map((line) => clip(line, 400))
  if (transcript.length > mostLines)
    lines.push(`… ${transcript.length - mostLines} more lines in results.json`)
  return html`<div class="attempt"><p><strong>${label}</strong><br>${outcome} <span class="muted">(${layer.toUpperCase()})</span></p>
${block('Request', request)}${block('Answer', response)}${lines.length > 0 ? html`<p class="part">Decrypted transcript</p><pre>${lines.map((line) => html`${line}\n`)}</pre>` : undefined}</div>
`
}

const block = (name: string, text: string): Html | undefined =>
  text === '' ? undefined : html`<p class="part">${name}</p><pre>${text}</pre>`
