/**
 * A small edge for tests: a plain port whose requests are forwarded to the origins, nothing else.
 * @module
 */
import { once } from 'node:events'
import { request } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { type FaultId, selectFaults } from '../../faults.ts'
import { emptyZone, pullCertificate } from '../../origin-pulls/testing/pulls.ts'
import type { OriginMaterial } from '../../origins/material.ts'
import { createStore, type Store } from '../../state/store.ts'
import type { SslMode, ZoneState } from '../../state/types.ts'
import { forward } from '../forward.ts'
import { createHttp1 } from '../http1.ts'
import { defaultLimits, type Limits } from '../limits.ts'
import { createOriginConnector } from './connector.ts'
import type { DialLimits, OriginPlace } from './dial.ts'

/** A name of the small edge's zone. */
export const hostname = 'api.example.test'
/** Another name of the same zone and origin. */
export const otherHostname = 'www.example.test'

/** What it is started with. */
export interface SmallEdgeOptions {
  material: Pick<OriginMaterial, 'sharedPull' | 'originCa'>
  origin: OriginPlace
  ssl?: SslMode
  faults?: readonly FaultId[]
  limits?: Partial<Limits>
  dialLimits?: DialLimits
}

/** An answer. */
export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
  /** What the canary told of the edge's certificate. */
  seen: { presented: boolean; verified: boolean; subject?: string } | undefined
}

/** A running one. */
export interface SmallEdge {
  port: number
  store: Store
  zone: ZoneState
  /** Puts a certificate where the zone or its hostnames use it. */
  present(level: 'zone' | 'hostname', identity: { cert: string; key: string }, id?: string): void
  ask(asked?: { host?: string; path?: string; method?: string; body?: string | Buffer }): Promise<Answer>
  close(): Promise<void>
}

/** The canary with a challenge. */
export const canary = '/__harness/echo?challenge=abcd'

/** Starts one on 127.0.0.1. */
export async function startSmallEdge(options: SmallEdgeOptions): Promise<SmallEdge> {
  const faults = selectFaults(options.faults ?? [])
  const zone = emptyZone(options.ssl ?? 'full')
  const named = (name: string) => ({ hostname: name, zoneId: zone.id, what: '', origin: 'main' })
  const store = createStore({
    schemaVersion: 1,
    accounts: {},
    zones: { [zone.id]: zone },
    hostnames: { [hostname]: named(hostname), [otherHostname]: named(otherHostname) },
    credentials: {},
    delays: { deployment: 0, deletion: 0, revocation: 0, sessionRevocation: 0, certificateSettings: 0 },
  })
  const connector = createOriginConnector({
    store,
    faults,
    origins: { main: options.origin },
    sharedPull: options.material.sharedPull,
    originCa: options.material.originCa,
    ...(options.dialLimits === undefined ? {} : { limits: options.dialLimits }),
  })
  const limits = { ...defaultLimits, ...options.limits }
  const http1 = createHttp1(limits, (exchange) =>
    forward(exchange, {
      connector,
      faults,
      hostname: (exchange.authorities[0] ?? '').toLowerCase(),
      path: exchange.target,
      headers: exchange.headers.filter(([name]) => name.toLowerCase() !== 'connection'),
      limits,
      answerHeaders: [['cf-ray', '0123456789abcdef-LAB']],
    }),
  )
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    http1.accept(socket)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    store,
    zone,
    present(level, identity, id = 'c1') {
      const { originPulls: pulls } = zone
      const made = pullCertificate(id, identity, { deployedAt: store.now() })
      if (level === 'zone') {
        pulls.enabled = true
        pulls.zoneCertificates = { [id]: made }
      } else {
        pulls.hostnameCertificates[id] = made
        pulls.associations[hostname] = {
          hostname,
          certId: id,
          enabled: true,
          createdAt: '',
          updatedAt: '',
          lifecycle: { status: 'active' },
        }
      }
      store.changed()
    },
    ask: (asked = {}) => ask(port, asked),
    async close() {
      for (const socket of sockets) socket.destroy()
      connector.close()
      http1.close()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function ask(
  port: number,
  { host = hostname, path = canary, method = 'GET', body }: NonNullable<Parameters<SmallEdge['ask']>[0]>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({
      ...{ host: '127.0.0.1', port, path, method, headers: { host }, agent: false },
      maxHeaderSize: 256 * 1024,
    })
    asked.on('error', reject)
    asked.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('error', reject).on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        const echo = text.startsWith('{"harness"')
          ? (JSON.parse(text) as { clientCertificate?: Answer['seen'] })
          : {}
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: text,
          seen: echo.clientCertificate,
        })
      })
    })
    asked.end(body)
  })
}

/** Passes bytes on to a port, and counts connections. */
export async function startRelay(
  to: number,
): Promise<{ port: number; connections(): number; close(): void }> {
  let count = 0
  const server = createServer((client) => {
    count += 1
    const upstream = connect(to, '127.0.0.1')
    for (const [from, other] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      from.on('error', () => other.destroy()).once('close', () => other.destroy())
    client.pipe(upstream).pipe(client)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => count,
    close: () => server.close(),
  }
}

/** A listener that is not what an origin should be. */
export async function startBroken(
  onConnection: (socket: Socket) => void,
): Promise<{ place: OriginPlace; lost: () => Promise<unknown>; close(): Promise<void> }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => socket.destroy()))
    onConnection(socket)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    place: { host: '127.0.0.1', port, tlsPort: port },
    // Once no connection is open.
    async lost() {
      for (const socket of sockets) if (!socket.destroyed) await once(socket, 'close')
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
