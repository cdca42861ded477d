/**
 * What one writes without a lab: Node's own HTTPS server that asks for a client certificate and forwards to an origin with a
 * keep-alive agent. OpenSSL verifies; no rule, no Access, no state.
 * @module
 */
import { randomBytes } from 'node:crypto'
import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createSecureServer } from 'node:http2'
import { createServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { OriginPlace } from '../harness/lab/edge/origin/dial.ts'
import { forwardedHeaders, primary } from '../harness/lab/hostnames.ts'
import type { LabMaterial } from '../harness/lab/material.ts'

type Headers = Record<string, string>

const host = '127.0.0.1'

/** Starts it, once for HTTP/1.1 and once for HTTP/2. */
export async function startBareServer(
  material: LabMaterial,
  origin: OriginPlace,
): Promise<{ port: number; http2Port: number }> {
  const options = {
    ...material.server.good,
    ca: [material.clientCas.A.cert, material.clientCas.B.cert],
    requestCert: true,
    rejectUnauthorized: false,
    noDelay: true,
  }
  const forward = forwarding(origin)
  const http1 = createServer(options, (asked, answer) => {
    const tls = asked.socket as TLSSocket
    forward(asked, answer, { tls, key: tls })
  })
  const http2 = createSecureServer(options)
  http2.on('request', (asked, answer) => {
    const { session } = asked.stream
    if (session === undefined) return
    const connection = { tls: session.socket as TLSSocket, key: session }
    // Node's compatibility layer: the same methods.
    forward(asked as unknown as IncomingMessage, answer as unknown as ServerResponse, connection)
  })
  const [port, http2Port] = await Promise.all([listen(http1), listen(http2)])
  return { port, http2Port }
}

interface Connection {
  tls: TLSSocket
  /** One object per connection; that of HTTP/2 is hidden behind a proxy. */
  key: object
}

type Forward = (asked: IncomingMessage, answer: ServerResponse, connection: Connection) => void

function forwarding(origin: OriginPlace): Forward {
  const agent = new Agent({ keepAlive: true })
  /** The certificate of a connection does not change. */
  const known = new WeakMap<object, Headers>()
  return (asked, answer, { tls, key }) => {
    if (!tls.authorized) {
      asked.resume()
      answer.writeHead(403).end()
      return
    }
    const certificate = known.get(key) ?? certificateHeaders(tls)
    known.set(key, certificate)
    const remoteAddress = tls.remoteAddress ?? ''
    const { connection: _, ...received } = asked.headers
    const entries = Object.entries(received).filter(([name]) => !name.startsWith(':'))
    const outgoing = request({
      agent,
      host: origin.host,
      port: origin.port,
      method: asked.method ?? '',
      path: asked.url ?? '',
      headers: {
        ...(Object.fromEntries(entries) as Headers),
        ...certificate,
        host: primary.hostname,
        'x-forwarded-for': remoteAddress,
        'x-forwarded-proto': 'https',
        'cf-connecting-ip': remoteAddress,
        'cf-visitor': '{"scheme":"https"}',
        'cf-ray': `${randomBytes(8).toString('hex')}-LAB`,
      },
    })
    outgoing.once('error', () => answer.writeHead(502).end())
    outgoing.once('response', (response) => {
      const { connection: __, 'keep-alive': ___, 'transfer-encoding': ____, ...back } = response.headers
      answer.writeHead(response.statusCode ?? 502, back)
      response.pipe(answer)
    })
    asked.pipe(outgoing)
  }
}

/** As many headers as the edge adds, of about their length. */
function certificateHeaders(socket: TLSSocket): Headers {
  const { subject, issuer, serialNumber, fingerprint, fingerprint256, valid_from, valid_to } =
    socket.getPeerCertificate()
  const name = (of: object): string =>
    Object.entries(of)
      .map(([key, value]) => `${key}=${String(value)}`)
      .join(',')
  const dns = { subject: name(subject), issuer: name(issuer) }
  return {
    [forwardedHeaders.presented]: '1',
    [forwardedHeaders.status]: 'valid',
    [forwardedHeaders.ski]: fingerprint.replaceAll(':', ''),
    [forwardedHeaders.issuerSki]: fingerprint.replaceAll(':', ''),
    [forwardedHeaders.subject]: dns.subject,
    [forwardedHeaders.issuer]: dns.issuer,
    [forwardedHeaders.serial]: serialNumber,
    [forwardedHeaders.fingerprint]: fingerprint256.replaceAll(':', ''),
    [forwardedHeaders.notBefore]: valid_from,
    [forwardedHeaders.notAfter]: valid_to,
    'cf-cert-revoked': '0',
    'cf-cert-issuer-dn-rfc2253': dns.issuer,
    'cf-cert-subject-dn-rfc2253': dns.subject,
    'cf-cert-issuer-dn-legacy': dns.issuer,
    'cf-cert-subject-dn-legacy': dns.subject,
    'cf-cert-issuer-serial': serialNumber,
    'cf-cert-fingerprint-sha1': fingerprint,
  }
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, host, () => resolve((server.address() as AddressInfo).port))
  })
