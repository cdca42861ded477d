/**
 * What a hostile server would like to write into a report. For tests.
 * @module
 */
import type { Results } from '../types.ts'

/** Texts that break out of something somewhere, each with the marker `PWNED` where it would show. */
export const hostileTexts: readonly string[] = [
  '<script>PWNED()</script>',
  '"><img src=x onerror=PWNED()>',
  "' onmouseover='PWNED()' x='",
  '</style></pre></details></title><b>PWNED</b>',
  '<!--PWNED--><![CDATA[PWNED]]>]]><?xml PWNED?>',
  '&lt;b&gt; &amp;PWNED; &#x3c;',
  'javascript:PWNED()',
  'https://evil.example/"onclick="PWNED()',
  '\u001b[2J\u001b]0;PWNED\u0007\u001b[31m\b\b\u009b2J\u0000\r overwritten',
  'safe\u202edesrever\u2066PWNED\u2069 \u200b\u2028\ufeff',
  '\ud800 lone \udfff \ufffe\uffff PWNED',
  '| PWNED | `code` **bold** [x](javascript:PWNED()) ![x](http://evil.example/x.png) @everyone #1 ~~~\n\n# PWNED\n- PWNED',
  '\n\n</code></td></tr></table>\n<h1>PWNED</h1>\n```\n# PWNED\n```',
  'prose\n\n  code \u001b[2J\u202ePWNED </code>',
  `PWNED${'A'.repeat(100_000)}<i>PWNED</i>`,
]

/** Fields whose values are words of ours (enumerations); every other string is replaced. */
const ours = new Set([
  'verdict',
  'severity',
  'kind',
  'layer',
  'mode',
  'failOn',
  'TLSv1.2',
  'TLSv1.3',
  'enforced',
  'enforcedAt',
])

/** A copy of `results` in which `text` stands in every string that is not an enumeration, those of checks included. */
export function poison(results: Results, text: string): Results {
  const poisoned = replace(results, text) as Results
  return { ...poisoned, verdict: text }
}

function replace(value: unknown, text: string, key = ''): unknown {
  if (typeof value === 'string') return ours.has(key) ? value : text
  if (Array.isArray(value)) return value.map((one) => replace(one, text, key))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, own]) => [name, replace(own, text, name)]))
}
