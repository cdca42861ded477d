/**
 * HPACK (RFC 7541): field lists written as literals, so that anything can be said; read in full.
 * @module
 */
import { decodeHuffman } from './huffman.ts'

/** A field: name and value. */
export type Field = readonly [name: string, value: string]

/** The static table (RFC 7541 appendix A), index 1 first; names with a value follow in `values`. */
const names =
  ':authority :method :method :path :path :scheme :scheme :status :status :status :status :status :status :status accept-charset accept-encoding accept-language accept-ranges accept access-control-allow-origin age allow authorization cache-control content-disposition content-encoding content-language content-length content-location content-range content-type cookie date etag expect expires from host if-match if-modified-since if-none-match if-range if-unmodified-since last-modified link location max-forwards proxy-authenticate proxy-authorization range referer refresh retry-after server set-cookie strict-transport-security transfer-encoding user-agent vary via www-authenticate'.split(
    ' ',
  )
const values = [
  '',
  'GET',
  'POST',
  '/',
  '/index.html',
  'http',
  'https',
  '200',
  '204',
  '206',
  '304',
  '400',
  '404',
  '500',
  '',
  'gzip, deflate',
]

/** A field block of literals, never indexed and never compressed (RFC 7541 §6.2.3): nothing is checked or put in order. */
export const writeFields = (fields: readonly Field[]): Buffer =>
  Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0x10]), text(name), text(value)]))

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1')
  return Buffer.concat([integer(bytes.length, 7), bytes])
}

/** RFC 7541 §5.1, with zeros in the bits before the prefix. */
function integer(value: number, prefix: number): Buffer {
  const most = 2 ** prefix - 1
  if (value < most) return Buffer.from([value])
  const bytes = [most]
  let rest = value - most
  for (; rest >= 128; rest = rest >> 7) bytes.push((rest & 127) | 128)
  return Buffer.from([...bytes, rest])
}

/** Reads the field blocks of one connection, in order. */
export class FieldReader {
  #dynamic: Field[] = []

  /** The fields. Throws RangeError where the block breaks RFC 7541. */
  read(block: Buffer): Field[] {
    const source = new Source(block)
    const fields: Field[] = []
    while (source.left > 0) {
      const first = source.peek()
      if (first >= 0x80) fields.push(this.#at(source.integer(7)))
      else if (first >= 0x40) {
        const field = this.#literal(source, 6)
        this.#dynamic = [field, ...this.#dynamic].slice(0, 128)
        fields.push(field)
      } else if (first >= 0x20) {
        if (source.integer(5) === 0) this.#dynamic = []
      } else fields.push(this.#literal(source, 4))
    }
    return fields
  }

  #literal(source: Source, prefix: number): Field {
    const index = source.integer(prefix)
    const name = index === 0 ? source.text() : this.#at(index)[0]
    return [name, source.text()]
  }

  #at(index: number): Field {
    const name = names[index - 1]
    const found: Field | undefined =
      name === undefined ? this.#dynamic[index - 1 - names.length] : [name, values[index - 1] ?? '']
    if (found === undefined) throw new RangeError(`no field has the index ${index}`)
    return found
  }
}

class Source {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  peek(): number {
    return this.#bytes.readUInt8(this.#at)
  }

  integer(prefix: number): number {
    const most = 2 ** prefix - 1
    let value = this.#bytes.readUInt8(this.#at++) & most
    if (value < most) return value
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#bytes.readUInt8(this.#at++)
      value += (byte & 127) << shift
      if (byte < 128) return value
    }
    throw new RangeError('an integer of more than 28 bits')
  }

  text(): string {
    const compressed = this.peek() >= 0x80
    const length = this.integer(7)
    if (length > this.left) throw new RangeError('a text longer than its block')
    const bytes = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    const plain = compressed ? decodeHuffman(bytes) : bytes
    if (plain === undefined) throw new RangeError('not in the Huffman code')
    return plain.toString('latin1')
  }
}
