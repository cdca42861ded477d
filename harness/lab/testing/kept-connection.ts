/**
 * A small client for tests of the lab: one connection that is kept, and any number of requests on it, several at a time:
 * pipelined in HTTP/1.1, as streams in HTTP/2.
 * @module
 */
import { once } from 'node:events'
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { Identity } from '../../pki/types.ts'

/** One request. */
export interface KeptRequest {
  method: 'GET' | 'POST'
  path: string
  body?: string
}

/** Its answer, bytes as Latin-1. */
export interface KeptAnswer {
  status: number
  body: string
}

/** An open connection. */
export interface KeptConnection {
  /** @throws Error when the connection ends before the answer is whole. */
  ask(request: KeptRequest): Promise<KeptAnswer>
  close(): void
}

/** Connects. @throws the error of the connection. */
export async function keepConnection(
  port: number,
  { hostname, http, identity }: { hostname: string; http: 1 | 2; identity: Identity | undefined },
): Promise<KeptConnection> {
  const tls = connectTls({
    host: '127.0.0.1',
    port,
    servername: hostname,
    rejectUnauthorized: false,
    ALPNProtocols: [http === 2 ? 'h2' : 'http/1.1'],
    ...(identity === undefined ? {} : { cert: identity.cert, key: identity.key }),
  })
  await once(tls, 'secureConnect')
  tls.on('error', () => tls.destroy())
  return http === 1 ? overHttp1(tls, hostname) : overHttp2(tls, hostname)
}

function overHttp1(tls: TLSSocket, hostname: string): KeptConnection {
  const waiting: PromiseWithResolvers<KeptAnswer>[] = []
  let bytes = Buffer.alloc(0)
  tls.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk])
    for (let one = firstAnswer(bytes); one !== undefined; one = firstAnswer(bytes)) {
      bytes = bytes.subarray(one.end)
      waiting.shift()?.resolve(one)
    }
  })
  tls.once('close', () => {
    for (const one of waiting.splice(0)) one.reject(new Error('the connection ended'))
  })
  return {
    ask({ method, path, body }) {
      const answer = Promise.withResolvers<KeptAnswer>()
      waiting.push(answer)
      const length = body === undefined ? '' : `Content-Length: ${Buffer.byteLength(body)}\r\n`
      tls.write(`${method} ${path} HTTP/1.1\r\nHost: ${hostname}\r\n${length}\r\n${body ?? ''}`)
      return answer.promise
    },
    close: () => void tls.destroy(),
  }
}

/** The first answer, when it is whole, and where it ends. */
function firstAnswer(bytes: Buffer): (KeptAnswer & { end: number }) | undefined {
  const head = bytes.indexOf('\r\n\r\n')
  if (head < 0) return undefined
  const text = bytes.toString('latin1', 0, head)
  const end = head + 4 + Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1])
  if (!(bytes.length >= end)) return undefined
  return { status: Number(text.slice(9, 12)), body: bytes.toString('latin1', head + 4, end), end }
}

function overHttp2(tls: TLSSocket, hostname: string): KeptConnection {
  const session: ClientHttp2Session = connectHttp2(`https://${hostname}`, { createConnection: () => tls })
  session.on('error', () => session.destroy())
  let closed = false
  return {
    ask({ method, path, body }) {
      const { promise, resolve, reject } = Promise.withResolvers<KeptAnswer>()
      const stream = session.request(
        { ':method': method, ':path': path, ':authority': hostname },
        { endStream: body === undefined },
      )
      const answer: KeptAnswer = { status: 0, body: '' }
      let whole = false
      stream.setEncoding('latin1')
      stream.on('response', (headers) => {
        answer.status = Number(headers[':status'])
      })
      stream.on('data', (text: string) => {
        answer.body += text
      })
      stream.once('end', () => {
        whole = true
      })
      stream.once('error', reject)
      stream.once('close', () => {
        if (whole && !closed && answer.status !== 0) resolve(answer)
        else reject(new Error('the connection ended'))
      })
      if (body !== undefined) stream.end(body)
      return promise
    },
    close() {
      closed = true
      session.destroy()
    },
  }
}
