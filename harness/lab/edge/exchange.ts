/**
 * One request and its answer, whatever HTTP version carries them.
 * @module
 */
import type { Readable, Writable } from 'node:stream'

/** Headers in order, spelling kept. */
export type HeaderList = readonly (readonly [name: string, value: string])[]

/** Status line and headers of an answer, without those of the connection. */
export interface AnswerHead {
  status: number
  headers: HeaderList
}

/** A request that is being answered. */
export interface Exchange {
  readonly http: 1 | 2
  /** The client speaks HTTP/1.0. */
  readonly http10?: boolean
  readonly method: string
  /** Request target as written: origin-form, absolute-form, `*`. */
  readonly target: string
  /** Every Host field, or the one `:authority`. */
  readonly authorities: readonly string[]
  /** HTTP/2: a host field came, beside `:authority` or in its place. */
  readonly hostField?: boolean
  /** Without Host and pseudo-headers. */
  readonly headers: HeaderList
  /** The body; undefined when the request has none. */
  readonly body: Readable | undefined
  /** Content-Length, where it was given. */
  readonly length: number | undefined
  /** The head of the answer has gone out. */
  readonly started: boolean
  /** A complete answer. A request body that was not read is not waited for. */
  answer(head: AnswerHead, body?: Buffer): void
  /** The head of an answer whose body follows; answers to HEAD take no body. */
  start(head: AnswerHead): Writable
  /** Lets a client that waits send its body (RFC 9110 §10.1.1). */
  continue(): void
  /** Cuts the answer off. */
  abort(): void
  /** Called once when the client is gone or the answer complete. */
  onClose(listener: () => void): void
}

/** Value of the first header with that name in lower case. */
export const headerValue = (headers: HeaderList, name: string): string | undefined =>
  headers.find(([key]) => key.toLowerCase() === name)?.[1]
