/**
 * HTTP/1.1, written raw and read within bounds. A library would normalise what a check wants to send as it is,
 * and would hide how an answer ended.
 * @module
 */

import { createHash } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { bodyLimit, readBody } from './http1-body.ts'
import type { HttpAnswer } from './types.ts'

export { bodyLimit }

/** Bytes of a status line and headers together; more is `too-large`. */
export const headLimit = 256 * 1024

/** One request as it will be written. */
export interface Request {
  method: string
  path: string
  /** Default `HTTP/1.1`. */
  version?: string
  host: string
  headers: [name: string, value: string][]
  body?: Buffer
  keepAlive: boolean
}

/** The bytes of a request: exactly what was asked for, nothing added but Host, User-Agent, Accept, Connection and Content-Length. */
export function encodeRequest(request: Request): Buffer {
  const given = new Set(request.headers.map(([name]) => name.toLowerCase()))
  const lines = [`${request.method} ${request.path} ${request.version ?? 'HTTP/1.1'}`]
  if (!given.has('host')) lines.push(`Host: ${request.host}`)
  if (!given.has('user-agent')) lines.push('User-Agent: harness')
  if (!given.has('accept')) lines.push('Accept: */*')
  for (const [name, value] of request.headers) lines.push(`${name}: ${value}`)
  const framed = given.has('content-length') || given.has('transfer-encoding')
  if (request.body !== undefined && !framed) lines.push(`Content-Length: ${request.body.length}`)
  if (!given.has('connection')) lines.push(`Connection: ${request.keepAlive ? 'keep-alive' : 'close'}`)
  const text = `${lines.join('\r\n')}\r\n\r\n`
  // One character, one byte, so that any byte can be written. What does not fit a byte goes out as UTF-8: cut to a
  // byte, it could become a line end.
  const head = Buffer.from(text, /[^\0-\xff]/.test(text) ? 'utf8' : 'latin1')
  return request.body === undefined ? head : Buffer.concat([head, request.body])
}

/** What reading ended with: an answer, nothing usable, more than the bounds allow, or a request that cannot be sent. */
export type ReadResult =
  | { kind: 'answer'; answer: HttpAnswer }
  | { kind: 'reset'; code: number }
  | { kind: 'closed'; reason?: string }
  | { kind: 'not-http'; start: Buffer }
  | { kind: 'too-large' }
  | { kind: 'not-sent'; reason: string }

/** Incremental reader of HTTP/1.x answers; bytes behind one answer stay for the next. */
export class AnswerReader {
  #buffer: Buffer<ArrayBufferLike> = Buffer.alloc(0)
  #ended = false
  /** Bytes of the last answer that are still to come and that nobody wants. */
  #skip = 0
  /** Bytes were dropped: what follows has no known beginning. */
  #lost = false
  /** Bytes of interim (1xx) answers read over. */
  #interim = 0
  #wake: (() => void) | undefined

  constructor(stream: Duplex) {
    stream.on('data', (chunk: Buffer) => {
      this.#take(chunk)
      this.#wake?.()
    })
    const end = (): void => {
      this.#ended = true
      this.#wake?.()
    }
    stream.on('end', end).on('close', end).on('error', end)
  }

  // Beyond any bound that matters the rest is dropped: memory stays bounded whatever the server sends.
  #take(chunk: Buffer): void {
    const skipped = Math.min(this.#skip, chunk.length)
    this.#skip -= skipped
    if (skipped === chunk.length || this.#lost) return
    if (this.#buffer.length < headLimit + 2 * bodyLimit)
      this.#buffer = Buffer.concat([this.#buffer, chunk.subarray(skipped)])
    else this.#lost = true
  }

  /** Bytes received and not yet consumed. */
  get pending(): number {
    return this.#buffer.length
  }

  /** Reads one answer; `head` says that the request was a HEAD (no body follows). Never rejects. */
  async read(head: boolean): Promise<ReadResult> {
    for (;;) {
      const result = parseAnswer(this.#buffer, head, this.#ended)
      if (result === 'more') {
        if (this.#lost) return this.#cut(head)
        if (this.#ended) return { kind: 'closed' }
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      } else if (result.kind === 'interim') {
        this.#interim += result.used
        if (this.#interim > headLimit) return { kind: 'too-large' }
        this.#buffer = this.#buffer.subarray(result.used)
      } else if (result.kind === 'answer') {
        this.#buffer = this.#buffer.subarray(result.used)
        this.#skip = result.remaining
        this.#interim = 0
        return { kind: 'answer', answer: result.answer }
      } else return result
    }
  }

  // The bound was reached within an answer: its head may be whole all the same.
  #cut(head: boolean): ReadResult {
    const answer = this.partial(head)
    this.#buffer = Buffer.alloc(0)
    return answer === undefined ? { kind: 'too-large' } : { kind: 'answer', answer }
  }

  /** The best reading of what has come so far, for when the deadline has passed. */
  partial(head: boolean): HttpAnswer | undefined {
    const result = parseAnswer(this.#buffer, head, true)
    return result !== 'more' && result.kind === 'answer' ? { ...result.answer, truncated: true } : undefined
  }
}

/** What the bytes so far are: an answer, an interim one to be read over, nothing usable, or not enough yet. */
export type Parsed =
  | { kind: 'answer'; answer: HttpAnswer; used: number; remaining: number }
  | { kind: 'interim'; used: number }
  | Exclude<ReadResult, { kind: 'answer' }>
  | 'more'

/** Reads the answer at the head of `buffer`; `ended` says that nothing more comes. */
export function parseAnswer(buffer: Buffer, head: boolean, ended: boolean): Parsed {
  if (buffer.length === 0) return ended ? { kind: 'closed' } : 'more'
  const notHttp = { kind: 'not-http', start: buffer.subarray(0, 64) } as const
  if (!'HTTP/'.startsWith(buffer.subarray(0, 5).toString('latin1'))) return notHttp
  const headEnd = buffer.subarray(0, headLimit + 4).indexOf('\r\n\r\n')
  if (headEnd === -1) {
    if (buffer.length > headLimit) return { kind: 'too-large' }
    return ended ? notHttp : 'more'
  }
  const lines = buffer.subarray(0, headEnd).toString('latin1').split('\r\n')
  const match = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(lines[0] ?? '')
  if (match === null) return notHttp
  const status = Number(match[2])
  if (status >= 100 && status < 200 && status !== 101) return { kind: 'interim', used: headEnd + 4 }
  const headers = lines.slice(1).flatMap((line): [string, string][] => {
    const colon = line.indexOf(':')
    return colon < 1 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()]]
  })
  const bodiless = head || status === 101 || status === 204 || status === 304
  const body = bodiless
    ? { bytes: Buffer.alloc(0), used: 0, remaining: 0, truncated: false }
    : readBody(buffer.subarray(headEnd + 4), headers, ended)
  if (body === 'more') return 'more'
  const version = match[1] === '0' ? '1.0' : '1.1'
  const answer = answerOf(version, status, headers, body.bytes, body.truncated)
  return { kind: 'answer', used: headEnd + 4 + body.used, remaining: body.remaining, answer }
}

/** An answer with its body cut to the limit and hashed. */
export function answerOf(
  version: HttpAnswer['version'],
  status: number,
  headers: [string, string][],
  bytes: Buffer,
  truncated: boolean,
): HttpAnswer {
  const body = Buffer.from(bytes.subarray(0, bodyLimit))
  return {
    version,
    status,
    headers,
    body,
    bodyHash: createHash('sha256').update(body).digest('hex'),
    truncated: truncated || bytes.length > bodyLimit,
  }
}
