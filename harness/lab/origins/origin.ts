/**
 * The embedded origin: one application for every Host, with the canary beside it.
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { canaryPath } from '../hostnames.ts'
import { answerCanary, queryOf } from './canary.ts'

/** A running origin. */
export interface Origin {
  host: '127.0.0.1'
  port: number
  /** Ends every connection. */
  close(): Promise<void>
}

const maxRemembered = 10_000

/** Starts the origin on a free port of 127.0.0.1. */
export async function startOrigin(): Promise<Origin> {
  const perHost = new Map<string, number>()
  const perMarker = new Map<string, number>()
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    request.on('error', () => {})
    response.on('error', () => {})
    const host = (request.headers.host ?? '').toLowerCase().replace(/\.?(:\d+)?$/, '')
    const count = increment(perHost, host)
    const marker = queryOf(request).get('marker')
    const marked = marker === null ? undefined : increment(perMarker, `${host} ${marker}`)
    const path = (request.url ?? '').split('?', 1)[0]
    // Like an application: the body is read before the answer is given.
    request.resume().once('end', () => {
      if (path === canaryPath) answerCanary(request, response, { count, marked })
      else if (path === '/temps') answerTemperatures(request, response)
      else answerJson(response, 404, { error: 'not found' })
    })
  })
  server.on('clientError', (_error, socket) => socket.destroy())
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function increment(counts: Map<string, number>, key: string): number {
  if (counts.size >= maxRemembered) counts.clear()
  const next = (counts.get(key) ?? 0) + 1
  counts.set(key, next)
  return next
}

/** The application: readings out, readings in. */
function answerTemperatures(request: IncomingMessage, response: ServerResponse): void {
  const reading = request.method === 'GET' || request.method === 'HEAD'
  if (reading) answerJson(response, 200, [{ sensor: 'sensor-001', celsius: 21.5 }])
  else if (request.method === 'POST') answerJson(response, 201, { stored: true })
  else answerJson(response, 405, { error: 'method not allowed' })
}

function answerJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(`${JSON.stringify(value)}\n`)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
}
