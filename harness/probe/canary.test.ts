import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { canaryTarget, canonicalName, newChallenge, originHeader, readCanary } from './canary.ts'
import { answerOf } from './http1.ts'
import type { HttpAnswer } from './types.ts'

const nonce = (): string => randomBytes(16).toString('hex')
const answerText = (text: string | Buffer, truncated = false): HttpAnswer =>
  answerOf('1.1', 200, [], Buffer.from(text), truncated)
const reply = (challenge: string, rest: Record<string, unknown> = {}): Record<string, unknown> => ({
  harness: 'canary',
  challenge,
  nonce: nonce(),
  method: 'GET',
  path: '/c',
  headers: [['Host', 'api.test']],
  ...rest,
})
const answer = (value: unknown, truncated = false): HttpAnswer => answerText(JSON.stringify(value), truncated)

test('a challenge is fresh every time and goes into the target', () => {
  const challenges = new Set(Array.from({ length: 100 }, newChallenge))
  assert.equal(challenges.size, 100)
  for (const challenge of challenges) assert.match(challenge, /^[0-9a-f]{32}$/)
  assert.equal(canaryTarget('/c', 'abc'), '/c?challenge=abc')
  assert.equal(canaryTarget('/c?a=b', 'abc'), '/c?a=b&challenge=abc')
})

test('a fresh reply to the challenge is a proof and tells what the origin saw', () => {
  const challenge = newChallenge()
  const sent = reply(challenge, { marked: 3, extra: 'ignored' })
  assert.deepEqual(readCanary(answer(sent), challenge), {
    nonce: sent.nonce,
    method: 'GET',
    path: '/c',
    headers: [['Host', 'api.test']],
    partial: false,
    marked: 3,
  })
})

test('the same nonce proves nothing a second time, not even to another challenge', () => {
  const challenge = newChallenge()
  const sent = reply(challenge)
  assert.notEqual(readCanary(answer(sent), challenge), undefined)
  assert.equal(readCanary(answer(sent), challenge), undefined)
  const next = newChallenge()
  assert.equal(readCanary(answer({ ...sent, challenge: next }), next), undefined)
})

test('a reply that proved nothing does not use its nonce up', () => {
  const challenge = newChallenge()
  const sent = reply(challenge)
  assert.equal(readCanary(answer(sent, true), challenge), undefined)
  assert.equal(readCanary(answer(sent), newChallenge()), undefined)
  assert.notEqual(readCanary(answer(sent), challenge), undefined)
})

const challenge = newChallenge()
const worthless: [what: string, answer: HttpAnswer][] = [
  ['a reply to another challenge (a cached one)', answer(reply(newChallenge()))],
  ['the challenge as nonce (a reflection)', answer(reply(challenge, { nonce: challenge }))],
  ['a short nonce', answer(reply(challenge, { nonce: 'abcdefabcdefabc' }))],
  ['no nonce', answer({ ...reply(challenge), nonce: undefined })],
  ['a page that reflects the target', answerText(`<html>you asked for /c?challenge=${challenge}</html>`)],
  [
    'JSON that reflects the target',
    answer({ args: { challenge }, headers: {}, url: `/c?challenge=${challenge}` }),
  ],
  ['not from a canary', answer({ ...reply(challenge), harness: 'other' })],
  ['truncated', answer(reply(challenge), true)],
  ['empty', answerText('')],
  ['cut JSON', answerText(JSON.stringify(reply(challenge)).slice(0, -1))],
  ['two replies', answerText(JSON.stringify(reply(challenge)).repeat(2))],
  ['no JSON', answerText('canary')],
  ['random bytes', answerText(randomBytes(1000))],
  ['null', answer(null)],
  ['a number', answer(1)],
  ['a string', answer('canary')],
  ['an array', answer([reply(challenge)])],
  ['a nested reply', answer({ data: reply(challenge) })],
  ['a challenge in an array', answer(reply(challenge, { challenge: [challenge] }))],
  ['a nonce in an object', answer(reply(challenge, { nonce: { value: nonce() } }))],
  ['a nonce that is a number', answer(reply(challenge, { nonce: 1e40 }))],
  ['a huge body', answerText(JSON.stringify(reply(challenge, { filler: 'f'.repeat(100_000) })))],
  ['deeply nested', answerText('['.repeat(60_000))],
]
for (const [what, sent] of worthless) {
  test(`proves nothing: ${what}`, () => {
    assert.equal(readCanary(sent, challenge), undefined)
  })
}

test('parts of another type are left out, the rest counts', () => {
  const fresh = newChallenge()
  const headers = [
    ['A', '1'],
    ['B'],
    'C',
    ['D', 2],
    ['E', '5', '6'],
    null,
    [['F'], 'x'],
    { G: '1' },
    ['h_i', '7'],
  ]
  const sent = reply(fresh, { method: 1, path: null, headers, marked: '9', __proto__: { nonce: 'x' } })
  const read = readCanary(answer(sent), fresh)
  assert.deepEqual(read, {
    nonce: sent.nonce,
    method: '',
    path: '',
    headers: [
      ['A', '1'],
      ['h_i', '7'],
    ],
    partial: false,
  })
  const some = newChallenge()
  assert.equal(readCanary(answer({ ...reply(some), headersComplete: false }), some)?.partial, true)
  const other = newChallenge()
  assert.deepEqual(readCanary(answer(reply(other, { headers: { a: 'b' } })), other)?.headers, [])
})

test('a header is found in every spelling, in order, and no other', () => {
  const seen = {
    nonce: '',
    method: '',
    path: '',
    headers: [
      ['CF-Cert-Verified', '1'],
      ['cf_cert_verified', '2'],
      ['cf-cert-verified-x', '3'],
      ['cf-certverified', '4'],
    ] as [string, string][],
    partial: false,
  }
  assert.deepEqual(originHeader(seen, 'cf-cert-verified'), ['1', '2'])
  assert.deepEqual(originHeader(seen, 'Cf_Cert-Verified'), ['1', '2'])
  assert.deepEqual(originHeader(seen, 'missing'), [])
  assert.equal(canonicalName('A_b-C'), 'a-b-c')
})
