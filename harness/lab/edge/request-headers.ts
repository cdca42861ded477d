/**
 * The headers the origin gets: what the client claims about certificates is removed first, what the connection shows is set
 * last, so that nothing of the client's can remove it (RFC 9440 §2.4, RFC 9110 §7.6.1).
 * @module
 */
import type { FaultId, Faults } from '../faults.ts'
import { forwardedHeaders } from '../hostnames.ts'
import type { HeaderList } from './exchange.ts'
import { isCertificateHeader, isDeploymentHeader, isEdgeHeader, isHopByHop } from './header-names.ts'
import type { EdgeHost } from './hosts.ts'

/** What decides about the client's headers. */
export interface HeaderSituation {
  host: EdgeHost
  http: 1 | 2
  /** How many requests the connection has brought, this one included. */
  requests: number
  faults: Faults
}

/** The client's headers that may reach the origin. */
export function clientHeaders(headers: HeaderList, situation: HeaderSituation): [string, string][] {
  const listed = connectionOptions(headers)
  return headers
    .filter(([name], index) => {
      const lower = name.toLowerCase()
      if (isHopByHop(name) || lower === 'host' || lower === 'expect') return false
      if (isEdgeHeader(name)) return keepsAccessHeader(lower, situation)
      if (isCertificateHeader(name)) return forgotten(name, index, headers, situation)
      return lower === 'content-length' || !listed.has(lower)
    })
    .map(([name, value]) => [name, value])
}

const keepsAccessHeader = (name: string, { host, faults }: HeaderSituation): boolean =>
  faults.has('edge.passes-access-headers') && host.mtls !== undefined && name.startsWith('cf-access-')

/** Names in the client's Connection header, lower case. */
function connectionOptions(headers: HeaderList): Set<string> {
  const values = headers.filter(([name]) => name.toLowerCase() === 'connection').map(([, value]) => value)
  return new Set(values.flatMap((value) => value.split(',').map((option) => option.trim().toLowerCase())))
}

interface Lapse {
  fault: FaultId
  test(name: string, index: number, headers: HeaderList, http: 1 | 2, requests: number): boolean
}

/** What the edge forgets to remove on mTLS hostnames, per fault. */
const lapses: readonly Lapse[] = [
  {
    fault: 'edge.passes-client-status',
    test: (name, _, headers, http) =>
      http === 1 && name === forwardedHeaders.status && copiesOf(name, headers).length === 1,
  },
  { fault: 'edge.passes-underscore', test: (name) => isDeploymentHeader(name) && name.includes('_') },
  {
    fault: 'edge.passes-upper-case',
    test: (name) => isDeploymentHeader(name) && name !== name.toLowerCase() && !name.includes('_'),
  },
  {
    fault: 'edge.passes-second-copy',
    test: (name, index, headers) => copiesOf(name, headers).indexOf(index) > 0,
  },
  { fault: 'edge.passes-certificate-headers', test: (name) => !isDeploymentHeader(name) },
  {
    fault: 'edge.passes-on-later-requests',
    test: (name, _, headers, http, requests) =>
      requests > 1 && http === 1 && name === forwardedHeaders.status && copiesOf(name, headers).length === 1,
  },
  { fault: 'edge.passes-on-h2', test: (_, __, ___, http) => http === 2 },
]

function forgotten(
  name: string,
  index: number,
  headers: HeaderList,
  { host, http, requests, faults }: HeaderSituation,
): boolean {
  if (host.mtls === undefined) return faults.has('edge.passes-client-status-on-public')
  return lapses.some(({ fault, test }) => faults.has(fault) && test(name, index, headers, http, requests))
}

/** Positions of the copies of a header in one spelling. */
const copiesOf = (name: string, headers: HeaderList): number[] =>
  headers.flatMap(([other], at) => (other === name ? [at] : []))

/** The headers the edge sets, unless a fault lets the client's copy win or remove the status. */
export function withEdgeHeaders(
  kept: HeaderList,
  certificate: HeaderList,
  client: HeaderList,
  { host, faults }: HeaderSituation,
): [string, string][] {
  const clientWins =
    (faults.has('edge.passes-client-status') || faults.has('edge.passes-on-later-requests')) &&
    kept.some(([name]) => name === forwardedHeaders.status)
  const removed =
    faults.has('edge.connection-strips-status') && connectionOptions(client).has(forwardedHeaders.status)
  const set = certificate.filter(([name]) => name !== forwardedHeaders.status || !(clientWins || removed))
  return [...(host.mtls === undefined ? [] : set), ...kept].map(([name, value]) => [name, value])
}
