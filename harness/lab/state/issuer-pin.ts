/**
 * The part of a rule that says whose certificates are meant.
 * @module
 */
import { describeCertificate } from '../../pki/describe.ts'

/** A condition that holds for certificates that none of these CAs (PEM) has issued itself. */
export function issuerPin(cas: readonly string[]): string {
  const identifiers = cas.map((cert) => {
    const described = describeCertificate(cert)
    const ski = described.ok ? described.facts.ski : undefined
    if (ski === undefined) throw new Error('lab client CA: no subject key identifier')
    return `"${ski}"`
  })
  return `not cf.tls_client_auth.cert_issuer_ski in {${identifiers.join(' ')}}`
}
