/**
 * Certificates with their keys, and the authorities that issue them.
 * @module
 */

/** Key algorithms an identity or authority may have. */
export type KeyAlgorithm =
  | 'ecdsa-p256'
  | 'ecdsa-p384'
  | 'ecdsa-p521'
  | 'rsa-1024'
  | 'rsa-2048'
  | 'rsa-3072'
  | 'rsa-4096'
  | 'ed25519'

/** A client (or server) certificate with its key: what is handed to TLS. */
export interface Identity {
  /** Short name for people: `valid`, `expired-day`, `sensor-001`. */
  name: string
  /** Leaf first, then the intermediates to send; PEM, concatenated. */
  cert: string
  /** PKCS#8 PEM, unencrypted. Never printed, never written with a mode other than 0600. */
  key: string
  /** SHA-256 of the leaf's DER, lower-case hex: how reports name it. */
  fingerprint256: string
  /** RFC 4514 subject of the leaf. */
  subject: string
  /** The one thing that is wrong with it, undefined for a good one. */
  defect?: DefectId
  /** Requires the client's own OpenSSL security level lowered (weak key or hash), so that the refusal is the server's. */
  weak?: boolean
  /** Where it was read from: paths of its certificate and key, the same one for PKCS#12. Absent: not from files. */
  files?: IdentityFiles
  /** It was made here, for this hostname where that is known. */
  minted?: { hostname?: string }
}

/** Paths of an identity, as people may write them where the run was started. */
export interface IdentityFiles {
  cert: string
  key: string
  /** Default: PEM. */
  form?: 'P12'
}

/** The defects: each is exactly one difference from the good twin. */
export const defectIds = [
  'expired-second',
  'expired-day',
  'expired-years',
  'not-yet-valid',
  'unknown-ca',
  'unknown-ca-with-root',
  'unknown-ca-with-intermediate',
  'impostor-ca',
  'impostor-ca-other-ski',
  'impostor-ca-with-root',
  'self-signed',
  'server-auth-only',
  'code-signing-only',
  'ca-as-leaf',
  'leaf-as-ca',
  'intermediate-without-basic-constraints',
  'intermediate-without-key-cert-sign',
  'path-length-exceeded',
  'name-constraint-broken',
  'intermediate-missing',
  'intermediate-expired',
  'intermediate-tampered',
  'signature-tampered',
  'tbs-tampered',
  'sha1-signature',
  'rsa-1024',
  'unknown-critical-extension',
  'revoked',
] as const

/** One defect. */
export type DefectId = (typeof defectIds)[number]
