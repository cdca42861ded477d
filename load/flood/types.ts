/**
 * Results of load with k6: plain JSON. Times are milliseconds, rates per second. A value that k6 cannot give is the text
 * `not measurable`, never 0.
 * @module
 */

/** What cannot be told, and is therefore not told as a number. */
export const notMeasurable = 'not measurable'

/** A number, or that there is none. */
export type Measured<T = number> = T | typeof notMeasurable

/** How an attempt ended, as the client saw it. */
export const outcomeKinds = [
  /** 2xx. */
  'accepted',
  /** A TLS alert of the server. */
  'alert',
  /** Status 400, or nginx's 495 and 496. */
  'http-400',
  /** Status 401 or 403. */
  'http-403',
  /** Another status: redirects to a login, errors. */
  'http-other',
  /** The server ended the connection without a word; an alert can be lost that way too (RST, broken pipe). */
  'closed',
  'timeout',
  /** No TCP connection. */
  'unreachable',
  /** None of these; the text is in {@link Outcomes.other}. */
  'unclear',
] as const

/** One of the kinds. */
export type OutcomeKind = (typeof outcomeKinds)[number]

/** How attempts ended, counted. */
export interface Outcomes {
  total: number
  byKind: Partial<Record<OutcomeKind, number>>
  /** Alert name as Go gives it, to count: `unknown certificate authority`. */
  alerts: Record<string, number>
  statuses: Record<string, number>
  /** Error texts of closed and unclear ones. */
  other: Record<string, number>
}

/** Exact quantiles of all samples (linear interpolation, as k6's own summary). */
export interface Quantiles {
  count: number
  min: number
  mean: number
  p50: number
  p90: number
  p95: number
  p99: number
  max: number
}

/** Numbers of one lane in one window of time. */
export interface LaneNumbers {
  attempts: Outcomes
  /** Attempts begun per second of the window. */
  achieved: number
  /** Attempts that should have begun and did not: no virtual user was free. */
  dropped: number
  /** A whole attempt, refused or not, from its start to the verdict. */
  latency: Measured<Quantiles>
  /** Of those accepted only. */
  acceptedLatency: Measured<Quantiles>
  /** Connection set up in TLS as Go's client sees it; in TLS 1.3 that is before the server has judged the certificate. */
  handshake: Measured<Quantiles>
  /** Attempts whose handshake has no time: in TLS 1.2 k6 writes 0 where the handshake failed. */
  handshakesWithoutTime: number
}

/** Whether the certificate of a lane was on the wire. */
export interface SendingProof {
  /** `preflight`: k6's own first attempts, decrypted. `every connection`: sizes or plain messages seen by the tap. */
  by: 'preflight' | 'every connection'
  connections: number
  /** Connections on which the expected certificate went out. */
  sent: number
  /** The client answered the request for a certificate with an empty list. */
  empty: number
  /** The server did not ask for one. */
  notAsked: number
  /** Another certificate, or one that could not be told. */
  other: number
  /** Ended before the client could send one. */
  unread: number
  /** What this cannot prove. */
  limits: string
}

/** One identity's part of a run. */
export interface LaneResult {
  id: string
  profile: string
  /** Processes that made it. */
  processes: number
  numbers: LaneNumbers
  proof: SendingProof | undefined
  /** Certificates the server itself counted during the run. */
  serverSaw: Measured
  /** Why the numbers of this lane must not be used. Empty: they may. */
  void: string[]
  /** k6's CPU seconds over the run. */
  cpuSeconds: Measured
  /** Last lines k6 said, where it ended with an error. */
  error?: string
}

/** Whether the generator, not the server, was the limit. */
export interface GeneratorVerdict {
  limited: Measured<boolean>
  /** Cores that k6 used on average, and those there are. */
  coresUsed: Measured
  cores: number
  reasons: string[]
}

/** Lanes run side by side. */
export interface SideBySideResult {
  startedAt: string
  seconds: number
  /** False: stopped before its end. */
  complete: boolean
  stoppedBy?: string
  lanes: LaneResult[]
  generator: GeneratorVerdict
  k6: string
}

/** One rate of the flood. */
export interface FloodStep {
  /** Invalid attempts per second, all profiles together, as asked for. */
  rate: number
  /** What was made of them per second: {@link FloodStep.rate} where it was that within a twentieth. Steps are named by it. */
  delivered: number
  /** Window that was judged, milliseconds from the common start. */
  from: number
  to: number
  victims: LaneNumbers
  flood: Record<string, LaneNumbers>
  /** Whether the valid users' objective held. */
  holds: Measured<boolean>
  why: string
}

/** What valid users are promised. */
export interface Objective {
  /** 99th percentile of an accepted attempt. */
  p99: number
  /** Share of valid attempts that must get in, default 0.999. */
  accepted?: number
}

/** Result of a flood. */
export interface FloodResult {
  kind: 'flood'
  startedAt: string
  target: string
  complete: boolean
  stoppedBy?: string
  objective: Required<Objective>
  victimRate: number
  /** What the flood really was made of: those of the preflight that could not be used are not among them. */
  profiles: string[]
  /** Expected outcomes were seen, and the certificates were, before anything was flooded. */
  preflight: PreflightResult
  steps: FloodStep[]
  /** First rate, as delivered, at which the objective broke; undefined: it was not seen to break. */
  brokenAt?: number
  /** Highest rate, as delivered, at which it held. */
  heldAt?: number
  lanes: LaneResult[]
  generator: GeneratorVerdict
  k6: string
}

/** How the server says no. */
export const styles = ['alert', 'http-400', 'closed', 'http-403'] as const

/** One of the styles. */
export type Style = (typeof styles)[number]

/** One profile's first attempts. */
export interface PreflightProfile {
  profile: string
  outcomes: Outcomes
  proof: SendingProof
  /** Certificates the server itself counted. */
  serverSaw: Measured
  /** Why it will not be used. Empty: it will. */
  void: string[]
  /** A finding, not a load result: it was let in although it should not, or turned away although it should. */
  finding?: string
}

/** What was learnt before the load. */
export interface PreflightResult {
  /** What the server's own counts are made of; undefined: it was not asked. */
  counted?: string
  style: Measured<Style>
  tlsVersion: Measured<string>
  /** CA names in the server's CertificateRequest, RFC 4514; empty: any certificate is sent. */
  caNames: string[]
  profiles: PreflightProfile[]
}
