/**
 * The control plane: API v4 below `/client/v4` and the lab's own routes below `/lab/v1`, plain HTTP on a loopback port.
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { containerRoutes } from '../origins/containers/routes.ts'
import { originRoutes } from '../origins/routes.ts'
import type { ApiContext, Routes } from './context.ts'
import { noRoute } from './context.ts'
import { failure } from './envelope.ts'
import { ApiError } from './errors.ts'
import { addGate } from './gate.ts'
import { labRoutes } from './lab-routes.ts'
import { refuseConnection, refuseExpectation, toApiError } from './refusals.ts'
import { routes } from './routes.ts'
import { countUnknown } from './unknown-routes.ts'

/** A running control plane. */
export interface Api {
  host: '127.0.0.1'
  port: number
  /** For the SDK's `baseURL`. */
  baseURL: string
  /** The lab's own routes: state, clock, delays. */
  labURL: string
  close(): Promise<void>
}

/** Starts it. @throws the listener's error when the port is taken. */
export async function startApi(context: ApiContext, port = 0): Promise<Api> {
  const app = createApp(context)
  await app.listen({ host: '127.0.0.1', port })
  const bound = (app.server.address() as AddressInfo).port
  return {
    host: '127.0.0.1',
    port: bound,
    baseURL: `http://127.0.0.1:${bound}/client/v4`,
    labURL: `http://127.0.0.1:${bound}/lab/v1`,
    close: () => app.close(),
  }
}

function createApp(context: ApiContext): FastifyInstance {
  const answer = (error: unknown, reply: FastifyReply): FastifyReply => {
    const refusal = toApiError(error)
    if (refusal === undefined) context.onInternalError(error)
    const { status, code, message, headers, chain } = refusal ?? new ApiError(500, 10_501, 'Internal error')
    return reply
      .code(status)
      .headers(headers)
      .type('application/json')
      .send(failure(code, message, chain))
  }
  const app = fastify({
    bodyLimit: context.limits.bodyBytes,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    // A body that never comes ends.
    requestTimeout: 30_000,
    clientErrorHandler: refuseConnection,
    frameworkErrors: (error, _request, reply) => {
      answer(error, reply as unknown as FastifyReply)
    },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 500 },
    // A number in quotes is not a number, and what the API does not know it ignores rather than removes.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allowUnionTypes: true } },
  })
  app.server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) =>
    refuseExpectation(response),
  )
  acceptJson(app)
  addGate(app, context)
  // Before the body is looked at: a path that does not exist has no content type either.
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.is404) throw unknownRoute(context, request)
    done()
  })
  app.setErrorHandler((error, _request, reply) => answer(error, reply))
  app.setNotFoundHandler((request) => {
    throw unknownRoute(context, request)
  })
  app.register(subject(routes, context), { prefix: '/client/v4' })
  app.register(subject([labRoutes, aboutOrigins], context), { prefix: '/lab/v1' })
  return app
}

const aboutOrigins: Routes = (app, { origins, containers }) => {
  if (origins !== undefined) originRoutes(app, { origins })
  if (containers.length > 0) containerRoutes(app, containers)
}

const subject =
  (parts: readonly Routes[], context: ApiContext) =>
  (scope: FastifyInstance, _options: object, done: () => void): void => {
    for (const add of parts) add(scope, context)
    done()
  }

/** JSON; an empty body with the content type of JSON (`curl -X DELETE -H …`) is no body. */
function acceptJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (typeof body === 'string' && body.trim() === '') done(null, undefined)
    else void parse(request, body as string, done)
  })
}

function unknownRoute({ unknown }: ApiContext, { method, url }: FastifyRequest): ApiError {
  countUnknown(unknown, method, url)
  const [path = ''] = url.split('?')
  return noRoute(path.replace(/^\/(client\/v4\/?)?/, ''))
}
