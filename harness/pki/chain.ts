/**
 * Certificates as a chain.
 * @module
 */
import { type CertificateParts, extensionValue } from './certificate.ts'
import { DerError } from './der/read.ts'
import { type BasicConstraints, readBasicConstraints } from './describe/extensions.ts'
import { extensionOids } from './oids.ts'

/** The certificate and its issuers found in `pool`, up to but without a self-issued one. */
export function chainAbove(start: CertificateParts, pool: readonly CertificateParts[]): CertificateParts[] {
  const chain: CertificateParts[] = []
  let current: CertificateParts | undefined = start
  while (current !== undefined && !current.subject.equals(current.issuer) && !chain.includes(current)) {
    chain.push(current)
    const issuer: Buffer = current.issuer
    current = pool.find(({ subject }) => subject.equals(issuer))
  }
  return chain
}

/** basicConstraints, `undefined` when absent or unreadable. */
export function constraintsOf(certificate: CertificateParts): BasicConstraints | undefined {
  const value = extensionValue(certificate, extensionOids.basicConstraints)
  try {
    return value === undefined ? undefined : readBasicConstraints(value)
  } catch (error) {
    if (!(error instanceof DerError)) throw error
    return undefined
  }
}

/** How many intermediates may follow below the first of a chain (CA first, its issuers above): the tightest pathLen. */
export function authorityRoom(chain: readonly CertificateParts[]): number {
  const limits = chain.map(
    (certificate, above) => (constraintsOf(certificate)?.pathLen ?? Number.POSITIVE_INFINITY) - above,
  )
  return Math.max(0, Math.min(...limits))
}
