/**
 * What an origin thinks of the client certificate of a connection. Judged here and not by OpenSSL, as at the edge: see
 * `edge/verify-chain.ts`.
 * @module
 */
import type { Certificate } from '../edge/certificate.ts'
import { verifyChain } from '../edge/verify-chain.ts'
import type { OriginSettings } from './settings.ts'

/** As the canary tells it. */
export interface ClientCertificate {
  presented: boolean
  verified: boolean
  /** RFC 4514. */
  subject?: string
  /** SHA-256 of the DER, lower-case hex. */
  fingerprint256?: string
}

/** Judges the certificates in the order sent, against the trusted CAs, at a moment (epoch ms). */
export function judgeClient(
  sent: readonly Buffer[],
  anchors: readonly Certificate[],
  now: number,
): ClientCertificate {
  if (sent.length === 0) return { presented: false, verified: false }
  const { leaf, violations } = verifyChain(sent, { anchors, lists: [] }, new Date(now))
  return {
    presented: true,
    verified: violations.length === 0,
    ...(leaf === undefined
      ? {}
      : { subject: leaf.facts.subject.rfc4514, fingerprint256: leaf.facts.fingerprint256 }),
  }
}

/**
 * Why a client is turned away. `other`: a good certificate, of somebody else than the one who is let in. `address`: from
 * where it comes.
 */
export type Refusal = 'missing' | 'bad' | 'other' | 'address'

/** Undefined: it is not turned away. A bad certificate is refused even where none is required. */
export function refusalReason(
  { presented, verified, subject }: ClientCertificate,
  { clientCertificates, onlySubject }: Pick<OriginSettings, 'clientCertificates' | 'onlySubject'>,
): Refusal | undefined {
  if (clientCertificates === 'off') return undefined
  if (verified) return onlySubject === '' || subject === onlySubject ? undefined : 'other'
  if (presented) return 'bad'
  return clientCertificates === 'required' ? 'missing' : undefined
}
