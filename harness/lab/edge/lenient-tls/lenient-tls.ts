/**
 * A TLS termination with holes that OpenSSL cannot be made to have: the faults of proof of possession, and of malformed
 * messages. Without one of them it is never used.
 * @module
 */
import type { Socket } from 'node:net'
import { Channel } from '../../../wire/client/channel.ts'
import { contentType } from '../../../wire/client/encode.ts'
import type { ClientHello } from '../../../wire/client-hello.ts'
import type { Version } from '../../faults/possession.ts'
import type { Faults } from '../../faults.ts'
import { primary } from '../../hostnames.ts'
import type { HostChoice } from '../choose-host.ts'
import type { Connection } from '../connection.ts'
import { noCertificate } from '../verdict.ts'
import { alertCodes, FatalAlert } from './flight.ts'
import { type ServerSide, serve12 } from './handshake.ts'
import { earlyDataTicket, serve13 } from './handshake13.ts'
import { fitting } from './hello.ts'
import { anyOpen, type Holes, holesOf } from './holes.ts'
import { PlainStream } from './plain-stream.ts'
import type { Presented } from './presented.ts'

type Served = HostChoice & { kind: 'serve' }

/** What of it depends on the connection. */
export interface LenientVersion {
  version: Version
  holes: Holes
  /** A ticket that allows early data follows the handshake. */
  earlyData: boolean
}

/** How a connection is terminated here: the version that its hello leads to, and the holes; undefined: it is not. */
export function lenientFor({ host }: Served, hello: ClientHello, faults: Faults): LenientVersion | undefined {
  const version = host.hostname === primary.hostname ? fitting(hello) : undefined
  if (version === undefined) return undefined
  const holes = holesOf(faults, version)
  const earlyData = version === 'TLSv1.3' && faults.has('edge.offers-early-data')
  return anyOpen(holes) || earlyData ? { version, holes, earlyData } : undefined
}

/** What a connection is terminated with. */
export interface LenientTerms {
  server: ServerSide
  /** The edge's own judgement of certificates, for everything but the hole. */
  judge(certificates: readonly Buffer[]): Connection['verdict']
}

/** Runs the handshake; undefined when it fails or takes longer than `deadline` milliseconds. Never rejects. */
export async function terminateLeniently(
  socket: Socket,
  firstBytes: Buffer,
  { host, loose, originHostname }: Served,
  { server, judge, version, holes, earlyData }: LenientTerms & LenientVersion,
  deadline: number,
): Promise<{ stream: Socket; connection: Connection } | undefined> {
  socket.unshift(firstBytes)
  const channel = new Channel(socket)
  const timer = setTimeout(() => socket.destroy(), deadline)
  try {
    const rules = { version, holes, seen: server.seenProofs }
    const presented = await (version === 'TLSv1.2' ? serve12 : serve13)(channel, server, rules)
    if (earlyData) channel.send(contentType.handshake, earlyDataTicket())
    const connection: Connection = {
      transport: 'tls',
      host,
      loose,
      originHostname,
      version,
      remoteAddress: socket.remoteAddress ?? '',
      requests: 0,
      verdict: verdictOf(presented, judge),
    }
    // `node:http` takes any Duplex for a connection; its types know sockets only.
    return { stream: new PlainStream(channel, socket, presented.early) as unknown as Socket, connection }
  } catch (error) {
    refuse(socket, channel, error)
    return undefined
  } finally {
    clearTimeout(timer)
  }
}

/** Taken for verified, although nobody is there; or what the certificates are. */
const verdictOf = (
  { certificates, taken }: Presented,
  judge: LenientTerms['judge'],
): Connection['verdict'] => (taken ? () => ({ ...noCertificate, status: 'valid' }) : judge(certificates))

/** A fatal alert, then the end. What is no TLS, or no message as the RFC has it, is a decode_error. */
function refuse(socket: Socket, channel: Channel, error: unknown): void {
  if (socket.writable) {
    const code = error instanceof FatalAlert ? error.code : alertCodes.decodeError
    channel.send(contentType.alert, Buffer.from([2, code]))
    socket.end()
  }
  // What the client still sends is read away: closing on it would reset the connection before the alert is read.
  socket.resume()
  setTimeout(() => socket.destroy(), 1000).unref()
}
