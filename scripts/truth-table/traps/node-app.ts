/**
 * The Node application of the traps, as a process of its own: `node node-app.ts <options as JSON>`.
 * @module
 */
import { constants, createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { createSecureServer } from 'node:http2'
import { createServer, type ServerOptions } from 'node:https'
import type { Server } from 'node:net'
import type { Duplex } from 'node:stream'
import { createSecureContext, createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { page } from '../../../fixtures/servers/types.ts'
import { otherHost, type Place } from './trap.ts'

const { rule, place } = JSON.parse(process.argv[2] ?? '{}') as { rule: string; place: Place }
const [cert, key, ca, otherCa] = [place.serverCert, place.serverKey, place.ca, place.otherCa].map((file) =>
  readFileSync(file),
)
const asked = new WeakSet<TLSSocket>()

const tolerates = 'tolerates '
/** Node sets the code itself, its types say an error. */
const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : error)
const wasPresented = (socket: TLSSocket): boolean => Object.keys(socket.getPeerCertificate()).length > 0

const mayPass = (socket: TLSSocket): boolean => {
  if (rule === 'issuer-name') {
    const { issuer } = socket.getPeerCertificate()
    return (issuer as { CN?: string } | undefined)?.CN === 'Client CA'
  }
  if (rule.startsWith(tolerates) && wasPresented(socket)) {
    return socket.authorized || codeOf(socket.authorizationError) === rule.slice(tolerates.length)
  }
  if (rule === 'first-request') {
    if (asked.has(socket)) return true
    asked.add(socket)
  }
  return socket.authorized
}

const isStrict =
  !['issuer-name', 'first-request', 'upgrade-open', 'upgrade-closed'].includes(rule) &&
  !rule.startsWith(tolerates)
/** A context per hostname, each with its CA; the ticket keys are the server's. */
const perHost: ServerOptions = {
  SNICallback: (name, done) =>
    done(null, createSecureContext({ cert, key, ca: name === otherHost ? otherCa : ca, ...tickets })),
}
const tickets = rule === 'no-tickets' ? { secureOptions: constants.SSL_OP_NO_TICKET } : {}

const respond = (socket: TLSSocket): [status: number, body: string] =>
  mayPass(socket) ? [200, `${page}\n`] : [403, 'a client certificate is required\n']

const https = (): Server =>
  createServer(
    {
      cert,
      key,
      ca,
      requestCert: true,
      rejectUnauthorized: isStrict,
      ...(rule.endsWith('-tickets') ? { ...perHost, ...tickets } : {}),
    },
    (request, response) => {
      const [status, body] = respond(request.socket as TLSSocket)
      response.writeHead(status).end(body)
    },
  )

const strict = { cert, key, ca, requestCert: true, rejectUnauthorized: true }
/** Servers that are no node:https. */
const others: Readonly<Record<string, () => Server>> = {
  'h2-only': () => createSecureServer(strict, (_, response) => response.end(`${page}\n`)),
  'http-1.0': () =>
    createTlsServer(strict, (socket) => {
      socket.on('error', () => socket.destroy())
      socket.once('data', (asked) => {
        const body = `${page}\n`
        const head = `HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n`
        socket.end(asked.toString('latin1').startsWith('HEAD ') ? head : head + body)
      })
    }),
}

/** WebSockets (RFC 6455 §4.2.2), for everybody or for those who may. */
function onUpgrade({ headers, socket: tls }: IncomingMessage, socket: Duplex): void {
  socket.on('error', () => socket.destroy())
  if (rule === 'upgrade-closed' && !mayPass(tls as TLSSocket)) {
    const body = 'a client certificate is required\n'
    socket.end(`HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    return
  }
  const accept = createHash('sha1')
    .update(`${headers['sec-websocket-key'] ?? ''}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  )
}

const server = (others[rule] ?? https)()
if (rule.startsWith('upgrade-')) server.on('upgrade', onUpgrade)
server.listen(place.port, '127.0.0.1')
