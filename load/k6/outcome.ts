/**
 * What the end of a k6 request means. k6 gives an error code and a text; for a TLS alert the code is always 1010 and only
 * the text tells which (load-anchors 1.4). The texts are Go's crypto/tls alertText.
 * @module
 */
import type { OutcomeKind, Outcomes } from '../flood/types.ts'

/** How one attempt ended. */
export interface Outcome {
  kind: OutcomeKind
  /** Go's name of the alert. */
  alert?: string
  status?: number
  /** Text of the error where the kind does not say it all. */
  text?: string
}

/** Alert numbers (RFC 8446 §6) by Go's text. */
export const alertNumbers: Readonly<Record<string, number>> = {
  'close notify': 0,
  'unexpected message': 10,
  'bad record MAC': 20,
  'record overflow': 22,
  'handshake failure': 40,
  'bad certificate': 42,
  'unsupported certificate': 43,
  'revoked certificate': 44,
  'expired certificate': 45,
  'unknown certificate': 46,
  'illegal parameter': 47,
  'unknown certificate authority': 48,
  'access denied': 49,
  'error decoding message': 50,
  'error decrypting message': 51,
  'protocol version not supported': 70,
  'insufficient security level': 71,
  'internal error': 80,
  'inappropriate fallback': 86,
  'missing extension': 109,
  'unsupported extension': 110,
  'unrecognized name': 112,
  'bad certificate status response': 113,
  'certificate required': 116,
  'no application protocol': 120,
}

/** k6's codes for a connection that never came to be: DNS and blocked addresses (11xx), dial (1210 to 1212). */
const unreachable = new Set([1100, 1101, 1110, 1111, 1210, 1211, 1212])
/** 1050: request timeout; 1211 is a dial timeout and counts as unreachable. */
const timeouts = new Set([1050])
/** 1201 broken pipe, 1220 reset by peer. */
const closures = new Set([1201, 1220])

/** In HTTP/2 the connection's end reaches the request as one of these, and the alert before it may be lost. */
const closed =
  /\bEOF$|connection reset by peer|broken pipe|http2: client conn(?:ection)? (?:could not be established|lost|force closed)|http2: client connection not usable/

/** Reads the end of one attempt: status (0: no answer), k6's error code, its error text. */
export function outcomeOf(status: number, code: number, error: string): Outcome {
  if (status > 0) return { kind: kindOfStatus(status), status }
  const alert = /remote error: tls: (.+)$/.exec(error)?.[1]
  if (alert !== undefined) return { kind: 'alert', alert }
  if (timeouts.has(code) || /timeout|deadline exceeded/i.test(error)) {
    return unreachable.has(code) ? { kind: 'unreachable', text: error } : { kind: 'timeout' }
  }
  if (unreachable.has(code)) return { kind: 'unreachable', text: error }
  if (closures.has(code) || closed.test(error)) {
    return { kind: 'closed', text: error }
  }
  return { kind: 'unclear', text: error === '' ? `k6 error code ${code}` : error }
}

function kindOfStatus(status: number): OutcomeKind {
  if (status >= 200 && status < 300) return 'accepted'
  if (status === 400 || status === 495 || status === 496) return 'http-400'
  return status === 401 || status === 403 ? 'http-403' : 'http-other'
}

/** No outcomes yet. */
export const noOutcomes = (): Outcomes => ({ total: 0, byKind: {}, alerts: {}, statuses: {}, other: {} })

/** Counts one more. */
export function count(outcomes: Outcomes, { kind, alert, status, text }: Outcome): void {
  outcomes.total += 1
  outcomes.byKind[kind] = (outcomes.byKind[kind] ?? 0) + 1
  if (alert !== undefined) increment(outcomes.alerts, alert)
  if (status !== undefined) increment(outcomes.statuses, String(status))
  if (text !== undefined) increment(outcomes.other, text)
}

function increment(counts: Record<string, number>, key: string): void {
  counts[key] = (Object.hasOwn(counts, key) ? (counts[key] ?? 0) : 0) + 1
}

/** Share of the outcomes that are of one of these kinds; undefined when there are none at all. */
export function shareOf(outcomes: Outcomes, kinds: readonly OutcomeKind[]): number | undefined {
  if (outcomes.total === 0) return undefined
  return kinds.reduce((sum, kind) => sum + (outcomes.byKind[kind] ?? 0), 0) / outcomes.total
}
