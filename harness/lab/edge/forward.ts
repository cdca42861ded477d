/**
 * Carries a request to the origin and its answer back, both as streams.
 * @module
 */
import { type Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import { pipeline } from 'node:stream'
import { answerBare } from './answers.ts'
import type { AnswerHead, Exchange, HeaderList } from './exchange.ts'
import { isCertificateHeader, isHopByHop } from './header-names.ts'
import type { Limits } from './limits.ts'

/** Where the origin is. */
export interface OriginAddress {
  host: string
  port: number
}

/** A request as the origin is to get it. */
export interface OriginRequest {
  origin: OriginAddress
  agent: Agent
  /** Host the origin is told. */
  hostname: string
  path: string
  headers: HeaderList
  limits: Limits
  /** Put into the answer to the client. */
  answerHeaders: HeaderList
}

/** Forwards; answers 502 and 504 itself when the origin fails, 413 when the body is too long. Never throws. */
export function forward(exchange: Exchange, to: OriginRequest, retry = true): void {
  const outgoing = open(exchange, to)
  if (outgoing === undefined) {
    answerBare(exchange, 400, 'Bad Request')
    return
  }
  let failed = false
  const fail = (status: number, text: string): void => {
    if (failed) return
    failed = true
    clearTimeout(timer)
    outgoing.destroy()
    if (exchange.started) exchange.abort()
    else answerBare(exchange, status, text)
  }
  const timer = setTimeout(() => fail(504, 'Gateway Timeout'), to.limits.origin)
  // A body may take longer than the origin's first byte; `limits.body` bounds it elsewhere.
  if (exchange.body !== undefined) exchange.body.on('data', () => timer.refresh())
  exchange.onClose(() => {
    clearTimeout(timer)
    outgoing.destroy()
  })
  outgoing.on('error', (error: NodeJS.ErrnoException) => {
    // A kept connection that the origin had closed meanwhile: once more, where nothing was sent that cannot be sent again.
    const again = retry && outgoing.reusedSocket && error.code === 'ECONNRESET' && exchange.body === undefined
    if (!again || exchange.started) {
      fail(502, 'Bad Gateway')
      return
    }
    clearTimeout(timer)
    forward(exchange, to, false)
  })
  outgoing.on('response', (response) => {
    clearTimeout(timer)
    if (!exchange.started) carryBack(exchange, response, to.answerHeaders)
  })
  sendBody(exchange, outgoing, to.limits, () => fail(413, 'Content Too Large'))
}

function open(
  exchange: Exchange,
  { origin, agent, hostname, path, headers }: OriginRequest,
): ClientRequest | undefined {
  const framing =
    exchange.body !== undefined && exchange.length === undefined
      ? ([['transfer-encoding', 'chunked']] as const)
      : []
  try {
    return request({
      host: origin.host,
      port: origin.port,
      agent,
      method: exchange.method,
      path,
      headers: [['host', hostname] as const, ...headers, ...framing].flat(),
      setDefaultHeaders: false,
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
    status: response.statusCode ?? 502,
    headers: [...originHeaders(response), ...answerHeaders],
  }
  pipeline(response, exchange.start(head), (error) => {
    if (error) exchange.abort()
  })
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
