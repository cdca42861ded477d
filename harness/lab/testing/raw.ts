/**
 * Connections on which tests write whatever they like.
 * @module
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Identity } from '../../pki/types.ts'

/** Everything that comes until the other side ends; rejects after ten seconds, so that no test hangs. */
export function readToEnd(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const timer = setTimeout(() => reject(new Error('the connection was not ended')), 10_000)
    socket.on('data', (chunk: Buffer) => {
      if (text.length < 1_000_000) text += chunk.toString('latin1')
    })
    socket.on('error', () => {})
    socket.once('close', () => {
      clearTimeout(timer)
      resolve(text)
    })
    socket.resume()
  })
}

/** A TCP connection. */
export async function tcpTo(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** A TLS connection whose handshake is done. */
export async function tlsTo(
  port: number,
  servername: string,
  options: { identity?: Identity; alpn?: string; over?: Socket } = {},
): Promise<Socket> {
  const { identity, alpn, over } = options
  const tls = connectTls({
    ...(over === undefined ? { host: '127.0.0.1', port } : { socket: over }),
    servername,
    rejectUnauthorized: false,
    ...(alpn === undefined ? {} : { ALPNProtocols: [alpn] }),
    ...(identity === undefined ? {} : { cert: identity.cert, key: identity.key }),
  })
  tls.on('error', () => {})
  await once(tls, 'secureConnect')
  return tls
}

/** A proxy that cuts what the client sends first: into records of `record` bytes, and into segments of `segment`. */
export async function cutter(
  to: number,
  cut: { record?: number; segment: number },
): Promise<{ port: number; close(): void }> {
  const server = createServer((client) => {
    const upstream = connect(to, '127.0.0.1').setNoDelay(true)
    upstream.pipe(client)
    for (const socket of [client, upstream]) socket.on('error', () => socket.destroy())
    client.once('close', () => upstream.destroy())
    client.once('data', (first: Buffer) => {
      const bytes = cut.record === undefined ? first : rerecord(first, cut.record)
      client.pause()
      void inSegments(upstream, bytes, cut.segment).then(() => client.pipe(upstream))
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { port: (server.address() as AddressInfo).port, close: () => server.close() }
}

/** The payload of the first record in records of `size` bytes; what follows it is kept. */
function rerecord(bytes: Buffer, size: number): Buffer {
  const end = 5 + bytes.readUInt16BE(3)
  const payload = bytes.subarray(5, end)
  const records: Buffer[] = []
  for (let at = 0; at < payload.length; at += size) {
    const part = payload.subarray(at, at + size)
    records.push(Buffer.from([...bytes.subarray(0, 3), part.length >> 8, part.length & 0xff]), part)
  }
  return Buffer.concat([...records, bytes.subarray(end)])
}

async function inSegments(socket: Socket, bytes: Buffer, size: number): Promise<void> {
  for (let at = 0; at < bytes.length; at += size) {
    socket.write(bytes.subarray(at, at + size))
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** The ClientHello of a TLS client, as bytes. */
export async function clientHello(servername: string): Promise<Buffer> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = connectTls({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, servername })
  client.on('error', () => {})
  const [socket] = (await once(server, 'connection')) as [Socket]
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  client.destroy()
  server.close()
  return bytes
}
