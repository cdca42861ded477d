/**
 * A listener that nobody has a reason to ask: whoever does has read the certificate.
 * @module
 */
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { bracketed } from '../../harness/deployment/connect.ts'
import type { Target } from '../../harness/deployment/types.ts'

/** A running listener. */
export interface Listener {
  /** `http://address:port` */
  origin: string
  /** Paths that were asked for. */
  hits: string[]
  close(): void
}

const isLoopback = (address: string): boolean => /^(127\.|::1$|::ffff:127\.)/.test(address)
const isPrivate = (address: string): boolean =>
  /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|f[cd]|fe[89ab])/i.test(address)

/** The kind of network an address is in: a server in another kind does not see ours as we do. */
const kindOf = (address: string): string =>
  isLoopback(address) ? 'loopback' : isPrivate(address) ? 'private' : 'public'

/** Our address as the target sees it; undefined where there is no connection, or an address translation between. */
export function ownAddress(
  { address, hostname, port }: Target,
  deadline: number,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: address ?? hostname, port })
    const end = (own: string | undefined): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(own)
    }
    const timer = setTimeout(() => end(undefined), deadline)
    socket.once('error', () => end(undefined))
    socket.once('connect', () => {
      const { localAddress = '', remoteAddress = '' } = socket
      end(kindOf(localAddress) === kindOf(remoteAddress) ? localAddress : undefined)
    })
  })
}

/** Listens on one address, any free port. */
export function listenOn(address: string): Promise<Listener> {
  const hits: string[] = []
  const server = createServer((request, response) => {
    if (hits.length < 100) hits.push(request.url ?? '')
    request.resume()
    response.writeHead(404, { 'content-length': 0, connection: 'close' }).end()
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, address, () => {
      const { port } = server.address() as AddressInfo
      resolve({
        origin: `http://${bracketed(address)}:${port}`,
        hits,
        close: () => {
          server.close()
          server.closeAllConnections()
        },
      })
    })
  })
}

/** Waits until something was asked for that is not `control`, at most so many milliseconds. */
export async function heard({ hits }: Listener, patience: number): Promise<string[]> {
  const until = Date.now() + patience
  while (hits.length === 0 && Date.now() < until) await wait(20)
  return [...hits]
}
