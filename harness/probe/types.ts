/**
 * One attempt in, one outcome out (DESIGN 4.3).
 * @module
 */
import type { Identity } from '../pki/types.ts'
import type { Alert, Transcript } from '../wire/types.ts'

/** How "the application answered" looks where there is no canary. Every given part must match. */
export interface AllowedPattern {
  status?: number | number[]
  /** Must occur in the body (first 64 KiB). */
  bodyContains?: string
  /** Response header names (lower case) that must be present; a value, when not empty, must be contained in it. */
  headers?: Record<string, string>
}

/** Where connections go. */
export interface Endpoint {
  /** SNI, Host and certificate name. */
  hostname: string
  /** Address to connect to; default: the hostname. */
  address?: string
  /** Default 443. */
  port?: number
  /** PEM of the roots that sign the server certificate; default: system roots. */
  trust?: string
}

/** One connection and one request. */
export interface Attempt {
  endpoint: Endpoint
  identity?: Identity
  /** Pin the TLS version; default: the best both speak, 1.2 or 1.3. */
  version?: 'TLSv1.2' | 'TLSv1.3'
  /** SNI to send; `false` sends none; default: the hostname. Sent byte for byte. */
  servername?: string | false
  alpn?: 'http/1.1' | 'h2' | 'none'
  /** `false`: speak HTTP without TLS on the port. */
  tls?: boolean
  method?: string
  /**
   * Request target, written as given, but `{canary}` becomes the canary path with a challenge (the default, else `/`) and
   * `{challenge}` a challenge.
   */
  path?: string
  /** HTTP/1: what stands behind the target in the request line; default `HTTP/1.1`. */
  httpVersion?: string
  /** Host header or `:authority`, written as given; default: the hostname (with the port only if it is not 443 and asked for). */
  host?: string
  /** Extra headers, written as given, in order, spelling kept. */
  headers?: [name: string, value: string][]
  body?: Buffer
  /** TLS session to resume, from an earlier {@link Outcome.sessions}. */
  session?: Buffer
  /** Wait this long for session tickets after the answer (ms); default 0: do not wait. */
  waitForTickets?: number
  /** What counts as proof that the application was reached. */
  proof: Proof
  /** Whole attempt, in milliseconds; default 5000. */
  deadline?: number
  /** Stops the attempt at once: the outcome is then inconclusive, code `aborted`. */
  signal?: AbortSignal
  /** Further requests on the same connection after the first answer (HTTP/1.1 keep-alive or h2). */
  further?: FollowUp[]
}

/** A further request on the same connection. */
export interface FollowUp {
  method?: string
  path?: string
  host?: string
  headers?: [name: string, value: string][]
}

/** What proves that the application was reached: the canary's fresh answer, or the deployment's pattern. */
export interface Proof {
  /** Path of the canary endpoint. When given, only its fresh nonce is proof. */
  canary?: string
  /** Without a canary: the request that is known to be answered, and how. Nothing given: any 2xx to `GET /`. */
  request?: { method: string; path: string; allowed: AllowedPattern }
}

/** The request as the origin saw it, told by the canary. */
export interface CanaryReply {
  nonce: string
  method: string
  path: string
  /** Headers in the order and spelling in which the origin received them. */
  headers: [name: string, value: string][]
  /** `headers` holds only some of them (nginx, httpd): that one is not there proves nothing. */
  partial: boolean
  /** Requests with the same `marker` parameter that the origin has received so far, when it counts them. */
  marked?: number
}

/** An HTTP answer, bounded. */
export interface HttpAnswer {
  version: '1.0' | '1.1' | '2'
  status: number
  headers: [name: string, value: string][]
  /** At most 64 KiB. */
  body: Buffer
  /** SHA-256 of `body`, lower-case hex. */
  bodyHash: string
  /** The body was longer than kept, or did not end before the deadline. */
  truncated: boolean
}

/** Machine-readable reason of an outcome. */
export type OutcomeCode =
  | 'proof-nonce'
  | 'proof-pattern'
  | 'tls-alert'
  | 'tls-close'
  | 'tcp-refused'
  | 'http-refused'
  | 'http-unproven'
  | 'http-redirect'
  | 'rate-limited'
  | 'server-error'
  | 'challenge-page'
  | 'not-http'
  | 'too-large'
  | 'timeout'
  | 'unreachable'
  | 'not-tls'
  | 'version-unsupported'
  | 'client-error'
  | 'aborted'

/** How sure it is that a refusal is about the client certificate. */
export type Attribution =
  /** The refusal names it: an alert about certificates, or an answer that says so. */
  | 'explicit'
  /** It came right after our Certificate message, before any application byte. */
  | 'positional'
  /** A refusal that could have another cause (a bare 403, for instance). */
  | 'generic'

/** What an attempt showed. */
export interface Outcome {
  verdict: 'allowed' | 'refused' | 'inconclusive'
  code: OutcomeCode
  layer: 'tcp' | 'tls' | 'http'
  attribution?: Attribution
  /** One sentence for people. No credential; server text is quoted and cut. */
  summary: string
  alert?: Alert
  http?: HttpAnswer
  /** Answers to {@link Attempt.further}, judged by the same rules. */
  followUps: Outcome[]
  close?: 'alert' | 'fin' | 'rst'
  canary?: CanaryReply
  tls?: {
    version: string
    cipher: string
    alpn: string | undefined
    resumed: boolean
    /** The server certificate verified against `trust` and its name matched. */
    trusted: boolean
    trustError?: string
    /** DER of the server's own certificate. */
    certificate?: Buffer
  }
  /** Sessions received, newest last, to hand to {@link Attempt.session}. */
  sessions: Buffer[]
  /** Present when TLS was spoken. */
  transcript?: Transcript
  /** Milliseconds since the start; absent where it did not get that far. */
  timings: { connect?: number; handshake?: number; firstByte?: number; end: number }
  /** The address and port really used. */
  remote?: string
}
