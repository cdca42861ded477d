/**
 * The ClientHello at the head of a byte stream, for a server that must know SNI, ALPN or versions before it
 * starts TLS.
 * @module
 */
import { WireError } from './bytes.ts'
import { type ClientHello, readClientHello } from './client-hello.ts'
import { HandshakeReader } from './reassembly.ts'
import { RecordReader } from './records.ts'

export type { ClientHello } from './client-hello.ts'

/** What the first bytes of a connection are. */
export type FirstBytes =
  /** So far they may become a ClientHello. */
  | { kind: 'need-more' }
  /** They cannot: `reason` says why, peer text in it is escaped. */
  | { kind: 'not-tls'; reason: string }
  | { kind: 'client-hello'; hello: ClientHello }

// OpenSSL reads no longer ClientHello either (CLIENT_HELLO_MAX_LENGTH), rounded down.
const limit = 128 * 1024

/** Reads a ClientHello that arrives in pieces: cut over TCP segments, over records, or both. */
export class ClientHelloReader {
  readonly #records = new RecordReader()
  readonly #messages = new HandshakeReader()
  #bytes = 0
  #result: FirstBytes = { kind: 'need-more' }

  /** Takes the next bytes of the stream; returns what is known by now. Once decided, it stays decided. */
  push(bytes: Buffer): FirstBytes {
    if (this.#result.kind !== 'need-more') return this.#result
    this.#bytes += bytes.length
    this.#records.push(bytes)
    this.#result = this.#read()
    return this.#result
  }

  #read(): FirstBytes {
    for (let record = this.#records.next(); record !== undefined; record = this.#records.next()) {
      if (record.type !== 22) return refuse(`first record is of type ${record.type}, not a handshake`)
      if (record.body.length === 0) return refuse('empty handshake record')
      this.#messages.push(record.body)
      const { type, announced = 0 } = this.#messages.unfinished
      if (type !== 1) return refuse(`first handshake message is of type ${type}, not a ClientHello`)
      if (announced > limit) return refuse(`ClientHello announces ${announced} bytes`)
      const message = this.#messages.next()
      if (message?.body !== undefined) return parse(message.body)
    }
    if (this.#records.notTls !== undefined) return refuse(this.#records.notTls)
    return this.#bytes > 2 * limit
      ? refuse(`no ClientHello within ${this.#bytes} bytes`)
      : { kind: 'need-more' }
  }
}

const refuse = (reason: string): FirstBytes => ({ kind: 'not-tls', reason })

function parse(body: Buffer): FirstBytes {
  try {
    return { kind: 'client-hello', hello: readClientHello(body) }
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    return refuse(error.message)
  }
}

/**
 * Reads the ClientHello at the start of `bytes`, which are all that came so far. Never throws. For bytes that come
 * one by one use {@link ClientHelloReader}: calling this on each growing prefix is quadratic.
 */
export function parseClientHello(bytes: Buffer): FirstBytes {
  return new ClientHelloReader().push(bytes)
}
