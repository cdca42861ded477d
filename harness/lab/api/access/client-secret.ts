/**
 * Secrets of service tokens: `cfast_`, 40 alphanumerics, a checksum of 8 characters, as the real edge makes them since
 * 2026-08-26. How it computes the checksum is not known: here it is CRC-32 of what stands before it, in hex.
 * @module
 */
import { randomInt } from 'node:crypto'
import { crc32 } from 'node:zlib'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** A fresh secret. It is shown once and never stored. */
export function newClientSecret(): string {
  const random = Array.from({ length: 40 }, () => alphabet[randomInt(alphabet.length)]).join('')
  return withChecksum(`cfast_${random}`)
}

/** Adds the checksum. */
const withChecksum = (text: string): string => text + crc32(text).toString(16).padStart(8, '0')

/** Whether a text has the form of a secret, checksum included. */
export const looksLikeClientSecret = (text: string): boolean =>
  /^cfast_[A-Za-z0-9]{40}[0-9a-f]{8}$/.test(text) && withChecksum(text.slice(0, -8)) === text
