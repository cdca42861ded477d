import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import { test } from 'node:test'
import type { Transcript } from '../wire/types.ts'
import { answerOf } from './http1.ts'
import { judgeAnswer } from './judge.ts'
import type { HttpAnswer, Proof } from './types.ts'
import { certificateWords, hearWords } from './words.ts'

const answer = (status: number, body: string): HttpAnswer =>
  answerOf('1.1', status, [], Buffer.from(body), false)
const page = (text: string): string =>
  `<!doctype html><html><head><title>Nope</title><style>p { color: red }</style><script>let certificate = required</script></head><body><p>${text}</p></body></html>`

const asked: Pick<Transcript, 'certificateRequest'> = {
  certificateRequest: { caNames: [], signatureAlgorithms: [], certificateTypes: [], late: false },
}
const unasked: Pick<Transcript, 'certificateRequest'> = { certificateRequest: undefined }

const saying = [
  '{"error":"client_certificate_required","message":"A valid client certificate is required."}',
  '{"code":1010,"errors":[{"title":"ClientCertificateRequired"}]}',
  'a client certificate is required\n',
  'mTLS authentication failed',
  'client certificate is not trusted',
  'Access to this resource requires mutual TLS',
  page('This service needs the certificate you were given as a partner.'),
  page('Please install the certificate from the portal, then try again'),
  page('Your certificate has expired'),
  'Unauthorized: no valid X.509 certificate was presented',
  'SSL certificate not provided',
]
const silent = [
  '',
  'Forbidden',
  'Your IP address is blocked. A certificate of attendance is not enough.',
  '{"error":"missing token"}',
  'certificates',
  'certificate of origin required',
  'The server certificate has expired',
  'upstream certificate verification failed',
  page('Sorry, you have been blocked'),
  '<script>throw "client certificate required"</script>Forbidden',
  // Long pages also mention certificates.
  page(`${'Read more about our products. '.repeat(100)} A client certificate is required for the API.`),
  `client certificate required${' '.repeat(20_000)}`,
]

test('a short page that names the client certificate as missing or wrong is recognised, and no other', () => {
  for (const body of saying) assert.notEqual(certificateWords(answer(403, body)), undefined, body)
  for (const body of silent) assert.equal(certificateWords(answer(403, body)), undefined, body)
  const cut: HttpAnswer = { ...answer(403, 'client certificate required'), truncated: true }
  assert.equal(certificateWords(cut), undefined)
})

const heard = (http: HttpAnswer, seen: typeof asked, proof: Proof = {}) => {
  const how = http.status < 300 ? (proof.request === undefined ? 'assumed' : 'pattern') : 'unproven'
  const { verdict, code, attribution, summary } = hearWords(judgeAnswer(http, how), http, seen, proof)
  return { told: [verdict, code, attribution], summary }
}

test('words count where a certificate was asked for, in an answer that refuses for who somebody is', () => {
  const body = '{"error":"client_certificate_required"}'
  for (const status of [400, 401, 403]) {
    const { told, summary } = heard(answer(status, body), asked)
    assert.deepEqual(told, ['refused', 'http-refused', 'explicit'])
    assert.equal(summary, `refused with HTTP ${status}: “client_certificate_required”`)
    assert.deepEqual(heard(answer(status, body), unasked).told, ['refused', 'http-refused', 'generic'])
    assert.deepEqual(heard(answer(status, 'Forbidden'), asked).told, ['refused', 'http-refused', 'generic'])
  }
  for (const status of [404, 405, 421])
    assert.deepEqual(heard(answer(status, body), asked).told, ['refused', 'http-refused', 'generic'])
  for (const status of [429, 502, 503])
    assert.equal(heard(answer(status, body), asked).told[0], 'inconclusive', 'says nothing about access')
})

test('a 200 that says a certificate is required is neither the application nor a refusal', () => {
  const soft = answer(200, page('A client certificate is required'))
  const { told, summary } = heard(soft, asked)
  assert.deepEqual(told, ['inconclusive', 'http-unproven', undefined])
  assert.match(summary, /HTTP 200, but the page says “A client certificate is required”.*give mtls\.refusal/)
  assert.equal(heard(soft, unasked).told[0], 'allowed', 'nobody asked for one')
  assert.equal(heard(answer(200, 'welcome'), asked).told[0], 'allowed')
  const request = { method: 'GET', path: '/', allowed: { status: 200 } }
  assert.equal(heard(soft, asked, { request }).told[0], 'allowed', 'the answer that the deployment declares')
})

test('no page makes listening slow', () => {
  const hostile = [
    '<'.repeat(16_384),
    '<script>'.repeat(2048),
    'certificate '.repeat(160),
    'no a a a '.repeat(220),
    `not be ${' '.repeat(1900)}`,
  ]
  const started = performance.now()
  for (const body of hostile) certificateWords(answer(403, body))
  const took = performance.now() - started
  assert.ok(took < 10_000, `${Math.round(took)} ms`)
})
