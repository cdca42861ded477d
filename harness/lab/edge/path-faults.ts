/**
 * Which requests without a certificate slip past enforcement, by fault: by their path, their method or one header.
 * @module
 */

import { X509Certificate } from 'node:crypto'
import type { PathFaultId } from '../faults/paths.ts'
import type { Faults } from '../faults.ts'
import { canaryPath, primary } from '../hostnames.ts'
import { type Exchange, headerValue } from './exchange.ts'

type Request = Pick<Exchange, 'method' | 'target' | 'headers' | 'http10'>

const known = [canaryPath, '/temps']
const pathOf = ({ target }: Request): string => target.split(/[?#]/, 1)[0] ?? ''
const queryOf = ({ target }: Request): string =>
  target.slice(pathOf({ target, method: '', headers: [] }).length)
const below = (request: Request, separator: RegExp): boolean =>
  known.some((one) => {
    const path = pathOf(request)
    return path.startsWith(one) && separator.test(path.slice(one.length))
  })
const has = ({ headers }: Request, ...names: string[]): boolean =>
  names.some((name) => headerValue(headers, name) !== undefined)
const upgrades = ({ headers }: Request, to: string): boolean =>
  headerValue(headers, 'upgrade')?.toLowerCase() === to
const fromHere = ({ headers }: Request): boolean =>
  ['x-forwarded-for', 'true-client-ip', 'cf-connecting-ip', 'x-real-ip', 'forwarded'].some(
    (name) => headerValue(headers, name)?.includes('127.0.0.1') === true,
  )
const acme = '/.well-known/acme-challenge/'
const health = new Set(['/healthz', '/health', '/metrics', '/favicon.ico', '/robots.txt', '/api-docs'])

/** The certificate of a Client-Cert (RFC 9440 §2.1) was issued by somebody; whose key the client has is not asked. */
function isIssued(field: string | undefined): boolean {
  const [, base64] = /^:(.+):$/.exec(field ?? '') ?? []
  if (base64 === undefined) return false
  try {
    const { issuer, subject } = new X509Certificate(Buffer.from(base64, 'base64'))
    return issuer !== subject
  } catch {
    return false
  }
}

const tests: Readonly<Record<PathFaultId, (request: Request) => boolean>> = {
  'edge.open-below': (request) => below(request, /^\/[^/.%\\;]/),
  'edge.open-suffix': (request) => below(request, /^\.[a-z]+$/),
  'edge.open-static-suffix': (request) => /\.(?:png|css|js)$/.test(pathOf(request)),
  'edge.open-static-query': (request) => /\.(?:png|css|js)$/.test(queryOf(request)),
  'edge.open-scripts': (request) => /\.php(?:\/|$)/.test(pathOf(request)),
  'edge.open-above-folders': (request) => /^\/[a-z]+\.\.\/./.test(pathOf(request)),
  'edge.open-exempt-prefix': (request) => /^\/static\/./.test(pathOf(request)),
  'edge.open-parent': (request) => pathOf(request) === canaryPath.slice(0, canaryPath.lastIndexOf('/')),
  'edge.open-encoded-slash': (request) => /%2f|%5c|\\/i.test(pathOf(request)),
  'edge.open-double-encoding': (request) => /%25[0-9a-f]{2}/i.test(pathOf(request)),
  'edge.open-path-parameter': (request) => pathOf(request).includes(';'),
  'edge.open-path-tail': (request) => /%(?:0[0-9a-d]|20|23|3f)/i.test(pathOf(request)),
  'edge.open-overlong': (request) => /%c0%a[ef]|%ef%bc%/i.test(pathOf(request)),
  'edge.open-query': (request) => queryOf(request).includes(acme),
  'edge.open-acme-challenge': (request) => pathOf(request).startsWith(acme),
  'edge.open-well-known': (request) =>
    pathOf(request).startsWith('/.well-known/') && !pathOf(request).startsWith(acme),
  'edge.open-health': (request) => health.has(pathOf(request)),
  'edge.open-edge-endpoints': (request) => pathOf(request).startsWith('/cdn-cgi/'),
  'edge.open-http10': ({ http10 }) => http10 === true,
  'edge.open-options': ({ method }) => method === 'OPTIONS',
  'edge.open-unusual-methods': ({ method }) => ['PROPFIND', 'REPORT', 'TRACE'].includes(method),
  'edge.open-method-override': (request) =>
    has(request, 'x-http-method-override', 'x-method-override', 'x-http-method'),
  'edge.open-url-override': (request) => has(request, 'x-original-url', 'x-rewrite-url'),
  'edge.open-absolute-form': ({ target }) => /^https?:/i.test(target),
  'edge.open-websocket': (request) => upgrades(request, 'websocket'),
  'edge.open-h2c': (request) => upgrades(request, 'h2c'),
  'edge.open-conditional': (request) => has(request, 'if-none-match', 'if-modified-since', 'if-match'),
  'edge.open-client-address': fromHere,
  'edge.open-private-address': ({ headers }) => headerValue(headers, 'x-real-ip')?.startsWith('10.') === true,
  'edge.open-forwarded-uri': (request) =>
    has(request, 'x-forwarded-uri', 'x-forwarded-method', 'x-forwarded-prefix'),
  'edge.open-health-probe': (request) =>
    /kube-probe|ELB-HealthChecker|GoogleHC/.test(headerValue(request.headers, 'user-agent') ?? '') ||
    has(request, 'x-middleware-subrequest', 'x-internal'),
  'edge.open-monitors': ({ headers }) =>
    /UptimeRobot.*Pingdom/.test(headerValue(headers, 'user-agent') ?? ''),
  'edge.open-grpc': ({ headers }) =>
    headerValue(headers, 'content-type')?.startsWith('application/grpc') === true,
  'edge.open-authorization': (request) => has(request, 'authorization'),
  'edge.open-own-origin': ({ headers }) => headerValue(headers, 'origin') === `https://${primary.hostname}`,
  'edge.open-sibling-referer': ({ headers }) =>
    /^https:\/\/(?!api\.)[a-z-]+\.harness\.test\//.test(headerValue(headers, 'referer') ?? ''),
  'edge.open-debug-cookie': ({ headers }) => /\bdebug=1/.test(headerValue(headers, 'cookie') ?? ''),
  'edge.believes-underscores': ({ headers }) => headerValue(headers, 'x_ssl_client_verify') === 'SUCCESS',
  'edge.believes-subject': ({ headers }) =>
    headerValue(headers, 'x-ssl-client-s-dn')?.includes('O=Harness Lab') === true,
  'edge.believes-certificate': ({ headers }) => isIssued(headerValue(headers, 'client-cert')),
}

/** One of the faults lets this request through. */
export const slipsByRequest = (request: Request, faults: Faults): boolean =>
  Object.entries(tests).some(([id, test]) => faults.has(id as PathFaultId) && test(request))
