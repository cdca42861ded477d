import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderConsole } from './console.ts'
import { renderHtml } from './html.ts'
import { renderMarkdown } from './markdown.ts'
import { sampleResults } from './sample.ts'
import { standingLine, standingOf } from './standing.ts'

for (const [grounds, standing] of [
  [['catalogue TLS-17', 'RFC 6066 §3'], 'official'],
  [['cloudflare-docs waf/custom-rules', 'CVE-2022-23632'], 'official'],
  [['CVE-2025-64484 (oauth2-proxy)', 'catalogue HDR-06'], 'observed'],
  [['measured: HAProxy ssl_c_verify is 0 for both', 'catalogue MOD-04'], 'observed'],
  [['traefik/traefik#12949', 'catalogue TLS-23'], 'observed'],
  [['catalogue MOD-03'], 'our judgement'],
  [[], 'our judgement'],
] as const) {
  test(`${grounds.join(', ') || 'no ground'}: ${standing}`, () => assert.equal(standingOf(grounds), standing))
}

test('every report says which checks rest on official documents, on observations, on our judgement', () => {
  const results = sampleResults()
  const line = standingLine(results.checks)
  assert.match(line, /\d+ on official documents/)
  assert.match(line, /\d+ on observations/)
  const written = [
    renderConsole(results, { color: false, width: 400 }),
    renderHtml(results).replace(/\s+/g, ' '),
    renderMarkdown(results),
  ]
  for (const text of written) assert.ok(text.includes(line), text.slice(0, 80))
})
