/**
 * The further forms in which the edge tells the origin about a client certificate, beside `certificate-headers.ts`.
 * Pure functions of a verdict and what is configured.
 * @module
 */
import type { Faults } from '../faults.ts'
import type { CertificateFields } from './certificate-fields.ts'
import type { HeaderList } from './exchange.ts'
import type { Verdict } from './verdict.ts'

/** Names of the managed transform that `certificateHeaders` does not set, each with its field. */
const further = [
  ['cf-cert-issuer-dn-rfc2253', 'cert_issuer_dn_rfc2253'],
  ['cf-cert-subject-dn-rfc2253', 'cert_subject_dn_rfc2253'],
  ['cf-cert-issuer-dn-legacy', 'cert_issuer_dn_legacy'],
  ['cf-cert-subject-dn-legacy', 'cert_subject_dn_legacy'],
  ['cf-cert-issuer-serial', 'cert_issuer_serial'],
  ['cf-cert-fingerprint-sha1', 'cert_fingerprint_sha1'],
] as const

/**
 * The rest of "Add TLS client auth headers": with `certificateHeaders` all 17. Fields without a value are left out.
 */
export function furtherCertificateHeaders(fields: CertificateFields): HeaderList {
  return [
    ['cf-cert-revoked', fields.cert_revoked ? '1' : '0'],
    ...further.flatMap(([name, field]) => (fields[field] === '' ? [] : [[name, fields[field]] as const])),
  ]
}

/** `client_certificate_forwarding` of a hostname (`/access/certificates/settings`). */
export interface Forwarding {
  enabled: boolean
  /** Which requests of a connection: older and newer text of the documentation. */
  requests: 'first' | 'every'
}

/**
 * The certificate itself, whatever the verdict.
 * @param request number of the request on its connection, from 1.
 */
export function forwardedCertificate(
  { status, identity }: Verdict,
  { enabled, requests }: Forwarding,
  request: number,
  faults: Faults,
): HeaderList {
  const firstOnly = requests === 'first' || faults.has('edge.forwards-certificate-first-only')
  if (!enabled || status === 'none' || identity === undefined || (firstOnly && request > 1)) return []
  return [
    ['cf-client-cert-der-base64', identity.der.toString('base64')],
    ['cf-client-cert-sha256', identity.facts.fingerprint256],
  ]
}
