/**
 * Free ports of this machine's loopback.
 * @module
 */
import { type AddressInfo, createServer } from 'node:net'

/** Two different ports that nobody listens on. Between now and the server's start somebody else could take one. */
export async function twoFreePorts(): Promise<{ port: number; controlPort: number }> {
  const servers = await Promise.all(
    [0, 1].map(
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer()
          server.once('error', reject).listen(0, '127.0.0.1', () => resolve(server))
        }),
    ),
  )
  const [port = 0, controlPort = 0] = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return { port, controlPort }
}
