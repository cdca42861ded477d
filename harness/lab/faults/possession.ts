/**
 * Faults in the client's proof that it holds the key of its certificate, and in the messages around it. On the enforcing
 * host, over HTTP/1.1, in full handshakes with the one cipher suite that the lenient termination knows.
 * @module
 */
import type { Fault } from './fault.ts'

/** TLS versions as the lab names them. */
export type Version = 'TLSv1.2' | 'TLSv1.3'

const perVersion = {
  'accepts-omitted-proof': [
    'A Certificate that no CertificateVerify follows is taken for proven',
    'wolfSSL CVE-2022-25640; Pion DTLS CVE-2022-29222',
  ],
  'accepts-omitted-certificate': [
    'A client that sends neither Certificate nor CertificateVerify, although asked, is taken for verified',
    'JSSE CVE-2020-2655; wolfSSL CVE-2026-55962',
  ],
  'ignores-proof': [
    'The signature of CertificateVerify is not verified, nor its scheme read',
    'RFC 8446 §4.4.3; TLS-Anvil invalidCertificateVerify',
  ],
  'accepts-empty-proof': [
    'A CertificateVerify with a signature of no bytes passes',
    'tlsfuzzer certificate-verify-malformed',
  ],
  'accepts-zero-proof': ['An ECDSA signature with r = s = 0 passes', 'CVE-2022-21449'],
  'accepts-replayed-proof': [
    'A CertificateVerify that was good on an earlier connection is good again',
    'RFC 8446 §4.4.3: the signature covers this handshake’s transcript',
  ],
  'ignores-proof-scheme': [
    'The scheme named in CertificateVerify is neither compared with the key nor with what was offered',
    'wolfSSL CVE-2022-25638; tlsfuzzer tls13-certificate-verify',
  ],
  'accepts-sha1-proof': [
    'A CertificateVerify with SHA-1 passes although it was not offered',
    'RFC 9155 §2; RFC 8446 §4.2.3; tlsfuzzer certificate-verify',
  ],
  'serves-before-finished': [
    'Application data in place of CertificateVerify and Finished is served, the certificate taken for proven',
    'tlsfuzzer early-application-data; TLS-Anvil state machine',
  ],
} as const

type Name = keyof typeof perVersion

/** A fault of one version. */
export type PossessionFaultId = `edge.${Name}-${'1.2' | '1.3'}`

/** Two rows per fault: TLS 1.2, TLS 1.3. */
export const possessionFaults: readonly (Fault & { id: PossessionFaultId })[] = (
  Object.entries(perVersion) as [Name, readonly [string, string]][]
).flatMap(([name, [what, source]]) =>
  (['1.2', '1.3'] as const).map((n) => ({
    id: `edge.${name}-${n}` as const,
    sentence: `${what}, in TLS ${n} on the enforcing host.`,
    source,
  })),
)

/** Faults in reading messages, whatever the version. */
export const messageFaults = [
  {
    id: 'edge.overlooks-trailing-bytes',
    sentence: 'Bytes behind the list in a Certificate message are passed over, on the enforcing host.',
    source: 'RFC 8446 §6.2 decode_error; tlsfuzzer certificate-malformed',
  },
  {
    id: 'edge.reads-oversized-certificate',
    sentence: 'A Certificate message of any length is read and judged, on the enforcing host.',
    source: 'OpenSSL SSL_MAX_CERT_LIST_DEFAULT (100 KiB); catalogue DOS-09',
  },
  {
    id: 'edge.offers-early-data',
    sentence: 'On the enforcing host TLS 1.3 tickets allow early data.',
    source: 'RFC 8470 §3; Traefik CVE-2024-39321: policy skipped for 0-RTT',
  },
] as const satisfies readonly Fault[]
