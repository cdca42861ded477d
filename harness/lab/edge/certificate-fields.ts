/**
 * What a connection shows about its client certificate: the fields `cf.tls_client_auth.*` of the Rules language, and the
 * properties `tlsClientAuth` that Workers see. Two spellings of one thing: booleans here, texts there.
 * @module
 */
import type { Faults } from '../faults.ts'
import { certificateChain, oneCertificate } from './rfc9440.ts'
import type { Verdict } from './verdict.ts'

/** Fields after `cf.tls_client_auth.`, with their types. */
export const certificateFieldTypes = {
  cert_presented: 'bool',
  cert_verified: 'bool',
  cert_revoked: 'bool',
  cert_issuer_dn: 'string',
  cert_subject_dn: 'string',
  cert_issuer_dn_rfc2253: 'string',
  cert_subject_dn_rfc2253: 'string',
  cert_issuer_dn_legacy: 'string',
  cert_subject_dn_legacy: 'string',
  cert_serial: 'string',
  cert_issuer_serial: 'string',
  cert_ski: 'string',
  cert_issuer_ski: 'string',
  cert_fingerprint_sha256: 'string',
  cert_fingerprint_sha1: 'string',
  cert_not_before: 'string',
  cert_not_after: 'string',
  cert_rfc9440: 'string',
  cert_rfc9440_too_large: 'bool',
  cert_chain_rfc9440: 'string',
  cert_chain_rfc9440_too_large: 'bool',
} as const

/** Name of a field after `cf.tls_client_auth.`. */
export type CertificateField = keyof typeof certificateFieldTypes

/** Values of every field, as rules see them. */
export type CertificateFields = {
  readonly [Name in CertificateField]: (typeof certificateFieldTypes)[Name] extends 'bool' ? boolean : string
}

/** Without client certificates, and without one presented. */
export const noCertificateFields: CertificateFields = {
  cert_presented: false,
  cert_verified: false,
  cert_revoked: false,
  cert_issuer_dn: '',
  cert_subject_dn: '',
  cert_issuer_dn_rfc2253: '',
  cert_subject_dn_rfc2253: '',
  cert_issuer_dn_legacy: '',
  cert_subject_dn_legacy: '',
  cert_serial: '',
  cert_issuer_serial: '',
  cert_ski: '',
  cert_issuer_ski: '',
  cert_fingerprint_sha256: '',
  cert_fingerprint_sha1: '',
  cert_not_before: '',
  cert_not_after: '',
  cert_rfc9440: '',
  cert_rfc9440_too_large: false,
  cert_chain_rfc9440: '',
  cert_chain_rfc9440_too_large: false,
}

/**
 * The fields for a verdict. Everything but the three judgements is filled whatever the verdict. A certificate whose only
 * defect is revocation is verified, and revoked. To be called once per verdict, not per request.
 * @param sent DER of what the client presented, leaf first.
 */
export function certificateFields(
  verdict: Verdict,
  sent: readonly Buffer[],
  faults: Faults,
): CertificateFields {
  if (verdict.status === 'none') return noCertificateFields
  const { identity, issuer, revoked } = verdict
  const judged = {
    ...noCertificateFields,
    cert_presented: true,
    cert_verified: verdict.status === 'valid' || revoked,
    cert_revoked: revoked,
  }
  if (identity === undefined) return judged
  const { facts } = identity
  const leaf = oneCertificate(identity.der, faults)
  const chain = certificateChain(sent.slice(1), faults)
  const hex = (text = ''): string => (faults.has('edge.rule-lower-hex') ? text.toLowerCase() : text)
  return {
    ...judged,
    cert_issuer_dn: facts.issuer.rfc2253,
    cert_subject_dn: facts.subject.rfc2253,
    cert_issuer_dn_rfc2253: facts.issuer.rfc2253,
    cert_subject_dn_rfc2253: facts.subject.rfc2253,
    cert_issuer_dn_legacy: facts.issuer.legacy,
    cert_subject_dn_legacy: facts.subject.legacy,
    cert_serial: hex(facts.serial),
    cert_issuer_serial: hex(issuer?.facts.serial),
    cert_ski: hex(facts.ski),
    cert_issuer_ski: hex(facts.aki ?? issuer?.facts.ski),
    cert_fingerprint_sha256: facts.fingerprint256,
    cert_fingerprint_sha1: facts.fingerprint1,
    cert_not_before: facts.notBefore,
    cert_not_after: facts.notAfter,
    cert_rfc9440: leaf.value,
    cert_rfc9440_too_large: leaf.tooLarge,
    cert_chain_rfc9440: chain.value,
    cert_chain_rfc9440_too_large: chain.tooLarge,
  }
}

/** What Workers see as `request.cf.tlsClientAuth`. */
export type WorkersTlsClientAuth = Readonly<Record<string, string | boolean>>

/** Property of Workers per field; the three judgements have texts of their own. */
const workersNames: readonly (readonly [property: string, field: CertificateField])[] = [
  ['certIssuerDN', 'cert_issuer_dn'],
  ['certSubjectDN', 'cert_subject_dn'],
  ['certIssuerDNRFC2253', 'cert_issuer_dn_rfc2253'],
  ['certSubjectDNRFC2253', 'cert_subject_dn_rfc2253'],
  ['certIssuerDNLegacy', 'cert_issuer_dn_legacy'],
  ['certSubjectDNLegacy', 'cert_subject_dn_legacy'],
  ['certSerial', 'cert_serial'],
  ['certIssuerSerial', 'cert_issuer_serial'],
  ['certSKI', 'cert_ski'],
  ['certIssuerSKI', 'cert_issuer_ski'],
  ['certFingerprintSHA256', 'cert_fingerprint_sha256'],
  ['certFingerprintSHA1', 'cert_fingerprint_sha1'],
  ['certNotBefore', 'cert_not_before'],
  ['certNotAfter', 'cert_not_after'],
  ['certRFC9440', 'cert_rfc9440'],
  ['certRFC9440TooLarge', 'cert_rfc9440_too_large'],
  ['certChainRFC9440', 'cert_chain_rfc9440'],
  ['certChainRFC9440TooLarge', 'cert_chain_rfc9440_too_large'],
]

/** The Workers' form of the fields. `certVerified` is `NONE`, `SUCCESS` or `FAILED:<openssl text>`. */
export function workersTlsClientAuth(verdict: Verdict, fields: CertificateFields): WorkersTlsClientAuth {
  return {
    certPresented: fields.cert_presented ? '1' : '0',
    certVerified: !fields.cert_presented
      ? 'NONE'
      : fields.cert_verified
        ? 'SUCCESS'
        : `FAILED:${olderText(verdict.reason ?? 'certificate rejected')}`,
    certRevoked: fields.cert_revoked ? '1' : '0',
    ...Object.fromEntries(workersNames.map(([property, field]) => [property, fields[field]])),
  }
}

/** The documented texts are OpenSSL 1's, which has no hyphen here. */
const olderText = (text: string): string => text.replace('self-signed', 'self signed')
