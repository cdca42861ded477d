/**
 * HTTP/2 frames (RFC 9113 §4, §6): written as told, read as they come.
 * @module
 */

/** Types of RFC 9113 §6 that are used here. */
export const frameTypes = {
  data: 0,
  headers: 1,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  continuation: 9,
} as const

/** Flags of RFC 9113 §6. */
export const flags = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const

/** What a client's connection begins with (RFC 9113 §3.4). */
export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')

/** One frame. */
export interface Frame {
  type: number
  flags: number
  stream: number
  payload: Buffer
}

/** A frame's bytes. */
export function writeFrame({ type, flags: set, stream, payload }: Frame): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(set, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** A SETTINGS frame of identifier and value pairs (RFC 9113 §6.5.2). */
export function settings(...pairs: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(pairs.length * 6)
  for (const [index, [id, value]] of pairs.entries()) {
    payload.writeUInt16BE(id, index * 6)
    payload.writeUInt32BE(value, index * 6 + 2)
  }
  return writeFrame({ type: frameTypes.settings, flags: 0, stream: 0, payload })
}

/** Frames out of a byte stream. A server keeps to 2^14 bytes unless told otherwise: more is an error. */
export class FrameReader {
  #bytes = Buffer.alloc(0)

  push(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes])
  }

  /** The next whole frame, or undefined. Throws RangeError where a frame is longer than allowed. */
  next(): Frame | undefined {
    if (this.#bytes.length < 9) return undefined
    const length = this.#bytes.readUIntBE(0, 3)
    if (length > 2 ** 14) throw new RangeError(`a frame of ${length} bytes`)
    if (this.#bytes.length < 9 + length) return undefined
    const frame = {
      type: this.#bytes.readUInt8(3),
      flags: this.#bytes.readUInt8(4),
      stream: this.#bytes.readUInt32BE(5) & 0x7fffffff,
      payload: this.#bytes.subarray(9, 9 + length),
    }
    this.#bytes = this.#bytes.subarray(9 + length)
    return frame
  }
}

/** The payload of DATA or HEADERS without padding and priority. Throws RangeError where they do not fit. */
export function content({ type, flags: set, payload }: Frame): Buffer {
  const padded = (set & flags.padded) !== 0
  const padding = padded ? payload.readUInt8(0) : 0
  const priority = type === frameTypes.headers && (set & flags.priority) !== 0 ? 5 : 0
  const from = (padded ? 1 : 0) + priority
  if (from + padding > payload.length) throw new RangeError('padding longer than its frame')
  return payload.subarray(from, payload.length - padding)
}
