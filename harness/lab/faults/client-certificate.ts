/**
 * Faults in judging client certificates. `edge.accepts-<defect>` switches off one rule in one situation, in both
 * modes; `edge.refuses-<what>` bears on enforce mode only.
 * @module
 */
import type { DefectId } from '../../pki/types.ts'
import type { Fault } from './fault.ts'

/** The fault that lets one defect through. */
export type AcceptFaultId = `edge.accepts-${DefectId}`

const accepted = {
  'expired-second': ['a certificate that expired less than a minute ago', 'RFC 5280 §4.1.2.5'],
  'expired-day': ['a certificate that expired a minute to two days ago', 'AWS ignoreClientCertificateExpiry'],
  'expired-years': [
    'a certificate that expired more than two days ago',
    'IMC 2024: in use >1000 days after expiry',
  ],
  'not-yet-valid': ['a certificate before its notBefore', 'x509-limbo validity::not-yet-valid'],
  'unknown-ca': ['a certificate of a CA it does not know', 'RFC 5280 §6.1'],
  'unknown-ca-with-root': [
    'a chain that ends in a root from the client, of whatever name',
    'measured: HAProxy 2.6, ca-ignore-err 19',
  ],
  'unknown-ca-with-intermediate': [
    'a chain that ends in an intermediate of a CA it does not know',
    'measured: HAProxy 2.6, ca-ignore-err 20',
  ],
  'impostor-ca': [
    'an issuer of the right DN and SKI, signature unchecked',
    'x509-limbo invalid::invalid-issuer-key',
  ],
  'impostor-ca-other-ski': [
    'an issuer of the right DN with another SKI',
    'measured: nginx and httpd optional_no_ca',
  ],
  'impostor-ca-with-root': [
    'a root from the client that has the DN of a client CA',
    'x509-limbo chain-untrusted-root',
  ],
  'self-signed': ['a self-signed certificate', 'Cloudflare client certificates, troubleshooting'],
  'server-auth-only': ['a certificate for server authentication only', 'Envoy CVE-2022-21657'],
  'code-signing-only': ['a certificate for code signing only', 'Mbed TLS CVE-2024-45159'],
  'ca-as-leaf': ['a CA certificate as client certificate', 'x509-limbo ca-as-leaf'],
  'leaf-as-ca': [
    'a certificate issued by another client certificate',
    'OpenSSL CVE-2021-3450; RFC 5280 §6.1.4(k)',
  ],
  'intermediate-without-basic-constraints': [
    'an intermediate without basicConstraints',
    'x509-limbo v1-cert',
  ],
  'intermediate-without-key-cert-sign': [
    'an intermediate without keyCertSign',
    'x509-limbo ica-ku-keycertsign',
  ],
  'path-length-exceeded': ['a chain longer than pathLenConstraint allows', 'x509-limbo pathlen'],
  'name-constraint-broken': ['a name outside the name constraints', 'Go CVE-2025-61727'],
  'intermediate-missing': [
    'a chain whose intermediate was not sent',
    'x509-limbo chain-missing-intermediate',
  ],
  'intermediate-expired': ['an expired intermediate', 'x509-limbo expired-intermediate'],
  'intermediate-tampered': ['an intermediate with a broken signature', 'RFC 5280 §6.1.3'],
  'signature-tampered': ['a certificate with one bit of its signature changed', 'RFC 5280 §6.1.3'],
  'tbs-tampered': ['a certificate with one bit of its content changed', 'RFC 5280 §6.1.3'],
  'sha1-signature': ['a certificate signed with SHA-1', 'RFC 9155'],
  'rsa-1024': ['a certificate with an RSA key under 2048 bits', 'x509-limbo webpki::forbidden-weak-rsa'],
  'unknown-critical-extension': ['an unknown critical extension', 'RFC 5280 §4.2'],
  revoked: ['a revoked certificate', 'Cloudflare: cert_verified stays true; Tomcat CVE-2026-53434'],
} as const satisfies Record<DefectId, readonly [what: string, source: string]>

/** One fault per defect of `pki`. */
export const acceptFaults: readonly (Fault & { id: AcceptFaultId })[] = Object.entries(accepted).map(
  ([defect, [what, source]]) => ({
    id: `edge.accepts-${defect as DefectId}`,
    sentence: `The edge accepts ${what}.`,
    source,
  }),
)

/** The other faults about what is accepted, refused, and read from a certificate. */
export const judgementFaults = [
  {
    id: 'edge.accepts-no-certificate',
    sentence: 'A request without certificate passes, in every TLS version.',
    source: 'RFC 8446 §4.4.2.4',
  },
  {
    id: 'edge.accepts-empty-certificate-entry',
    sentence:
      'In TLS 1.2 on the enforcing host, a Certificate message with an entry of length zero is taken as verified.',
    source: 'tlsfuzzer certificate-malformed; wolfSSL CVE-2026-55962 (Finished accepted without Certificate)',
  },
  {
    id: 'edge.accepts-sibling-ca',
    sentence:
      'The primary hostname accepts certificates of the CA that is associated with the partners’ one.',
    source:
      'Cloudflare: client CAs are set at account level; a rule that does not pin the issuer takes any of them',
  },
  {
    id: 'edge.trusts-system-roots',
    sentence: 'The primary hostname verifies against the public CAs of the system as well.',
    source:
      'Caddy CVE-2026-27586 (GO-2026-4539): the CA file is not read, the system roots are; catalogue MOD-08',
  },
  {
    id: 'edge.refuses-valid',
    sentence: 'Valid certificates are refused.',
    source: 'positive control; Cloudflare AOP roll-out order',
  },
  {
    id: 'edge.refuses-long-validity',
    sentence: 'A certificate valid beyond 2049 is refused.',
    source: 'RFC 5280 §4.1.2.5: GeneralizedTime from 2050 on',
  },
  {
    id: 'edge.refuses-intermediates',
    sentence: 'A valid chain through an intermediate is refused.',
    source: 'RFC 5280 §6.1',
  },
  {
    id: 'edge.refuses-extra-certificates',
    sentence: 'A valid certificate sent with unrelated ones is refused.',
    source: 'RFC 8446 §4.4.2 asks for tolerance',
  },
  {
    id: 'edge.identity-from-last-certificate',
    sentence: 'The forwarded identity is read from the last certificate sent instead of the first.',
    source: 'Keycloak CVE-2023-2422',
  },
] as const satisfies readonly Fault[]
