/**
 * One HTTP request from node's own clients to one address, whatever the name.
 * @module
 */
import { type ClientRequest, type IncomingMessage, request as requestPlain } from 'node:http'
import { type RequestOptions, request as requestTls } from 'node:https'

/** A certificate to present, PEM. */
export interface Certificate {
  cert: string
  key: string
}

/** What to send. */
export interface Sent {
  method?: string
  /** Path and query; default: `/`. */
  path?: string
  headers?: Readonly<Record<string, string>>
  body?: string
  /** Default: none. */
  certificate?: Certificate | undefined
}

/** What came back. */
export interface Seen {
  status: number
  /** Names in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>
  body: string
}

/** Milliseconds until somebody who does not answer is given up. */
const patience = 30_000

/** Sends one request on a connection of its own. @throws Error of the connection, also when it is refused in TLS. */
export function exchange(options: RequestOptions & { tls: boolean }, { body, ...sent }: Sent): Promise<Seen> {
  const { tls, ...rest } = options
  const { method = 'GET', path = '/', headers = {}, certificate } = sent
  const all: RequestOptions = {
    agent: false,
    timeout: patience,
    ...rest,
    method,
    path,
    headers: { ...options.headers, ...headers },
    ...(certificate === undefined ? {} : { cert: certificate.cert, key: certificate.key }),
  }
  return new Promise((resolve, reject) => {
    const request: ClientRequest = tls ? requestTls(all) : requestPlain(all)
    request.on('timeout', () => request.destroy(new Error(`no answer within ${patience} ms`)))
    request.on('error', reject)
    request.on('response', (response) => {
      whole(response).then(resolve, reject)
    })
    request.end(body)
  })
}

async function whole(response: IncomingMessage): Promise<Seen> {
  const chunks: Buffer[] = []
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk)
  const { statusCode: status = 0, headers } = response
  return { status, headers, body: Buffer.concat(chunks).toString('utf8') }
}
