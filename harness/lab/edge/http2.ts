/**
 * HTTP/2 of clients.
 * @module
 */
import { constants, performServerHandshake, type ServerHttp2Stream } from 'node:http2'
import { finished } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { AnswerHead, Exchange, HeaderList } from './exchange.ts'
import { isHopByHop } from './header-names.ts'
import { serverName } from './http1.ts'
import type { Limits } from './limits.ts'

/** Serves HTTP/2 on a connection whose handshake is done. */
export function acceptHttp2(
  socket: TLSSocket,
  limits: Limits,
  onExchange: (exchange: Exchange) => void,
): void {
  const session = performServerHandshake(socket, {
    maxSessionMemory: 10,
    settings: { maxHeaderListSize: limits.headerBytes, maxConcurrentStreams: 100, enablePush: false },
  })
  socket.on('error', () => session.destroy())
  session.on('error', () => session.destroy())
  session.setTimeout(limits.headers, () => session.destroy())
  session.on('stream', (stream, _headers, _flags, rawHeaders) => {
    stream.on('error', () => stream.close())
    stream.setTimeout(limits.body, () => stream.close(constants.NGHTTP2_CANCEL))
    onExchange(exchangeOf(stream, rawHeaders))
  })
}

function exchangeOf(stream: ServerHttp2Stream, raw: readonly string[]): Exchange {
  const all = Array.from(
    { length: raw.length >> 1 },
    (_, at) => [raw[at * 2] ?? '', raw[at * 2 + 1] ?? ''] as const,
  )
  const pseudo = (name: string): string | undefined => all.find(([key]) => key === name)?.[1]
  const headers: HeaderList = all.filter(([name]) => !name.startsWith(':') && name !== 'host')
  const authority = pseudo(':authority')
  const hosts = all.filter(([name]) => name === 'host').map(([, value]) => value)
  const method = pseudo(':method') ?? ''
  const length = headers.find(([name]) => name === 'content-length')?.[1]
  return {
    http: 2,
    method,
    // CONNECT has no path (RFC 9113 §8.5).
    target: pseudo(':path') ?? '/',
    authorities: authority === undefined ? hosts : [authority, ...hosts],
    hostField: hosts.length > 0,
    headers,
    body: stream.endAfterHeaders ? undefined : stream,
    length: length === undefined ? undefined : Number(length),
    get started() {
      return stream.headersSent
    },
    answer(head, content = Buffer.alloc(0)) {
      if (stream.destroyed) return
      stream.respond(
        outgoing({ ...head, headers: [...head.headers, ['content-length', String(content.length)]] }),
      )
      // After a complete answer the rest of the request is not wanted (RFC 9113 §8.1).
      stream.end(method === 'HEAD' ? undefined : content, () => stream.close(constants.NGHTTP2_NO_ERROR))
    },
    start(head) {
      if (!stream.destroyed) stream.respond(outgoing(head))
      stream.once('finish', () => stream.close(constants.NGHTTP2_NO_ERROR))
      return stream
    },
    continue() {
      if (!stream.destroyed && headers.some(([name]) => name === 'expect'))
        stream.additionalHeaders({ ':status': 100 })
    },
    abort: () => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
    onClose: (listener) => void finished(stream, { readable: false }, listener),
  }
}

function outgoing({ status, headers }: AnswerHead): Record<string, string | string[] | number> {
  const fields: Record<string, string | string[] | number> = { ':status': status, server: serverName }
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    const before = fields[lower]
    if (isHopByHop(lower)) continue
    fields[lower] = before === undefined ? value : [before, value].flat().map(String)
  }
  return fields
}
