/**
 * Writes DER (ITU-T X.690). Certificates are assembled from these pieces rather than through a certificate library,
 * because defects and impostors need names, keys and extensions copied byte for byte, and broken ones need no permission.
 * @module
 */

/** One TLV with a single-byte tag. */
export function tlv(tag: number, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content)
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(body.length)]), body])
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length]
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return [0x80 | bytes.length, ...bytes]
}

/** SEQUENCE. */
export const sequence = (...items: Uint8Array[]): Buffer => tlv(0x30, ...items)

/** SET OF, its elements sorted by their encoding as DER requires (X.690 §11.6). */
export const setOf = (...items: Uint8Array[]): Buffer => tlv(0x31, ...items.toSorted(Buffer.compare))

/** Context-specific constructed `[n]`: an EXPLICIT tag, or an IMPLICIT one over a constructed type. */
export const constructed = (n: number, ...items: Uint8Array[]): Buffer => tlv(0xa0 | n, ...items)

/** Context-specific primitive `[n]` IMPLICIT. */
export const primitive = (n: number, body: Uint8Array): Buffer => tlv(0x80 | n, body)

/** INTEGER from a number, or from the unsigned big-endian hex of a serial; always positive and minimal. */
export function integer(value: number | string): Buffer {
  const hex = typeof value === 'number' ? value.toString(16) : value
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const body = bytes.length === 0 ? Buffer.from([0]) : bytes.subarray(start)
  return (body[0] ?? 0) & 0x80 ? tlv(0x02, Buffer.from([0]), body) : tlv(0x02, body)
}

/** BOOLEAN. */
export const boolean = (value: boolean): Buffer => tlv(0x01, Buffer.from([value ? 0xff : 0]))

/** NULL. */
export const nullValue: Buffer = tlv(0x05)

/** OCTET STRING. */
export const octetString = (body: Uint8Array): Buffer => tlv(0x04, body)

/** BIT STRING of whole bytes. */
export const bitString = (body: Uint8Array): Buffer => tlv(0x03, Buffer.from([0]), body)

/** BIT STRING of named bits, trailing zero bits removed (X.690 §11.2.2). */
export function namedBits(positions: readonly number[]): Buffer {
  if (positions.length === 0) return tlv(0x03, Buffer.from([0]))
  const highest = Math.max(...positions)
  const body = Buffer.alloc(Math.floor(highest / 8) + 1)
  for (const position of positions) {
    const at = Math.floor(position / 8)
    body[at] = (body[at] ?? 0) | (0x80 >> (position % 8))
  }
  return tlv(0x03, Buffer.from([7 - (highest % 8)]), body)
}

/** OBJECT IDENTIFIER from dotted text. */
export function oid(text: string): Buffer {
  const [first = 0n, second = 0n, ...rest] = text.split('.').map(BigInt)
  const bytes: number[] = []
  for (const arc of [first * 40n + second, ...rest]) {
    const digits = [Number(arc & 0x7fn)]
    for (let more = arc >> 7n; more > 0n; more >>= 7n) digits.unshift(Number(more & 0x7fn) | 0x80)
    bytes.push(...digits)
  }
  return tlv(0x06, Buffer.from(bytes))
}

/** Character strings. */
export const utf8String = (text: string): Buffer => tlv(0x0c, Buffer.from(text, 'utf8'))
export const printableString = (text: string): Buffer => tlv(0x13, Buffer.from(text, 'latin1'))
export const ia5String = (text: string): Buffer => tlv(0x16, Buffer.from(text, 'latin1'))
/** BMPString: UTF-16, big-endian. */
export const bmpString = (text: string): Buffer => tlv(0x1e, Buffer.from(text, 'utf16le').swap16())

/** Time (RFC 5280 §4.1.2.5): UTCTime through 2049, GeneralizedTime from 2050; seconds, no fraction. */
export function time(date: Date): Buffer {
  const digits = `${date.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`
  const year = date.getUTCFullYear()
  return year >= 1950 && year < 2050
    ? tlv(0x17, Buffer.from(digits.slice(2), 'latin1'))
    : tlv(0x18, Buffer.from(digits, 'latin1'))
}
