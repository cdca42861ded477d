/**
 * Whether anything speaks QUIC on a UDP port: a packet of a version that nobody has draws a Version Negotiation packet
 * (RFC 9000 §6, §17.2.1), without a handshake and without any state on the other side.
 * @module
 */
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { Endpoint } from './types.ts'

/** What came back. */
export interface QuicAnswer {
  /** Versions that the server names, e.g. `0x00000001` (RFC 9000); undefined: no Version Negotiation came. */
  versions: string[] | undefined
  /** One sentence for people. */
  summary: string
}

/** Reserved so that it forces negotiation (RFC 9000 §15). */
const unknownVersion = 0x1a2a3a4a

/** Servers pass over shorter datagrams (RFC 9000 §14.1). */
const leastLength = 1200

/** The packet that asks: a long header of a reserved version with our connection ids, and padding. */
export function question(destination: Buffer, source: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt8(0xc0, 0)
  head.writeUInt32BE(unknownVersion, 1)
  const packet = Buffer.alloc(leastLength)
  const ids = [Buffer.from([destination.length]), destination, Buffer.from([source.length]), source]
  Buffer.concat([head, ...ids]).copy(packet)
  return packet
}

/** Reads a Version Negotiation packet that answers our question: the connection ids have changed places. */
export function readNegotiation(bytes: Buffer, source: Buffer, destination: Buffer): string[] | undefined {
  const ids = Buffer.concat([
    Buffer.from([source.length]),
    source,
    Buffer.from([destination.length]),
    destination,
  ])
  const list = bytes.subarray(5 + ids.length)
  if (bytes.length < 5 + ids.length || bytes.readUInt8(0) < 0x80 || bytes.readUInt32BE(1) !== 0)
    return undefined
  if (!bytes.subarray(5, 5 + ids.length).equals(ids)) return undefined
  if (list.length === 0 || list.length % 4 !== 0) return undefined
  return Array.from({ length: list.length / 4 }, (_, at) => {
    return `0x${list
      .readUInt32BE(at * 4)
      .toString(16)
      .padStart(8, '0')}`
  })
}

/** Sends one datagram and waits for an answer, at most `patience` milliseconds. Never rejects. */
export function probeQuic(
  { hostname, address = hostname, port = 443 }: Endpoint,
  patience: number,
  signal?: AbortSignal,
): Promise<QuicAnswer> {
  const host = address.replace(/^\[|\]$/g, '')
  const where = `UDP ${port}`
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve({ versions: undefined, summary: 'stopped before it could finish' })
      return
    }
    const [destination, source] = [randomBytes(8), randomBytes(8)]
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
    let over = false
    const done = (versions: string[] | undefined, summary: string): void => {
      if (over) return
      over = true
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      socket.close()
      resolve({ versions, summary })
    }
    const onAbort = (): void => done(undefined, 'stopped before it could finish')
    const timer = setTimeout(() => done(undefined, `${where} is silent`), patience)
    signal?.addEventListener('abort', onAbort, { once: true })
    socket.on('error', () => done(undefined, `nothing listens on ${where}`))
    socket.on('message', (bytes) => {
      const versions = readNegotiation(bytes, source, destination)
      if (versions !== undefined) done(versions, `QUIC answers on ${where}: versions ${versions.join(', ')}`)
    })
    // Connected, so that the operating system tells of a closed port at once.
    socket.connect(port, host, () => {
      if (!over) socket.send(question(destination, source))
    })
  })
}
