/**
 * Carries a request to the origin and its answer back, both as streams.
 * @module
 */
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { Faults } from '../faults.ts'
import { answerBare } from './answers.ts'
import type { AnswerHead, Exchange, HeaderList } from './exchange.ts'
import { isCertificateHeader, isHopByHop } from './header-names.ts'
import type { Limits } from './limits.ts'
import { answerOriginFailure } from './origin/answer.ts'
import type { OriginConnector, OriginRoute } from './origin/connector.ts'
import { type OriginStatus, statusOfRequestError } from './origin/failure.ts'

/** Longer header sections of an origin are a 520 (documented). */
const originHeaderBytes = 128 * 1024

/** A request as the origin is to get it. */
export interface OriginRequest {
  connector: OriginConnector
  faults: Faults
  /** Whose origin, and the Host it is told. */
  hostname: string
  path: string
  headers: HeaderList
  limits: Limits
  /** Put into the answer to the client, whoever made it. */
  answerHeaders: HeaderList
}

/** Forwards; answers 520 to 526 itself when the origin fails, 413 when the body is too long. Never throws. */
export function forward(exchange: Exchange, to: OriginRequest): void {
  const current: Attempt = { cancel: () => {} }
  exchange.onClose(() => current.cancel())
  attempt(exchange, to, current)
}

/** Of one request there may be several, one after the other: each on another kept connection, the last on a new one. */
interface Attempt {
  /** Nobody wants the answer any more. */
  cancel(): void
}

function attempt(exchange: Exchange, to: OriginRequest, current: Attempt): void {
  const route = to.connector.requestOptions(to.hostname)
  const outgoing = open(exchange, to, route)
  if (outgoing === undefined) {
    answerBare(exchange, 400, 'Bad Request')
    return
  }
  let failed = false
  const fail = (answer: () => void): void => {
    if (failed) return
    failed = true
    clearTimeout(timer)
    outgoing.destroy()
    if (exchange.started) exchange.abort()
    else answer()
  }
  const failOrigin = (status: OriginStatus): void =>
    fail(() => answerOriginFailure(exchange, status, { ...to, route }))
  // Without a socket it is still connecting.
  const timer = setTimeout(() => failOrigin(outgoing.socket === null ? 522 : 524), to.limits.origin)
  // A body may take longer than the origin's first byte; `limits.body` bounds it elsewhere.
  if (exchange.body !== undefined) exchange.body.on('data', () => timer.refresh())
  current.cancel = () => {
    failed = true
    clearTimeout(timer)
    outgoing.destroy()
  }
  outgoing.on('error', (error: NodeJS.ErrnoException) => {
    // A kept connection that the origin had closed meanwhile: again, where nothing was sent that cannot be sent again. An
    // origin that is configured anew closes all of them at once; a new connection is never one of those.
    const closed = error.code === 'ECONNRESET' || error.code === 'EPIPE'
    const again = outgoing.reusedSocket && closed && exchange.body === undefined
    if (!again || exchange.started || failed) {
      failOrigin(statusOfRequestError(error))
      return
    }
    clearTimeout(timer)
    attempt(exchange, to, current)
  })
  outgoing.on('response', (response) => {
    clearTimeout(timer)
    if (!exchange.started) carryBack(exchange, response, to.answerHeaders)
  })
  sendBody(exchange, outgoing, to.limits, () => fail(() => answerBare(exchange, 413, 'Content Too Large')))
}

function open(
  exchange: Exchange,
  { hostname, path, headers }: OriginRequest,
  { agent, host, port }: OriginRoute,
): ClientRequest | undefined {
  const framing =
    exchange.body !== undefined && exchange.length === undefined
      ? ([['transfer-encoding', 'chunked']] as const)
      : []
  try {
    return request({
      host,
      port,
      agent,
      method: exchange.method,
      path,
      headers: [['host', hostname] as const, ...headers, ...framing].flat(),
      setDefaultHeaders: false,
      maxHeaderSize: originHeaderBytes,
    })
  } catch {
    // A method or path that Node would not write.
    return undefined
  }
}

function sendBody(exchange: Exchange, outgoing: ClientRequest, limits: Limits, tooLong: () => void): void {
  const { body } = exchange
  if (body === undefined) {
    outgoing.end()
    return
  }
  if ((exchange.length ?? 0) > limits.bodyBytes) {
    tooLong()
    return
  }
  exchange.continue()
  let received = 0
  body.on('data', (chunk: Buffer) => {
    received += chunk.length
    if (received > limits.bodyBytes) tooLong()
  })
  // Not `pipeline`: an error of the origin must not destroy the client's connection before it was answered.
  body.pipe(outgoing)
}

function carryBack(exchange: Exchange, response: IncomingMessage, answerHeaders: HeaderList): void {
  const head: AnswerHead = {
    status: response.statusCode ?? 520,
    headers: [...originHeaders(response), ...answerHeaders],
  }
  // Not `pipeline`, which costs an AbortController per answer. A client that leaves takes the request to the origin, and so
  // this response, with it.
  response.once('close', () => {
    if (!response.complete) exchange.abort()
  })
  response.pipe(exchange.start(head))
}

/** The origin's headers without those of its connection, its server name, and anything about client certificates. */
function originHeaders({ rawHeaders }: IncomingMessage): [string, string][] {
  const headers: [string, string][] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2)
    if (isHopByHop(name) || isCertificateHeader(name) || /^(server|cf-ray)$/i.test(name)) continue
    headers.push([name, value])
  }
  return headers
}
