/**
 * The server's side of a handshake, message by message, with its transcript.
 * @module
 */
import { createHash } from 'node:crypto'
import type { Channel } from '../../../wire/client/channel.ts'
import { contentType } from '../../../wire/client/encode.ts'
import type { Suite } from '../../../wire/suites.ts'

/** Alerts of RFC 5246 §7.2.2 that this server sends. */
export const alertCodes = {
  unexpectedMessage: 10,
  handshakeFailure: 40,
  badCertificate: 42,
  illegalParameter: 47,
  decodeError: 50,
  decryptError: 51,
} as const

/** The handshake ends with this fatal alert. */
export class FatalAlert extends Error {
  override readonly name = 'FatalAlert'
  readonly code: number

  constructor(code: number) {
    super(`alert ${code}`)
    this.code = code
  }
}

/** The client ended the handshake. */
export class ClientLeft extends Error {
  override readonly name = 'ClientLeft'
}

/** A handshake message that came. */
export interface Received {
  type: number
  body: Buffer
  raw: Buffer
}

/** The handshake so far. */
export class Flight {
  readonly channel: Channel
  readonly #messages: Buffer[] = []
  #back: Received | undefined

  constructor(channel: Channel) {
    this.channel = channel
  }

  /** All handshake messages so far. */
  get messages(): Buffer {
    return Buffer.concat(this.#messages)
  }

  hash({ hash }: Suite): Buffer {
    return createHash(hash).update(this.messages).digest()
  }

  send(...messages: Buffer[]): void {
    this.#messages.push(...messages)
    this.channel.send(contentType.handshake, Buffer.concat(messages))
  }

  /** Gives back a message that was not taken: it is the next one again. */
  putBack(received: Received): void {
    this.#back = received
  }

  /** Takes a message that came into the transcript. */
  add({ raw }: Received): void {
    this.#messages.push(raw)
  }

  /** The next handshake message, not yet in the transcript, or application data. ChangeCipherSpec is handed to `onChange`. */
  async nextOrData(onChange?: () => void): Promise<Received | Buffer> {
    const back = this.#back
    this.#back = undefined
    if (back !== undefined) return back
    for (;;) {
      const incoming = await this.channel.next()
      if (incoming.kind === 'handshake') return incoming
      if (incoming.kind === 'end' || incoming.kind === 'alert') throw new ClientLeft('the client left')
      if (incoming.kind === 'data') return incoming.bytes
      if (onChange === undefined) throw new FatalAlert(alertCodes.unexpectedMessage)
      onChange()
    }
  }

  /** … which must be a handshake message. */
  async next(onChange?: () => void): Promise<Received> {
    const next = await this.nextOrData(onChange)
    if (Buffer.isBuffer(next)) throw new FatalAlert(alertCodes.unexpectedMessage)
    return next
  }

  /** The next handshake message, which must be of this type, in the transcript. */
  async expect(type: number): Promise<Buffer> {
    const received = await this.next()
    if (received.type !== type) throw new FatalAlert(alertCodes.unexpectedMessage)
    this.add(received)
    return received.body
  }
}
