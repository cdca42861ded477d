/**
 * The record layer of one direction: bytes in, records out (RFC 8446 §5.1, RFC 5246 §6.2).
 * @module
 */
import { ByteQueue } from './bytes.ts'
import { quoteBytes } from './text.ts'

/** A record as it crossed the wire. */
export interface TlsRecord {
  /** Outer content type. */
  type: number
  /** The five header bytes: additional data of the AEADs. */
  header: Buffer
  /** Ciphertext, or plaintext before keys are in use. */
  body: Buffer
}

/** Longest ciphertext any version allows (RFC 5246 §6.2.3). */
const longest = 2 ** 14 + 2048

/** Cuts a byte stream into records. Costs are linear in the bytes, however they are cut into chunks. */
export class RecordReader {
  readonly #queue = new ByteQueue()
  /** Why this direction is no TLS; nothing more comes once it is set. */
  notTls: string | undefined
  /** Records longer than the protocol allows: read all the same, their framing is intact. */
  oversized = 0

  /** Bytes of a record that has not ended. */
  get pending(): number {
    return this.#queue.length
  }

  push(bytes: Buffer): void {
    if (this.notTls === undefined) this.#queue.push(bytes)
  }

  /** The next whole record, or undefined: more bytes are needed, or this is no TLS. */
  next(): TlsRecord | undefined {
    if (this.#queue.length === 0 || this.notTls !== undefined) return undefined
    const head = this.#queue.peek(5)
    const wrong = whatIsWrong(head)
    if (wrong !== undefined) {
      this.notTls = `${wrong}: ${quoteBytes(this.#queue.peek(64), 48)}`
      this.#queue.drop(this.#queue.length)
      return undefined
    }
    if (head.length < 5) return undefined
    const length = head.readUInt16BE(3)
    if (this.#queue.length < 5 + length) return undefined
    if (length > longest) this.oversized++
    const whole = this.#queue.take(5 + length)
    return { type: whole[0] ?? 0, header: whole.subarray(0, 5), body: whole.subarray(5) }
  }
}

// Judges as many header bytes as there are, so that a plain-text answer shorter than a header is seen too.
function whatIsWrong(head: Buffer): string | undefined {
  const [type = 22, major = 3] = head
  if (type < 20 || type > 24) return 'not a TLS record'
  return major === 3 ? undefined : 'not a TLS record version'
}
