import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Alert, CertificateRequest, Message, Transcript } from '../wire/types.ts'
import { judgeTls, type TlsEnding } from './judge-tls.ts'
import type { Outcome } from './types.ts'

const record = Buffer.from('160303007a', 'hex')
const request: CertificateRequest = {
  caNames: [],
  signatureAlgorithms: [],
  certificateTypes: [],
  late: false,
}
const certificate = { fingerprint256: '', length: 1, subject: 'CN=a', issuer: 'CN=b' }

const alert = (code: number, rest: Partial<Alert> = {}): Alert => ({
  from: 'server',
  at: 1,
  level: 'fatal',
  code,
  name: `alert ${code}`,
  encrypted: true,
  ...rest,
})
const message = (from: Message['from'], name: string, length = 10): Message => ({
  from,
  at: 1,
  content: name === 'ApplicationData' ? 'application_data' : 'handshake',
  name,
  length,
  encrypted: true,
  opaque: false,
  detail: {},
})
const transcript = (rest: Partial<Transcript> = {}): Transcript => ({
  version: 'TLSv1.3',
  cipher: undefined,
  serverName: undefined,
  alpn: undefined,
  resumed: false,
  messages: [],
  certificateRequest: undefined,
  clientCertificates: [],
  clientVerify: undefined,
  serverCertificates: [],
  tickets: [],
  alerts: [],
  verdictPoint: 'none',
  problems: [],
  ...rest,
})

interface Given extends Partial<Omit<TlsEnding, 'transcript'>> {
  transcript?: Partial<Transcript>
}
const judge = (given: Given) =>
  judgeTls({
    closedBy: undefined,
    clientError: undefined,
    timedOut: false,
    pinned: false,
    start: record,
    ...given,
    transcript: transcript(given.transcript),
  })

type Expected = [Outcome['verdict'], Outcome['code'], Outcome['attribution']]
const explicit: Expected = ['refused', 'tls-alert', 'explicit']
const positional: Expected = ['refused', 'tls-alert', 'positional']
const generic: Expected = ['refused', 'tls-alert', 'generic']
const closedPositional: Expected = ['refused', 'tls-close', 'positional']
const closedGeneric: Expected = ['refused', 'tls-close', 'generic']
const undecided = (code: Outcome['code']): Expected => ['inconclusive', code, undefined]
const unsupported = undecided('version-unsupported')

const asked = { certificateRequest: request }
const sent = { ...asked, clientCertificates: [[certificate]] }
const sentEmpty = { ...asked, clientCertificates: [[]] }
const v12 = { version: 'TLSv1.2' } as const
const noHello = { version: undefined }

/** An alert came. */
const heard = (code: number, seen: Partial<Transcript> = {}, rest: Given = {}): Given => ({
  ...rest,
  transcript: { ...seen, alerts: [alert(code)] },
})
const warned = (code: number, rest: Given = {}): Given => ({
  ...rest,
  transcript: { ...v12, alerts: [alert(code, { level: 'warning' })] },
})
/** We sent an alert. */
const gaveUp = (code: number, rest: Given = {}): Given => ({
  ...rest,
  transcript: { ...rest.transcript, alerts: [alert(code, { from: 'client' })] },
})
const closed = (closedBy: 'fin' | 'rst', seen: Partial<Transcript> = {}, start = record): Given => ({
  closedBy,
  start,
  transcript: seen,
})
const late = (start: Buffer, seen: Partial<Transcript> = {}): Given => ({
  timedOut: true,
  start,
  transcript: seen,
})
const says = (greeting: string): Given => ({ start: Buffer.from(greeting), transcript: noHello })
const openssl = (reason: string): string =>
  `80AB2C:error:0A000119:SSL routines:function:${reason}:../deps/openssl/ssl/record.c:600:\n`
const nothing = Buffer.alloc(0)
const data = (length: number) => ({ messages: [message('server', 'ApplicationData', length)] })
const inHandshake = { verdictPoint: 'in-handshake' } as const
const huge = { problems: ['server: Certificate announces 16777215 bytes'] }
const warning = { level: 'warning' } as const
const nameThenReason = { ...v12, alerts: [alert(112, warning), alert(48)] }
const http = says('HTTP/1.1 400 Bad Request\r\n\r\n')
const finished = { messages: [message('server', 'Finished'), message('client', 'Finished')] }
const begun = { messages: [message('server', 'ServerHello')] }
const helloRequest = { ...noHello, messages: [message('server', 'HelloRequest')] }

type Row = [what: string, given: Given, expected: Expected, words?: RegExp]
const rows: Row[] = [
  ...[41, 42, 43, 44, 45, 46, 48, 49, 116].map(
    (code): Row => [`alert ${code} is about the certificate`, heard(code), explicit],
  ),
  ['handshake_failure after an empty Certificate', heard(40, { ...sentEmpty, ...v12 }), explicit],
  ['handshake_failure after a Certificate', heard(40, sent), positional],
  ['decrypt_error after a Certificate', heard(51, sent), positional],
  ['handshake_failure, nothing asked', heard(40), generic],
  ['unrecognized_name', heard(112), generic],
  ['handshake_failure to a pinned version', heard(40, noHello, { pinned: true }), unsupported],
  ['the same, but within the handshake', heard(40, { ...sentEmpty, ...v12 }, { pinned: true }), explicit],
  ['protocol_version', heard(70, noHello), unsupported],
  ['insufficient_security', heard(71, noHello), unsupported],
  ['inappropriate_fallback', heard(86, noHello), unsupported],
  ['no_application_protocol', heard(120), unsupported, /HTTP/],
  ['an alert, although our deadline passed', heard(48, {}, { timedOut: true }), explicit],
  ['a certificate alert of level warning', warned(42), explicit],
  ['a warning about the name, then silence', warned(112, { timedOut: true }), undecided('timeout')],
  ['a warning about the name, then the end', warned(112, { closedBy: 'fin' }), generic],
  ['a warning about the name, then the reason', closed('fin', nameThenReason), explicit, /alert 48/],
  ['in 1.3 the level says nothing', { transcript: { ...sent, alerts: [alert(40, warning)] } }, positional],
  ['user_canceled says nothing', heard(90, {}, { timedOut: true }), undecided('timeout')],
  ['closed after our Certificate', closed('fin', sent), closedPositional, /closed/],
  [
    'reset after our empty Certificate',
    closed('rst', { ...sentEmpty, ...inHandshake }),
    closedPositional,
    /reset/,
  ],
  ['close_notify only', { transcript: { ...sent, alerts: [alert(0, warning)] } }, closedPositional],
  ['closed after the handshake, nothing asked', closed('fin'), closedGeneric],
  ['closed in the handshake, nothing asked', closed('fin', inHandshake), undecided('not-tls')],
  [
    'closed in the handshake, asked, not answered',
    closed('rst', { ...asked, ...inHandshake }),
    undecided('not-tls'),
  ],
  ['closed before a byte', closed('fin', noHello, nothing), undecided('not-tls')],
  ['reset before a byte', closed('rst', noHello, nothing), undecided('not-tls'), /reset/],
  ['closed after an answer that is none', closed('fin', { ...sent, ...data(9) }), undecided('not-http')],
  ['closed after an empty record', closed('fin', { ...sent, ...data(0) }), closedPositional],
  ['plain HTTP', gaveUp(70, http), undecided('not-tls'), /plain HTTP \(“HTTP\/1.1 400 Bad Request”\)/],
  ['SSH', says('SSH-2.0-OpenSSH_9.2\r\n'), undecided('not-tls'), /SSH \(“SSH-2.0-OpenSSH_9.2”\)/],
  ['SMTP', says('220 mail.test ESMTP\r\n'), undecided('not-tls'), /“220 mail.test ESMTP”/],
  ['bytes', { start: Buffer.from('deadbeef', 'hex') }, undecided('not-tls'), /deadbeef/],
  ['one byte that is none of TLS', says('x'), undecided('not-tls')],
  ['silence', late(nothing, noHello), undecided('timeout'), /said nothing/],
  ['one byte of TLS, then silence', late(Buffer.of(22), noHello), undecided('timeout'), /first TLS message/],
  ['no ServerHello', late(record, helloRequest), undecided('timeout'), /no ServerHello/],
  ['half a handshake', late(record, begun), undecided('timeout'), /middle of the handshake/],
  ['no answer', late(record, finished), undecided('timeout'), /no answer/],
  [
    'our alert',
    gaveUp(47, { clientError: openssl('bad it is') }),
    undecided('client-error'),
    /\(bad it is\)/,
  ],
  ['our alert, then the server closed', gaveUp(47, { closedBy: 'fin' }), undecided('client-error')],
  ['an older version than the pinned one', gaveUp(70, { pinned: true, transcript: v12 }), unsupported],
  ['a protocol_version of ours, nothing pinned', gaveUp(70), undecided('client-error')],
  [
    'too long',
    gaveUp(47, { clientError: openssl('excessive message size'), transcript: huge }),
    undecided('too-large'),
    /16777215/,
  ],
  [
    'HTTP/2 failed',
    { clientError: 'GOAWAY ENHANCE_YOUR_CALM', transcript: data(9) },
    undecided('not-http'),
    /GOAWAY/,
  ],
  [
    'an error without an alert',
    { clientError: openssl('it broke') },
    undecided('client-error'),
    /“it broke”/,
  ],
  ['nothing known', {}, undecided('client-error')],
]

for (const [what, given, expected, words = /./] of rows) {
  test(`a TLS ending is judged: ${what}`, () => {
    const judged = judge(given)
    assert.deepEqual([judged.verdict, judged.code, judged.attribution], expected)
    assert.equal(judged.layer, 'tls')
    assert.match(judged.summary, words)
    assert.equal(
      judged.alert !== undefined,
      given.transcript?.alerts?.includes(judged.alert as Alert) === true,
    )
  })
}

test('no ending of TLS alone is ever allowed', () => {
  for (const [what, given] of rows) assert.notEqual(judge(given).verdict, 'allowed', what)
})

test('a greeting in a sentence has no control characters and is cut', () => {
  const { summary } = judge({ start: Buffer.from(`SSH-2.0-\u001b[2J\u0007${'x'.repeat(4000)}`) })
  assert.doesNotMatch(summary, /\p{Cc}/u)
  assert.ok(summary.length < 200)
})
