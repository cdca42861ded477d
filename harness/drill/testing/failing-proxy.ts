/**
 * A proxy in front of an API that fails in the ways in which APIs and networks do.
 * @module
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How it fails. The last two let the request through first: what was asked for happens, and nobody hears of it. */
export const failures = ['500', '429', 'cut before', 'cut after', 'timeout'] as const

/** One of them. */
export type Failure = (typeof failures)[number]

/** A running proxy. */
export interface FailingProxy {
  /** Scheme, host and port. */
  url: string
  /** From now on every request fails so; undefined: none does. */
  failure: Failure | undefined
  /** Requests that have failed. */
  failed: number
  close(): Promise<void>
}

/** Starts one in front of `target` (scheme, host and port). */
export async function startFailingProxy(target: string): Promise<FailingProxy> {
  const { hostname, port } = new URL(target)
  const server = createServer((incoming, response) => {
    response.on('error', () => {})
    const { failure } = proxy
    if (failure === undefined) {
      pass(incoming, (answer, body) => response.writeHead(answer.statusCode ?? 502, answer.headers).end(body))
      return
    }
    proxy.failed += 1
    fail(failure, incoming, response)
  })
  const fail = (failure: Failure, incoming: IncomingMessage, response: ServerResponse): void => {
    switch (failure) {
      case '500':
      case '429':
        incoming.resume()
        response.writeHead(Number(failure), { 'content-type': 'application/json', connection: 'close' })
        response.end(
          JSON.stringify({
            success: false,
            errors: [{ code: 10_000, message: 'injected' }],
            messages: [],
            result: null,
          }),
        )
        return
      case 'cut before':
        incoming.socket.destroy()
        return
      case 'cut after':
        pass(incoming, () => incoming.socket.destroy())
        return
      case 'timeout':
        // It never answers; the client hangs up.
        pass(incoming, () => undefined)
    }
  }
  const pass = (incoming: IncomingMessage, then: (answer: IncomingMessage, body: Buffer) => void): void => {
    const { method, url: path, headers } = incoming
    const outgoing = request({
      host: hostname,
      port,
      method,
      path,
      headers: { ...headers, connection: 'close' },
    })
    outgoing.on('error', () => incoming.socket.destroy())
    outgoing.on('response', (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => then(answer, Buffer.concat(chunks)))
    })
    incoming.pipe(outgoing)
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const proxy: FailingProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    failure: undefined,
    failed: 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return proxy
}
