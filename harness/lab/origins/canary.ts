/**
 * The canary: the origin's proof that a request reached it. The answer repeats the client's challenge beside a nonce that
 * nobody has seen before, so that a cached or reflected page proves nothing.
 * @module
 */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ClientCertificate } from './client-certificate.ts'

/** What the canary tells beside the request itself. */
export interface CanaryCounts {
  /** Requests that reached this origin for this Host, whatever their path. */
  count: number
  /** Those of them with the same `marker` in the query; undefined where the request has none. */
  marked: number | undefined
  /** Of the connection; undefined without TLS. */
  clientCertificate: ClientCertificate | undefined
}

const hex = /^[0-9a-f]{1,256}$/i

/** Answers one request to the canary: 200, or 400 without a challenge in hex. */
export function answerCanary(request: IncomingMessage, response: ServerResponse, counts: CanaryCounts): void {
  const challenge = queryOf(request).get('challenge')
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }
  if (challenge === null || !hex.test(challenge)) {
    const body = JSON.stringify({ error: 'challenge must be hex' })
    response.writeHead(400, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
    return
  }
  const { rawHeaders } = request
  const body = JSON.stringify({
    harness: 'canary',
    v: 1,
    challenge,
    nonce: randomBytes(16).toString('hex'),
    method: request.method,
    path: request.url,
    host: request.headers.host,
    headers: Array.from({ length: rawHeaders.length >> 1 }, (_, at) => rawHeaders.slice(at * 2, at * 2 + 2)),
    ...counts,
  })
  response.writeHead(200, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
}

/** The query of a request target; empty for targets that are not in origin-form. */
export function queryOf({ url = '' }: IncomingMessage): URLSearchParams {
  const at = url.indexOf('?')
  return new URLSearchParams(at < 0 ? '' : url.slice(at + 1))
}
