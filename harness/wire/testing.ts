/**
 * What the tests of this folder share: throwaway certificates, servers on loopback, tapped connections.
 * @module
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect as tlsConnect } from 'node:tls'
import { type Tap, tap } from './tap.ts'
import { readTranscript } from './transcript.ts'
import type { Chunk, Transcript } from './types.ts'

/** A certificate (with its chain, if any) and key, as text and as files. */
export interface TestIdentity {
  cert: string
  key: string
  certFile: string
  keyFile: string
}

/** Certificates made once per test process, removed at its end. */
export interface TestCertificates {
  folder: string
  serverEc: TestIdentity
  serverRsa: TestIdentity
  /** PEM of both client CAs. */
  clientCas: string
  clientCasFile: string
  /** Leaf and intermediate. */
  client: TestIdentity
  intermediateFile: string
  clientRsa: TestIdentity
  clientEd25519: TestIdentity
}

const keyTypes = {
  ec: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  rsa: ['-newkey', 'rsa:2048'],
  ed25519: ['-newkey', 'ed25519'],
}

function makeCertificates(): TestCertificates {
  const folder = mkdtempSync(join(tmpdir(), 'wire-test-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const file = (name: string): string => join(folder, name)
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { stdio: 'pipe' })
  }
  const read = (name: string): string => readFileSync(file(name), 'latin1')
  const selfSigned = (name: string, type: keyof typeof keyTypes, subject: string, ...rest: string[]): void =>
    openssl('req', '-x509', '-utf8', ...keyTypes[type], '-nodes', '-days', '2', '-subj', subject,
      '-keyout', file(`${name}.key`), '-out', file(`${name}.crt`), ...rest) // biome-ignore format: an openssl line
  const issued = (
    name: string,
    type: keyof typeof keyTypes,
    subject: string,
    by: string,
    extensions: string,
  ): void => {
    writeFileSync(file('ext'), extensions)
    openssl(
      'req',
      ...keyTypes[type],
      '-nodes',
      '-subj',
      subject,
      '-keyout',
      file(`${name}.key`),
      '-out',
      file('csr'),
    )
    openssl('x509', '-req', '-in', file('csr'), '-CA', file(`${by}.crt`), '-CAkey', file(`${by}.key`),
      '-CAcreateserial', '-days', '2', '-extfile', file('ext'), '-out', file(`${name}.crt`)) // biome-ignore format: an openssl line
  }
  const identity = (name: string, chain = ''): TestIdentity => {
    const cert = read(`${name}.crt`) + chain
    writeFileSync(file(`${name}.pem`), cert)
    return { cert, key: read(`${name}.key`), certFile: file(`${name}.pem`), keyFile: file(`${name}.key`) }
  }
  const leaf = 'basicConstraints=CA:FALSE\nextendedKeyUsage=clientAuth\n'
  const san = ['-addext', 'subjectAltName=DNS:localhost']
  selfSigned('server-ec', 'ec', '/CN=localhost', ...san)
  selfSigned('server-rsa', 'rsa', '/CN=localhost', ...san)
  selfSigned('ca', 'ec', '/DC=test/O=Exa, mple "Q" \\+ <Söhne>/OU=#1/CN=Wire Test Client CA')
  selfSigned('ca2', 'ec', '/C=DE/emailAddress=ca@example.com/serialNumber=42/CN=Second CA')
  issued('middle', 'ec', '/CN=Wire Test Intermediate', 'ca', 'basicConstraints=critical,CA:TRUE\n')
  issued('client', 'ec', '/O=Exa/CN=client-001', 'middle', leaf)
  issued('client-rsa', 'rsa', '/CN=client-rsa', 'ca', leaf)
  issued('client-ed', 'ed25519', '/CN=client-ed', 'ca', leaf)
  writeFileSync(file('cas.pem'), read('ca.crt') + read('ca2.crt'))
  return {
    folder,
    serverEc: identity('server-ec'),
    serverRsa: identity('server-rsa'),
    clientCas: read('ca.crt') + read('ca2.crt'),
    clientCasFile: file('cas.pem'),
    intermediateFile: file('middle.crt'),
    client: identity('client', read('middle.crt')),
    clientRsa: identity('client-rsa'),
    clientEd25519: identity('client-ed'),
  }
}

let made: TestCertificates | undefined

/** The certificates of this test process. */
export function certificates(): TestCertificates {
  made ??= makeCertificates()
  return made
}

/** Listens on a free port of 127.0.0.1. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** What a tapped connection came to. */
export interface TappedResult {
  tap: Tap
  keylog: Buffer[]
  transcript: Transcript
  response: Buffer
  error: NodeJS.ErrnoException | undefined
  sessions: Buffer[]
}

/** How {@link tapped} behaves beside its TLS options. */
export interface TappedOptions extends ConnectionOptions {
  /** Written when the handshake is complete; default an HTTP/1.0 request. Empty: nothing. */
  request?: string
  limit?: number
}

export const httpRequest = 'GET / HTTP/1.0\r\nHost: localhost\r\n\r\n'

/** Connects through a tap, sends a request, and reads until the server closes. Fails when that takes 10 s. */
export async function tapped(port: number, options: TappedOptions = {}): Promise<TappedResult> {
  const { request = httpRequest, limit, ...rest } = options
  const recorded = tap(connect(port, '127.0.0.1'), limit === undefined ? {} : { limit })
  const keylog: Buffer[] = []
  const sessions: Buffer[] = []
  const response: Buffer[] = []
  let error: NodeJS.ErrnoException | undefined
  const socket = tlsConnect({
    servername: 'localhost',
    rejectUnauthorized: false,
    ...rest,
    socket: recorded.stream,
  })
  socket.on('keylog', (line: Buffer) => keylog.push(line))
  socket.on('session', (session: Buffer) => sessions.push(session))
  socket.on('data', (bytes) => response.push(bytes))
  socket.on('error', (found) => {
    error ??= found
  })
  if (request !== '') socket.once('secureConnect', () => socket.write(request))
  await deadline(new Promise((resolve) => socket.once('close', resolve)), () => socket.destroy())
  const transcript = readTranscript({ ...recorded, keylog })
  return { tap: recorded, keylog, transcript, response: Buffer.concat(response), error, sessions }
}

/** A generous bound against hangs. */
export async function deadline<T>(work: Promise<T>, stop: () => void = () => {}, ms = 10_000): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([work, late])
  } catch (error) {
    stop()
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** A relay that records one connection: for clients that cannot be tapped from inside. */
export async function recordingRelay(
  target: number,
): Promise<{ port: number; chunks: Chunk[]; stop: () => void }> {
  const chunks: Chunk[] = []
  const sockets: Socket[] = []
  const start = performance.now()
  const relay = (from: Chunk['from'], source: Socket, sink: Socket): void => {
    sockets.push(source)
    source.on('data', (bytes) => {
      chunks.push({ from, at: performance.now() - start, bytes })
      sink.write(bytes)
    })
    source.on('end', () => sink.end())
    source.on('error', () => sink.destroy())
  }
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    relay('client', client, upstream)
    relay('server', upstream, client)
  })
  const port = await listen(server)
  return {
    port,
    chunks,
    stop: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** Names in order, one side or both. */
export const names = (transcript: Transcript, from?: Chunk['from']): string[] =>
  transcript.messages
    .filter((message) => from === undefined || message.from === from)
    .map((message) => message.name)
