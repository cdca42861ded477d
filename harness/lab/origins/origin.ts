/**
 * The embedded origin: one application for every Host, with the canary beside it, on a plain port and on a TLS port.
 * @module
 */
import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import type { Duplex } from 'node:stream'
import { assertedPath, canaryPath } from '../hostnames.ts'
import { answerJson, answerLikeNginx } from './answers.ts'
import type { AssertionCheck } from './assertion.ts'
import { answerCanary, queryOf } from './canary.ts'
import type { Refusal } from './client-certificate.ts'
import type { Forgives } from './lapses.ts'
import type { OriginServerCertificates } from './material.ts'
import { defaultSettings, type OriginSettings } from './settings.ts'
import { createTemperatures } from './temperatures.ts'
import { createTlsListener, createTlsTerms, type TlsArrival, type TlsTerms } from './tls-listener.ts'

/** A running origin. */
export interface Origin {
  host: '127.0.0.1'
  /** Plain HTTP. */
  port: number
  tlsPort: number
  /** How it speaks TLS now. */
  readonly settings: OriginSettings
  /**
   * Changes that, for new connections; idle ones end, those in use after their answer.
   * @throws Error when a trusted certificate cannot be read: nothing has changed then.
   */
  configure(change: Partial<OriginSettings>): void
  /** Ends every connection. */
  close(): Promise<void>
}

/** What an origin is started with. */
export interface OriginOptions {
  certificates: OriginServerCertificates
  settings?: Partial<OriginSettings>
  /** Epoch milliseconds by which client certificates are judged; default: the real time. */
  now?: () => number
  /** Verifies the assertion of Access for the canary at {@link assertedPath}; default: there is no such path. */
  assertions?: AssertionCheck
  /** Faults: refusals that it forgets, what a change is taken for, its address in every answer. Default: none. */
  forgives?: Forgives
  /** A change to `required` is taken as one to `optional`. */
  neverRequires?: boolean
  namesItself?: boolean
}

const maxRemembered = 10_000
const host = '127.0.0.1'

/** Starts an origin on two free ports of 127.0.0.1. */
export async function startOrigin({
  certificates,
  settings,
  now = Date.now,
  assertions,
  forgives = () => false,
  neverRequires = false,
  namesItself = false,
}: OriginOptions): Promise<Origin> {
  const arrivals = new WeakMap<Duplex, TlsArrival>()
  const termsOf = (wanted: OriginSettings): TlsTerms => createTlsTerms(wanted, certificates, now)
  let terms = termsOf({ ...defaultSettings, ...settings })
  const application = createApplication(assertions)
  const refusalOf = (request: IncomingMessage, arrival: TlsArrival | undefined): Refusal | undefined => {
    const { addresses } = terms.settings
    const reason = arrival?.refusal
    if (reason !== undefined && !forgives(request, reason)) return reason
    return addresses.length === 0 || addresses.includes(request.socket.remoteAddress ?? '')
      ? undefined
      : 'address'
  }
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    request.on('error', () => {})
    response.on('error', () => {})
    const arrival = arrivals.get(request.socket)
    if (arrival === undefined && terms.settings.plain === 'closed') {
      request.socket.destroy()
      return
    }
    if (arrival !== undefined && arrival.settings !== terms.settings)
      response.setHeader('connection', 'close')
    if (namesItself) response.setHeader('x-backend-server', `${host}:${tlsPort}`)
    const refusal = refusalOf(request, arrival)
    if (refusal === undefined) application(request, response, arrival)
    else request.resume().once('end', () => answerLikeNginx(response, refusal))
  })
  server.on('clientError', (_error, socket) => socket.destroy())
  const listener = createTlsListener(
    () => terms,
    (tls, arrival) => {
      arrivals.set(tls, arrival)
      server.emit('connection', tls)
    },
  )
  const [port, tlsPort] = await Promise.all([listen(server), listen(listener.server)])
  return {
    host,
    port,
    tlsPort,
    get settings() {
      return terms.settings
    },
    configure(change) {
      const taken: Partial<OriginSettings> =
        neverRequires && change.clientCertificates === 'required' ? { clientCertificates: 'optional' } : {}
      terms = termsOf({ ...terms.settings, ...change, ...taken })
      server.closeIdleConnections()
    },
    async close() {
      const closed = [server, listener.server].map(ended)
      server.closeAllConnections()
      listener.closeConnections()
      await Promise.all(closed)
    },
  }
}

type Application = (
  request: IncomingMessage,
  response: ServerResponse,
  arrival: TlsArrival | undefined,
) => void

function createApplication(assertions: AssertionCheck | undefined): Application {
  const perHost = new Map<string, number>()
  const perMarker = new Map<string, number>()
  const answerTemperatures = createTemperatures()
  return (request, response, arrival) => {
    const name = (request.headers.host ?? '').toLowerCase().replace(/\.?(:\d+)?$/, '')
    const count = increment(perHost, name)
    const marker = queryOf(request).get('marker')
    const marked = marker === null ? undefined : increment(perMarker, `${name} ${marker}`)
    const path = (request.url ?? '').split('?', 1)[0]
    if (path === '/temps') {
      answerTemperatures(request, response)
      return
    }
    // Like an application: the body is read before the answer is given.
    request.resume().once('end', () => {
      const counts = { count, marked, clientCertificate: arrival?.client }
      if (path === canaryPath) answerCanary(request, response, counts)
      else if (path === assertedPath && assertions !== undefined)
        void assertions(request).then((good) =>
          good
            ? answerCanary(request, response, counts)
            : answerJson(response, 401, { error: 'no valid assertion' }),
        )
      else answerJson(response, 404, { error: 'not found' })
    })
  }
}

function increment(counts: Map<string, number>, key: string): number {
  if (counts.size >= maxRemembered) counts.clear()
  const next = (counts.get(key) ?? 0) + 1
  counts.set(key, next)
  return next
}

function listen(server: Server | HttpServer): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, host, () => resolve((server.address() as AddressInfo).port))
  })
}

const ended = (server: Server | HttpServer): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
  })
