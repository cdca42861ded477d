/**
 * The headers of a request to the origin: the client's without what it may not say, what the edge knows, what operators
 * have switched on, what Access adds.
 * @module
 */
import type { AccessDecision } from '../access/types.ts'
import type { Faults } from '../faults.ts'
import { forwardedHeaders } from '../hostnames.ts'
import { applyVisitorIpTransforms, clientAuthHeadersId } from '../rules/managed-transforms.ts'
import { applyTransformRules } from '../rules/transform.ts'
import type { ZoneState } from '../state/types.ts'
import { certificateHeaders } from './certificate-headers.ts'
import type { Connection } from './connection.ts'
import { type Exchange, type HeaderList, headerValue } from './exchange.ts'
import { forwardedCertificate, furtherCertificateHeaders } from './forwarded-certificate.ts'
import { canonicalName } from './header-names.ts'
import type { EdgeHost } from './hosts.ts'
import { clientHeaders, withEdgeHeaders } from './request-headers.ts'
import type { Verdict } from './verdict.ts'
import { certificateOf, fieldsOf } from './waf.ts'

/** A request on its way to the origin. */
export interface Outgoing {
  exchange: Exchange
  connection: Connection
  host: EdgeHost
  /** Origin-form target. */
  path: string
  verdict: Verdict
  ray: string
  /** What Access made of it, where it covers the request. */
  access: (AccessDecision & { kind: 'pass' }) | undefined
}

/** The headers, without Host. */
export function headersToOrigin(outgoing: Outgoing, faults: Faults): HeaderList {
  const { exchange, connection, host, ray, access } = outgoing
  const situation = { host, http: exchange.http, requests: connection.requests, faults }
  const kept = clientHeaders(exchange.headers, situation).filter(
    ([name]) => name.toLowerCase() !== 'x-forwarded-for',
  )
  const forwardedFor = headerValue(exchange.headers, 'x-forwarded-for')
  const scheme = connection.transport === 'tls' ? 'https' : 'http'
  const headers: HeaderList = [
    ...withEdgeHeaders(kept, aboutCertificate(outgoing, faults), exchange.headers, situation),
    [
      'x-forwarded-for',
      forwardedFor === undefined ? connection.remoteAddress : `${forwardedFor}, ${connection.remoteAddress}`,
    ],
    ['x-forwarded-proto', scheme],
    ['cf-connecting-ip', connection.remoteAddress],
    ['cf-visitor', `{"scheme":"${scheme}"}`],
    ['cf-ray', ray],
  ]
  const transformed = host.zone === undefined ? headers : transform(host.zone, headers, outgoing, faults)
  return access === undefined ? transformed : withAccess(transformed, access)
}

function aboutCertificate({ connection, host, verdict }: Outgoing, faults: Faults): HeaderList {
  const { zone, mtls } = host
  if (zone === undefined || mtls === undefined) return []
  const managed = zone.managedRequestHeaders.includes(clientAuthHeadersId)
    ? managedHeaders(verdict, host, faults)
    : []
  const { requests } = connection
  const forwarding = { enabled: mtls.forwarded, requests: 'every' } as const
  const forwarded = forwardedCertificate(verdict, forwarding, requests, faults)
  const all = forwarded.length === 0 ? managed : [...managed, ...forwarded]
  return told(all, verdict, requests, faults)
}

/** What of it the origin hears: all, but for the faults about it. */
function told(headers: HeaderList, { identity }: Verdict, request: number, faults: Faults): HeaderList {
  if (faults.has('edge.large-certificate-unreported') && (identity?.der.length ?? 0) > largeCertificate)
    return []
  if (faults.has('edge.status-first-request-only') && request > 1)
    return headers.filter(([name]) => name !== forwardedHeaders.status)
  if (!faults.has('edge.subject-breaks-line')) return headers
  const [, name, value] = /\\0D\\0A([A-Za-z-]+): ?([\w-]+)/.exec(identity?.facts.subject.rfc2253 ?? '') ?? []
  return name === undefined || value === undefined ? headers : [...headers, [name, value]]
}

/** Bytes of DER. */
const largeCertificate = 10 * 1024

/** By hostname, which is another object after each change of the state, and verdict, which is another one per connection. */
const computed = new WeakMap<EdgeHost, WeakMap<Verdict, HeaderList>>()

/** "Add TLS client auth headers", worked out once for a connection and a state. */
function managedHeaders(verdict: Verdict, host: EdgeHost, faults: Faults): HeaderList {
  const ofHost = computed.get(host) ?? new WeakMap<Verdict, HeaderList>()
  computed.set(host, ofHost)
  const known = ofHost.get(verdict)
  if (known !== undefined) return known
  const further = furtherCertificateHeaders(certificateOf(verdict, faults))
  const headers = [...certificateHeaders(verdict, host, faults), ...further]
  ofHost.set(verdict, headers)
  return headers
}

/** Managed transforms first, then the operator's rules (our choice: that order was not found). */
function transform(
  zone: ZoneState,
  headers: HeaderList,
  { exchange, connection, host, path, verdict }: Outgoing,
  faults: Faults,
): HeaderList {
  const managed = applyVisitorIpTransforms(zone.managedRequestHeaders, connection.remoteAddress, headers)
  if (zone.rulesets.http_request_late_transform === undefined) return managed
  const fields = fieldsOf(host, { request: exchange, path, connection, verdict }, faults)
  return applyTransformRules(zone, fields, managed, faults)
}

/** What Access says replaces what a client said under the same name. */
function withAccess(
  headers: HeaderList,
  { originHeaders, removedHeaders, cookie }: AccessDecision & { kind: 'pass' },
): HeaderList {
  const names = ['cookie', ...removedHeaders, ...originHeaders.map(([name]) => name)]
  const replaced = new Set(names.map(canonicalName))
  return [
    ...headers.filter(([name]) => !replaced.has(canonicalName(name))),
    ...(cookie === undefined ? [] : [['cookie', cookie] as const]),
    ...originHeaders,
  ]
}
