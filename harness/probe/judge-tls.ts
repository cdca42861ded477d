/**
 * The outcome rules for a TLS connection that gave no HTTP answer (DESIGN 4.3), as a pure function.
 * @module
 */
import type { Alert, Message, Transcript } from '../wire/types.ts'
import { type Judgement, printable, quote, undecided } from './judge.ts'
import type { Attribution, Outcome } from './types.ts'

/** Alerts that speak about the client's certificate (RFC 8446 §6.2, RFC 5246 §7.2.2). */
const certificateAlerts = new Set([41, 42, 43, 44, 45, 46, 48, 49, 116])

/** Alerts that say "not this protocol version": protocol_version, inappropriate_fallback, insufficient_security. */
const versionAlerts = new Set([70, 86, 71])

/** What is known about a TLS connection that gave no HTTP answer. */
export interface TlsEnding {
  transcript: Transcript
  /** How the peer ended it; undefined: it did not, our deadline did. */
  closedBy: 'fin' | 'rst' | undefined
  /** Our own TLS (or HTTP/2) library gave up: its error text. */
  clientError: string | undefined
  timedOut: boolean
  /** A version was pinned for this attempt. */
  pinned: boolean
  /** The first bytes that came from the server; empty: none came. */
  start: Buffer
}

const says = (code: Outcome['code'], summary: string): Judgement => undecided('tls', code, summary)

/** Judges a TLS connection that ended without an HTTP answer. */
export function judgeTls(ending: TlsEnding): Judgement {
  const { transcript, start } = ending
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
      return says('too-large', `${tooLong(transcript)} longer than any TLS library reads`)
    return says(
      'client-error',
      `our side gave up: TLS alert ${ours.name} sent${reason === undefined ? '' : ` (${reason})`}`,
    )
  }
  if (ending.timedOut) return says('timeout', `no verdict before the deadline (${progress(ending)})`)
  if (closedBy !== undefined) return judgeClose(ending, closedBy)
  const reason = quote(opensslReason(ending.clientError) ?? 'unknown reason')
  if (transcript.messages.some(isAnswer)) return says('not-http', `what came is no HTTP answer: ${reason}`)
  return says('client-error', `the connection failed on our side: ${reason}`)
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
  if (versionAlerts.has(alert.code) || (alert.code === 40 && pinned && transcript.version === undefined)) {
    return says('version-unsupported', `the server does not speak this TLS version (${name})`)
  }
  // RFC 7301 §3.2: about what we offered in ALPN, not about who we are.
  if (alert.code === 120)
    return says('version-unsupported', `the server does not speak this version of HTTP (${name})`)
  const asked = transcript.certificateRequest !== undefined
  const sent = transcript.clientCertificates.at(-1)
  // RFC 5246 §7.4.6: a server may answer an empty Certificate with handshake_failure.
  const explicit = certificateAlerts.has(alert.code) || (alert.code === 40 && asked && sent?.length === 0)
  const attribution = explicit ? 'explicit' : asked && sent !== undefined ? 'positional' : 'generic'
  return {
    verdict: 'refused',
    code: 'tls-alert',
    layer: 'tls',
    summary: `refused in TLS: ${name}`,
    attribution,
  }
}

/** Judges a connection that the server ended without an alert. */
function judgeClose({ transcript, start }: TlsEnding, closedBy: 'fin' | 'rst'): Judgement {
  const how = closedBy === 'rst' ? 'reset' : 'closed'
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
  const told = problems.map((problem) => /(\w+ announces \d+ bytes)/.exec(problem)?.[1]).find(Boolean)
  return told === undefined ? 'the server sent a handshake message' : `the server's ${told},`
}

const progress = ({ transcript, start }: TlsEnding): string => {
  if (start.length === 0) return 'the server accepted the connection and said nothing'
  const { messages, version } = transcript
  const theirs = messages.filter(({ from }) => from === 'server').length
  if (theirs === 0) return 'the server stopped within its first TLS message'
  if (version === undefined) return `${theirs} TLS messages came, but no ServerHello`
  const done = messages.some(({ from, name }) => from === 'client' && name === 'Finished')
  return done
    ? 'our side of the handshake was complete, no answer came'
    : `the server stopped in the middle of the handshake, after ${theirs} messages`
}
