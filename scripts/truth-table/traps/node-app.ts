/**
 * The Node application of the traps, as a process of its own: `node node-app.ts <options as JSON>`.
 * @module
 */
import { constants } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type ServerOptions } from 'node:https'
import { createSecureContext, type TLSSocket } from 'node:tls'
import { page } from '../../../fixtures/servers/types.ts'
import { otherHost, type Place } from './trap.ts'

const { rule, place } = JSON.parse(process.argv[2] ?? '{}') as { rule: string; place: Place }
const [cert, key, ca, otherCa] = [place.serverCert, place.serverKey, place.ca, place.otherCa].map((file) =>
  readFileSync(file),
)
const asked = new WeakSet<TLSSocket>()

const mayPass = (socket: TLSSocket): boolean => {
  if (rule === 'issuer-name') {
    const { issuer } = socket.getPeerCertificate()
    return (issuer as { CN?: string } | undefined)?.CN === 'Client CA'
  }
  if (rule === 'first-request') {
    if (asked.has(socket)) return true
    asked.add(socket)
  }
  return socket.authorized
}

const isStrict = rule !== 'issuer-name' && rule !== 'first-request'
/** A context per hostname, each with its CA; the ticket keys are the server's. */
const perHost: ServerOptions = {
  SNICallback: (name, done) =>
    done(null, createSecureContext({ cert, key, ca: name === otherHost ? otherCa : ca, ...tickets })),
}
const tickets = rule === 'no-tickets' ? { secureOptions: constants.SSL_OP_NO_TICKET } : {}

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
    if (mayPass(request.socket as TLSSocket)) response.end(`${page}\n`)
    else response.writeHead(403).end('a client certificate is required\n')
  },
).listen(place.port, '127.0.0.1')
