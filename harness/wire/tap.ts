/**
 * A passive tap between a TCP socket and the TLS that runs over it.
 * @module
 */
import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { Duplex } from 'node:stream'
import { PacedWriter } from './paced-writer.ts'
import type { Chunk, Direction } from './types.ts'

/** How a {@link tap} records. */
export interface TapOptions {
  /** Bytes kept, both directions together. Beyond it bytes still flow and are only counted. Default 4 MiB. */
  limit?: number
  /** Which side this socket is. Default `client`. */
  side?: Direction
}

/** What crosses a socket, recorded. Pass it to `readTranscript` together with the key log. */
export interface Tap {
  /** Give this to `tls.connect({ socket })` or `new TLSSocket(…)` in place of the socket. */
  readonly stream: Duplex
  /** Both directions in order; `at` counts milliseconds from the call of {@link tap}. */
  readonly chunks: Chunk[]
  /** Bytes that flowed after the limit was reached. */
  readonly dropped: number
  /** How the peer ended the connection, whichever came first; undefined: it did not (yet). */
  readonly closedBy: 'fin' | 'rst' | undefined
  /** When it did, on the clock of {@link chunks}. */
  readonly closedAt: number | undefined
}

/** Error codes by which the operating system says that the peer reset the connection. */
const resets = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED'])

/** Taps a socket, connected or still connecting. The tap takes it over: do not use the socket itself afterwards. */
export function tap(socket: Socket, options: TapOptions = {}): Tap {
  return new SocketTap(socket, options)
}

class SocketTap implements Tap {
  readonly stream: Duplex
  readonly chunks: Chunk[] = []
  dropped = 0
  closedBy: 'fin' | 'rst' | undefined
  closedAt: number | undefined
  readonly #start = performance.now()
  readonly #ours: Direction
  readonly #theirs: Direction
  #room: number

  constructor(socket: Socket, { limit = 4 * 2 ** 20, side = 'client' }: TapOptions) {
    this.#room = limit
    this.#ours = side
    this.#theirs = side === 'client' ? 'server' : 'client'
    this.stream = this.#wire(socket)
  }

  #wire(socket: Socket): Duplex {
    const writer = new PacedWriter(socket, (bytes) => this.#record(this.#ours, Buffer.from(bytes)))
    // TLSSocket takes over `allowHalfOpen` from here when it is made (so that it closes when the peer has) …
    const { allowHalfOpen } = socket
    socket.allowHalfOpen = true
    const stream = new Duplex({
      allowHalfOpen,
      read: () => socket.resume(),
      write: (bytes: Buffer, _encoding, done) => writer.write(bytes, done),
      final: (done) => writer.end(done),
      destroy: (error, done) => {
        writer.flush()
        // `error` goes to the stream's listeners; the socket's are not ours to tell.
        socket.destroy()
        done(error)
      },
    })
    socket.on('data', (bytes) => {
      this.#record(this.#theirs, bytes)
      if (!stream.push(bytes)) socket.pause()
    })
    socket.on('end', () => {
      this.#closed('fin')
      // … but it alone closes our half: its close_notify may still have to follow the peer's FIN.
      stream.allowHalfOpen = true
      stream.push(null)
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (resets.has(error.code ?? '')) this.#closed('rst')
      stream.destroy(error)
    })
    // After an orderly end the stream closes by itself once everything it holds has been read.
    socket.on('close', () => {
      if (this.closedBy !== 'fin') stream.destroy()
    })
    return stream
  }

  #closed(how: 'fin' | 'rst'): void {
    if (this.closedBy !== undefined) return
    this.closedBy = how
    this.closedAt = this.#now()
  }

  #now(): number {
    return performance.now() - this.#start
  }

  #record(from: Direction, bytes: Buffer): void {
    const kept = bytes.subarray(0, this.#room)
    this.dropped += bytes.length - kept.length
    this.#room -= kept.length
    if (kept.length > 0) this.chunks.push({ from, at: this.#now(), bytes: kept })
  }
}
