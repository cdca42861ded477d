/**
 * Reading bytes: a bounds-checked cursor, and a queue that never copies more than it hands out.
 * @module
 */

/** The bytes are not what the protocol says. Caught inside `wire`; its message becomes an entry of `problems`. */
export class WireError extends Error {
  override readonly name = 'WireError'
}

/** Reads integers and vectors of the TLS presentation language (RFC 8446 §3). Throws {@link WireError} at the end. */
export class Cursor {
  readonly #bytes: Buffer
  readonly #what: string
  #at = 0

  constructor(bytes: Buffer, what: string) {
    this.#bytes = bytes
    this.#what = what
  }

  /** Bytes not yet read. */
  get left(): number {
    return this.#bytes.length - this.#at
  }

  take(length: number): Buffer {
    if (length > this.left) {
      throw new WireError(`${this.#what} ends early: ${length} bytes announced, ${this.left} there`)
    }
    const start = this.#at
    this.#at += length
    return this.#bytes.subarray(start, this.#at)
  }

  /** An unsigned big-endian integer of 1 to 6 bytes. */
  uint(size: number): number {
    return this.take(size).readUIntBE(0, size)
  }

  /** A vector whose length is written in `size` bytes. */
  vector(size: number): Buffer {
    return this.take(this.uint(size))
  }

  /** A vector, as a cursor of its own. */
  within(size: number, what: string): Cursor {
    return new Cursor(this.vector(size), what)
  }

  rest(): Buffer {
    return this.take(this.left)
  }

  /** Every element until the end. */
  all<T>(read: (cursor: Cursor) => T): T[] {
    const list: T[] = []
    while (this.left > 0) list.push(read(this))
    return list
  }

  /** Throws when bytes are left over. */
  end(): void {
    if (this.left > 0) throw new WireError(`${this.#what} has ${this.left} bytes too many`)
  }
}

/** First in, first out. Pieces are joined only when a taker spans them, so a stream costs what it weighs. */
export class ByteQueue {
  #pieces: Buffer[] = []
  #first = 0
  #length = 0

  /** Bytes waiting. */
  get length(): number {
    return this.#length
  }

  push(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#pieces.push(bytes)
    this.#length += bytes.length
  }

  /** The first `length` bytes, left in place; fewer where fewer are waiting. */
  peek(length: number): Buffer {
    const piece = this.#pieces[this.#first]
    if (piece === undefined) return Buffer.alloc(0)
    if (piece.length >= length) return piece.subarray(0, length)
    const parts: Buffer[] = []
    let have = 0
    for (let index = this.#first; index < this.#pieces.length && have < length; index++) {
      const part = this.#pieces[index]?.subarray(0, length - have) ?? Buffer.alloc(0)
      parts.push(part)
      have += part.length
    }
    return Buffer.concat(parts, have)
  }

  /** Removes and returns the first `length` bytes, or all that are waiting. */
  take(length: number): Buffer {
    const bytes = this.peek(length)
    this.drop(bytes.length)
    return bytes
  }

  /** Removes up to `length` bytes; returns how many. */
  drop(length: number): number {
    let left = Math.min(length, this.#length)
    const dropped = left
    this.#length -= left
    while (left > 0) {
      const piece = this.#pieces[this.#first]
      if (piece === undefined) break
      if (piece.length > left) {
        this.#pieces[this.#first] = piece.subarray(left)
        break
      }
      left -= piece.length
      this.#first++
    }
    // Forget read pieces in bulk: shifting one by one would be quadratic.
    if (this.#first > 64 && this.#first * 2 > this.#pieces.length) {
      this.#pieces = this.#pieces.slice(this.#first)
      this.#first = 0
    }
    return dropped
  }
}
