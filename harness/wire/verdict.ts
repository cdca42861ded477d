/**
 * Where the server's verdict on the client certificate fell, judged message by message.
 * @module
 */
import type { Direction, Message, VerdictPoint } from './types.ts'

/**
 * Follows a connection. In TLS 1.3 the client's handshake is over with its own Finished and the server judges
 * after that (RFC 8446 §4.4.2.4); in TLS 1.2 it is over with the server's Finished, which follows the judgement.
 */
export class Verdict {
  #done = false
  #clientClosed = false
  #application = false
  #refused: VerdictPoint | undefined

  see(message: Message, is13: boolean): void {
    if (message.name === 'Finished' && message.from === (is13 ? 'client' : 'server')) this.#done = true
    // Without secrets, what the client encrypts in TLS 1.3 is taken for its last flight.
    if (is13 && message.opaque && message.from === 'client' && message.name !== 'EarlyData') this.#done = true
    const isData = message.name === 'ApplicationData' && message.encrypted && message.length > 0
    if (isData && message.from === 'server') this.#application = true
  }

  /** An alert; `encrypted` ones that could not be opened count as what they most likely are: a refusal. */
  alert(from: Direction, code: number | undefined, level: string, is13: boolean): void {
    const closing = code === 0
    // RFC 8446 §6: in 1.3 the level says nothing, every alert but two ends the connection.
    const ends = closing || (is13 ? code !== 90 : level !== 'warning')
    if (!ends) return
    if (from === 'client') this.#clientClosed = true
    else this.#refuse()
  }

  /** The server closed the connection. Closing after the client did is no refusal. */
  closed(): void {
    this.#refuse()
  }

  #refuse(): void {
    if (this.#clientClosed || this.#application) return
    this.#refused ??= this.#done ? 'after-handshake' : 'in-handshake'
  }

  /** `asked`: a CertificateRequest was seen. Without one there is no verdict unless something was refused. */
  point(asked: boolean): VerdictPoint {
    if (this.#refused !== undefined) return this.#refused
    return this.#application && asked ? 'application' : 'none'
  }
}
