/**
 * Keeps the connections to one origin that present one certificate.
 * @module
 */
import { Agent } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Dial } from './dial.ts'

/** An agent whose connections are made by a {@link Dial}. */
export class OriginAgent extends Agent {
  /** For the next connection. */
  dial: Dial

  constructor(dial: Dial) {
    super({ keepAlive: true })
    this.dial = dial
  }

  override createConnection(
    _options: unknown,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    // Node's types ask for a stream beside an error; Node does not look at it.
    this.dial((failure, socket) => callback?.(failure, socket as Duplex))
    return undefined
  }

  /** No later request is to use its connections: idle ones end now, those in use after their answer. */
  retire(): void {
    this.maxFreeSockets = 0
    for (const idle of Object.values(this.freeSockets)) for (const socket of idle ?? []) socket.destroy()
  }
}
