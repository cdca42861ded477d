/**
 * A small client for tests of the lab: one connection, one request, everything that was seen. Independent of the probe.
 * @module
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { Identity } from '../../pki/types.ts'
import { canaryPath, forwardedHeaders, primary } from '../hostnames.ts'
import type { Lab } from '../lab.ts'

/** What to send. */
export interface Sent {
  /** SNI; default: `to`. `false`: none. */
  sni?: string | false
  /** Default: the primary hostname. */
  to?: string
  /** Host or `:authority`; default: `to`. */
  host?: string
  version?: 'TLSv1.2' | 'TLSv1.3'
  http?: 1 | 2
  identity?: Identity
  method?: string
  /** Default: the canary with a fresh challenge. */
  path?: string
  headers?: [string, string][]
  body?: Buffer
  /** Chunks and trailers as written, instead of a body (HTTP/1). */
  chunked?: string
  session?: Buffer | undefined
  /** Without TLS: on the TLS port, or on the plain one. */
  clear?: 'tls-port' | 'plain-port'
  /** To the other TLS port. */
  otherPort?: true
  /** Requests more than one on the same connection, all alike; the last answer counts. */
  times?: number
}

/** The canary's answer. */
export interface Echo {
  challenge: string
  nonce: string
  path: string
  headers: [string, string][]
  count: number
  marked?: number
}

/** What came back. */
export interface Seen {
  /** 0: no HTTP answer. */
  status: number
  headers: [string, string][]
  body: string
  /** The request reached an origin: its canary answered. */
  echo: Echo | undefined
  /** Code of the first error. */
  error: string | undefined
  resumed: boolean
  protocol: string | null
  sessions: Buffer[]
  peerCertificate: string
}

/** Header values as the origin received them, spelling ignored. */
export const originSaw = ({ echo }: Seen, name: string): string[] =>
  (echo?.headers ?? [])
    .filter(([key]) => key.toLowerCase().replaceAll('_', '-') === name)
    .map(([, value]) => value)

/** The result in a few words: status, and what the origin was told about the certificate. */
export function inWords(seen: Seen): string {
  if (seen.status === 0) return seen.error ?? 'closed'
  return seen.echo === undefined
    ? `${seen.status}`
    : `${seen.status} ${originSaw(seen, forwardedHeaders.status).join('+') || '-'}`
}

/** Sends one request to a lab. */
export async function send(lab: Lab, sent: Sent = {}): Promise<Seen> {
  const { port, plainPort, otherPort } = lab.edge
  const tls = sent.otherPort === true ? otherPort : port
  const tcp = connectTcp(sent.clear === 'plain-port' ? plainPort : tls, '127.0.0.1')
  const seen: Seen = {
    status: 0,
    headers: [],
    body: '',
    echo: undefined,
    error: undefined,
    resumed: false,
    protocol: null,
    sessions: [],
    peerCertificate: '',
  }
  const deadline = setTimeout(() => tcp.destroy(new Error('deadline')), 8000)
  try {
    const socket = sent.clear === undefined ? await secure(tcp, sent, seen) : await clear(tcp, seen)
    if (socket !== undefined) await (sent.http === 2 ? overHttp2 : overHttp1)(socket, sent, seen)
  } finally {
    clearTimeout(deadline)
    tcp.destroy()
  }
  seen.echo = readEcho(seen.body)
  return seen
}

async function clear(tcp: Socket, seen: Seen): Promise<Socket | undefined> {
  tcp.on('error', (error: NodeJS.ErrnoException) => {
    seen.error ??= error.code ?? error.message
  })
  const connected = once(tcp, 'connect').then(
    () => true,
    () => false,
  )
  return (await connected) ? tcp : undefined
}

async function secure(tcp: Socket, sent: Sent, seen: Seen): Promise<TLSSocket | undefined> {
  const { identity, session, version } = sent
  const sni = sent.sni ?? sent.to ?? primary.hostname
  const tls = connectTls({
    socket: tcp,
    servername: sni === false ? '' : sni,
    rejectUnauthorized: false,
    minVersion: version ?? 'TLSv1.2',
    maxVersion: version ?? 'TLSv1.3',
    ALPNProtocols: [sent.http === 2 ? 'h2' : 'http/1.1'],
    ...(session === undefined ? {} : { session: bareSession(session) }),
    ...(identity === undefined ? {} : { cert: identity.cert, key: identity.key }),
    ...(identity?.weak === true ? { ciphers: 'DEFAULT:@SECLEVEL=0' } : {}),
  })
  tcp.on('error', (error: NodeJS.ErrnoException) => {
    seen.error ??= error.code ?? error.message
  })
  tls.on('error', (error: NodeJS.ErrnoException) => {
    seen.error ??= error.code ?? error.message
  })
  tls.on('session', (one: Buffer) => seen.sessions.push(one))
  const done = await Promise.race([
    once(tls, 'secureConnect').then(
      () => true,
      () => false,
    ),
    once(tls, 'close').then(
      () => false,
      () => false,
    ),
  ])
  if (!done) return undefined
  seen.resumed = tls.isSessionReused()
  seen.protocol = tls.getProtocol()
  seen.peerCertificate = tls.getPeerX509Certificate()?.toString() ?? ''
  return tls
}

const wrapping = Buffer.from('\0nodejs:tls:session:1\0')

/**
 * The SSL_SESSION itself. Recent Node versions put the server name before it and do not offer the session to another
 * name, which is what these tests are about; without the name they do.
 */
function bareSession(session: Buffer): Buffer {
  if (!session.subarray(0, wrapping.length).equals(wrapping)) return session
  const name = session.readUInt16BE(wrapping.length)
  return session.subarray(wrapping.length + 2 + name)
}

const targetOf = (sent: Sent): string =>
  sent.path ?? `${canaryPath}?challenge=${randomBytes(8).toString('hex')}`

async function overHttp1(socket: Socket, sent: Sent, seen: Seen): Promise<void> {
  const { method = 'GET', body, times = 1 } = sent
  for (let n = 1; n <= times; n++) {
    const last = n === times
    const head = [
      `${method} ${targetOf(sent)} HTTP/1.1`,
      `Host: ${sent.host ?? sent.to ?? primary.hostname}`,
      ...(sent.headers ?? []).map(([name, value]) => `${name}: ${value}`),
      ...(body === undefined ? [] : [`Content-Length: ${body.length}`]),
      ...(last && !(sent.headers ?? []).some(([name]) => name === 'Connection') ? ['Connection: close'] : []),
    ]
    socket.write(`${head.join('\r\n')}\r\n\r\n`)
    if (body !== undefined) socket.write(body)
    if (sent.chunked !== undefined) socket.write(sent.chunked)
    readHttp1(await collect(socket, method === 'HEAD'), seen)
  }
  // TLS 1.3 tickets come with the answer, but their events a little later.
  if (seen.sessions.length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
}

/** Bytes until one whole answer is there, or the end. */
function collect(socket: Socket, headOnly: boolean): Promise<Buffer> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0)
    const done = (): void => {
      socket.off('data', onData).off('close', done).off('end', done)
      resolve(bytes)
    }
    const onData = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk])
      const end = bytes.indexOf('\r\n\r\n')
      if (end < 0) return
      const length = /content-length: (\d+)/i.exec(bytes.toString('latin1', 0, end))?.[1]
      if (headOnly || (length !== undefined && bytes.length >= end + 4 + Number(length))) done()
    }
    socket.on('data', onData).on('close', done).on('end', done)
  })
}

function readHttp1(bytes: Buffer, seen: Seen): void {
  const text = bytes.toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n')
  seen.status = Number(statusLine.split(' ')[1])
  seen.headers = lines.map((line) => [
    line.slice(0, line.indexOf(':')).toLowerCase(),
    line.slice(line.indexOf(':') + 1).trim(),
  ])
  seen.body = text.slice(end + 4)
}

async function overHttp2(socket: Socket, sent: Sent, seen: Seen): Promise<void> {
  const to = sent.to ?? primary.hostname
  const session = connectHttp2(`https://${to}`, { createConnection: () => socket })
  session.on('error', (error: NodeJS.ErrnoException) => {
    seen.error ??= error.code ?? error.message
  })
  for (let n = 1; n <= (sent.times ?? 1); n++) {
    const headers: Record<string, string | string[]> = {}
    for (const [name, value] of sent.headers ?? [])
      headers[name] = headers[name] === undefined ? value : [headers[name], value].flat()
    const stream = session.request(
      { ':method': sent.method ?? 'GET', ':path': targetOf(sent), ':authority': sent.host ?? to, ...headers },
      { endStream: sent.body === undefined },
    )
    seen.body = ''
    stream.setEncoding('latin1')
    stream.on('error', (error: NodeJS.ErrnoException) => {
      seen.error ??= error.code ?? error.message
    })
    stream.on('response', (answer, _flags) => {
      seen.status = Number(answer[':status'])
      seen.headers = Object.entries(answer).map(([name, value]) => [name, String(value)])
    })
    stream.on('data', (text: string) => {
      seen.body += text
    })
    if (sent.body !== undefined) stream.end(sent.body)
    await new Promise((resolve) => stream.once('close', resolve))
  }
  session.destroy()
}

function readEcho(body: string): Echo | undefined {
  try {
    const value = JSON.parse(body) as { harness?: string } & Echo
    return value.harness === 'canary' ? value : undefined
  } catch {
    return undefined
  }
}
