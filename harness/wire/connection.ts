/**
 * Follows one connection, record by record: which version, which keys, which messages.
 * @module
 */
import type { ClientHello } from './client-hello.ts'
import type { Plaintext } from './decrypt.ts'
import { earlyEpochs, sessionEpoch, setTrafficSecrets } from './epochs.ts'
import type { KeyLog } from './keylog.ts'
import { Lane } from './lane.ts'
import { readHandshake } from './messages.ts'
import { alertName, contentTypes, handshakeName } from './names.ts'
import type { RawHandshake } from './reassembly.ts'
import { Recording } from './recording.ts'
import type { TlsRecord } from './records.ts'
import type { ServerHello } from './server-hello.ts'
import { suiteName } from './suites.ts'
import type { Alert, Chunk, Message, Transcript } from './types.ts'

/** Reads a connection from its chunks, in order. */
export class Connection {
  readonly #secrets: KeyLog
  readonly #recording = new Recording()
  readonly #lanes = { client: new Lane('client'), server: new Lane('server') }
  #clientHello: ClientHello | undefined
  #serverHello: ServerHello | undefined
  /** TLS 1.2: ServerHelloDone came, so this handshake is a full one. */
  #helloDone = false
  #renegotiating = false
  #at = 0

  constructor(secrets: KeyLog) {
    this.#secrets = secrets
  }

  /** `closedAt`: when the server ended the connection. */
  feed(chunk: Chunk, closedAt = Number.POSITIVE_INFINITY): void {
    if (chunk.from === 'client' && chunk.at > closedAt) this.#recording.verdict.closed()
    const lane = this.#lanes[chunk.from]
    const wasTls = lane.records.notTls === undefined
    this.#at = chunk.at
    lane.records.push(chunk.bytes)
    for (let record = lane.records.next(); record !== undefined; record = lane.records.next()) {
      this.#record(lane, record)
    }
    if (wasTls && lane.records.notTls !== undefined) this.#problem(lane, lane.records.notTls)
  }

  /** No more bytes. `closedAt`: when the server ended the connection, undefined if it did not. */
  end(closedAt?: number): Recording {
    for (const lane of [this.#lanes.client, this.#lanes.server]) {
      const { pending, oversized } = lane.records
      if (oversized > 0) this.#problem(lane, `${oversized} records longer than the protocol allows`)
      if (pending > 0) this.#problem(lane, `the bytes end inside a record, ${pending} bytes into it`)
      if (lane.handshake.pending > 0) this.#problem(lane, unfinished(lane))
    }
    if (closedAt !== undefined) this.#recording.verdict.closed()
    return this.#recording
  }

  get #transcript(): Omit<Transcript, 'verdictPoint' | 'problems'> {
    return this.#recording.transcript
  }

  #problem(lane: Lane, text: string): void {
    this.#recording.problems.add(`${lane.from}: ${text}`)
  }

  #message(lane: Lane, message: Omit<Message, 'from' | 'at' | 'opaque' | 'detail'> & Partial<Message>): void {
    this.#recording.message({ from: lane.from, at: this.#at, opaque: false, detail: {}, ...message })
  }

  #record(lane: Lane, record: TlsRecord): void {
    const encrypted = this.#isProtected(lane, record)
    const plaintext: Plaintext | undefined = encrypted
      ? lane.open(record)
      : { type: record.type, bytes: record.body }
    // A ChangeCipherSpec changes keys whether or not it can be read.
    if (record.type === 20) this.#changeCipherSpec(lane, plaintext?.bytes, encrypted)
    else if (plaintext === undefined) this.#opaque(lane, record)
    else this.#plaintext(lane, plaintext, encrypted)
  }

  #isProtected(lane: Lane, record: TlsRecord): boolean {
    if (this.#recording.is13) return record.type === 23
    if (lane.secured) return true
    return record.type === 23 && lane.from === 'client' && this.#clientHello?.earlyData === true
  }

  #changeCipherSpec(lane: Lane, bytes: Buffer | undefined, encrypted: boolean): void {
    if (bytes?.length !== 1 || bytes[0] !== 1) this.#problem(lane, 'a malformed ChangeCipherSpec')
    const length = bytes?.length ?? 0
    this.#message(lane, { content: 'change_cipher_spec', name: 'ChangeCipherSpec', length, encrypted })
    // In TLS 1.3 it is sent for middleboxes only and means nothing (RFC 8446 appendix D.4).
    if (this.#recording.is13 || this.#clientHello === undefined || this.#serverHello === undefined) return
    this.#dropUnfinished(lane)
    lane.secured = true
    const epoch = sessionEpoch(this.#secrets, this.#clientHello, this.#serverHello, lane.from)
    lane.missing = typeof epoch === 'string' ? epoch : undefined
    lane.setEpochs(typeof epoch === 'string' ? [] : [epoch])
    // Keys before a ServerHelloDone: the server took a session up again (RFC 5246 §7.3).
    if (lane.from === 'server' && !this.#renegotiating) this.#transcript.resumed = !this.#helloDone
  }

  #opaque(lane: Lane, record: TlsRecord): void {
    const { length } = record.body
    const content = contentTypes[record.type] ?? 'application_data'
    const early = lane.from === 'client' && this.#clientHello?.earlyData === true && lane.stage === undefined
    this.#problem(
      lane,
      lane.missing ?? (early ? 'early data that could not be opened' : 'a record did not decrypt'),
    )
    const name = early
      ? 'EarlyData'
      : this.#recording.is13
        ? 'EncryptedRecord'
        : guessName(content, lane.opaque)
    if (name === 'alert (encrypted)') this.#recording.opaqueAlert(lane.from)
    this.#message(lane, { content, name, length, encrypted: true, opaque: true })
  }

  #plaintext(lane: Lane, { type, bytes }: Plaintext, encrypted: boolean): void {
    if (type !== 22) this.#dropUnfinished(lane)
    if (type === 22) {
      if (bytes.length === 0) this.#problem(lane, 'an empty handshake record')
      lane.handshake.push(bytes)
      for (let raw = lane.handshake.next(); raw !== undefined; raw = lane.handshake.next()) {
        this.#handshake(lane, raw, encrypted)
      }
    } else if (type === 21) {
      this.#alerts(lane, bytes, encrypted)
    } else if (type === 23) {
      if (!encrypted) this.#problem(lane, 'application data before encryption')
      const name = lane.stage === 'early' ? 'EarlyData' : 'ApplicationData'
      this.#message(lane, { content: 'application_data', name, length: bytes.length, encrypted })
    } else {
      this.#problem(lane, `a record of unknown content type ${type}`)
    }
  }

  #alerts(lane: Lane, bytes: Buffer, encrypted: boolean): void {
    if (bytes.length !== 2) this.#problem(lane, `an alert record of ${bytes.length} bytes`)
    for (let at = 0; at + 2 <= bytes.length; at += 2) {
      const [level = 0, code = 0] = bytes.subarray(at, at + 2)
      const alert: Alert = {
        from: lane.from,
        at: this.#at,
        level: level === 1 ? 'warning' : level === 2 ? 'fatal' : `unknown (${level})`,
        code,
        name: alertName(code),
        encrypted,
      }
      const detail = { level: alert.level, code }
      this.#message(lane, { content: 'alert', name: `alert ${alert.name}`, length: 2, encrypted, detail })
      this.#recording.alert(alert)
    }
  }

  #handshake(lane: Lane, raw: RawHandshake, encrypted: boolean): void {
    const { type, length, body } = raw
    if (body === undefined) {
      const name = handshakeName(type)
      this.#problem(lane, `${name} announces ${length} bytes: too long to be read, skipped`)
      this.#message(lane, { content: 'handshake', name, length, encrypted, detail: { skipped: true } })
      return
    }
    const { is13 } = this.#recording
    const message = readHandshake(type, body, { is13, cipher: this.#transcript.cipher })
    for (const problem of message.problems) this.#problem(lane, problem)
    const { name, detail } = message
    this.#message(lane, { content: 'handshake', name, length, encrypted, detail })
    const { transcript: t } = this.#recording
    if (lane.from === 'client') {
      if (message.clientHello !== undefined) this.#onClientHello(lane, message.clientHello)
      if (message.certificates !== undefined) t.clientCertificates.push(message.certificates)
      if (message.scheme !== undefined) t.clientVerify = message.scheme
      if (name === 'EndOfEarlyData') lane.advanceTo('handshake')
    } else {
      if (message.serverHello !== undefined) this.#onServerHello(message.serverHello)
      if (message.encryptedExtensions !== undefined) t.alpn ??= message.encryptedExtensions.alpn
      if (message.certificateRequest !== undefined) {
        const late = is13 ? this.#lanes.client.finished : this.#renegotiating
        t.certificateRequest ??= { ...message.certificateRequest, late }
      }
      if (message.certificates !== undefined && t.serverCertificates.length === 0) {
        t.serverCertificates = message.certificates
      }
      if (message.ticket !== undefined) this.#recording.ticket(message.ticket)
      if (name === 'ServerHelloDone') this.#helloDone = true
    }
    if (name === 'Finished') this.#onFinished(lane)
    if (name === 'KeyUpdate' && is13 && encrypted) lane.update()
  }

  #onClientHello(lane: Lane, hello: ClientHello): void {
    this.#transcript.serverName ??= hello.serverName
    this.#renegotiating = this.#serverHello !== undefined && !this.#serverHello.retry
    this.#helloDone = false
    this.#clientHello = hello
    if (hello.earlyData && !this.#renegotiating) lane.setEpochs(earlyEpochs(this.#secrets, hello))
  }

  #onServerHello(hello: ServerHello): void {
    // In TLS 1.3 the first one counts: there is no renegotiation.
    if (this.#recording.is13 && this.#serverHello?.retry === false) return
    this.#serverHello = hello
    const { version } = hello
    if (this.#transcript.version === undefined) {
      this.#transcript.version =
        version === 'TLSv1.2' || version === 'TLSv1.3' ? version : `unknown (${version})`
      this.#transcript.cipher = suiteName(hello.suite)
      this.#transcript.alpn = hello.alpn
    }
    if (!this.#recording.is13 || hello.retry) return
    this.#transcript.resumed = hello.psk
    if (this.#clientHello !== undefined) {
      setTrafficSecrets(this.#secrets, this.#clientHello, hello, this.#lanes.client)
      setTrafficSecrets(this.#secrets, this.#clientHello, hello, this.#lanes.server)
    }
  }

  #onFinished(lane: Lane): void {
    // Later ones belong to post-handshake authentication or renegotiation.
    if (lane.finished) return
    lane.finished = true
    if (!this.#recording.is13) return
    this.#dropUnfinished(lane)
    lane.advanceTo('application')
  }

  #dropUnfinished(lane: Lane): void {
    if (lane.handshake.pending === 0) return
    this.#problem(lane, `${unfinished(lane)}, interrupted`)
    lane.handshake.reset()
  }
}

function unfinished({ handshake }: Lane): string {
  const { type, announced, have } = handshake.unfinished
  const name = type === undefined ? 'a message' : handshakeName(type)
  return announced === undefined
    ? `${name} is cut off`
    : `${name} is cut off: ${announced} bytes announced, ${have} there`
}

// What a TLS 1.2 record most likely is, from its outer type. The first after ChangeCipherSpec can only be Finished.
function guessName(content: Message['content'], count: number): string {
  if (content === 'alert') return 'alert (encrypted)'
  if (content === 'application_data') return 'ApplicationData'
  return count === 1 ? 'Finished' : 'EncryptedHandshake'
}
