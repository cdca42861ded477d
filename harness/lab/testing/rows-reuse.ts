/**
 * Rows of the table of faults: what a connection for one hostname says about another.
 * @module
 */
import { once } from 'node:events'
import { connect as connectHttp2, type OutgoingHttpHeaders } from 'node:http2'
import { connect as connectTls } from 'node:tls'
import { canaryPath, partner, primary, www } from '../hostnames.ts'
import type { Lab } from '../lab.ts'
import { type Row, type Show, words } from './show.ts'

const path = `${canaryPath}?challenge=ab`

/** The status of the last of these requests on one HTTP/1.1 connection with the first one's SNI. */
const http1 =
  (...hosts: string[]): Show =>
  async ({ edge }) => {
    const servername = hosts[0] ?? ''
    const socket = connectTls({ ...edge, servername, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
    let seen = ''
    let awake = (): void => {}
    socket.setEncoding('latin1').on('error', () => {})
    socket.on('data', (text: string) => {
      seen += text
      awake()
    })
    socket.on('close', () => awake())
    await once(socket, 'secureConnect')
    for (const [index, host] of hosts.entries()) {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
      while (statuses(seen).length <= index && !socket.destroyed)
        await new Promise<void>((resolve) => {
          awake = resolve
        })
    }
    socket.destroy()
    return statuses(seen)[hosts.length - 1] ?? 'closed'
  }

const statuses = (text: string): string[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, one = '']) => one)

/** The status of the last of these requests on one HTTP/2 connection. */
const http2 =
  (sni: string, ...requests: OutgoingHttpHeaders[]): Show =>
  async ({ edge }: Lab) => {
    const session = connectHttp2(`https://${sni}`, {
      host: edge.host,
      port: edge.port,
      servername: sni,
      rejectUnauthorized: false,
    })
    session.on('error', () => {})
    let status = ''
    for (const headers of requests) {
      const stream = session.request({ ':path': path, ...headers })
      status = await new Promise<string>((resolve) => {
        stream.on('response', (answer) => resolve(String(answer[':status'])))
        stream.on('error', (error) => resolve(error.message))
        stream.on('close', () => resolve('closed'))
      })
      stream.resume()
    }
    session.destroy()
    return status
  }

const authority = (name: string): OutgoingHttpHeaders => ({ ':authority': name })
const [open, closed] = [www.hostname, primary.hostname]

/** What lets in, what does not, and that the public hostname itself is served. */
export const reuseRows = {
  'edge.routes-by-authority': [
    { show: http2(open, authority(closed)), healthy: '403', faulty: '200' },
    { show: http1(open, open, closed), healthy: '403', faulty: '403' },
    { show: http2(open, authority(open)), healthy: '200', faulty: '200' },
  ],
  'edge.routes-by-host-field': [
    { show: http2(open, { ':authority': open, host: closed }), healthy: '400', faulty: '200' },
    { show: http2(open, authority(closed)), healthy: '403', faulty: '403' },
    { show: http2(open, authority(open)), healthy: '200', faulty: '200' },
  ],
  'edge.open-without-authority': [
    { show: http2(closed, { host: closed }), healthy: '403', faulty: '200' },
    { show: http2(closed, authority(closed)), healthy: '403', faulty: '403' },
    { show: words({ http: 2 }, 'self-signed'), healthy: '403', faulty: '403' },
  ],
  'edge.reuse-opens-http1': [
    { show: http1(open, closed), healthy: '403', faulty: '200' },
    { show: http1(closed), healthy: '403', faulty: '403' },
    { show: http2(open, authority(open), authority(closed)), healthy: '403', faulty: '403' },
  ],
  'edge.reuse-opens-http2': [
    { show: http2(open, authority(open), authority(closed)), healthy: '403', faulty: '200' },
    { show: http2(open, authority(closed)), healthy: '403', faulty: '403' },
    { show: http1(open, closed), healthy: '403', faulty: '403' },
  ],
  'edge.routes-between-mtls-hosts': [
    {
      show: words({ sni: closed, host: partner.hostname }, 'valid'),
      healthy: '403',
      faulty: '200 valid',
    },
    { show: words({ to: partner.hostname }, 'valid'), healthy: '403', faulty: '403' },
    { show: words({ to: partner.hostname }, 'partner'), healthy: '200 valid', faulty: '200 valid' },
  ],
} satisfies Record<string, readonly Row[]>
