/**
 * A UDP port that answers QUIC's first packet with Version Negotiation (RFC 9000 §17.2.1), and nothing else: as much of
 * HTTP/3 as can be seen without speaking it (a fault).
 * @module
 */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

/** QUIC version 1 (RFC 9000). */
const version1 = Buffer.from([0, 0, 0, 1])

/** Listens on a port. @throws the socket's error when it is taken. */
export async function answerQuic(host: string, port: number): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.on('message', (packet, from) => {
    const reply = negotiate(packet)
    if (reply !== undefined) socket.send(reply, from.port, from.address)
  })
  socket.bind(port, host)
  await once(socket, 'listening')
  socket.on('error', () => {})
  return socket
}

/** For a long header of a version that is not known here; the connection ids change places. */
function negotiate(packet: Buffer): Buffer | undefined {
  if (packet.length < 1200 || (packet[0] ?? 0) < 0x80) return undefined
  const afterDestination = 6 + (packet[5] ?? 0)
  const afterSource = afterDestination + 1 + (packet[afterDestination] ?? 0)
  if (packet.readUInt32BE(1) <= 1 || afterSource > packet.length) return undefined
  const destination = packet.subarray(5, afterDestination)
  const source = packet.subarray(afterDestination, afterSource)
  return Buffer.concat([Buffer.from([0x80, 0, 0, 0, 0]), source, destination, version1])
}
