/**
 * Reads DER within bounds. Anything that does not fit is a {@link DerError}; callers turn it into their own result.
 * @module
 */

/** The bytes are not the DER that was expected. */
export class DerError extends Error {
  override readonly name = 'DerError'
}

/** One TLV. `raw` is the whole element, `body` its content. */
export interface DerNode {
  tag: number
  raw: Buffer
  body: Buffer
}

/** The element at `offset`; trailing bytes are left alone. */
export function readNode(bytes: Buffer, offset = 0): DerNode {
  const tag = bytes[offset]
  const first = bytes[offset + 1]
  if (tag === undefined || first === undefined) throw new DerError('element is cut off')
  if ((tag & 0x1f) === 0x1f) throw new DerError('multi-byte tag')
  let start = offset + 2
  let length = first
  if (first >= 0x80) {
    const count = first & 0x7f
    if (count === 0 || count > 4) throw new DerError('length is indefinite or too long')
    if (start + count > bytes.length) throw new DerError('element is cut off')
    length = bytes.readUIntBE(start, count)
    start += count
  }
  if (start + length > bytes.length) throw new DerError('element is longer than its container')
  return { tag, raw: bytes.subarray(offset, start + length), body: bytes.subarray(start, start + length) }
}

/** The elements inside a constructed element. */
export function children(node: DerNode): DerNode[] {
  const found: DerNode[] = []
  for (let offset = 0; offset < node.body.length; ) {
    const child = readNode(node.body, offset)
    found.push(child)
    offset += child.raw.length
  }
  return found
}

/** The single element that fills `bytes`, with its tag checked. */
export function readWhole(bytes: Buffer, tag = 0x30): DerNode {
  const node = expectTag(readNode(bytes), tag)
  if (node.raw.length !== bytes.length) throw new DerError('bytes follow the element')
  return node
}

/** `node` if it is there and has this tag. */
export function expectTag(node: DerNode | undefined, tag: number): DerNode {
  if (node === undefined) throw new DerError('element is missing')
  if (node.tag !== tag) throw new DerError(`tag 0x${node.tag.toString(16)} instead of 0x${tag.toString(16)}`)
  return node
}

/** Dotted text of an OBJECT IDENTIFIER. */
export function readOid(node: DerNode | undefined): string {
  const { body } = expectTag(node, 0x06)
  if (body.length === 0 || (body[body.length - 1] ?? 0) & 0x80)
    throw new DerError('object identifier is cut off')
  const arcs: bigint[] = []
  let arc = 0n
  for (const byte of body) {
    arc = (arc << 7n) | BigInt(byte & 0x7f)
    if (byte & 0x80) continue
    arcs.push(arc)
    arc = 0n
  }
  const [head = 0n, ...rest] = arcs
  const top = head < 40n ? 0n : head < 80n ? 1n : 2n
  return [top, head - top * 40n, ...rest].join('.')
}

/** Hex of an INTEGER without leading zero bytes, upper-case; a negative one has a leading `-`, as openssl prints it. */
export function readIntegerHex(node: DerNode | undefined): string {
  const { body } = expectTag(node, 0x02)
  if (body.length === 0) throw new DerError('integer without content')
  const negative = ((body[0] ?? 0) & 0x80) !== 0
  const unsigned = BigInt(`0x${body.toString('hex')}`)
  const value = negative ? (1n << BigInt(body.length * 8)) - unsigned : unsigned
  const hex = value.toString(16).toUpperCase()
  return `${negative ? '-' : ''}${hex.length % 2 === 0 ? hex : `0${hex}`}`
}

/** A small INTEGER as a number (path lengths, versions, iteration counts). */
export function readSmallInteger(node: DerNode | undefined): number {
  const value = Number.parseInt(readIntegerHex(node), 16)
  if (!Number.isSafeInteger(value)) throw new DerError('integer out of range')
  return value
}

/** UTCTime or GeneralizedTime in the only forms RFC 5280 §4.1.2.5 allows. */
export function readTime(node: DerNode | undefined): Date {
  const text = node?.body.toString('latin1') ?? ''
  const match =
    node?.tag === 0x17
      ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)
      : node?.tag === 0x18
        ? /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)
        : null
  if (match === null) throw new DerError('time is not in the form of RFC 5280')
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number)
  const full = node?.tag === 0x18 ? year : year < 50 ? 2000 + year : 1900 + year
  const date = new Date(0)
  date.setUTCFullYear(full, month - 1, day)
  date.setUTCHours(hour, minute, second)
  return date
}

/** Whole bytes of a BIT STRING. */
export function readBits(node: DerNode | undefined): Buffer {
  const { body } = expectTag(node, 0x03)
  if (body.length === 0) throw new DerError('bit string without content')
  return body.subarray(1)
}
