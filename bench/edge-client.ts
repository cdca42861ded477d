/**
 * Visitors of `bench/edge.ts`: a fixed number of them, each asks again when it has its answer. HTTP/1.1 is written by hand, so
 * that the measuring side costs less than the measured one. Every answer is checked: a wrong one ends the run.
 * @module
 */
import { once } from 'node:events'
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { canaryPath, primary } from '../harness/lab/hostnames.ts'
import type { Identity } from '../harness/pki/types.ts'

/** Somebody who asks; each call is one request on the same terms. */
export interface Visitor {
  ask(): Promise<void>
  close(): void
}

/** Where to, and who. */
export interface Target {
  port: number
  identity: Identity
}

/** How much: whichever is reached first. */
export interface Bounds {
  /** Milliseconds. */
  time: number
  requests: number
}

/** What was seen. */
export interface Load {
  /** Milliseconds from the first request to the last answer. */
  elapsed: number
  /** Milliseconds each. */
  latencies: number[]
}

/** A server that says nothing for so long (milliseconds) is given up, and with it the run. */
const silence = 10_000

/** Lets visitors ask. @throws Error at the first answer that is not the expected one. */
export async function load(visitors: readonly Visitor[], { time, requests }: Bounds): Promise<Load> {
  const latencies: number[] = []
  const start = performance.now()
  const end = start + time
  let left = requests
  await Promise.all(
    visitors.map(async (visitor) => {
      for (let now = performance.now(); now < end && left > 0; ) {
        left -= 1
        await visitor.ask()
        const then = performance.now()
        latencies.push(then - now)
        now = then
      }
    }),
  )
  return { elapsed: performance.now() - start, latencies }
}

/** A visitor that keeps its connection, HTTP/1.1. */
export async function keptConnection(target: Target): Promise<Visitor> {
  const tls = await shakeHands(target, 'http/1.1')
  return { ask: () => askHttp1(tls, 'keep-alive'), close: () => tls.destroy() }
}

/** A visitor that makes a new connection for each request. */
export const newConnections = (target: Target, version: 'TLSv1.2' | 'TLSv1.3'): Visitor => ({
  async ask() {
    const tls = await shakeHands(target, 'http/1.1', version)
    await askHttp1(tls, 'close')
    tls.destroy()
  },
  close() {},
})

/** Visitors that share one HTTP/2 connection. */
export async function sharedConnection(target: Target, streams: number): Promise<Visitor[]> {
  const tls = await shakeHands(target, 'h2')
  const session = connectHttp2(`https://${primary.hostname}`, { createConnection: () => tls })
  session.setTimeout(silence, () => session.destroy())
  await once(session, 'remoteSettings')
  const visitor: Visitor = { ask: () => askHttp2(session), close: () => session.destroy() }
  return Array.from({ length: streams }, () => visitor)
}

async function shakeHands(
  { port, identity: { cert, key } }: Target,
  protocol: 'http/1.1' | 'h2',
  version?: 'TLSv1.2' | 'TLSv1.3',
): Promise<TLSSocket> {
  const tls = connectTls({
    host: '127.0.0.1',
    port,
    servername: primary.hostname,
    cert,
    key,
    rejectUnauthorized: false,
    ALPNProtocols: [protocol],
    ...(version === undefined ? {} : { minVersion: version, maxVersion: version }),
  })
  tls.setNoDelay(true)
  await once(tls, 'secureConnect')
  // HTTP/2 takes the socket over, and has a timeout of its own.
  if (protocol === 'http/1.1') tls.setTimeout(silence, () => tls.destroy())
  return tls
}

let asked = 0
const nextChallenge = (): string => {
  asked += 1
  return asked.toString(16).padStart(16, '0')
}

const isRight = (status: number, text: string, challenge: string): boolean =>
  status === 200 && text.includes(`"challenge":"${challenge}"`) && text.endsWith('}')

const wrong = (status: number): Error =>
  new Error(`bench: an answer with status ${status} is not the expected one`)

function askHttp1(tls: TLSSocket, connection: 'keep-alive' | 'close'): Promise<void> {
  return new Promise((resolve, reject) => {
    const challenge = nextChallenge()
    let text = ''
    const settle = (error?: Error): void => {
      tls.off('data', onData).off('close', onClose).off('error', settle)
      if (error === undefined) resolve()
      else reject(error)
    }
    const onData = (chunk: Buffer): void => {
      text += chunk.toString('latin1')
      const end = text.indexOf('\r\n\r\n')
      if (end < 0) return
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1])
      const body = text.slice(end + 4)
      if (body.length < length) return
      const status = Number(text.slice(9, 12))
      settle(isRight(status, body, challenge) ? undefined : wrong(status))
    }
    const onClose = (): void => settle(wrong(0))
    tls.on('data', onData).on('close', onClose).on('error', settle)
    tls.write(
      `GET ${canaryPath}?challenge=${challenge} HTTP/1.1\r\nHost: ${primary.hostname}\r\nUser-Agent: bench\r\n` +
        `Accept: application/json\r\nAccept-Language: en\r\nConnection: ${connection}\r\n\r\n`,
    )
  })
}

function askHttp2(session: ClientHttp2Session): Promise<void> {
  return new Promise((resolve, reject) => {
    const challenge = nextChallenge()
    const stream = session.request({
      ':path': `${canaryPath}?challenge=${challenge}`,
      ':authority': primary.hostname,
      'user-agent': 'bench',
      accept: 'application/json',
      'accept-language': 'en',
    })
    let status = 0
    let text = ''
    stream.setEncoding('latin1')
    stream.on('response', (headers) => {
      status = Number(headers[':status'])
    })
    stream.on('data', (chunk: string) => {
      text += chunk
    })
    stream.once('error', reject)
    stream.once('close', () => {
      if (isRight(status, text, challenge)) resolve()
      else reject(wrong(status))
    })
  })
}
