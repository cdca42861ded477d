/**
 * Writing to a socket without losing what the peer has already said.
 *
 * A write to a socket that the peer has reset destroys it together with the bytes it had received but not yet
 * delivered: the alert that says why is lost. So between two writes the event loop gets one chance to read.
 * @module
 */
import type { Socket } from 'node:net'

type Done = (error?: Error | null) => void

/** Bytes that may be held back before the writer pushes back. They are held for one turn of the event loop. */
const mostHeld = 64 * 1024

/** Hands bytes to a socket, one write per turn of the event loop. */
export class PacedWriter {
  readonly #socket: Socket
  readonly #onSend: (bytes: Buffer) => void
  #held: Buffer[] = []
  #length = 0
  #resting = false
  #waiting: (() => void) | undefined
  #end: Done | undefined

  /** `onSend` sees the bytes when they leave. */
  constructor(socket: Socket, onSend: (bytes: Buffer) => void) {
    this.#socket = socket
    this.#onSend = onSend
    socket.on('drain', () => this.#proceed())
  }

  write(bytes: Buffer, done: Done): void {
    this.#held.push(bytes)
    this.#length += bytes.length
    if (!this.#resting) this.#send()
    if (this.#full) this.#waiting = done
    else done()
  }

  /** Ends our half of the connection once everything is out. */
  end(done: Done): void {
    this.#end = done
    this.#proceed()
  }

  /** Sends what is held at once: the socket is about to be destroyed. */
  flush(): void {
    if (this.#length > 0 && this.#socket.writable) this.#send()
  }

  get #full(): boolean {
    return this.#length > mostHeld || this.#socket.writableNeedDrain
  }

  #send(): void {
    const bytes = this.#held.length === 1 ? (this.#held[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#held)
    this.#held = []
    this.#length = 0
    this.#resting = true
    this.#onSend(bytes)
    this.#socket.write(bytes)
    // Two turns: the first may still be in the poll phase whose events are already collected.
    setImmediate(() => setImmediate(() => this.#rested()))
  }

  #rested(): void {
    this.#resting = false
    if (this.#length > 0 && this.#socket.writable) this.#send()
    this.#proceed()
  }

  #proceed(): void {
    const waiting = this.#waiting
    if (waiting !== undefined && !this.#full) {
      this.#waiting = undefined
      waiting()
    }
    const end = this.#end
    if (end !== undefined && this.#length === 0) {
      this.#end = undefined
      this.#socket.end(() => end())
    }
  }
}
