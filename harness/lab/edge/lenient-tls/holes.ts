/**
 * What the lenient termination lets pass, per TLS version. Without a hole it is as strict as OpenSSL.
 * @module
 */

import type { Version } from '../../faults/possession.ts'
import type { FaultId, Faults } from '../../faults.ts'

/** Each hole, open or not. */
export interface Holes {
  /** An entry of length zero is taken for a verified certificate. */
  emptyEntry: boolean
  /** Bytes behind the list of a Certificate message are passed over. */
  trailingBytes: boolean
  /** A Certificate message may be of any length. */
  oversized: boolean
  /** Neither Certificate nor CertificateVerify came, and the client is taken for a verified one. */
  omittedCertificate: boolean
  /** A Certificate without CertificateVerify is enough. */
  omittedProof: boolean
  /** The signature is not looked at. */
  ignoredProof: boolean
  /** A signature of no bytes passes. */
  emptyProof: boolean
  /** ECDSA with r = s = 0 passes. */
  zeroProof: boolean
  /** A CertificateVerify that was good once is good again. */
  replayedProof: boolean
  /** The scheme named is not compared with the key and with what was offered. */
  ignoredScheme: boolean
  /** Signatures with SHA-1 pass although they were not offered. */
  sha1Proof: boolean
  /** Application data is served before Finished. */
  servedEarly: boolean
}

/** Faults that open each hole in a version. */
const faultsOf = (n: '1.2' | '1.3'): Record<keyof Holes, FaultId | undefined> => ({
  emptyEntry: n === '1.2' ? 'edge.accepts-empty-certificate-entry' : undefined,
  trailingBytes: 'edge.overlooks-trailing-bytes',
  oversized: 'edge.reads-oversized-certificate',
  omittedCertificate: `edge.accepts-omitted-certificate-${n}`,
  omittedProof: `edge.accepts-omitted-proof-${n}`,
  ignoredProof: `edge.ignores-proof-${n}`,
  emptyProof: `edge.accepts-empty-proof-${n}`,
  zeroProof: `edge.accepts-zero-proof-${n}`,
  replayedProof: `edge.accepts-replayed-proof-${n}`,
  ignoredScheme: `edge.ignores-proof-scheme-${n}`,
  sha1Proof: `edge.accepts-sha1-proof-${n}`,
  servedEarly: `edge.serves-before-finished-${n}`,
})

/** The holes that these faults open in a version. */
export function holesOf(faults: Faults, version: Version): Holes {
  const entries = Object.entries(faultsOf(version === 'TLSv1.2' ? '1.2' : '1.3'))
  return Object.fromEntries(
    entries.map(([hole, fault]) => [hole, fault !== undefined && faults.has(fault)]),
  ) as unknown as Holes
}

/** Whether any is open. */
export const anyOpen = (holes: Holes): boolean => Object.values(holes).includes(true)
