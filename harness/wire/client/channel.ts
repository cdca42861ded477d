/**
 * Records in and out of one connection, under whatever keys the script has set.
 * @module
 */
import { createSecretKey } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { sealAead, sequenceNonce } from '../aead.ts'
import type { Opener } from '../decrypt.ts'
import { trafficKeys, type WriteKeys } from '../keys.ts'
import { HandshakeReader } from '../reassembly.ts'
import { RecordReader } from '../records.ts'
import type { Suite } from '../suites.ts'
import { contentType, handshake, uint } from './encode.ts'
import type { Delivery } from './types.ts'

/** What came from the server. */
export type Incoming =
  | { kind: 'handshake'; type: number; body: Buffer; raw: Buffer }
  | { kind: 'data'; bytes: Buffer }
  | { kind: 'alert'; level: number; code: number }
  | { kind: 'change-cipher-spec' }
  | { kind: 'end' }

/** The server left the protocol, or what this client knows of it. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError'
}

type Sealer = (type: number, bytes: Buffer) => Buffer

/** One connection at the level of messages. */
export class Channel {
  /** Opens what comes; undefined: plaintext. */
  opener: Opener | undefined
  /** Protects what goes; undefined: plaintext. */
  sealer: Sealer | undefined
  /** How what goes is cut up; undefined: not at all. */
  delivery: Delivery | undefined
  /** Version in the header of plaintext records. */
  recordVersion = 0x0303
  #sent: Promise<void> | undefined
  readonly #stream: Duplex
  readonly #source: AsyncIterator<Buffer>
  readonly #records = new RecordReader()
  readonly #messages = new HandshakeReader()

  constructor(stream: Duplex) {
    this.#stream = stream
    this.#source = stream[Symbol.asyncIterator]()
  }

  send(type: number, bytes: Buffer): void {
    const most = type === contentType.handshake ? (this.delivery?.recordBytes ?? 2 ** 14) : 2 ** 14
    const records: Buffer[] = []
    for (let at = 0; at === 0 || at < bytes.length; at += most) {
      const part = bytes.subarray(at, at + most)
      records.push(this.sealer?.(type, part) ?? record(type, part, this.recordVersion))
    }
    const { segmentBytes, delay } = this.delivery ?? {}
    if (segmentBytes === undefined && delay === undefined && this.#sent === undefined) {
      this.#stream.write(Buffer.concat(records))
      return
    }
    this.#sent = this.#slowly(this.#sent, cut(records, segmentBytes), delay ?? 0)
  }

  /** Writes one after the other, behind what is still on its way. */
  async #slowly(before: Promise<void> | undefined, pieces: Buffer[], delay: number): Promise<void> {
    await before
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) await setTimeout(delay)
      if (!this.#stream.writable) return
      this.#stream.write(piece)
    }
  }

  /** The next message. Throws what the connection fails with, and {@link ScriptError}. */
  async next(): Promise<Incoming> {
    for (;;) {
      const raw = this.#messages.next()
      if (raw?.body !== undefined) {
        return { kind: 'handshake', type: raw.type, body: raw.body, raw: handshake(raw.type, raw.body) }
      }
      if (raw !== undefined) throw new ScriptError(`a handshake message of ${raw.length} bytes`)
      const found = this.#records.next()
      if (found !== undefined) {
        const incoming = this.#open(found.type, found.header, found.body)
        if (incoming !== undefined) return incoming
        continue
      }
      if (this.#records.notTls !== undefined) throw new ScriptError(this.#records.notTls)
      const { value, done } = await this.#source.next()
      if (done === true) return { kind: 'end' }
      this.#records.push(value)
    }
  }

  #open(outer: number, header: Buffer, body: Buffer): Incoming | undefined {
    // TLS 1.3 encrypts as application data only; its ChangeCipherSpec is for show.
    const clear = this.opener === undefined || outer === contentType.changeCipherSpec
    const plaintext = clear ? { type: outer, bytes: body } : this.opener?.open({ type: outer, header, body })
    if (plaintext === undefined) {
      // An alert of a server that has no keys yet.
      if (outer === contentType.alert && body.length === 2) return alert(body)
      throw new ScriptError('a record that does not decrypt')
    }
    const { type, bytes } = plaintext
    if (type === contentType.handshake) this.#messages.push(bytes)
    else if (type === contentType.applicationData) return { kind: 'data', bytes }
    else if (type === contentType.alert) return alert(bytes)
    else if (type === contentType.changeCipherSpec) return { kind: 'change-cipher-spec' }
    else throw new ScriptError(`a record of type ${type}`)
    return undefined
  }
}

const alert = (bytes: Buffer): Incoming => ({ kind: 'alert', level: bytes[0] ?? 0, code: bytes[1] ?? 0 })

const record = (type: number, bytes: Buffer, version = 0x0303): Buffer =>
  Buffer.concat([uint(1, type), uint(2, version), uint(2, bytes.length), bytes])

/** The records as they are, or all of their bytes in pieces of `size`. */
function cut(records: Buffer[], size: number | undefined): Buffer[] {
  if (size === undefined) return records
  const all = Buffer.concat(records)
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) =>
    all.subarray(at * size, (at + 1) * size),
  )
}

/** Protection of TLS 1.3 records (RFC 8446 §5.2), no padding. */
export function sealer13(suite: Suite, secret: Buffer): Sealer {
  const { key: raw, iv } = trafficKeys(suite, secret)
  const key = createSecretKey(raw)
  let sequence = 0n
  return (type, bytes) => {
    const header = Buffer.from([23, 3, 3, 0, 0])
    header.writeUInt16BE(bytes.length + 1 + suite.tagLength, 3)
    const inner = Buffer.concat([bytes, uint(1, type)])
    return Buffer.concat([header, sealAead(suite, key, sequenceNonce(iv, sequence++), header, inner)])
  }
}

/** Protection of TLS 1.2 records by GCM (RFC 5288) and ChaCha20-Poly1305 (RFC 7905). */
export function sealer12(suite: Suite, { key: raw, iv }: WriteKeys): Sealer {
  const key = createSecretKey(raw)
  let sequence = 0n
  return (type, bytes) => {
    const number = Buffer.alloc(8)
    number.writeBigUInt64BE(sequence)
    const chacha = suite.protection === 'chacha20-poly1305'
    const nonce = chacha ? sequenceNonce(iv, sequence) : Buffer.concat([iv, number])
    sequence++
    const head = Buffer.concat([uint(1, type), uint(2, 0x0303)])
    const sealed = sealAead(suite, key, nonce, Buffer.concat([number, head, uint(2, bytes.length)]), bytes)
    return record(type, chacha ? sealed : Buffer.concat([number, sealed]))
  }
}
