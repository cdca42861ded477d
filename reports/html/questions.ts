/**
 * Questions that remain, and what answers them.
 * @module
 */
import { questionsOf } from '../questions.ts'
import type { Results } from '../types.ts'
import { type Html, html } from './escape.ts'

/** The section; nothing where no question is left. */
export function questionsSection(results: Results): Html | undefined {
  const all = questionsOf(results)
  if (all.length === 0) return undefined
  return html`<section aria-labelledby="questions"><h2 id="questions">Questions that remain (${all.length})</h2>
<div class="card"><p class="small">The most valuable first; each with what to add to the deployment file to have it answered.</p>
<ol class="small">
${all.map(
  ({ ask, add, lines, checks }) => html`<li><p><strong>${ask}</strong><br>${add}</p>
${lines === '' ? undefined : html`<pre><code>${lines}</code></pre>`}${checks.length === 0 ? undefined : html`<p class="id muted">${checks.map(({ id }) => id).join(', ')}</p>`}</li>
`,
)}</ol></div></section>`
}
