/**
 * Finds the CA that a key belongs to in a bundle, and the certificates above it.
 * @module
 */
import type { KeyObject } from 'node:crypto'
import { HarnessError } from '../../errors.ts'
import type { CertificateParts } from '../certificate.ts'
import { chainAbove, constraintsOf } from '../chain.ts'
import { readCertificates } from '../identity.ts'
import { keyMatches } from '../keys.ts'

/**
 * The CA certificate of `pem` that belongs to `key`, and what must be sent under a certificate it signs.
 * @throws HarnessError ERR_CERTIFICATE.
 */
export function matchAuthority(pem: string, key: KeyObject): { ca: CertificateParts; chain: Buffer[] } {
  const certificates = readCertificates(pem)
  const ca = certificates.find(({ publicKey }) => keyMatches(key, publicKey))
  if (ca === undefined) {
    throw new HarnessError('ERR_CERTIFICATE', 'CA certificate and CA key do not match', {
      hint: 'compare: openssl x509 -in <certificate> -noout -pubkey; openssl pkey -in <key> -pubout',
    })
  }
  if (!isAuthority(ca)) {
    throw new HarnessError(
      'ERR_CERTIFICATE',
      'the certificate is not a CA: it lacks basicConstraints CA:TRUE',
      {
        hint: 'give the CA that signs client certificates, not a client certificate',
      },
    )
  }
  return { ca, chain: chainAbove(ca, certificates).map(({ der }) => der) }
}

/** A CA by basicConstraints; old version 1 roots, which have no extensions, count as well. */
function isAuthority(certificate: CertificateParts): boolean {
  if (certificate.version < 3) return certificate.subject.equals(certificate.issuer)
  return constraintsOf(certificate)?.ca === true
}
