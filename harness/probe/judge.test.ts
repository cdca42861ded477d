import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import { test } from 'node:test'
import { answerOf } from './http1.ts'
import { judgeAnswer, judgeReset, matchesPattern, quote } from './judge.ts'
import type { AllowedPattern, HttpAnswer, Outcome } from './types.ts'

type Headers = [string, string][]
const answer = (status: number, body = '', headers: Headers = []): HttpAnswer =>
  answerOf('1.1', status, headers, Buffer.from(body), false)

type Row = [
  what: string,
  answer: HttpAnswer,
  proof: 'nonce' | 'pattern' | 'assumed' | 'text' | 'unproven',
  expected: [Outcome['verdict'], Outcome['code'], Outcome['attribution']],
]
const nginx = (text: string): string =>
  `<html>\r\n<head><title>400 ${text}</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n<center>${text}</center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n`

const rows: Row[] = [
  ['the canary answered', answer(200), 'nonce', ['allowed', 'proof-nonce', undefined]],
  ['the canary answered through a 403', answer(403), 'nonce', ['allowed', 'proof-nonce', undefined]],
  ['the declared answer', answer(200), 'pattern', ['allowed', 'proof-pattern', undefined]],
  ['any 2xx where none is declared', answer(204), 'assumed', ['allowed', 'proof-pattern', undefined]],
  [
    'a declared answer that is a redirect',
    answer(302, '', [['Location', '/']]),
    'pattern',
    ['allowed', 'proof-pattern', undefined],
  ],
  ['200 without proof', answer(200, 'hello'), 'unproven', ['inconclusive', 'http-unproven', undefined]],
  ['204 without proof', answer(204), 'unproven', ['inconclusive', 'http-unproven', undefined]],
  [
    'a 403 with the text of the application',
    answer(403, 'orders'),
    'text',
    ['inconclusive', 'http-unproven', undefined],
  ],
  [
    'a redirect with the text of the application',
    answer(302, 'orders', [['Location', '/login']]),
    'text',
    ['inconclusive', 'http-unproven', undefined],
  ],
  [
    'a 503 with the text of the application',
    answer(503, 'orders'),
    'text',
    ['inconclusive', 'server-error', undefined],
  ],
  ['101', answer(101), 'unproven', ['inconclusive', 'http-unproven', undefined]],
  ['a status of 0', answer(0), 'unproven', ['inconclusive', 'http-unproven', undefined]],
  [
    'nginx: no certificate',
    answer(400, nginx('No required SSL certificate was sent')),
    'unproven',
    ['refused', 'http-refused', 'explicit'],
  ],
  [
    'nginx: bad certificate',
    answer(400, nginx('The SSL certificate error')),
    'unproven',
    ['refused', 'http-refused', 'explicit'],
  ],
  ['nginx 495', answer(495), 'unproven', ['refused', 'http-refused', 'explicit']],
  ['nginx 496', answer(496), 'unproven', ['refused', 'http-refused', 'explicit']],
  ['nginx 497 (plain HTTP to the TLS port)', answer(497), 'unproven', ['refused', 'http-refused', 'generic']],
  [
    'httpd: post-handshake authentication',
    answer(403, '<p>Reason: Cannot perform Post-Handshake Authentication.<br />'),
    'unproven',
    ['refused', 'http-refused', 'explicit'],
  ],
  [
    'a 403 that names mTLS',
    answer(403, '{"error":"mTLS authentication failed"}'),
    'unproven',
    ['refused', 'http-refused', 'generic'],
  ],
  [
    'a 401 that names the client certificate',
    answer(401, 'client certificate is not trusted'),
    'unproven',
    ['refused', 'http-refused', 'generic'],
  ],
  [
    'a certificate that expired',
    answer(403, 'certificate expired'),
    'unproven',
    ['refused', 'http-refused', 'generic'],
  ],
  ['a bare 403', answer(403), 'unproven', ['refused', 'http-refused', 'generic']],
  [
    'a 403 about something else',
    answer(403, 'Your IP address is blocked. A certificate of attendance is not enough.'),
    'unproven',
    ['refused', 'http-refused', 'generic'],
  ],
  ['401', answer(401), 'unproven', ['refused', 'http-refused', 'generic']],
  ['421', answer(421), 'unproven', ['refused', 'http-refused', 'generic']],
  [
    'Access: login',
    answer(302, '', [['location', 'https://acme.cloudflareaccess.com/cdn-cgi/access/login/api.test?kid=1']]),
    'unproven',
    ['refused', 'http-redirect', 'generic'],
  ],
  [
    'a login of another kind',
    answer(303, '', [['Location', '/oauth2/start']]),
    'unproven',
    ['refused', 'http-redirect', 'generic'],
  ],
  [
    'a redirect elsewhere',
    answer(301, '', [['Location', 'https://www.api.test/']]),
    'unproven',
    ['refused', 'http-redirect', 'generic'],
  ],
  ['a redirect to nowhere', answer(302), 'unproven', ['inconclusive', 'http-unproven', undefined]],
  ['304', answer(304), 'unproven', ['inconclusive', 'http-unproven', undefined]],
  [
    '429',
    answer(429, 'client certificate required'),
    'unproven',
    ['inconclusive', 'rate-limited', undefined],
  ],
  ['408', answer(408), 'unproven', ['inconclusive', 'timeout', undefined]],
  [
    'a challenge',
    answer(403, 'Just a moment', [['CF-Mitigated', 'challenge']]),
    'unproven',
    ['inconclusive', 'challenge-page', undefined],
  ],
  [
    'mitigated, but no challenge',
    answer(403, '', [['cf-mitigated', 'block']]),
    'unproven',
    ['refused', 'http-refused', 'generic'],
  ],
  ...[500, 502, 503, 504, 520, 526, 999].map(
    (status): Row => [
      `${status}`,
      answer(status, 'client certificate required'),
      'unproven',
      ['inconclusive', 'server-error', undefined],
    ],
  ),
]

for (const [what, given, proof, expected] of rows) {
  test(`an answer is judged: ${what}`, () => {
    const { verdict, code, attribution, layer, summary, alert } = judgeAnswer(given, proof)
    assert.deepEqual([verdict, code, attribution], expected)
    assert.equal(layer, 'http')
    assert.equal(alert, undefined)
    assert.ok(summary.includes(String(given.status)), summary)
  })
}

test('the sentence quotes what names the certificate, without markup', () => {
  const { summary } = judgeAnswer(answer(400, nginx('No required SSL certificate was sent')), 'unproven')
  assert.match(summary, /^refused with HTTP 400: “[^<>]*No required SSL certificate was sent[^<>]*”$/)
})

test('server text in a sentence is cut, on one line, without control or direction characters', () => {
  const hostile = `mTLS \u001b[31m\u0007\r\n\u202eclient\u0000 certificate ${'x'.repeat(500)}`
  for (const given of [answer(403, hostile), answer(302, '', [['Location', hostile]])]) {
    const { summary } = judgeAnswer(given, 'unproven')
    assert.doesNotMatch(summary, /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
    assert.ok(summary.length < 150, summary)
  }
  assert.equal(quote('short'), '“short”')
  assert.equal(quote('abcdef', 3), '“abc…”')
})

test('no text makes judging slow: linear in 64 KiB', () => {
  const hostile = [
    '<'.repeat(65_536),
    'a '.repeat(32_768),
    'certificate '.repeat(5_461),
    '<a '.repeat(21_845),
    'client certificat '.repeat(3_640),
    ' '.repeat(65_536),
  ]
  const started = performance.now()
  for (const body of hostile) judgeAnswer(answer(403, body), 'unproven')
  const took = performance.now() - started
  assert.ok(took < 10_000, `${Math.round(took)} ms`)
})

const json: Headers = [['Content-Type', 'application/json']]
const patterns: [what: string, answer: HttpAnswer, pattern: AllowedPattern | undefined, matches: boolean][] =
  [
    ['nothing declared, 200', answer(200), undefined, true],
    ['nothing declared, 299', answer(299), undefined, true],
    ['nothing declared, 199', answer(199), undefined, false],
    ['nothing declared, 302', answer(302), undefined, false],
    ['nothing declared, 403', answer(403), undefined, false],
    ['an empty pattern matches anything', answer(403), {}, true],
    ['the status', answer(201), { status: 201 }, true],
    ['another status', answer(200), { status: 201 }, false],
    ['one of several', answer(404), { status: [200, 404] }, true],
    ['none of several', answer(403), { status: [200, 404] }, false],
    ['the body', answer(200, 'temperature: 20'), { bodyContains: 'temperature' }, true],
    ['another body', answer(200, 'welcome'), { bodyContains: 'temperature' }, false],
    [
      'the right body with the wrong status',
      answer(403, 'temperature'),
      { status: 200, bodyContains: 'temperature' },
      false,
    ],
    ['a header', answer(200, '', json), { headers: { 'content-type': 'json' } }, true],
    ['a header that only has to be there', answer(200, '', json), { headers: { 'Content-type': '' } }, true],
    ['another value', answer(200, '', json), { headers: { 'content-type': 'html' } }, false],
    ['a missing header', answer(200), { headers: { 'content-type': '' } }, false],
    ['one of two headers', answer(200, '', json), { headers: { 'content-type': '', 'x-app': '' } }, false],
  ]
for (const [what, given, pattern, matches] of patterns) {
  test(`a declared answer is recognised: ${what}`, () =>
    assert.equal(matchesPattern(given, pattern), matches))
}

test('a stream that is reset was not taken, unless the code says why not', () => {
  const told = (code: number) => judgeReset('the stream was reset', code)
  assert.deepEqual([told(1).verdict, told(1).attribution], ['refused', 'generic'])
  for (const code of [0, 7, 11]) assert.equal(told(code).verdict, 'inconclusive', String(code))
})
