/**
 * Values nobody guesses.
 * @module
 */
import { randomBytes } from 'node:crypto'

/** 256 bits as base64url, 43 characters. */
export const randomToken = (): string => randomBytes(32).toString('base64url')

/** 16 letters and digits, as `identity_nonce` is documented: 95 bits. */
export function identityNonce(): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
  let text = ''
  while (text.length < 16) {
    for (const byte of randomBytes(16)) if (byte < 248 && text.length < 16) text += alphabet[byte % 62]
  }
  return text
}
