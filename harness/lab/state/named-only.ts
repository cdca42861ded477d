/**
 * The part of a rule that names certificates.
 * @module
 */
import type { Identity } from '../../pki/types.ts'

/**
 * Holds for every certificate with another subject than these: the fields have whole subjects only, no common names
 * (developers.cloudflare.com, Rules language fields, `cf.tls_client_auth.cert_subject_dn`).
 */
export const namedOnly = (identities: readonly Pick<Identity, 'subject'>[]): string =>
  `not cf.tls_client_auth.cert_subject_dn in {${identities.map(({ subject }) => `"${subject}"`).join(' ')}}`
