/**
 * A TLS connection whose every byte is kept, with nothing decided for us: the server certificate is judged but
 * never ends the attempt, no session is reused unless asked, the identity is sent whatever CA names the server lists.
 * @module
 */
import { isIP, type Socket } from 'node:net'
import {
  type ConnectionOptions,
  checkServerIdentity,
  connect,
  type PeerCertificate,
  type TLSSocket,
} from 'node:tls'
import { type Tap, tap } from '../wire/tap.ts'
import { bareSession } from './session.ts'
import type { Attempt } from './types.ts'

/** A TLS attempt under way. */
export interface TlsConnection {
  socket: TLSSocket
  tap: Tap
  keylog: Buffer[]
  sessions: Buffer[]
  /** Resolves to true when our side of the handshake is complete, to false when the connection ended before. */
  handshake: Promise<boolean>
  /** The first error of the TLS socket. */
  error: () => NodeJS.ErrnoException | undefined
}

/** A server may send tickets, and renegotiate, as often as it likes. The newest sessions are kept, and the first keys. */
const mostSessions = 16
const mostKeyLogLines = 256

/** Bytes of the connection that are recorded: several times what is read of any answer. */
const recorded = 2 ** 20

const alpnOffer = { h2: ['h2'], 'http/1.1': ['http/1.1'], none: undefined } as const

/** Starts TLS on a connected TCP socket. Throws only when the identity cannot be loaded by OpenSSL. */
export function startTls(tcp: Socket, input: Attempt): TlsConnection {
  const tapped = tap(tcp, { limit: recorded })
  const keylog: Buffer[] = []
  const sessions: Buffer[] = []
  let failure: NodeJS.ErrnoException | undefined
  const socket = connect({ ...tlsOptions(input), socket: tapped.stream })
  socket.on('keylog', (line: Buffer) => {
    if (keylog.length < mostKeyLogLines) keylog.push(line)
  })
  socket.on('session', (session: Buffer) => {
    sessions.push(bareSession(session))
    if (sessions.length > mostSessions) sessions.shift()
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    failure ??= error
  })
  const handshake = new Promise<boolean>((resolve) => {
    socket.once('secureConnect', () => resolve(true))
    socket.once('close', () => resolve(false))
  })
  return { socket, tap: tapped, keylog, sessions, handshake, error: () => failure }
}

function tlsOptions(input: Attempt): ConnectionOptions {
  const { endpoint, identity } = input
  const servername = input.servername ?? (isIP(endpoint.hostname) === 0 ? endpoint.hostname : false)
  const alpn = alpnOffer[input.alpn ?? 'http/1.1']
  return {
    // The empty string makes Node send no SNI extension.
    servername: servername === false ? '' : servername,
    minVersion: input.version ?? 'TLSv1.2',
    maxVersion: input.version ?? 'TLSv1.3',
    rejectUnauthorized: false,
    checkServerIdentity: (_name: string, cert: PeerCertificate) =>
      checkServerIdentity(endpoint.hostname, cert),
    ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
    ...(endpoint.trust === undefined ? {} : { ca: endpoint.trust }),
    ...(identity === undefined ? {} : { cert: identity.cert, key: identity.key }),
    // A weak identity must leave us: otherwise the refusal would be our own (catalogue section 6, rule 8).
    ...(identity?.weak === true ? { ciphers: 'DEFAULT:@SECLEVEL=0' } : {}),
    ...(input.session === undefined ? {} : { session: input.session }),
  }
}
