/**
 * The little of DER (X.690) that names and certificates need.
 * @module
 */
import { WireError } from './bytes.ts'

/** One element: its tag byte, its contents, and itself with header. */
export interface DerElement {
  tag: number
  body: Buffer
  whole: Buffer
}

/** The elements that follow each other in `bytes`. Throws {@link WireError} on anything that is not DER. */
export function readDer(bytes: Buffer): DerElement[] {
  const list: DerElement[] = []
  let at = 0
  while (at < bytes.length) {
    const tag = bytes[at] ?? 0
    // High tag numbers occur in no name and in no part of a certificate read here.
    if ((tag & 0x1f) === 0x1f) throw new WireError('DER tag of more than one byte')
    let length = bytes[at + 1]
    if (length === undefined) throw new WireError('DER ends early')
    let start = at + 2
    if (length >= 0x80) {
      const size = length & 0x7f
      if (size === 0 || size > 4 || start + size > bytes.length)
        throw new WireError('DER length is not readable')
      length = bytes.readUIntBE(start, size)
      start += size
    }
    if (start + length > bytes.length) throw new WireError('DER ends early')
    list.push({ tag, body: bytes.subarray(start, start + length), whole: bytes.subarray(at, start + length) })
    at = start + length
  }
  return list
}

/** The only element of `bytes`, which must have this tag; returns what it holds. */
export function readDerSequence(bytes: Buffer, tag = 0x30): DerElement[] {
  const [first, ...more] = readDer(bytes)
  if (first?.tag !== tag || more.length > 0) throw new WireError(`DER element 0x${tag.toString(16)} expected`)
  return readDer(first.body)
}

/** Dotted text of an OBJECT IDENTIFIER's contents. */
export function oidText(body: Buffer): string {
  // Longer than any real one; without a bound the shifting below would be quadratic.
  if (body.length === 0 || body.length > 128) throw new WireError('OBJECT IDENTIFIER is not readable')
  const arcs: bigint[] = []
  let arc = 0n
  for (const byte of body) {
    arc = (arc << 7n) | BigInt(byte & 0x7f)
    if ((byte & 0x80) !== 0) continue
    arcs.push(arc)
    arc = 0n
  }
  const [first = 0n, ...rest] = arcs
  const root = first < 80n ? first / 40n : 2n
  return [root, first - root * 40n, ...rest].join('.')
}
