/**
 * Builds the path from a leaf to a client CA (RFC 5280 §6.1). The order in which certificates were sent does not
 * matter, except that the first is the leaf (RFC 8446 §4.4.2).
 * @module
 */
import { type Certificate, sameCertificate } from './certificate.ts'

const maxLength = 10

/** The path that was found, and where it broke. */
export interface Path {
  /** Leaf first; the last one is the client CA when `anchored`. */
  certificates: Certificate[]
  anchored: boolean
  /** Depths whose signature does not verify under the issuer above, which has the right name and key identifier. */
  badSignatures: ReadonlySet<number>
  /** Why it ends without a client CA. */
  end: 'anchored' | 'issuer-not-found' | 'self-signed' | 'too-long'
}

/** The best path: among issuers that fit by name and key identifier, one whose signature verifies is preferred. */
export function buildPath(
  leaf: Certificate,
  sent: readonly Certificate[],
  anchors: readonly Certificate[],
): Path {
  const certificates = [leaf]
  const badSignatures = new Set<number>()
  const done = (end: Path['end']): Path => ({
    certificates,
    anchored: end === 'anchored',
    badSignatures,
    end,
  })
  for (let current = leaf; ; ) {
    if (anchors.some((anchor) => sameCertificate(anchor, current))) return done('anchored')
    if (current.facts.selfIssued && current.signedBy(current)) return done('self-signed')
    if (certificates.length >= maxLength) return done('too-long')
    const fitting = [...anchors, ...sent].filter(
      (candidate) =>
        issues(candidate, current) && !certificates.some((one) => sameCertificate(one, candidate)),
    )
    const issuer = fitting.find((candidate) => current.signedBy(candidate)) ?? fitting[0]
    if (issuer === undefined) return done('issuer-not-found')
    if (!current.signedBy(issuer)) badSignatures.add(certificates.length - 1)
    certificates.push(issuer)
    current = issuer
  }
}

/** By name and, where both carry one, by key identifier (RFC 5280 §4.2.1.1). */
function issues(issuer: Certificate, certificate: Certificate): boolean {
  const { aki } = certificate.facts
  const { ski } = issuer.facts
  return issuer.subject.equals(certificate.issuer) && (aki === undefined || ski === undefined || aki === ski)
}
