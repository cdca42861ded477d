/**
 * The AEADs of TLS on `node:crypto` (RFC 5116, RFC 6655, RFC 7905).
 * Keys are KeyObjects: made once per direction, where raw bytes would cost more per record than the cipher does.
 * @module
 */
import {
  type CipherCCMTypes,
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
  type KeyObject,
} from 'node:crypto'
import type { Suite } from './suites.ts'

/** The nonce of TLS 1.3 and of ChaCha20-Poly1305 in 1.2: the IV with the sequence number folded in (RFC 8446 §5.3). */
export function sequenceNonce(iv: Buffer, sequence: bigint): Buffer {
  const nonce = Buffer.from(iv)
  const tail = nonce.length - 8
  nonce.writeBigUInt64BE(nonce.readBigUInt64BE(tail) ^ sequence, tail)
  return nonce
}

/** Opens `sealed` (ciphertext, then tag). Returns undefined where it is not authentic. */
export function openAead(
  suite: Suite,
  key: KeyObject,
  nonce: Buffer,
  additional: Buffer,
  sealed: Buffer,
): Buffer | undefined {
  const length = sealed.length - suite.tagLength
  if (length < 0) return undefined
  try {
    const decipher = createDecipheriv(suite.cipher as CipherCCMTypes, key, nonce, {
      authTagLength: suite.tagLength,
    })
    decipher.setAuthTag(sealed.subarray(length))
    decipher.setAAD(additional, { plaintextLength: length })
    const text = decipher.update(sealed.subarray(0, length))
    decipher.final()
    return text
  } catch {
    return undefined
  }
}

/** Seals `text`: ciphertext, then tag. */
export function sealAead(
  suite: Suite,
  key: KeyObject,
  nonce: Buffer,
  additional: Buffer,
  text: Buffer,
): Buffer {
  const { cipher, tagLength } = suite
  const sealer =
    suite.protection === 'ccm'
      ? createCipheriv(cipher as CipherCCMTypes, key, nonce, { authTagLength: tagLength })
      : createCipheriv(cipher as CipherGCMTypes, key, nonce, { authTagLength: tagLength })
  sealer.setAAD(additional, { plaintextLength: text.length })
  const body = sealer.update(text)
  return Buffer.concat([body, sealer.final(), sealer.getAuthTag()])
}
