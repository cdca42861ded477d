/**
 * Key derivation of PKCS#12 (RFC 7292 appendix B), which its MAC and the older encryptions use.
 * @module
 */
import { createHash } from 'node:crypto'
import { readNode } from '../der/read.ts'
import { bmpString } from '../der/write.ts'

/** What the derived bytes are for: the ID byte of RFC 7292 appendix B.3. */
export const kdfPurpose = { key: 1, iv: 2, mac: 3 } as const

const blockSizes: Readonly<Record<string, number>> = {
  sha1: 64,
  sha224: 64,
  sha256: 64,
  sha384: 128,
  sha512: 128,
}

/** A passphrase as RFC 7292 appendix B.1 wants it: UTF-16 big-endian with a terminating zero. */
export const bmpPassphrase = (passphrase: string): Buffer =>
  Buffer.concat([readNode(bmpString(passphrase)).body, Buffer.alloc(2)])

/** `length` derived bytes. `passphrase` comes from {@link bmpPassphrase}, or is empty for "no passphrase at all". */
export function derive(
  hash: string,
  passphrase: Buffer,
  salt: Buffer,
  purpose: number,
  iterations: number,
  length: number,
): Buffer {
  const block = blockSizes[hash] ?? 64
  const fill = (bytes: Buffer): Buffer =>
    bytes.length === 0 ? bytes : Buffer.alloc(Math.ceil(bytes.length / block) * block, bytes)
  const diversifier = Buffer.alloc(block, purpose)
  const input = Buffer.concat([fill(salt), fill(passphrase)])
  const output: Buffer[] = []
  for (let made = 0; made < length; ) {
    let digest = createHash(hash).update(diversifier).update(input).digest()
    for (let round = 1; round < iterations; round++) digest = createHash(hash).update(digest).digest()
    output.push(digest)
    made += digest.length
    const addend = Buffer.alloc(block, digest)
    for (let start = 0; start < input.length; start += block)
      addPlusOne(input.subarray(start, start + block), addend)
  }
  return Buffer.concat(output).subarray(0, length)
}

/** `target = target + addend + 1`, modulo its size. */
function addPlusOne(target: Buffer, addend: Buffer): void {
  let carry = 1
  for (let at = target.length - 1; at >= 0; at--) {
    const sum = (target[at] ?? 0) + (addend[at] ?? 0) + carry
    target[at] = sum & 0xff
    carry = sum >> 8
  }
}
