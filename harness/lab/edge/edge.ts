/**
 * The mock edge: two listeners, from the first byte of a connection to its requests.
 * @module
 */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { AccessGate } from '../access/types.ts'
import type { Faults } from '../faults.ts'
import type { LabMaterial } from '../material.ts'
import type { Store } from '../state/store.ts'
import { createCanaryCache } from './canary-cache.ts'
import { chooseHost, defaultHost } from './choose-host.ts'
import type { Connection } from './connection.ts'
import { readFirstBytes } from './first-bytes.ts'
import { type EdgeServices, handle } from './handle.ts'
import { createHosts } from './hosts.ts'
import { createHttp1 } from './http1.ts'
import { acceptHttp2 } from './http2.ts'
import { lenientFor, terminateLeniently } from './lenient-tls/lenient-tls.ts'
import type { Limits } from './limits.ts'
import { createOriginConnector } from './origin/connector.ts'
import type { OriginPlace } from './origin/dial.ts'
import { answerQuic } from './quic.ts'
import { createSharedCache } from './shared-cache.ts'
import { dropsHello, missesName } from './sniffing.ts'
import { terminateTls } from './terminate.ts'
import { createTlsPolicy } from './tls-policy.ts'
import { noCertificate } from './verdict.ts'

/** What an edge is started with. */
export interface EdgeOptions {
  material: LabMaterial
  faults: Faults
  store: Store
  access: AccessGate
  origins: Readonly<Record<string, OriginPlace>>
  limits: Limits
  /** TLS port; 0: any free one. */
  port: number
  /** Gets the leaf of every client certificate that a full handshake brought, whatever becomes of it. */
  onCertificate?: ((leaf: Buffer) => void) | undefined
}

/** A running edge. */
export interface Edge {
  host: '127.0.0.1'
  port: number
  plainPort: number
  /** Another TLS port with the same hostnames and rules. */
  otherPort: number
  /** Ends every connection. */
  close(): Promise<void>
}

const host = '127.0.0.1'

/** Starts the edge. @throws the listener's error when the port is taken. */
export async function startEdge({
  material,
  faults,
  store,
  access,
  origins,
  limits,
  port,
  onCertificate,
}: EdgeOptions): Promise<Edge> {
  const sockets = new Set<Socket>()
  const connector = createOriginConnector({
    store,
    faults,
    origins,
    sharedPull: material.sharedPull,
    originCa: material.originCa,
  })
  const hosts = createHosts(store, material)
  const policy = createTlsPolicy(material, hosts, faults, () => store.now(), onCertificate)
  const services: EdgeServices = {
    faults,
    hosts,
    access,
    connector,
    limits,
    cache: createCanaryCache(),
    shared: createSharedCache(faults),
    tlsPort: () => ports.tls,
  }
  const connections = new WeakMap<Socket, Connection>()
  const http1 = createHttp1(limits, (exchange, socket) => {
    const connection = connections.get(socket)
    if (connection === undefined) exchange.abort()
    else handle(exchange, connection, services)
  })
  const speakHttp1 = (socket: Socket, connection: Connection): void => {
    connections.set(socket, connection)
    http1.accept(socket)
  }

  const onTls = async (socket: Socket, isOther: boolean): Promise<void> => {
    const first = await readFirstBytes(socket, limits.handshake)
    if (first.kind === 'http') {
      socket.unshift(first.bytes)
      return speakHttp1(socket, withoutTls('misplaced', socket))
    }
    if (first.kind !== 'client-hello') return void socket.destroy()
    if (dropsHello(first, faults)) return void socket.destroy()
    const choice = missesName(first, faults)
      ? defaultHost(hosts)
      : chooseHost(first.hello.serverName, hosts, faults)
    if (choice.kind === 'alert') return sendAlert(socket, choice.code)
    // The rules were written for one port.
    if (isOther && faults.has('edge.other-port-open')) choice.loose = true
    const terms = policy.terms(choice.host, first)
    const holes = terms.requestCertificate ? lenientFor(choice, first.hello, faults) : undefined
    if (holes !== undefined) {
      const lenient = { ...policy.lenient(choice.host), ...holes }
      const done = await terminateLeniently(socket, first.bytes, choice, lenient, limits.handshake)
      return done === undefined ? undefined : speakHttp1(done.stream, done.connection)
    }
    const tls = await terminateTls(socket, first.bytes, terms, limits.handshake)
    if (tls === undefined) return
    const connection = { ...policy.connection(tls, choice, terms), otherPort: isOther }
    if (tls.alpnProtocol === 'h2')
      acceptHttp2(tls, limits, (exchange) => handle(exchange, connection, services))
    else speakHttp1(tls, connection)
  }

  const track = (socket: Socket): void => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => sockets.delete(socket))
  }
  /** Whatever goes wrong with one connection ends that connection. */
  const receive = (socket: Socket, isOther: boolean): void => {
    track(socket)
    onTls(socket, isOther).catch(() => socket.destroy())
  }
  const tlsServer = createServer((socket) => receive(socket, false))
  const otherServer = createServer((socket) => receive(socket, true))
  const plainServer = createServer((socket) => {
    track(socket)
    speakHttp1(socket, withoutTls('plain', socket))
  })
  const ports = {
    tls: await listen(tlsServer, port),
    plain: await listen(plainServer, 0),
    other: await listen(otherServer, 0),
  }
  if (faults.has('edge.not-listening')) await closeServer(tlsServer)
  const quic = faults.has('edge.answers-quic') ? await answerQuic(host, ports.tls) : undefined
  return {
    host,
    port: ports.tls,
    plainPort: ports.plain,
    otherPort: ports.other,
    async close() {
      const closed = [tlsServer, plainServer, otherServer].map(closeServer)
      for (const socket of sockets) socket.destroy()
      quic?.close()
      connector.close()
      http1.close()
      await Promise.all(closed)
    },
  }
}

const withoutTls = (transport: 'plain' | 'misplaced', socket: Socket): Connection => ({
  transport,
  host: undefined,
  loose: false,
  originHostname: undefined,
  version: undefined,
  remoteAddress: socket.remoteAddress ?? '',
  requests: 0,
  verdict: () => noCertificate,
})

/** A fatal alert in place of a ServerHello (RFC 8446 §6). */
function sendAlert(socket: Socket, code: number): void {
  socket.end(Buffer.from([21, 3, 3, 0, 2, 2, code]))
  socket.resume()
  setTimeout(() => socket.destroy(), 1000).unref()
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => resolve((server.address() as AddressInfo).port))
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
  })
}
