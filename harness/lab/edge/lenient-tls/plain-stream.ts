/**
 * The plaintext of a TLS connection as a stream, for whoever speaks HTTP on it.
 * @module
 */
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { Channel } from '../../../wire/client/channel.ts'
import { contentType } from '../../../wire/client/encode.ts'

/** Reads and writes application data. Ends and is destroyed together with its connection. */
export class PlainStream extends Duplex {
  readonly #channel: Channel
  readonly #tcp: Socket
  #reading = false
  #more: (() => void) | undefined

  /** `first`: bytes that came already. */
  constructor(channel: Channel, tcp: Socket, first?: Buffer) {
    super()
    if (first !== undefined) this.push(first)
    this.#channel = channel
    this.#tcp = tcp
    tcp.once('close', () => this.destroy())
  }

  override _read(): void {
    this.#more?.()
    this.#more = undefined
    if (this.#reading) return
    this.#reading = true
    void this.#pump().catch(() => this.destroy())
  }

  async #pump(): Promise<void> {
    for (;;) {
      const incoming = await this.#channel.next()
      if (incoming.kind === 'end' || incoming.kind === 'alert') return void this.push(null)
      // Renegotiation, or a ChangeCipherSpec out of place.
      if (incoming.kind !== 'data') return void this.destroy()
      if (incoming.bytes.length === 0 || this.push(incoming.bytes)) continue
      await new Promise<void>((resolve) => {
        this.#more = resolve
      })
    }
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#channel.send(contentType.applicationData, chunk)
    if (this.#tcp.writableNeedDrain) this.#tcp.once('drain', done)
    else done()
  }

  /** close_notify, then the end of the connection. */
  override _final(done: () => void): void {
    if (this.#tcp.writable) this.#channel.send(contentType.alert, Buffer.from([1, 0]))
    this.#tcp.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#more?.()
    this.#tcp.destroy()
    done(error)
  }
}
