/**
 * A TCP relay on loopback between k6 and the server that looks at what k6 sends: proof on the client's own machine, for
 * any server and without access to it. A reset is passed on as an orderly end after what came before it: through the tap
 * an alert is lost less often than without it; both count as closed where it is.
 * @module
 */
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Chunk } from '../../../harness/wire/types.ts'
import type { SendingProof } from '../../flood/types.ts'
import { FlightReader } from './flight.ts'

/** How a tap works. */
export interface TapOptions {
  /** The server: an address that was allowed. */
  address: string
  port: number
  /** The chain whose sending is looked for, PEM; undefined: none should be sent. */
  cert: string | undefined
  /** How many connections are recorded whole, for decryption; default 0. */
  record?: number
  /** Address of this machine that the server is reached from, for a server whose log tells clients apart by it. */
  from?: string | undefined
}

/** One recorded connection. */
export interface Recorded {
  chunks: Chunk[]
  closedBy: 'fin' | 'rst' | undefined
}

/** A tap that listens. */
export interface LoadTap {
  /** `127.0.0.1:port`, for `LOAD_CONNECT`. */
  readonly address: string
  readonly recorded: readonly Recorded[]
  /** Versions that were negotiated. */
  versions(): string[]
  /** What was seen so far. A connection counts when it has ended or shown its certificate. */
  proof(): SendingProof
  close(): Promise<void>
}

const perConnection = 1 << 17
const limits =
  'shows what left this machine, not that the server read it; in TLS 1.3 by the length of the encrypted message, whose content only the preflight reads'

/** Starts a tap on a free port of 127.0.0.1. */
export async function startTap(options: TapOptions): Promise<LoadTap> {
  const { address, port, cert, record = 0, from } = options
  const readers = new Set<FlightReader>()
  const done = { sent: 0, empty: 0, 'not asked': 0, other: 0, unread: 0 }
  const versions = new Set<string>()
  const recorded: Recorded[] = []
  const sockets = new Set<Socket>()
  let connections = 0

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const reader = new FlightReader(cert)
    const started = performance.now()
    const kept: Recorded | undefined = connections < record ? { chunks: [], closedBy: undefined } : undefined
    if (kept !== undefined) recorded.push(kept)
    let size = 0
    const note = (from: 'client' | 'server', bytes: Buffer): void => {
      if (kept === undefined || size > perConnection) return
      size += bytes.length
      kept.chunks.push({ from, at: performance.now() - started, bytes: Buffer.from(bytes) })
    }
    connections += 1
    readers.add(reader)
    const own = from === undefined ? {} : { localAddress: from }
    const upstream = connect({ host: address, port, allowHalfOpen: true, noDelay: true, ...own })
    relay(client, upstream, (bytes) => {
      note('client', bytes)
      reader.client(bytes)
    })
    relay(upstream, client, (bytes) => {
      note('server', bytes)
      reader.server(bytes)
    })
    upstream.once('end', () => {
      if (kept !== undefined) kept.closedBy ??= 'fin'
    })
    upstream.once('error', () => {
      if (kept !== undefined) kept.closedBy ??= 'rst'
    })
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    }
    client.once('close', () => {
      reader.end()
      done[reader.verdict] += 1
      if (reader.version !== undefined) versions.add(`TLSv${reader.version}`)
      readers.delete(reader)
    })
  })
  await listen(server)
  const bound = server.address()
  const local = typeof bound === 'object' && bound !== null ? bound.port : 0
  return {
    address: `127.0.0.1:${local}`,
    recorded,
    versions() {
      const now = [...readers].flatMap(({ version }) => (version === undefined ? [] : [`TLSv${version}`]))
      return [...new Set([...versions, ...now])]
    },
    proof() {
      const now = { ...done }
      for (const { verdict } of readers) now[verdict] += 1
      const { sent, empty, other, unread } = now
      return {
        by: 'every connection',
        connections,
        sent,
        empty,
        notAsked: now['not asked'],
        other,
        unread,
        limits,
      }
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port: 0 }, () => resolve())
  })
}

/** Passes on bytes and the end. */
function relay(from: Socket, to: Socket, look: (bytes: Buffer) => void): void {
  from.on('data', (bytes: Buffer) => {
    look(bytes)
    if (!to.destroyed && !to.write(bytes)) {
      from.pause()
      to.once('drain', () => from.resume())
    }
  })
  from.once('end', () => {
    if (!to.destroyed) to.end()
  })
  from.once('error', () => {
    // Not resetAndDestroy: with a shutdown under way libuv refuses it and Node then never closes the handle.
    if (!to.destroyed) to.destroySoon()
  })
  from.once('close', () => {
    if (!to.destroyed && !from.readableEnded) to.destroy()
  })
}
