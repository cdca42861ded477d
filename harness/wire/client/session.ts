/**
 * What the two versions' scripts have in common: the messages so far, and what has been learnt.
 * @module
 */
import { createHash } from 'node:crypto'
import type { Suite } from '../suites.ts'
import { type Channel, type Incoming, ScriptError } from './channel.ts'
import { contentType, handshake, handshakeTypes } from './encode.ts'
import type { Script } from './types.ts'

/** The server sent a fatal alert. */
export class AlertReceived extends Error {
  override readonly name = 'AlertReceived'
}

/** The server ended the connection. */
export class ClosedByServer extends Error {
  override readonly name = 'ClosedByServer'
}

// A server may send handshake messages without end.
const mostHandshake = 2 ** 20

/** A handshake under way. */
export class Session {
  readonly script: Script
  readonly channel: Channel
  readonly keylog: string[] = []
  asked = false
  /** Both Finished messages were exchanged. */
  complete = false
  /** Body of the CertificateVerify sent. */
  proof: Buffer | undefined
  /** A HelloRetryRequest came. */
  retried = false
  #messages: Buffer[] = []
  #size = 0

  constructor(script: Script, channel: Channel) {
    this.script = script
    this.channel = channel
  }

  /** All handshake messages so far. */
  get messages(): Buffer {
    return Buffer.concat(this.#messages)
  }

  /** … without the latest. */
  get messagesButLast(): Buffer {
    return Buffer.concat(this.#messages.slice(0, -1))
  }

  hash({ hash }: Suite): Buffer {
    return createHash(hash).update(this.messages).digest()
  }

  /** Sends a ClientHello, cut up as the script says. */
  sendHello(message: Buffer): void {
    const { channel, script } = this
    channel.delivery = script.delivery
    channel.recordVersion = script.hello?.recordVersion ?? channel.recordVersion
    this.send(message)
    channel.recordVersion = 0x0303
    if (script.delivery?.all !== true) channel.delivery = undefined
  }

  /** Sends handshake messages, together in one record where they fit, and takes them into the transcript. */
  send(...messages: Buffer[]): void {
    for (const message of messages) this.add(message)
    if (messages.length > 0) this.channel.send(contentType.handshake, Buffer.concat(messages))
  }

  /**
   * After a HelloRetryRequest: the first ClientHello counts as its hash (RFC 8446 §4.4.1). To be called before the request
   * is added.
   */
  retry(suite: Suite): void {
    const hash = this.hash(suite)
    this.#messages = [handshake(handshakeTypes.messageHash, hash)]
    this.retried = true
  }

  /** Takes a message that was received into the transcript. */
  add(message: Buffer): void {
    this.#size += message.length
    if (this.#size > mostHandshake) throw new ScriptError(`a handshake of more than ${mostHandshake} bytes`)
    this.#messages.push(message)
  }

  /** The next message; alerts and the end of the connection are thrown. */
  async incoming(): Promise<Exclude<Incoming, { kind: 'end' | 'alert' }>> {
    const incoming = await this.channel.next()
    if (incoming.kind === 'end') throw new ClosedByServer('the server closed the connection')
    if (incoming.kind !== 'alert') return incoming
    if (incoming.code === 0) throw new ClosedByServer('the server sent close_notify')
    // A warning in TLS 1.2, such as unrecognized_name, does not end anything.
    if (incoming.level === 1 && this.script.version === 'TLSv1.2') return this.incoming()
    throw new AlertReceived(`the server sent alert ${incoming.code}`)
  }

  /** The next handshake message, not yet in the transcript. ChangeCipherSpec is handed to `onChange`. */
  async handshake(onChange: () => void = () => {}): Promise<Extract<Incoming, { kind: 'handshake' }>> {
    for (;;) {
      const incoming = await this.incoming()
      if (incoming.kind === 'handshake') return incoming
      if (incoming.kind === 'data') throw new ScriptError('application data during the handshake')
      onChange()
    }
  }

  log(label: string, random: Buffer, secret: Buffer): void {
    this.keylog.push(`${label} ${random.toString('hex')} ${secret.toString('hex')}`)
  }
}
