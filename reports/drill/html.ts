/**
 * A drill as one HTML page: the time line of every identity, the steps, and what remains to be done. No script, nothing
 * from the network.
 * @module
 */

import { type Html, html } from '../html/escape.ts'
import { styleElement } from '../html/style.ts'
import { policy } from '../html.ts'
import { timeline } from './timeline.ts'
import type { DrillLane, DrillOutcome, DrillResult, DrillStep, WrongAnswers } from './types.ts'

const verdicts: Readonly<Record<DrillOutcome, { tone: string; word: string; sentence: string }>> = {
  'as-predicted': {
    tone: 'good',
    word: 'As predicted',
    sentence: 'Every step came out as expected, and everything is as it was before.',
  },
  'not-as-predicted': {
    tone: 'bad',
    word: 'Not as predicted',
    sentence: 'The drill came to its end, but something was seen that it did not predict.',
  },
  'stopped-and-restored': {
    tone: 'warn',
    word: 'Stopped and restored',
    sentence: 'The drill stopped, and the state before it was restored.',
  },
  'not-restored': {
    tone: 'bad',
    word: 'Not restored',
    sentence:
      'The state before the drill could not be restored. The remaining steps have to be done by hand.',
  },
}

/** Renders the page. Everything that is not this folder's own text is escaped. */
export function renderDrillHtml(result: DrillResult): string {
  const { drill, target, outcome, problems } = result
  const { tone, word, sentence } = verdicts[outcome]
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${word}: drill ${drill.order} on ${target.hostname}</title>
${styleElement}
<style>
.line{display:block;width:100%;height:auto;font-size:12px}
.line text{fill:var(--muted)}
.line .name{fill:var(--text)}
.line .allowed{fill:var(--good-bar)}
.line .refused{fill:var(--quiet-bar)}
.line .unclear{fill:var(--unsure-bar)}
.line .wrong{fill:var(--bad-bar)}
.line .step{stroke:var(--line)}
.swatch{display:inline-block;width:.7rem;height:.7rem;border-radius:2px;margin-right:.4rem}
</style>
</head>
<body>
<div class="wrap">
<header><p class="eyebrow">Rollback drill${target.lab ? ' · embedded lab' : ''} · order ${drill.order}</p>
<h1>${target.hostname}</h1>
<p class="lead">${drill.title}. ${result.started.slice(0, 16).replace('T', ' ')} UTC, ${seconds(result.durationMs)}.</p></header>
<main>
<section class="verdict ${tone}"><span class="word">${word}</span><p>${sentence}</p>${
    problems.length === 0
      ? undefined
      : html`<ul class="plain">${problems.map((problem) => html`<li>${problem}</li>`)}</ul>`
  }</section>
${remaining(result)}
<h2>Time line</h2>
<div class="card">${timeline(result)}
<ul class="legend">${legend.map(
    ([colour, text]) =>
      html`<li class="sum"><span class="swatch ${colour}" style="background:var(--bar)"></span>${text}</li>`,
  )}</ul></div>
<h2>Identities</h2>
<table><thead><tr><th>Identity</th><th class="num">Requests</th><th class="num">Longest gap</th><th>First wrong allow</th><th>First wrong deny</th></tr></thead>
<tbody>${result.lanes.map(laneRow)}</tbody></table>
<p class="muted small">One request per ${result.terms.intervalMs} ms and identity. While a change takes effect, the old truth and the new one count as right, until the new one is first seen (at most ${seconds(result.terms.graceMs)}). A gap is the time between two allowed answers where allowing is the only right answer.</p>
<h2>Steps</h2>
<table><thead><tr><th>Step</th><th>Calls</th><th class="num">Until seen</th><th>Edge presents</th><th>Result</th></tr></thead>
<tbody>${result.steps.map(stepRow)}</tbody></table>
<h2>State before and after</h2>
<p>${result.state.same ? 'The same' : 'Different'}: ${result.state.compared}.</p>
${result.state.same ? undefined : html`<ul class="plain">${result.state.changes.map((change) => html`<li><code>${change}</code></li>`)}</ul>`}
</main>
<footer>Written from drill.json (format ${result.schemaVersion}) by ${result.tool.name} ${result.tool.version}.</footer>
</div>
</body>
</html>
`.toString()
}

const legend: readonly (readonly [tone: string, text: string])[] = [
  ['good', 'allowed'],
  ['quiet', 'refused, as it ought to be'],
  ['bad', 'wrong: locked out, or let in'],
  ['unsure', 'no clear answer'],
]

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`

function remaining({ remaining: steps }: DrillResult): Html | undefined {
  if (steps.length === 0) return undefined
  return html`<h2>Remaining steps</h2>
<p>In this order, with the API token in <code>CLOUDFLARE_API_TOKEN</code>:</p>
${steps.map(({ sentence, command }) => html`<p>${sentence}</p><pre>${command}</pre>`)}`
}

function laneRow({ label, requests, skipped, longestGapMs, wrongAllows, wrongDenies }: DrillLane): Html {
  return html`<tr><th>${label}</th><td class="num">${requests}${skipped > 0 ? ` (${skipped} not sent)` : ''}</td><td class="num">${
    longestGapMs === null ? '–' : `${longestGapMs} ms`
  }</td><td>${wrongText(wrongAllows)}</td><td>${wrongText(wrongDenies)}</td></tr>`
}

function wrongText({ count, predicted, first }: WrongAnswers): Html | string {
  if (first === null) return 'none'
  const all = predicted === count ? 'all predicted' : `${predicted} predicted`
  return html`${seconds(first.at)}, ${first.step}: ${first.answer} <span class="muted">(${count} in all, ${all})</span>`
}

/** The whole id is in drill.json. */
const shortId = (part: string): string => (/^[0-9a-f-]{20,}$/.test(part) ? `${part.slice(0, 8)}…` : part)

/** Polls of one step are one line. */
function callText({ calls }: DrillStep): Html[] {
  const groups: { text: string; count: number }[] = []
  for (const { method, path, status, codes } of calls) {
    const end = path.split('/').slice(-2).map(shortId).join('/')
    const text = `${method} …/${end}: ${status === 0 ? 'no answer' : status}${codes.length === 0 ? '' : ` (${codes.join(', ')})`}`
    const last = groups.at(-1)
    if (last?.text === text) last.count += 1
    else groups.push({ text, count: 1 })
  }
  return groups.map(
    ({ text, count }) => html`<span class="block id">${text}${count > 1 ? ` × ${count}` : ''}</span>`,
  )
}

function stepRow(step: DrillStep, at: number): Html {
  const { id, does, propagationMs, presents, presented, predicts, confirmed, problem } = step
  const [tone, word] = confirmed
    ? ['good', predicts === null ? 'as expected' : 'as predicted']
    : ['bad', 'not as expected']
  return html`<tr><th>${at + 1}. ${does}<span class="block id muted">${id}</span></th><td>${callText(step)}</td><td class="num">${
    propagationMs === null ? '–' : `${propagationMs} ms`
  }</td><td>${presents ?? '–'}${
    presented === null || presented === presents
      ? undefined
      : html` <span class="muted">(seen: ${presented})</span>`
  }</td><td><span class="pill ${tone}">${word}</span>${
    predicts === null ? undefined : html`<span class="block small">${predicts}</span>`
  }${problem === null ? undefined : html`<span class="block small">${problem}</span>`}</td></tr>`
}
