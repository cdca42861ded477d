/**
 * The load report as one HTML page: no script, nothing from the network, printable, light and dark.
 * @module
 */

import { html } from '../html/escape.ts'
import { styleElement } from '../html/style.ts'
import { policy } from '../html.ts'
import { capacityPart, costsPart, floodPart, waterfallPart } from './measured.ts'
import {
  advicePart,
  findingsPart,
  methodPart,
  outcomesPart,
  planPart,
  section,
  sentPart,
  validityPart,
} from './sections.ts'
import type { LoadReport } from './types.ts'
import { loadVerdict } from './verdict.ts'

const titles = {
  cost: 'What each kind of client costs',
  flood: 'Valid users beside a flood',
  capacity: 'How many valid clients fit',
  proof: 'What is sent, and what the server sees',
} as const

/** What only this page needs, after the common style sheet. */
const own = html`<style>
figure{margin:.5rem 0 1rem}
figcaption{margin-top:.35rem}
.chart svg{display:block;width:100%;height:auto}
.chart.narrow{display:none}
.scroll{overflow-x:auto}
.card.scroll+.card.scroll,.card+.card.scroll,.card.part+.card.part{margin-top:1rem}
.figure{color:var(--text)}
.card.part>h3{margin-bottom:.8rem}
.num .block{margin-left:auto}
@media (max-width:44rem){.chart.wide{display:none}.chart.narrow{display:block}.scroll table{min-width:44rem}.scroll th .block{display:none}}
@media print{.chart.wide{display:block}.chart.narrow{display:none}.scroll{overflow:visible}.scroll table{min-width:0;font-size:8.5pt}.card.part{break-inside:auto}figure{break-inside:avoid}}
</style>`

/** Renders the page. Every text in it goes through the escaping tag. */
export function renderLoadHtml(report: LoadReport): string {
  const { word, tone, sentence } = loadVerdict(report)
  const parts = [
    ['findings', 'Findings', findingsPart(report)],
    ['validity', 'Can it be trusted?', validityPart(report)],
    ['outcomes', 'How each client ended', outcomesPart(report)],
    ['sent', 'Certificates sent and seen', sentPart(report)],
    ['costs', 'Cost by kind of client', costsPart(report)],
    ['waterfall', 'What verification is made of', waterfallPart(report)],
    ['capacity', 'Capacity', capacityPart(report)],
    ['flood', 'Flood against valid users', floodPart(report)],
    ['plan', 'How many cores?', planPart(report)],
    ['advice', 'What to do', advicePart(report)],
    ['method', 'Method', methodPart(report)],
  ] as const
  const present = parts.filter(([, , content]) => content !== undefined)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${word}: ${titles[report.command]}</title>
${styleElement}
${own}
</head>
<body>
<a class="skip" href="#main">Skip to the verdict</a>
<div class="wrap">
<header><p class="eyebrow">Load of client certificate verification</p>
<h1>${titles[report.command]}</h1>
<p class="lead">${report.started.slice(0, 16).replace('T', ' ')} UTC${report.interrupted ? ' · interrupted' : ''}</p></header>
<main id="main">
<section class="verdict ${tone}" aria-label="Verdict"><p><strong class="word">${word}</strong>${sentence.charAt(0).toUpperCase() + sentence.slice(1)}</p></section>
<nav aria-label="Sections"><ul>${present.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
${present.map(([id, name, content]) => section(id, name, content))}
</main>
<footer>Written from results.json (format ${report.schemaVersion}) by ${report.tool.name} ${report.tool.version}. Quoted texts may come from the server under test.</footer>
</div>
</body>
</html>
`.toString()
}
