/**
 * A TLS 1.2 termination that lets an empty certificate entry pass for a verified one. OpenSSL cannot be made to, so the
 * fault `edge.accepts-empty-certificate-entry` has an implementation of its own; without the fault it is never used.
 * @module
 */
import type { Socket } from 'node:net'
import { Channel } from '../../../wire/client/channel.ts'
import { contentType } from '../../../wire/client/encode.ts'
import type { ClientHello } from '../../../wire/client-hello.ts'
import type { Faults } from '../../faults.ts'
import { primary } from '../../hostnames.ts'
import type { HostChoice } from '../choose-host.ts'
import type { Connection } from '../connection.ts'
import { noCertificate } from '../verdict.ts'
import { alertCodes, FatalAlert } from './flight.ts'
import { type Presented, type ServerSide, serve } from './handshake.ts'
import { fits } from './hello.ts'
import { PlainStream } from './plain-stream.ts'

type Served = HostChoice & { kind: 'serve' }

/** Whether a connection is terminated here: the fault is on, the host enforces, and the client speaks TLS 1.2 only. */
export const isLenient = ({ host }: Served, hello: ClientHello, faults: Faults): boolean =>
  faults.has('edge.accepts-empty-certificate-entry') && host.hostname === primary.hostname && fits(hello)

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
  { server, judge }: LenientTerms,
  deadline: number,
): Promise<{ stream: Socket; connection: Connection } | undefined> {
  socket.unshift(firstBytes)
  const channel = new Channel(socket)
  const timer = setTimeout(() => socket.destroy(), deadline)
  try {
    const presented = await serve(channel, server)
    const connection: Connection = {
      transport: 'tls',
      host,
      loose,
      originHostname,
      version: 'TLSv1.2',
      remoteAddress: socket.remoteAddress ?? '',
      requests: 0,
      verdict: verdictOf(presented, judge),
    }
    // `node:http` takes any Duplex for a connection; its types know sockets only.
    return { stream: new PlainStream(channel, socket) as unknown as Socket, connection }
  } catch (error) {
    refuse(socket, channel, error)
    return undefined
  } finally {
    clearTimeout(timer)
  }
}

/** The hole: verified, although nobody is there. */
const verdictOf = (
  { certificates, emptyEntry }: Presented,
  judge: LenientTerms['judge'],
): Connection['verdict'] =>
  emptyEntry ? () => ({ ...noCertificate, status: 'valid' }) : judge(certificates)

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
