/**
 * One HTTP/2 connection for one attempt, over a TLS socket that the probe made itself.
 * @module
 */
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import { answerOf, bodyLimit, headLimit, type ReadResult, type Request } from './http1.ts'

/** What ended a session. */
const failures = new WeakMap<ClientHttp2Session, string>()

/** Names of the HTTP/2 error codes (RFC 9113 §7), by code. */
const errorNames = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
]

const errorName = (code: number): string => errorNames[code] ?? `error ${code}`

/**
 * Codes that refuse nobody: none, INTERNAL_ERROR and CANCEL, which Node gives to streams whose connection is gone; REFUSED_STREAM
 * (may be sent again, RFC 9113 §8.7) and ENHANCE_YOUR_CALM (too much), which also stand for a GOAWAY.
 */
const refusesNobody: ReadonlySet<number> = new Set([0, 2, 7, 8, 11])

const errorText = (error: Error): string => error.message.replace('NGHTTP2_', '')

/** Starts HTTP/2 on an established TLS socket. Errors surface as answers that never come, not as exceptions. */
export function startHttp2(socket: TLSSocket, authority: string): ClientHttp2Session {
  const session = connect(`https://${authority}`, {
    createConnection: () => socket,
    maxHeaderListPairs: 2000,
    settings: { enablePush: false, maxHeaderListSize: headLimit },
  })
  session.on('error', (error) => failures.set(session, errorText(error)))
  session.on('goaway', (code) => failures.set(session, `GOAWAY ${errorName(code)}`))
  return session
}

/**
 * Sends one request and reads its answer within the same bounds as HTTP/1.1. Never rejects. When `gone` resolves, what
 * has come of the answer is the answer.
 */
export function requestHttp2(
  session: ClientHttp2Session,
  request: Request,
  gone: Promise<void>,
): Promise<ReadResult> {
  return new Promise((resolve) => {
    if (session.destroyed || session.closed) {
      resolve({ kind: 'closed' })
      return
    }
    const fields: string[] = [
      ':method',
      request.method,
      ':scheme',
      'https',
      ':path',
      request.path,
      ':authority',
      request.host,
    ]
    for (const [name, value] of request.headers) {
      // Field names are lower case in HTTP/2 (RFC 9113 §8.2.1); connection-specific fields do not exist there.
      const lower = name.toLowerCase()
      if (lower !== 'connection' && lower !== 'host') fields.push(lower, value)
    }
    let stream: ClientHttp2Stream
    try {
      stream = session.request(fields, { endStream: request.body === undefined })
    } catch (error) {
      // Node checks what HTTP/1.1 would let through: connection-specific fields, names and values that are no tokens.
      resolve({ kind: 'not-sent', reason: error instanceof Error ? error.message : 'unknown' })
      return
    }
    const chunks: Buffer[] = []
    let length = 0
    let failed: string | undefined
    let head: { status: number; headers: [string, string][] } | undefined
    const finish = (truncated: boolean): void => {
      const reason = failures.get(session) ?? failed
      const { rstCode: code } = stream
      if (head === undefined && code !== undefined && !refusesNobody.has(code))
        resolve({ kind: 'reset', code })
      else if (head === undefined)
        resolve(reason === undefined ? { kind: 'closed' } : { kind: 'closed', reason })
      else
        resolve({
          kind: 'answer',
          answer: answerOf('2', head.status, head.headers, Buffer.concat(chunks), truncated),
        })
    }
    stream.on('response', (headers) => {
      const pairs = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
        name.startsWith(':') || value === undefined ? [] : [value].flat().map((one) => [name, String(one)]),
      )
      head = { status: Number(headers[':status'] ?? 0), headers: pairs }
    })
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      length += chunk.length
      if (length > bodyLimit) {
        finish(true)
        stream.destroy()
      }
    })
    stream.on('end', () => finish(false))
    stream.on('error', (error) => {
      failed = errorText(error)
      finish(true)
    })
    stream.on('close', () => finish(true))
    session.once('close', () => finish(true))
    void gone.then(() => finish(true))
    if (request.body !== undefined) stream.end(request.body)
  })
}
