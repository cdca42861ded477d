/**
 * Reads from the bytes of one connection, without keys, whether the client sent its certificate.
 *
 * TLS 1.2: the Certificate message is plain; its first certificate is compared. TLS 1.3: it is encrypted, but nothing
 * pads it: Go puts it into the client's first encrypted record, and its length tells an empty list (25 bytes) and exactly
 * this chain apart. That the bytes inside are this chain is shown by the preflight, which decrypts k6's own attempts.
 * @module
 */
import { certificatesIn } from '../../../harness/pki/pem.ts'

/** What a connection showed. */
export type FlightVerdict = 'sent' | 'empty' | 'not asked' | 'other' | 'unread'

const handshake = 22
const changeCipherSpec = 20
const applicationData = 23
const serverHelloType = 2
const certificateType = 11
/** Longest plaintext of a record (RFC 8446 §5.1). */
const longestFragment = 16_384
/** Content type byte and AEAD tag: 16 bytes in every TLS 1.3 suite that Go offers. */
const recordOverhead = 17
/** Lengths of a record with Finished alone: SHA-256 and SHA-384. */
const finishedLengths = [4 + 32 + recordOverhead, 4 + 48 + recordOverhead]
const emptyLength = 4 + 1 + 3 + recordOverhead
/** More handshake bytes than this are not kept: no honest client sends them. */
const mostBytes = 1 << 18

/** Length of the first encrypted record of a TLS 1.3 client that sends this chain. */
export function firstRecordLength(chain: readonly Buffer[]): number {
  const message = 4 + 1 + 3 + chain.reduce((sum, der) => sum + 3 + der.length + 2, 0)
  return Math.min(message, longestFragment) + recordOverhead
}

/** Records of one direction, cut out of chunks. */
class Records {
  #pending: Buffer = Buffer.alloc(0)
  push(bytes: Buffer): { type: number; body: Buffer }[] {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes])
    const found: { type: number; body: Buffer }[] = []
    while (this.#pending.length >= 5) {
      const end = 5 + this.#pending.readUInt16BE(3)
      if (this.#pending.length < end) break
      found.push({ type: this.#pending[0] ?? 0, body: this.#pending.subarray(5, end) })
      this.#pending = this.#pending.subarray(end)
    }
    return found
  }
}

/** Watches one connection. Once decided it looks at nothing more. */
export class FlightReader {
  readonly #chain: readonly Buffer[]
  readonly #fromClient = new Records()
  readonly #fromServer = new Records()
  #version: '1.2' | '1.3' | undefined
  #serverBytes: Buffer = Buffer.alloc(0)
  #clientBytes: Buffer = Buffer.alloc(0)
  #verdict: FlightVerdict | undefined

  /** @param cert PEM, leaf first; undefined: the client has none. */
  constructor(cert: string | undefined) {
    this.#chain = cert === undefined ? [] : certificatesIn(cert)
  }

  get verdict(): FlightVerdict {
    return this.#verdict ?? 'unread'
  }

  /** Negotiated version; undefined: no ServerHello came. */
  get version(): '1.2' | '1.3' | undefined {
    return this.#version
  }

  server(bytes: Buffer): void {
    if (this.#version !== undefined || this.#verdict !== undefined) return
    for (const { type, body } of this.#fromServer.push(bytes)) {
      if (type !== handshake) continue
      this.#serverBytes = keep(this.#serverBytes, body)
      this.#version = versionOf(this.#serverBytes)
      if (this.#version !== undefined) return
    }
  }

  client(bytes: Buffer): void {
    if (this.#verdict !== undefined) return
    for (const { type, body } of this.#fromClient.push(bytes)) {
      if (type === handshake) this.#clientBytes = keep(this.#clientBytes, body)
      // In TLS 1.3 a ChangeCipherSpec means nothing; the first encrypted record is the Certificate.
      if (type === changeCipherSpec && this.#version === '1.2') this.#verdict = this.#plain()
      if (type === applicationData)
        this.#verdict ??= this.#version === '1.3' ? this.#sized(body.length) : 'other'
      if (this.#verdict !== undefined) return
    }
  }

  /** The client's end: in TLS 1.2 a server may refuse between Certificate and ChangeCipherSpec. */
  end(): void {
    if (this.#verdict !== undefined || this.#version !== '1.2') return
    const verdict = this.#plain()
    if (verdict !== 'not asked') this.#verdict = verdict
  }

  #sized(length: number): FlightVerdict {
    if (length === emptyLength) return 'empty'
    if (finishedLengths.includes(length)) return 'not asked'
    return this.#chain.length > 0 && length === firstRecordLength(this.#chain) ? 'sent' : 'other'
  }

  #plain(): FlightVerdict {
    for (const { type, body } of messages(this.#clientBytes)) {
      if (type !== certificateType) continue
      if (body.length < 3 || body.readUIntBE(0, 3) === 0) return 'empty'
      const length = body.length < 6 ? 0 : body.readUIntBE(3, 3)
      const [leaf] = this.#chain
      return leaf?.equals(body.subarray(6, 6 + length)) === true ? 'sent' : 'other'
    }
    return 'not asked'
  }
}

const keep = (before: Buffer, more: Buffer): Buffer =>
  before.length + more.length > mostBytes ? before : Buffer.concat([before, more])

function* messages(bytes: Buffer): Generator<{ type: number; body: Buffer }> {
  let at = 0
  while (at + 4 <= bytes.length) {
    const end = at + 4 + bytes.readUIntBE(at + 1, 3)
    if (end > bytes.length) return
    yield { type: bytes[at] ?? 0, body: bytes.subarray(at + 4, end) }
    at = end
  }
}

/** The version of a ServerHello: supported_versions (43) where it has it, else its legacy version. */
function versionOf(bytes: Buffer): '1.2' | '1.3' | undefined {
  for (const { type, body } of messages(bytes)) {
    if (type !== serverHelloType || body.length < 38) continue
    let at = 2 + 32
    at += 1 + (body[at] ?? 0) + 2 + 1
    if (at + 2 > body.length) return '1.2'
    at += 2
    while (at + 4 <= body.length) {
      const extension = body.readUInt16BE(at)
      const length = body.readUInt16BE(at + 2)
      if (extension === 43 && length === 2 && at + 6 <= body.length) {
        return body.readUInt16BE(at + 4) === 0x0304 ? '1.3' : '1.2'
      }
      at += 4 + length
    }
    return '1.2'
  }
  return undefined
}
