/**
 * Where servers in containers listen.
 * @module
 */
import { type AddressInfo, createServer } from 'node:net'
import { connect } from 'node:tls'
import type { InnerPorts } from './servers.ts'

/** Inside a network of its own: nobody else is there. */
export const publishedPorts: InnerPorts = {
  address: '0.0.0.0',
  plain: 8080,
  tls: 8443,
  application: 9000,
  target: 80,
}

/** Free ports of this machine's loopback. Between now and the server's start somebody else could take one. */
export async function freePorts(): Promise<InnerPorts> {
  const servers = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const server = createServer()
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject).listen(0, '127.0.0.1', resolve)
      })
      return server
    }),
  )
  const [plain = 0, tls = 0, application = 0, target = 0] = servers.map(
    (server) => (server.address() as AddressInfo).port,
  )
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return { address: '127.0.0.1', plain, tls, application, target }
}

/**
 * Whether a TLS server answers on a port of 127.0.0.1. The engine's port forwarder takes connections for a server that does
 * not listen yet, so that is no answer; a refusal in TLS is one.
 */
export function answersTls(port: number, servername: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, servername, rejectUnauthorized: false, timeout: 2_000 })
    const end = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('secureConnect', () => end(true))
    socket.once('timeout', () => end(false))
    socket.once('close', () => end(false))
    // OpenSSL's errors; EPROTO is one that came while we wrote.
    socket.on('error', ({ code = '' }: NodeJS.ErrnoException) => end(/^(ERR_SSL_|EPROTO$)/.test(code)))
  })
}
