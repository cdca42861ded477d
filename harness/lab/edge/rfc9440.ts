/**
 * Certificates as RFC 9440 §2 writes them: byte sequences of structured fields, `:base64:`.
 * @module
 */
import type { Faults } from '../faults.ts'

/** Characters the encoded leaf may have. */
export const maxCertificate = 10 * 1024
/** Characters the encoded chain may have. */
export const maxChain = 16 * 1024

/** An encoded value; empty when it is too large. */
export interface Encoded {
  value: string
  tooLarge: boolean
}

const encode = (der: Buffer): string => `:${der.toString('base64')}:`

/** The value of `Client-Cert`. */
export const oneCertificate = (der: Buffer, faults: Faults): Encoded =>
  limited(encode(der), maxCertificate, faults)

/** The value of `Client-Cert-Chain`: without the leaf, in the order sent. */
export const certificateChain = (ders: readonly Buffer[], faults: Faults): Encoded =>
  limited(ders.map(encode).join(', '), maxChain, faults)

function limited(value: string, most: number, faults: Faults): Encoded {
  if (value.length <= most) return { value, tooLarge: false }
  return { value: faults.has('edge.rfc9440-truncated') ? value.slice(0, most) : '', tooLarge: true }
}
