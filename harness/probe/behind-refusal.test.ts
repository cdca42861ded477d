import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asWayIn, behindRefusal, hasDeclaredText } from './behind-refusal.ts'
import { answerOf } from './http1.ts'
import type { Outcome, Proof } from './types.ts'

const answered = (status: number, body: string, verdict: Outcome['verdict'] = 'refused'): Outcome => ({
  verdict,
  code: verdict === 'allowed' ? 'proof-pattern' : 'http-refused',
  layer: 'http',
  summary: `HTTP ${status}`,
  http: answerOf('1.1', status, [], Buffer.from(body), false),
  followUps: [],
  sessions: [],
  timings: { end: 1 },
})
const proofBy = (bodyContains: string | undefined, path = '/temps'): Proof => ({
  request: {
    method: 'GET',
    path,
    allowed: { status: 200, ...(bodyContains === undefined ? {} : { bodyContains }) },
  },
})
const byText = proofBy('orders')
const data = (you: string): string => `{"till":7,"orders":[{"id":1,"total":19.9}],"you":${you}}\n`
const valid = answered(200, data('"CN=till-7"'), 'allowed')
const page = '<h1>403 Forbidden</h1><p>This page says why</p>'

test('the very answer of a valid certificate is a way in, whatever its status', () => {
  for (const status of [403, 404, 503])
    assert.equal(behindRefusal(answered(status, data('"CN=till-7"')), { proof: byText, valid }), 'open')
  const untold = proofBy(undefined)
  assert.equal(behindRefusal(answered(403, data('"CN=till-7"')), { proof: untold, valid }), 'open')
  assert.equal(behindRefusal(answered(403, page), { proof: untold, valid }), 'closed')
  assert.equal(behindRefusal(answered(403, page), { proof: byText, valid }), 'closed')
})

test('nothing is compared with an empty answer, with one that was let in, or with a twin that was not', () => {
  const empty = answered(403, '')
  const emptyValid = answered(200, '', 'allowed')
  assert.equal(behindRefusal(empty, { proof: proofBy(undefined), valid: emptyValid }), 'closed')
  assert.equal(behindRefusal(valid, { proof: byText, valid }), 'closed')
  const refusedToo = answered(403, page)
  assert.equal(behindRefusal(answered(403, page), { proof: proofBy(undefined), valid: refusedToo }), 'closed')
  const { http: _, ...inTls } = answered(403, page)
  assert.equal(behindRefusal(inTls, { proof: byText, valid }), 'closed')
})

test('a few bytes that everybody gets decide nothing, unless they are the declared text', () => {
  const short = answered(200, '{"ok":1}', 'allowed')
  const same = answered(403, '{"ok":1}')
  assert.equal(behindRefusal(same, { proof: proofBy(undefined), valid: short }), 'perhaps')
  assert.equal(behindRefusal(same, { proof: proofBy('"ok"'), valid: short }), 'open')
})

test('the declared text in a refusal: settled by a path that no application has, where the page is mostly the valid one', () => {
  const nobody = answered(403, data('null'))
  const missed = answered(404, '{"error":"no such thing"}')
  const compare = (outcome: Outcome, nowhere?: Outcome, proof = byText) =>
    behindRefusal(outcome, { proof, valid, ...(nowhere === undefined ? {} : { nowhere }) })
  assert.equal(compare(nobody), 'perhaps', 'not asked')
  assert.equal(compare(nobody, missed), 'open')
  assert.equal(compare(nobody, answered(403, data('null'))), 'perhaps', 'one page for every path')
  assert.equal(compare(answered(403, 'no orders for you, who are nobody'), missed), 'perhaps', 'another page')
  assert.equal(
    behindRefusal(nobody, { proof: proofBy('orders', '/orders'), valid, nowhere: missed }),
    'perhaps',
    'a page may repeat the path',
  )
  assert.equal(behindRefusal(nobody, { proof: byText, valid: undefined, nowhere: missed }), 'perhaps')
})

test('a canary proves alone', () => {
  const proof: Proof = { canary: '/echo' }
  assert.equal(hasDeclaredText({ body: Buffer.from('orders') }, proof), false)
  const reply = { nonce: 'a', method: 'GET', path: '/', headers: [], partial: false }
  const counted: Outcome = { ...answered(200, data('null'), 'allowed'), canary: reply }
  assert.equal(behindRefusal(answered(403, data('null')), { proof, valid: counted }), 'closed')
})

test('a way in says what was seen', () => {
  const { verdict, code, summary } = asWayIn(answered(403, data('null')))
  assert.deepEqual([verdict, code], ['allowed', 'proof-pattern'])
  assert.match(summary, /^HTTP 403, with what a valid certificate is given/)
})
