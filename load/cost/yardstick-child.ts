/**
 * The yardstick's process: full handshakes with a client certificate over loopback, both ends in this process. What slows a
 * server down (cores that are shared, caches, the kernel) slows this down alike; mere arithmetic it slows down less.
 * @module
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:tls'
import { createAuthority } from '../../harness/pki/authority.ts'
import type { YardstickAnswer } from './yardstick.ts'

/** Some milliseconds: long against the clock of CPU time, short against a block. */
const pieces = 2

const authority = await createAuthority({ name: 'CN=Yardstick CA' })
const { cert, key } = await authority.issue({ purpose: 'server' })
const client = await authority.issue()
const both = { ca: authority.cert, minVersion: 'TLSv1.3' } as const
const server = createServer({ ...both, cert, key, requestCert: true, rejectUnauthorized: true }, (socket) =>
  socket.on('error', () => undefined).end('x'),
)
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo

async function handshake(): Promise<void> {
  const socket = connect({
    ...both,
    host: '127.0.0.1',
    port,
    cert: client.cert,
    key: client.key,
    rejectUnauthorized: false,
  })
  socket.on('error', () => undefined).resume()
  await once(socket, 'close')
}

async function work(): Promise<YardstickAnswer> {
  const before = process.cpuUsage()
  for (let piece = 0; piece < pieces; piece += 1) await handshake()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / pieces
}

// The first ones compile.
for (let time = 0; time < 40; time += 1) await work()
process.on('message', () => void work().then((usec) => process.send?.(usec)))
process.on('disconnect', () => process.exit(0))
process.on('SIGINT', () => undefined)
