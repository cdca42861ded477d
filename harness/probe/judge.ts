/**
 * The outcome rules (DESIGN 4.3), as pure functions: from what was observed to what it means.
 * @module
 */
import type { Alert, Message, Transcript } from '../wire/types.ts'
import type { AllowedPattern, Attribution, HttpAnswer, Outcome } from './types.ts'

/** The part of an {@link Outcome} that the rules decide. */
export type Judgement = Pick<Outcome, 'verdict' | 'code' | 'layer' | 'summary'> & {
  attribution?: Attribution
  alert?: Alert
}

/** Alerts that speak about the client's certificate (RFC 8446 §6.2, RFC 5246 §7.2.2). */
const certificateAlerts = new Set([41, 42, 43, 44, 45, 46, 48, 49, 116])

/** Alerts that say "not this protocol version": protocol_version, inappropriate_fallback, insufficient_security. */
const versionAlerts = new Set([70, 86, 71])

const printable = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
  text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g, ' ').trim()

/** Server text for a sentence: one line, no control characters, cut. */
export const quote = (text: string, max = 80): string => {
  const clean = printable(text)
  return clean.length > max ? `“${clean.slice(0, max)}…”` : `“${clean}”`
}

/** Judges an HTTP answer. `proved` says what was proven about the application, if anything. */
export function judgeAnswer(answer: HttpAnswer, proof: 'nonce' | 'pattern' | 'unproven'): Judgement {
  const status = `HTTP ${answer.status}`
  const http = (
    verdict: Outcome['verdict'],
    code: Outcome['code'],
    summary: string,
    attribution?: Attribution,
  ) => ({
    verdict,
    code,
    layer: 'http' as const,
    summary,
    ...(attribution === undefined ? {} : { attribution }),
  })
  if (proof === 'nonce')
    return http(
      'allowed',
      'proof-nonce',
      `reached the origin: the canary answered with a fresh nonce (${status})`,
    )
  if (proof === 'pattern')
    return http('allowed', 'proof-pattern', `the application answered as declared (${status})`)
  if (answer.status === 429)
    return http('inconclusive', 'rate-limited', `${status}: rate limited, says nothing about access`)
  if (answer.status === 408)
    return http(
      'inconclusive',
      'timeout',
      `${status}: the server was tired of waiting, says nothing about access`,
    )
  if (isChallenge(answer))
    return http('inconclusive', 'challenge-page', `${status}: a bot challenge answered instead`)
  if (answer.status >= 500)
    return http('inconclusive', 'server-error', `${status}: server error, says nothing about access`)
  const to = header(answer, 'location')
  // 300 and 304, and a 3xx that names no place, send nobody anywhere.
  if (answer.status >= 300 && answer.status < 400 && to !== undefined) {
    return http(
      'refused',
      'http-redirect',
      `${status}: redirected to ${quote(to)}`,
      isLogin(to) ? 'explicit' : 'generic',
    )
  }
  if (answer.status >= 400) {
    const named = refusalText(answer)
    const because = named === undefined ? '' : `: ${quote(named)}`
    return http(
      'refused',
      'http-refused',
      `refused with ${status}${because}`,
      named === undefined ? 'generic' : 'explicit',
    )
  }
  return http(
    'inconclusive',
    'http-unproven',
    `${status}, but not from the application: no fresh nonce and not the declared answer`,
  )
}

const header = (answer: HttpAnswer, name: string): string | undefined =>
  answer.headers.find(([key]) => key.toLowerCase() === name)?.[1]

const isChallenge = (answer: HttpAnswer): boolean => header(answer, 'cf-mitigated') === 'challenge'
const isLogin = (location: string): boolean =>
  /\/cdn-cgi\/access\/login\b|\/(login|authorize|oauth2?)\b/i.test(location)

const namesCertificate =
  /\b(?:no required ssl certificate was sent|the ssl certificate error|client[- ]certificate|certificate (?:is )?(?:required|missing|invalid|expired|revoked)|post-handshake authentication|mutual tls|mtls)\b/i

/** The words of an answer that name the client certificate as the reason, if any. nginx: 400 with its own text, or 495/496. */
function refusalText(answer: HttpAnswer): string | undefined {
  if (answer.status === 495) return 'SSL Certificate Error'
  if (answer.status === 496) return 'SSL Certificate Required'
  // Both expressions are linear in the text: it is the server's, and may be made to cost time.
  const text = answer.body.toString('utf8').replace(/<[^<>]*>/g, ' ')
  const match = namesCertificate.exec(text)
  if (match === null) return undefined
  const before = text.slice(0, match.index).split(/[.\n]/).at(-1) ?? ''
  const [behind = ''] = text.slice(match.index).split(/[.\n]/, 1)
  return `${before}${behind}`.trim()
}

/** Does the answer look the way the deployment says the application answers? */
export function matchesPattern(answer: HttpAnswer, pattern: AllowedPattern | undefined): boolean {
  // Nothing declared: any 2xx is taken for the application. That errs on the side of a finding, never of a pass.
  if (pattern === undefined) return answer.status >= 200 && answer.status < 300
  if (pattern.status !== undefined && ![pattern.status].flat().includes(answer.status)) return false
  if (pattern.bodyContains !== undefined && !answer.body.includes(pattern.bodyContains)) return false
  return Object.entries(pattern.headers ?? {}).every(
    ([name, part]) => header(answer, name.toLowerCase())?.includes(part) === true,
  )
}

/** What is known about a TLS connection that gave no HTTP answer. */
export interface TlsEnding {
  transcript: Transcript
  /** How the peer ended it; undefined: it did not, our deadline did. */
  closedBy: 'fin' | 'rst' | undefined
  /** Our own TLS library gave up: its error text. */
  clientError: string | undefined
  timedOut: boolean
  /** A version was pinned for this attempt. */
  pinned: boolean
  /** The first bytes that came from the server; empty: none came. */
  start: Buffer
}

/** Judges a TLS connection that ended without an HTTP answer. */
export function judgeTls(ending: TlsEnding): Judgement {
  const { transcript, start } = ending
  const says = (code: Outcome['code'], summary: string): Judgement => ({
    verdict: 'inconclusive',
    code,
    layer: 'tls',
    summary,
  })
  if (start.length > 0 && !looksLikeTls(start))
    return says('not-tls', `the server does not speak TLS here: it answers with ${whatItIs(start)}`)
  const closeNotify = transcript.alerts.some(({ from, code }) => from === 'server' && code === 0)
  const closedBy = ending.closedBy ?? (closeNotify && !ending.timedOut ? 'fin' : undefined)
  const alert = decisiveAlert(transcript, closedBy !== undefined)
  if (alert !== undefined) return { ...judgeAlert(ending, alert), alert }
  const ours = transcript.alerts.find((one) => one.from === 'client' && one.level === 'fatal')
  if (ours !== undefined) {
    const reason = opensslReason(ending.clientError)
    // protocol_version: a server that knows nothing of supported_versions chose an older version than the pinned one.
    if (ours.code === 70 && ending.pinned)
      return says('version-unsupported', 'the server does not speak this TLS version')
    if (reason?.includes('excessive message size'))
      return says('too-large', `${tooLong(transcript)} longer than TLS libraries take`)
    return says(
      'client-error',
      `our side gave up: TLS alert ${ours.name} sent${reason === undefined ? '' : ` (${reason})`}`,
    )
  }
  if (ending.timedOut) return says('timeout', `no verdict before the deadline (${progress(ending)})`)
  if (closedBy !== undefined) return judgeClose(ending, closedBy)
  return says(
    'client-error',
    `the connection failed on our side: ${quote(opensslReason(ending.clientError) ?? 'unknown reason')}`,
  )
}

/**
 * The alert of the server that ended the connection. A warning of TLS 1.2 (unrecognized_name, for instance) ends nothing
 * unless it is about a certificate or the server closed behind it; in 1.3 the level says nothing (RFC 8446 §6).
 */
function decisiveAlert({ alerts, version }: Transcript, closed: boolean): Alert | undefined {
  const theirs = alerts.filter(({ from, code }) => from === 'server' && code !== 0 && code !== 90)
  const ends = ({ level, code }: Alert): boolean =>
    version === 'TLSv1.3' || level !== 'warning' || certificateAlerts.has(code)
  return theirs.find(ends) ?? (closed ? theirs[0] : undefined)
}

function judgeAlert({ transcript, pinned }: TlsEnding, alert: Alert): Judgement {
  const name = `TLS alert ${alert.name}`
  const tls = (verdict: Outcome['verdict'], code: Outcome['code'], summary: string): Judgement => ({
    verdict,
    code,
    layer: 'tls',
    summary,
  })
  if (versionAlerts.has(alert.code) || (alert.code === 40 && pinned && transcript.version === undefined)) {
    return tls('inconclusive', 'version-unsupported', `the server does not speak this TLS version (${name})`)
  }
  // RFC 7301 §3.2: about what we offered in ALPN, not about who we are.
  if (alert.code === 120)
    return tls(
      'inconclusive',
      'version-unsupported',
      `the server does not speak this version of HTTP (${name})`,
    )
  const asked = transcript.certificateRequest !== undefined
  const sent = transcript.clientCertificates.at(-1)
  // RFC 5246 §7.4.6: a server may answer an empty Certificate with handshake_failure.
  const explicit = certificateAlerts.has(alert.code) || (alert.code === 40 && asked && sent?.length === 0)
  const attribution = explicit ? 'explicit' : asked && sent !== undefined ? 'positional' : 'generic'
  return { ...tls('refused', 'tls-alert', `refused in TLS: ${name}`), attribution }
}

/** Judges a connection that the server ended without an alert. */
function judgeClose({ transcript, start }: TlsEnding, closedBy: 'fin' | 'rst'): Judgement {
  const how = closedBy === 'rst' ? 'reset' : 'closed'
  const says = (code: Outcome['code'], summary: string): Judgement => ({
    verdict: 'inconclusive',
    code,
    layer: 'tls',
    summary,
  })
  const refused = (summary: string, attribution: Attribution): Judgement => ({
    verdict: 'refused',
    code: 'tls-close',
    layer: 'tls',
    summary,
    attribution,
  })
  if (start.length === 0) return says('not-tls', `connection ${how} without a byte before TLS began`)
  // TLS let the connection through and something was answered: whatever ended it, it was not the certificate.
  if (transcript.messages.some(isAnswer))
    return says('not-http', `connection ${how} after an answer that is no HTTP answer`)
  const sent = transcript.certificateRequest !== undefined && transcript.clientCertificates.length > 0
  if (sent) return refused(`connection ${how} right after our Certificate, without an alert`, 'positional')
  // Nothing of ours had been seen by then, so nothing of ours was refused.
  if (transcript.verdictPoint === 'in-handshake')
    return says('not-tls', `connection ${how} in the middle of the handshake`)
  return refused(`connection ${how} without an answer`, 'generic')
}

const isAnswer = ({ from, name, encrypted, length }: Message): boolean =>
  from === 'server' && name === 'ApplicationData' && encrypted && length > 0

/** The start of a TLS record: content type 20 to 24, major version 3. */
const looksLikeTls = (start: Buffer): boolean => {
  const [type = 0, major = 3] = start
  return type >= 20 && type <= 24 && major === 3
}

/** What else speaks on this port, for people. */
function whatItIs(start: Buffer): string {
  const [line = ''] = start.subarray(0, 200).toString('latin1').split(/\r?\n/)
  if (/^HTTP\/\d/.test(line)) return `plain HTTP (${quote(line)})`
  if (line.startsWith('SSH-')) return `SSH (${quote(line)})`
  return /^[\x20-\x7e\t]{4,}$/.test(line)
    ? quote(line)
    : `bytes that are no protocol known here (${start.subarray(0, 16).toString('hex')})`
}

/** The reason within an OpenSSL error text: `…error:0A000119:SSL routines:function:reason:file:line:`. */
const opensslReason = (text: string | undefined): string | undefined =>
  text === undefined
    ? undefined
    : (/error:[0-9A-F]+:[^:]*:[^:]*:([^:]+)/.exec(text)?.[1] ?? printable(text).slice(0, 120))

/** Which message was too long, from the transcript's own reading of it. */
const tooLong = ({ problems }: Transcript): string => {
  const told = problems.find((problem) => /announce/.test(problem))
  return told === undefined
    ? 'the server sent a handshake message'
    : `the server sent a handshake message (${told})`
}

const progress = ({ transcript, start }: TlsEnding): string => {
  if (start.length === 0) return 'the server accepted the connection and said nothing'
  if (transcript.version === undefined) return 'the server stopped within its first TLS message'
  return `handshake begun, ${transcript.messages.length} messages seen`
}
