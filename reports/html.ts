/**
 * The report as one HTML page: no script, nothing from the network, printable, light and dark.
 * @module
 */
import { checksSection, groundsSection, notApplicableSection, waiversSection } from './html/checks.ts'
import { type Html, html } from './html/escape.ts'
import { anchors, findingsSection } from './html/findings.ts'
import { counts, lookedAt, verdictBox } from './html/overview.ts'
import { questionsSection } from './html/questions.ts'
import { styleElement } from './html/style.ts'
import { answerOf, answers } from './summarise.ts'
import type { Results } from './types.ts'

/** Nothing may load or run, whatever a server wrote (Content Security Policy Level 3). */
export const policy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

/**
 * Renders the page. Everything in it that is not this folder's own text is escaped, invisible characters are shown as
 * escapes, and long texts are cut with a note; results.json has them whole.
 */
export function renderHtml(results: Results): string {
  const { target, checks, run } = results
  const targets = anchors(checks)
  const sections: [id: string, name: string, content: Html | undefined][] = [
    ['looked-at', 'What was looked at', lookedAt(results)],
    ['findings', `Findings (${targets.size})`, findingsSection(results, targets)],
    ['checks', 'Checks by subject', checksSection(checks, targets)],
    ['waivers', 'Waivers', waiversSection(checks)],
    ['questions', 'Questions that remain', questionsSection(results)],
    [
      'not-applicable',
      'Not applicable',
      notApplicableSection(checks, target.deployment === null ? target.hostname : undefined),
    ],
    ['grounds', 'Grounds', groundsSection(checks)],
  ]
  const present = sections.filter(([, , content]) => content !== undefined)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${answers[answerOf(results)]}: ${target.hostname}</title>
${styleElement}
</head>
<body>
<a class="skip" href="#main">Skip to the verdict</a>
<div class="wrap">
<header><p class="eyebrow">Client certificate verification${target.lab ? ' · embedded lab' : ''}</p>
<h1>${target.hostname}</h1>
<p class="lead">${run.started.slice(0, 16).replace('T', ' ')} UTC · profile ${run.profile}${run.interrupted ? ' · interrupted' : ''}</p></header>
<main id="main">
${verdictBox(results)}
${counts(results)}
<nav aria-label="Sections"><ul>${present.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
${present.map(([, , content]) => content)}
</main>
<footer>Written from results.json (format ${results.schemaVersion}) by ${results.tool.name} ${results.tool.version}. Quoted texts may come from the server under test.</footer>
</div>
</body>
</html>
`.toString()
}
