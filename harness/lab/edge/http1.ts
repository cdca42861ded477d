/**
 * HTTP/1.1 of clients.
 * @module
 */
import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Exchange, HeaderList } from './exchange.ts'
import type { Limits } from './limits.ts'

/** Name in the `server` header of every answer, as the real edge has it. */
export const serverName = 'cloudflare'

/** How much of an unwanted request body is read away after the answer, and for how long (RFC 9112 §9.6). */
const lingering = { bytes: 1024 * 1024, time: 500 }
/** Unwanted bodies declared up to this length are read whole, and the connection is kept. */
const shortBody = 64 * 1024

/**
 * A server that is given its connections by `emit('connection', socket)`. A server that does not listen has no header
 * timeout of its own, hence the guard here.
 */
export function createHttp1(
  limits: Limits,
  onExchange: (exchange: Exchange, socket: Socket) => void,
): Pick<Server, 'close'> & { accept(socket: Socket): void } {
  const guards = new WeakMap<Socket, NodeJS.Timeout>()
  const guard = (socket: Socket, time: number): void => {
    clearTimeout(guards.get(socket))
    guards.set(socket, setTimeout(() => socket.destroy(), time).unref())
  }
  const unguard = (socket: Socket): void => clearTimeout(guards.get(socket))
  /** Answers a connection still owes: several where requests were pipelined. */
  const owed = new WeakMap<Socket, number>()
  const owe = (socket: Socket, change: 1 | -1): number => {
    const count = (owed.get(socket) ?? 0) + change
    owed.set(socket, count)
    return count
  }

  const answer = (request: IncomingMessage, response: ServerResponse, waits: boolean): void => {
    const { socket } = request
    unguard(socket)
    owe(socket, 1)
    request.on('error', () => {})
    response.on('error', () => {})
    if (hasBody(request)) {
      guard(socket, limits.body)
      request.once('end', () => unguard(socket))
    }
    response.once('finish', () => {
      if (owe(socket, -1) === 0) guard(socket, limits.headers)
    })
    onExchange(exchangeOf(request, response, waits), socket)
  }

  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    keepAliveTimeout: limits.headers,
    joinDuplicateHeaders: false,
  })
  server.on('request', (request, response) => answer(request, response, false))
  server.on('checkContinue', (request, response) => answer(request, response, true))
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    const response = new ServerResponse(request)
    response.assignSocket(socket)
    response.shouldKeepAlive = false
    response.once('finish', () => socket.end())
    answer(request, response, false)
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const status =
      error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
    const head = `HTTP/1.1 ${status}\r\nserver: ${serverName}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`
    if (socket.writable) socket.end(head, () => socket.destroy())
    else socket.destroy()
  })
  return {
    close: () => server.close(),
    accept(socket) {
      socket.on('error', () => socket.destroy())
      socket.once('close', () => unguard(socket))
      guard(socket, limits.headers)
      server.emit('connection', socket)
      // It was paused while its first bytes were looked at.
      socket.resume()
    },
  }
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

function exchangeOf(request: IncomingMessage, response: ServerResponse, waits: boolean): Exchange {
  const all = pairs(request.rawHeaders)
  const isHost = ([name]: readonly [string, string]): boolean => name.toLowerCase() === 'host'
  const declared = request.headers['content-length']
  const body = hasBody(request) ? request : undefined
  let awaited = waits
  const write = (status: number, headers: HeaderList): void => {
    response.writeHead(status, [['server', serverName] as const, ...headers].flat())
  }
  return {
    http: 1,
    http10: request.httpVersion === '1.0',
    method: request.method ?? '',
    target: request.url ?? '',
    authorities: all.filter(isHost).map(([, value]) => value),
    headers: all.filter((pair) => !isHost(pair)),
    body,
    length: declared === undefined ? undefined : Number(declared),
    get started() {
      return response.headersSent
    },
    answer({ status, headers }, content = Buffer.alloc(0)) {
      const unwanted =
        body !== undefined && !request.complete && (awaited || !(Number(declared) <= shortBody))
      const close = unwanted ? ([['connection', 'close']] as const) : []
      write(status, [...headers, ['content-length', String(content.length)], ...close])
      if (!unwanted) {
        response.end(content)
        return
      }
      // The answer goes out whole, but the connection is not ended while the client still writes: that would reset it.
      if (request.method === 'HEAD') response.flushHeaders()
      else response.write(content)
      readAway(request, () => response.end())
    },
    start({ status, headers }) {
      write(status, headers)
      return response
    },
    continue() {
      if (awaited) response.writeContinue()
      awaited = false
    },
    abort: () => response.destroy(),
    onClose(listener) {
      // The client may have left while the decision about its request was waited for.
      if (response.destroyed) process.nextTick(listener)
      else response.once('close', listener)
    },
  }
}

function readAway(request: IncomingMessage, done: () => void): void {
  let left = lingering.bytes
  const timer = setTimeout(stop, lingering.time).unref()
  function stop(): void {
    clearTimeout(timer)
    request.off('data', onData)
    done()
  }
  function onData(chunk: Buffer): void {
    left -= chunk.length
    if (left < 0) stop()
  }
  request.on('data', onData).once('end', stop).once('close', stop)
}

function pairs(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length >> 1 }, (_, at) => [flat[at * 2] ?? '', flat[at * 2 + 1] ?? ''])
}
