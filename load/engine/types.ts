/**
 * What the built-in generator is told and what it tells. Everything is plain JSON: it runs in a process of its own.
 * @module
 */

/** How an attempt ended, as its client sees it (load-anchors 3.2). */
export const outcomes = [
  /** The application answered: an allowed status, and the marker where one was given. */
  'allowed',
  /** A TLS alert: before or after the client's side of the handshake was complete. */
  'alert',
  /** TCP ended without an alert and without an answer. */
  'close',
  /** The handshake was completed and HTTP answered 400. */
  'http-400',
  /** … or 403. */
  'http-403',
  /** Any other answer. */
  'http-other',
  /** No verdict in time. */
  'timeout',
  /** No TCP connection. */
  'unreachable',
  /** TLS failed here (no common version or group, an identity that cannot be loaded): says nothing about the server. */
  'local',
] as const

/** One of the outcomes. */
export type Outcome = (typeof outcomes)[number]

/** TLS versions: one connection speaks exactly one. */
export type TlsVersion = 'TLSv1.2' | 'TLSv1.3'

/** Where attempts go, and as whom. */
export interface Lane {
  /** Short name: the category. */
  id: string
  /** Address that is connected to. */
  host: string
  port: number
  /** SNI and Host header. */
  servername: string
  version: TlsVersion
  /** Default `/`. */
  path?: string
  /** PEM, leaf first. It is sent whatever CA names the server lists. Left out: no certificate is sent. */
  identity?: { cert: string; key: string }
  /** Key exchange groups, OpenSSL names. Default `X25519`: a group of one size on every server, not a hybrid one. */
  groups?: string
  /** Statuses that mean allowed. Default: 200 to 299. */
  statuses?: readonly number[]
  /** Text that only the application's answer holds. */
  marker?: string
}

/** Fixed work: so many attempts of each lane, mixed evenly, at fixed concurrency (closed loop). */
export interface Block {
  lanes: readonly Lane[]
  /** Attempts per lane, in the lanes' order. */
  attempts: readonly number[]
  concurrency: number
  /** Milliseconds until an attempt is given up. Default 10 s. */
  timeoutMs?: number
}

/** Attempts at fixed rates (open loop): each starts when it is due, whatever became of the others. */
export interface OpenLoad {
  lanes: readonly Lane[]
  /** Attempts per second and lane. */
  rates: readonly number[]
  /** Not counted. */
  settleMs: number
  /** Counted. */
  sustainMs: number
  /** Attempts in flight at most; what is due beyond is dropped and counted. Default 512. */
  maxInFlight?: number
  timeoutMs?: number
}

/** What one lane saw. */
export interface LaneResult {
  id: string
  outcomes: Partial<Record<Outcome, number>>
  /** TLS alert numbers with their counts. */
  alerts: Record<string, number>
  /** First text of each local failure, for people. */
  problem?: string
  /** HdrHistogram (base64) of the time to the verdict; in an open load from the moment the attempt was due. */
  latency: string
  /** Mean bytes that a client wrote: whether a certificate was sent shows here. */
  meanBytesWritten: number
}

/** Result of a {@link Block}. */
export interface BlockResult {
  lanes: LaneResult[]
  wallMs: number
  /** CPU time of the generator process, microseconds. */
  clientCpuUsec: number
}

/** Result of an {@link OpenLoad}, of its sustain window. */
export interface OpenResult extends BlockResult {
  /** Attempts that were due. */
  offered: number
  /** Attempts that reached a verdict, whichever. */
  completed: number
  /** Attempts that were not started because too many were in flight. */
  dropped: number
  /** Attempts that ended per second of the window. */
  perSecond: number[]
  /** How late the generator started attempts, 99th percentile, milliseconds. */
  startLagMs: number
}

/** The class of an outcome that counts as the same verdict. */
export type Verdict = 'allowed' | 'refused' | 'failed'

const verdicts: Record<Outcome, Verdict> = {
  allowed: 'allowed',
  alert: 'refused',
  close: 'refused',
  'http-400': 'refused',
  'http-403': 'refused',
  'http-other': 'failed',
  timeout: 'failed',
  unreachable: 'failed',
  local: 'failed',
}

/** What an outcome says about access. */
export const verdictOf = (outcome: Outcome): Verdict => verdicts[outcome]
