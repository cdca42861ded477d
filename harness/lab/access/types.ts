/**
 * The seam between the edge and Access: one request in, one decision out.
 * @module
 */
import type { Readable } from 'node:stream'
import type { CertificateFacts } from '../../pki/describe.ts'

/** Headers in order, spelling kept. */
export type Headers = readonly (readonly [name: string, value: string])[]

/** The client certificate of the connection, as the edge has judged it. */
export interface PresentedCertificate {
  facts: CertificateFacts
  /** Chain and dates are good. */
  valid: boolean
  /** Revoked at the managed CA. */
  revoked: boolean
  /** SHA-256 (lower-case hex of the DER) of the client CA at the end of its path; undefined where there is none. */
  anchor: string | undefined
}

/** A request, after TLS, Host check and WAF. */
export interface AccessRequest {
  /** Lower case, without port: an application's hostname or a team domain. */
  hostname: string
  /** Port of the edge, for absolute URLs; 443 is left out of them. */
  port: number
  method: string
  /** Origin-form target: path and query as written. */
  target: string
  /** Without Host and pseudo-headers. */
  headers: Headers
  /** Undefined where the request has none. */
  body: Readable | undefined
  remoteAddress: string
  certificate: PresentedCertificate | undefined
  /** The edge's id of this request, for error pages. */
  ray: string
}

/** What Access says. */
export type AccessDecision =
  /** No application covers this request: Access has nothing to do with it. */
  | { kind: 'not-covered' }
  | {
      kind: 'pass'
      /** Set on the request to the origin, replacing the client's own. */
      originHeaders: Headers
      /** Names of headers of this request, as the client wrote them, that may not reach the origin. */
      removedHeaders: readonly string[]
      /** The Cookie header for the origin (without what is Access's alone); undefined: none. */
      cookie: string | undefined
      /** Set-Cookie values added to the answer. */
      setCookies: readonly string[]
      /** Further headers added to the answer. */
      answerHeaders: Headers
    }
  | { kind: 'answer'; status: number; headers: Headers; body: Buffer }

/** Access of one lab. */
export interface AccessGate {
  /** Whether the request could concern Access at all: cheap, asked for every request of every hostname. */
  concerns(hostname: string, target: string): boolean
  /** Decides. Never rejects; waits at most some seconds, for an identity provider. */
  decide(request: AccessRequest): Promise<AccessDecision>
  /** Ends what still waits. */
  close(): Promise<void>
}
