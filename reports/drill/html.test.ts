import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderDrillHtml } from './html.ts'
import { drillText } from './text.ts'
import type { DrillLane, DrillResult } from './types.ts'
import { validateDrill } from './validate.ts'

const evil = '<script>alert(1)</script>"\u202e'
const none = { count: 0, predicted: 0, first: null }
const lane: DrillLane = {
  id: 'visitor',
  label: 'visitor',
  requests: 20,
  skipped: 2,
  longestGapMs: 120,
  wrongAllows: none,
  wrongDenies: { count: 3, predicted: 1, first: { at: 1500, step: 'void', answer: evil } },
}
const result: DrillResult = {
  schemaVersion: '1.0',
  tool: { name: 'mtls-access-harness', version: '0', node: 'v24' },
  drill: { order: 'edge-first', title: 'Wrong', wrong: true },
  target: { hostname: evil, zone: 'z', lab: true },
  started: '2026-01-02T03:04:05.000Z',
  durationMs: 4000,
  terms: { intervalMs: 50, graceMs: 1000, holdMs: 100 },
  lanes: [lane],
  steps: [
    {
      id: 'void',
      phase: 'back',
      does: evil,
      from: 1000,
      to: 2000,
      calls: [
        { method: 'GET', path: '/a/certificates/0123456789abcdef0123456789abcdef', status: 200, codes: [] },
        { method: 'GET', path: '/a/certificates/0123456789abcdef0123456789abcdef', status: 200, codes: [] },
        { method: 'DELETE', path: '/a/b', status: 400, codes: [1433] },
      ],
      expect: { visitor: 'refused' },
      seen: { visitor: 'refused' },
      presents: 'none',
      presented: 'first',
      propagationMs: 40,
      predicts: 'visitors are locked out',
      confirmed: false,
      problem: evil,
    },
  ],
  segments: [
    { lane: 'visitor', from: 0, to: 1400, count: 10, seen: 'allowed', wrong: null, answer: 'HTTP 200' },
    { lane: 'visitor', from: 1450, to: 1700, count: 3, seen: 'refused', wrong: 'deny', answer: evil },
  ],
  state: { same: false, compared: 'everything', changes: ['/zones/z'] },
  outcome: 'not-restored',
  problems: [evil],
  remaining: [{ sentence: 'delete it', command: "curl -X DELETE 'https://api/x'" }],
}

test('a result follows the schema; one that does not is refused', () => {
  assert.deepEqual(validateDrill(result), [])
  const { remaining: _, ...less } = result
  assert.match(validateDrill(less).join(), /remaining/)
  assert.notDeepEqual(validateDrill({ ...result, outcome: 'fine' }), [])
  assert.notDeepEqual(validateDrill({ ...result, secret: 'x' }), [])
})

test('the page escapes whatever comes from outside', () => {
  const page = renderDrillHtml(result)
  assert.ok(!page.includes('<script') && !page.includes('\u202e'))
  assert.ok(page.includes('&lt;script&gt;'))
})

test('the page has the time line, the wrong answers, the calls and the remaining steps', () => {
  const page = renderDrillHtml(result)
  assert.equal(page.match(/<rect class="wrong"/g)?.length, 1)
  assert.equal(page.match(/<rect class="allowed"/g)?.length, 1)
  assert.match(page, /1\.5 s, void: .*3 in all, 1 predicted/)
  assert.match(page, /GET …\/certificates\/01234567…: 200 × 2/)
  assert.match(page, /DELETE …\/a\/b: 400 \(1433\)/)
  assert.match(page, /curl -X DELETE/)
  assert.match(page, /seen: first/)
  assert.ok(
    !renderDrillHtml({ ...result, remaining: [], outcome: 'as-predicted' }).includes('Remaining steps'),
  )
})

test('in a terminal: one line per identity, the state, the verdict and why', () => {
  const text = drillText(result)
  assert.match(
    text,
    /visitor {2}20 requests, longest gap 120 ms, never wrongly let in, wrongly locked out 3 times \(1 predicted\)/,
  )
  assert.match(text, /state: differs: \/zones\/z/)
  assert.match(text, /NOT RESTORED/)
})
