/**
 * A transcript while it is being written. Bounded: a peer decides how many messages it sends.
 * @module
 */
import { Problems } from './problems.ts'
import type { Alert, Direction, Message, Transcript } from './types.ts'
import { Verdict } from './verdict.ts'

const mostMessages = 10_000
const mostOther = 1000

/** Collects what the reader of a connection finds. */
export class Recording {
  readonly problems = new Problems()
  readonly verdict = new Verdict()
  readonly transcript: Omit<Transcript, 'verdictPoint' | 'problems'> = {
    version: undefined,
    cipher: undefined,
    serverName: undefined,
    alpn: undefined,
    resumed: false,
    messages: [],
    certificateRequest: undefined,
    clientCertificates: [],
    clientVerify: undefined,
    serverCertificates: [],
    tickets: [],
    alerts: [],
  }
  #unlisted = 0

  get is13(): boolean {
    return this.transcript.version === 'TLSv1.3'
  }

  message(message: Message): void {
    this.verdict.see(message, this.is13)
    if (this.transcript.messages.length < mostMessages) this.transcript.messages.push(message)
    else this.#unlisted++
  }

  alert(alert: Alert): void {
    this.verdict.alert(alert.from, alert.code, alert.level, this.is13)
    if (this.transcript.alerts.length < mostOther) this.transcript.alerts.push(alert)
  }

  /** An alert that could not be opened. */
  opaqueAlert(from: Direction): void {
    this.verdict.alert(from, undefined, 'fatal', this.is13)
  }

  ticket(ticket: Transcript['tickets'][number]): void {
    if (this.transcript.tickets.length < mostOther) this.transcript.tickets.push(ticket)
  }

  finish(): Transcript {
    if (this.#unlisted > 0) this.problems.add(`${this.#unlisted} further messages are not listed`)
    const verdictPoint = this.verdict.point(this.transcript.certificateRequest !== undefined)
    return { ...this.transcript, verdictPoint, problems: this.problems.list() }
  }
}
