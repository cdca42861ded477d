/**
 * One connection to an origin: TCP, and TLS where the mode says so.
 * @module
 */
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls'
import { OriginFailure, type OriginStatus, statusOfConnectError } from './failure.ts'

/** Where an origin listens. */
export interface OriginPlace {
  host: string
  /** Plain HTTP. */
  port: number
  tlsPort: number
}

/** How long a connection may take, in milliseconds. The real edge gives TCP 19 s. */
export interface DialLimits {
  connect: number
  handshake: number
}

/** Gives the connection, or why there is none. */
export type Dialled = (failure: OriginFailure | null, socket?: Socket) => void

/** Makes one connection. */
export type Dial = (done: Dialled) => void

/** How TLS is spoken. */
export interface DialTls {
  hostname: string
  context: SecureContext
  /** Looks at the other side's certificate. */
  accepts(tls: TLSSocket): boolean
}

/** Connects without TLS. */
export const dialPlain =
  (place: OriginPlace, limits: DialLimits): Dial =>
  (done) =>
    dialTcp(place.host, place.port, limits, done)

/** Connects and shakes hands. */
export const dialTls =
  (place: OriginPlace, limits: DialLimits, { hostname, context, accepts }: DialTls): Dial =>
  (done) =>
    dialTcp(place.host, place.tlsPort, limits, (failure, socket) => {
      if (socket === undefined) return done(failure)
      const tls = connectTls({
        socket,
        servername: hostname,
        secureContext: context,
        // Judged by `accepts`: OpenSSL is given no CA.
        rejectUnauthorized: false,
        ALPNProtocols: ['http/1.1'],
      })
      settle(tls, 'secureConnect', limits.handshake, done, {
        late: 525,
        failed: () => 525,
        refused: () => (accepts(tls) ? undefined : 526),
      })
    })

function dialTcp(host: string, port: number, limits: DialLimits, done: Dialled): void {
  const socket = connectTcp({ host, port, noDelay: true })
  settle(socket, 'connect', limits.connect, done, {
    late: 522,
    failed: statusOfConnectError,
    refused: () => undefined,
  })
}

interface Settling {
  /** Status where it takes too long. */
  late: OriginStatus
  failed(error: NodeJS.ErrnoException): OriginStatus
  /** Status for a connection that stands and is not wanted. */
  refused(): OriginStatus | undefined
}

/** Waits for `event`, an error, the end or the deadline, whichever is first. */
function settle(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  deadline: number,
  done: Dialled,
  { late, failed, refused }: Settling,
): void {
  let settled = false
  const end = (status: OriginStatus | undefined, cause?: unknown): void => {
    if (settled) return
    settled = true
    clearTimeout(timer)
    socket.off('close', onClose)
    if (status === undefined) {
      done(null, socket)
      return
    }
    socket.destroy()
    done(new OriginFailure(status, cause))
  }
  const timer = setTimeout(() => end(late), deadline)
  const onClose = (): void => end(failed(new Error('closed')))
  socket.on('close', onClose)
  socket.once(event, () => end(refused()))
  // Stays: nobody else listens between TCP and TLS, and between two requests.
  socket.on('error', (error) => {
    socket.destroy()
    end(failed(error), error)
  })
}
