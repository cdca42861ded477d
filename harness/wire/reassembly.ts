/**
 * Handshake messages out of records: they may be cut over several and several may share one (RFC 8446 §5.1).
 * @module
 */
import { ByteQueue } from './bytes.ts'

/** A handshake message with its body, or without where it was longer than this reader keeps. */
export interface RawHandshake {
  type: number
  length: number
  body: Buffer | undefined
}

/** Longest handshake message that is read: what a tap keeps by default. Longer ones are named and skipped. */
export const longestHandshake = 4 * 2 ** 20

/** Reassembles the handshake messages of one direction. Linear in the bytes. */
export class HandshakeReader {
  readonly #queue = new ByteQueue()
  #skip = 0

  /** Bytes of a message that has not ended. */
  get pending(): number {
    return this.#queue.length + this.#skip
  }

  /** Forgets an unfinished message (keys changed in the middle of it); returns whether there was one. */
  reset(): boolean {
    const unfinished = this.pending > 0
    this.#queue.drop(this.#queue.length)
    this.#skip = 0
    return unfinished
  }

  /** Type and announced length of the unfinished message, as far as known. */
  get unfinished(): { type: number | undefined; announced: number | undefined; have: number } {
    const head = this.#queue.peek(4)
    return {
      type: head[0],
      announced: head.length < 4 ? undefined : head.readUIntBE(1, 3),
      have: Math.max(0, this.#queue.length - 4),
    }
  }

  push(bytes: Buffer): void {
    const skipped = Math.min(this.#skip, bytes.length)
    this.#skip -= skipped
    this.#queue.push(bytes.subarray(skipped))
  }

  next(): RawHandshake | undefined {
    const head = this.#queue.peek(4)
    if (head.length < 4) return undefined
    const type = head[0] ?? 0
    const length = head.readUIntBE(1, 3)
    if (length > longestHandshake) {
      this.#queue.drop(4)
      this.#skip = length - this.#queue.drop(length)
      return { type, length, body: undefined }
    }
    if (this.#queue.length < 4 + length) return undefined
    return { type, length, body: this.#queue.take(4 + length).subarray(4) }
  }
}
