/**
 * Whether anything speaks QUIC on a UDP port: a packet of a version that nobody has draws a Version Negotiation packet
 * (RFC 9000 §6, §17.2.1), without a handshake and without any state on the other side.
 * @module
 */
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'

/** What a Version Negotiation packet says. */
export interface QuicAnswer {
  /** QUIC versions that the server has, as sent: 1 is RFC 9000. */
  versions: number[]
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
export function readVersions(bytes: Buffer, source: Buffer, destination: Buffer): QuicAnswer | undefined {
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
  return { versions: Array.from({ length: list.length / 4 }, (_, at) => list.readUInt32BE(at * 4)) }
}

/** Asks once and waits at most `patience` milliseconds. Undefined: no answer that proves QUIC. Never rejects. */
export function askQuic(
  address: string,
  port: number,
  patience: number,
  signal?: AbortSignal,
): Promise<QuicAnswer | undefined> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve(undefined)
      return
    }
    const [destination, source] = [randomBytes(8), randomBytes(8)]
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
    let over = false
    const done = (answer: QuicAnswer | undefined): void => {
      if (over) return
      over = true
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      socket.close()
      resolve(answer)
    }
    const onAbort = (): void => done(undefined)
    const timer = setTimeout(onAbort, patience)
    signal?.addEventListener('abort', onAbort, { once: true })
    socket.on('error', onAbort)
    socket.on('message', (bytes) => {
      const answer = readVersions(bytes, source, destination)
      if (answer !== undefined) done(answer)
    })
    // Connected, so that the operating system tells of a closed port at once.
    socket.connect(port, address, () => {
      if (!over) socket.send(question(destination, source))
    })
  })
}
