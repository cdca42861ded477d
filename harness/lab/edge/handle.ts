/**
 * One request: decide, then refuse, answer or forward.
 * @module
 */
import { randomBytes } from 'node:crypto'
import { type Agent, request } from 'node:http'
import type { Faults } from '../faults.ts'
import { forwardedHeaders } from '../hostnames.ts'
import { answerBare, answerRedirect, refusalOf } from './answers.ts'
import type { CanaryCache } from './canary-cache.ts'
import { certificateHeaders, statusText } from './certificate-headers.ts'
import type { Connection } from './connection.ts'
import { type Exchange, type HeaderList, headerValue } from './exchange.ts'
import { forward, type OriginAddress } from './forward.ts'
import type { Limits } from './limits.ts'
import { type Decision, decide } from './policy.ts'
import { clientHeaders, withEdgeHeaders } from './request-headers.ts'

/** What requests are handled with. */
export interface EdgeServices {
  faults: Faults
  origin: OriginAddress
  agent: Agent
  limits: Limits
  cache: CanaryCache
  /** Port of the TLS listener. */
  tlsPort(): number
}

/** Handles one request. Never throws. */
export function handle(exchange: Exchange, connection: Connection, services: EdgeServices): void {
  const { faults } = services
  connection.requests += 1
  const decision = decide(exchange, connection, faults, [443, services.tlsPort()])
  switch (decision.kind) {
    case 'malformed':
      answerBare(exchange, 400, 'Bad Request')
      break
    case 'mismatch':
      answerBare(exchange, 403, 'Forbidden')
      break
    case 'redirect':
      answerRedirect(exchange, httpsUrl(decision, services.tlsPort()))
      break
    case 'refuse':
      refuse(exchange, decision, services)
      break
    case 'forward':
      if (exchange.method === 'CONNECT') answerBare(exchange, 405, 'Method Not Allowed')
      else pass(exchange, connection, decision, services)
  }
}

const httpsUrl = ({ hostname, path }: { hostname: string; path: string }, port: number): string =>
  `https://${hostname}${port === 443 ? '' : `:${port}`}${path === '*' ? '/' : path}`

function refuse(exchange: Exchange, decision: Decision & { kind: 'refuse' }, services: EdgeServices): void {
  const { host, verdict, path } = decision
  const { head, body } = refusalOf(host, verdict, services.faults)
  const answer = (): void => exchange.answer(head, body)
  if (!services.faults.has('edge.refusal-contacts-origin')) {
    answer()
    return
  }
  const { origin, agent } = services
  const asked = request({
    host: origin.host,
    port: origin.port,
    agent,
    path,
    headers: { host: host.hostname },
  })
  asked.on('response', (response) => response.resume().on('close', answer)).on('error', answer)
  asked.end()
}

function pass(
  exchange: Exchange,
  connection: Connection,
  decision: Decision & { kind: 'forward' },
  services: EdgeServices,
): void {
  const { faults, origin, agent, limits } = services
  const { host, hostname, path, verdict } = decision
  const situation = { host, http: exchange.http, faults }
  const ray: HeaderList = [['cf-ray', `${randomBytes(8).toString('hex')}-LAB`]]
  const kept = clientHeaders(exchange.headers, situation).filter(
    ([name]) => name.toLowerCase() !== 'x-forwarded-for',
  )
  const forwardedFor = [headerValue(exchange.headers, 'x-forwarded-for'), connection.remoteAddress]
  const headers: HeaderList = [
    ...withEdgeHeaders(kept, certificateHeaders(verdict, host, faults), exchange.headers, situation),
    ['x-forwarded-for', forwardedFor.filter((part) => part !== undefined).join(', ')],
    ['x-forwarded-proto', connection.transport === 'tls' ? 'https' : 'http'],
    ...ray,
  ]
  const cached = host.mtls?.mode === 'enforce' && faults.has('edge.caches-canary')
  const going = cached ? services.cache.through(exchange, host.hostname) : exchange
  if (going === undefined) return
  const leaks = host.mtls?.mode === 'report' && faults.has('edge.report-leaks-status')
  const leaked: HeaderList = leaks ? [[forwardedHeaders.status, statusText(verdict, 'report', faults)]] : []
  forward(going, { origin, agent, hostname, path, headers, limits, answerHeaders: [...ray, ...leaked] })
}
