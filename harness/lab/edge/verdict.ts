/**
 * From the certificates of one connection to a verdict and an identity.
 * @module
 */
import type { Faults } from '../faults.ts'
import type { Certificate } from './certificate.ts'
import { standingViolations, wrongRefusal } from './chain-faults.ts'
import { type ChainReport, type ClientTrust, verifyChain } from './verify-chain.ts'

/** What a hostname thinks of a client. */
export interface Verdict {
  status: 'none' | 'valid' | 'invalid'
  /** OpenSSL's text, for `invalid`. */
  reason: string | undefined
  /** The certificate was good but for being revoked. */
  revoked: boolean
  /** The certificate whose fields are forwarded. */
  identity: Certificate | undefined
  issuer: Certificate | undefined
  /** What was sent, leaf first, as far as it can be read. */
  sent: readonly Certificate[]
  /** The client CA at the end of the path. */
  anchor: Certificate | undefined
  /** When to judge again. */
  until: Date | undefined
}

/** No certificate came. */
export const noCertificate: Verdict = {
  status: 'none',
  reason: undefined,
  revoked: false,
  identity: undefined,
  issuer: undefined,
  sent: [],
  anchor: undefined,
  until: undefined,
}

/**
 * Judges the certificates that one connection presented, in the order sent. The `accepts-*` faults bear on
 * the result in both modes, the `refuses-*` faults in enforce mode; other faults of report mode act later.
 */
export function judge(
  sent: readonly Buffer[],
  host: { mode: 'enforce' | 'report'; trust: ClientTrust },
  faults: Faults,
  now: Date,
): Verdict {
  if (sent.length === 0) return noCertificate
  const report = verifyChain(sent, host.trust, now)
  const standing = standingViolations({ report, anchors: host.trust.anchors, now }, faults)
  const refusal = host.mode === 'enforce' && standing.length === 0 ? wrongRefusal(report, faults) : undefined
  const reason = standing[0]?.text ?? refusal
  return {
    status: reason === undefined ? 'valid' : 'invalid',
    reason,
    revoked: standing.length > 0 && standing.every(({ rule }) => rule === 'revoked'),
    ...identityOf(report, faults),
    sent: report.sent,
    anchor: report.path?.anchored === true ? report.path.certificates.at(-1) : undefined,
    until: report.until,
  }
}

function identityOf(report: ChainReport, faults: Faults): Pick<Verdict, 'identity' | 'issuer'> {
  const last = faults.has('edge.identity-from-last-certificate')
  return { identity: last ? report.sent.at(-1) : report.leaf, issuer: report.path?.certificates[1] }
}
