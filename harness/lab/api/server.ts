/**
 * The control plane: API v4 below `/client/v4`, plain HTTP on a loopback port.
 * @module
 */
import type { AddressInfo } from 'node:net'
import fastify, { type FastifyInstance } from 'fastify'
import type { ApiContext } from './context.ts'
import { failure } from './envelope.ts'
import { ApiError } from './errors.ts'
import { routes } from './routes.ts'

/** A running control plane. */
export interface Api {
  host: '127.0.0.1'
  port: number
  /** For the SDK's `baseURL`. */
  baseURL: string
  close(): Promise<void>
}

/** Starts it. @throws the listener's error when the port is taken. */
export async function startApi(context: ApiContext, port = 0): Promise<Api> {
  const app = fastify({ bodyLimit: 1024 * 1024, forceCloseConnections: true })
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof ApiError)
      return reply.code(error.status).headers(error.headers).send(failure(error.code, error.message))
    const { statusCode = 500 } = error as { statusCode?: number }
    return reply.code(statusCode).send(failure(10000, 'Internal error'))
  })
  await app.register(
    async (scope: FastifyInstance) => {
      for (const add of routes) add(scope, context)
    },
    { prefix: '/client/v4' },
  )
  await app.listen({ host: '127.0.0.1', port })
  const bound = (app.server.address() as AddressInfo).port
  return {
    host: '127.0.0.1',
    port: bound,
    baseURL: `http://127.0.0.1:${bound}/client/v4`,
    close: () => app.close(),
  }
}
