/**
 * One request: decide, then refuse, answer or forward.
 * @module
 */
import { randomUUID } from 'node:crypto'
import { request } from 'node:http'
import type { AccessDecision, AccessGate } from '../access/types.ts'
import type { Faults } from '../faults.ts'
import { forwardedHeaders } from '../hostnames.ts'
import { askAccess } from './access.ts'
import { addedToAnswer, addedToRefusal, strictTransport } from './answer-headers.ts'
import { answerBare, answerRedirect, refusalOf } from './answers.ts'
import type { CanaryCache } from './canary-cache.ts'
import { statusText } from './certificate-headers.ts'
import type { Connection } from './connection.ts'
import type { Exchange, HeaderList } from './exchange.ts'
import { forward } from './forward.ts'
import type { EdgeHost, Hosts } from './hosts.ts'
import type { Limits } from './limits.ts'
import type { OriginConnector } from './origin/connector.ts'
import { headersToOrigin } from './origin-headers.ts'
import { type Decision, decide } from './policy.ts'
import { answeredByFault } from './refusal-faults.ts'
import { malformedForwarded, proxied } from './request-forms.ts'
import type { SharedCache } from './shared-cache.ts'

/** What requests are handled with. */
export interface EdgeServices {
  faults: Faults
  hosts: Hosts
  access: AccessGate
  connector: OriginConnector
  limits: Limits
  cache: CanaryCache
  shared: SharedCache
  /** Port of the TLS listener. */
  tlsPort(): number
}

type Passed = Decision & { kind: 'forward' }

/** Handles one request. Never throws: what cannot be decided is not forwarded. */
export function handle(exchange: Exchange, connection: Connection, services: EdgeServices): void {
  try {
    route(exchange, connection, services)
  } catch {
    fail(exchange)
  }
}

function fail(exchange: Exchange): void {
  if (exchange.started) exchange.abort()
  else answerBare(exchange, 500, 'Internal Server Error')
}

function route(exchange: Exchange, connection: Connection, services: EdgeServices): void {
  const { faults, hosts } = services
  connection.requests += 1
  if (proxied(exchange, connection, faults)) return
  const decision =
    malformedForwarded(exchange, connection, faults) ??
    decide(exchange, connection, { hosts, faults, ports: [443, services.tlsPort()] })
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
      else guard(exchange, connection, decision, services)
  }
}

const httpsUrl = ({ hostname, path }: { hostname: string; path: string }, port: number): string =>
  `https://${hostname}${port === 443 ? '' : `:${port}`}${path === '*' ? '/' : path}`

function refuse(exchange: Exchange, decision: Decision & { kind: 'refuse' }, services: EdgeServices): void {
  const { host, verdict, path, block } = decision
  if (services.shared.answers(exchange, host.hostname)) return
  const { head, body } = refusalOf(block, verdict, services.faults)
  const { hostname } = host
  if (answeredByFault(exchange, { hostname, path, verdict, head }, services)) return
  const answer = (): void =>
    exchange.answer(
      {
        ...head,
        headers: [
          ...head.headers,
          ...addedToRefusal(services.faults),
          ...announced(host, services.faults),
          ['cf-ray', newRay()],
        ],
      },
      body,
    )
  if (!services.faults.has('edge.refusal-contacts-origin')) {
    answer()
    return
  }
  const route = services.connector.requestOptions(host.hostname)
  const asked = request({ ...route, path, headers: { host: host.hostname } })
  asked.on('response', (response) => response.resume().on('close', answer)).on('error', answer)
  asked.end()
}

/** HTTP/3, announced (a fault). */
const announced = ({ mtls }: EdgeHost, faults: Faults): HeaderList =>
  mtls !== undefined && faults.has('edge.announces-http3') ? [['alt-svc', 'h3=":443"; ma=86400']] : []

/** `<16 hex digits>-<location>`, as the real edge numbers requests. Of a UUID, because Node keeps randomness for those. */
function newRay(): string {
  const uuid = randomUUID()
  return `${uuid.slice(24)}${uuid.slice(0, 4)}-LAB`
}

/** Past the rules: Access, where an application covers the request. */
function guard(exchange: Exchange, connection: Connection, decision: Passed, services: EdgeServices): void {
  const { hostname, path, verdict } = decision
  const ray = newRay()
  if (!services.access.concerns(hostname, path)) {
    pass(exchange, connection, decision, services, ray)
    return
  }
  const gated = { hostname, path, port: services.tlsPort(), ray, verdict }
  askAccess(services.access, exchange, connection, gated)
    .then((said) => obey(said, { exchange, connection, decision, services, ray }))
    .catch(() => fail(exchange))
}

function obey(
  said: AccessDecision,
  on: { exchange: Exchange; connection: Connection; decision: Passed; services: EdgeServices; ray: string },
): void {
  const { exchange, connection, decision, services, ray } = on
  if (said.kind === 'answer') {
    if (services.shared.answers(exchange, decision.hostname)) return
    const headers = [...said.headers, ...strictTransport(services.faults), ['cf-ray', ray] as const]
    exchange.answer({ status: said.status, headers }, said.body)
    return
  }
  pass(exchange, connection, decision, services, ray, said.kind === 'pass' ? said : undefined)
}

function pass(
  exchange: Exchange,
  connection: Connection,
  { host, hostname, path, verdict }: Passed,
  { faults, connector, limits, cache, shared }: EdgeServices,
  ray: string,
  access?: AccessDecision & { kind: 'pass' },
): void {
  if (host.zone === undefined && host.origin === '') {
    answerBare(exchange, 404, 'Not Found')
    return
  }
  const headers = headersToOrigin({ exchange, connection, host, path, verdict, ray, access }, faults)
  const cached = host.mtls?.mode === 'enforce' && faults.has('edge.caches-canary')
  const going = cached ? cache.through(exchange, host.hostname) : exchange
  if (going === undefined) return
  const leaks = host.mtls?.mode === 'report' && faults.has('edge.report-leaks-status')
  const answerHeaders: HeaderList = [
    ['cf-ray', ray],
    ...announced(host, faults),
    ...(connection.host === undefined ? [] : addedToAnswer(exchange, host, faults)),
    ...(leaks ? [[forwardedHeaders.status, statusText(verdict, 'report', faults)] as const] : []),
    ...(access?.answerHeaders ?? []),
    ...(access?.setCookies ?? []).map((cookie) => ['set-cookie', cookie] as const),
  ]
  const guarded = host.mtls?.mode === 'enforce' || access !== undefined
  forward(guarded ? shared.keeping(going, host.hostname) : going, {
    connector,
    faults,
    hostname,
    path,
    headers,
    limits,
    answerHeaders,
  })
}
