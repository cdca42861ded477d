/**
 * Access at a request: what the edge tells it, and what it makes of the answer.
 * @module
 */
import type { AccessDecision, AccessGate, PresentedCertificate } from '../access/types.ts'
import type { Connection } from './connection.ts'
import type { Exchange } from './exchange.ts'
import type { Verdict } from './verdict.ts'

/** A request that rules have let pass. */
export interface GatedRequest {
  hostname: string
  /** Origin-form target. */
  path: string
  port: number
  ray: string
  verdict: Verdict
}

/** Asks Access. Never rejects. */
export function askAccess(
  gate: AccessGate,
  exchange: Exchange,
  { remoteAddress }: Connection,
  { hostname, path, port, ray, verdict }: GatedRequest,
): Promise<AccessDecision> {
  return gate.decide({
    hostname,
    port,
    method: exchange.method,
    target: path,
    headers: exchange.headers,
    body: exchange.body,
    remoteAddress,
    certificate: presented(verdict),
    ray,
  })
}

function presented({ identity, status, revoked, anchor }: Verdict): PresentedCertificate | undefined {
  if (identity === undefined) return undefined
  return {
    facts: identity.facts,
    valid: status === 'valid' || revoked,
    revoked,
    anchor: anchor?.facts.fingerprint256,
  }
}
