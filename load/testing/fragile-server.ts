/**
 * A server for tests whose every TLS connection costs a fixed time of its only thread, so that a flood of a known rate
 * fills it: `node fragile-server.ts <options as JSON>`. It refuses bad certificates in HTTP (400), as nginx does.
 * @module
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { TLSSocket } from 'node:tls'

/** What the process is told. */
export interface FragileOptions {
  port: number
  cert: string
  key: string
  ca: string
  /** Milliseconds of the thread that each connection costs. */
  cost: number
}

const { port, cert, key, ca, cost } = JSON.parse(process.argv[2] ?? '{}') as FragileOptions

function burn(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

const server = createServer(
  {
    cert: readFileSync(cert),
    key: readFileSync(key),
    ca: readFileSync(ca),
    requestCert: true,
    rejectUnauthorized: false,
  },
  (request, response) => {
    burn(cost)
    const { authorized } = request.socket as TLSSocket
    response.writeHead(authorized ? 200 : 400).end()
  },
)
server.listen(port, '127.0.0.1')
