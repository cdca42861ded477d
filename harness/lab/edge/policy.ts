/**
 * What happens to a request: a pure decision from the request, its connection and the faults.
 * @module
 */
import { isIP } from 'node:net'
import type { Faults } from '../faults.ts'
import { forwardedHeaders, primary } from '../hostnames.ts'
import { type Authority, parseAuthority, parseTarget } from './authority.ts'
import type { Connection } from './connection.ts'
import { type Exchange, headerValue } from './exchange.ts'
import type { EdgeHost, Hosts } from './hosts.ts'
import { slipsByRequest } from './path-faults.ts'
import { noCertificate, type Verdict } from './verdict.ts'
import { type Block, blockedBy } from './waf.ts'

/** The decision. */
export type Decision =
  | { kind: 'malformed' }
  /** SNI and Host differ: a bare 403. */
  | { kind: 'mismatch' }
  | { kind: 'redirect'; hostname: string; path: string }
  | { kind: 'refuse'; host: EdgeHost; path: string; verdict: Verdict; block: Block }
  | {
      kind: 'forward'
      host: EdgeHost
      /** Host the origin is told. */
      hostname: string
      path: string
      verdict: Verdict
    }

type RequestFacts = Pick<
  Exchange,
  'http' | 'http10' | 'method' | 'target' | 'authorities' | 'hostField' | 'headers' | 'length'
>

/** Bodies from this size on are "large" for the fault about them. */
const large = 64 * 1024

/** What a decision rests on beside the request and its connection. */
export interface Circumstances {
  hosts: Hosts
  faults: Faults
  /** Those a Host may name: the public one and the edge's own. */
  ports: readonly number[]
}

/** Decides. */
export function decide(
  request: RequestFacts,
  connection: Connection,
  { hosts, faults, ports }: Circumstances,
): Decision {
  const target = parseTarget(request.target)
  const [only, ...more] = new Set(authoritiesOf(request, connection, faults))
  const authority = parseAuthority(target?.absolute ?? only ?? '')
  if (target === undefined || more.length > 0 || only === undefined) return { kind: 'malformed' }
  const { path } = target
  const named = authority === undefined ? undefined : hosts.byName(authority.name)
  const open = (host: EdgeHost, hostname = host.hostname, verdict = noCertificate): Decision => ({
    kind: 'forward',
    host,
    hostname,
    path,
    verdict,
  })

  if (connection.host === undefined) return withoutTls(named, path, connection, faults, open)
  if (connection.loose) return named === undefined ? { kind: 'mismatch' } : open(named)
  if (connection.host.mtls === undefined && named?.mtls !== undefined) {
    const fault = target.absolute === undefined ? 'edge.routes-by-host' : 'edge.absolute-form'
    if (faults.has(fault) || routesAstray(request, connection, faults)) return open(named)
  }
  if (named?.mtls !== undefined && isOtherMtls(connection.host, named)) {
    if (faults.has('edge.routes-between-mtls-hosts'))
      return open(named, named.hostname, { ...connection.verdict(connection.host), status: 'valid' })
  }
  if (authority !== undefined && isIP(authority.name) !== 0) {
    const isProtected = connection.host.mtls !== undefined
    if (isProtected && faults.has('edge.address-as-host')) return open(connection.host)
    const main = hosts.byName(primary.hostname)
    if (!isProtected && main !== undefined && faults.has('edge.address-behind-public-sni')) return open(main)
  }
  if (authority === undefined || !names(authority, connection.host, ports, faults))
    return { kind: 'mismatch' }
  // What an operator changed since the handshake holds for this request.
  const host = hosts.byName(connection.host.hostname) ?? connection.host
  const verdict = connection.verdict(host)
  const hostname = connection.originHostname ?? host.hostname
  const block = blockedBy(host, { request, path, connection, verdict }, faults)
  if (
    block !== undefined &&
    !(
      host.mtls?.mode === 'enforce' &&
      verdict.status !== 'valid' &&
      slipsThrough(request, connection, authority, verdict, faults)
    )
  )
    return { kind: 'refuse', host, path, verdict, block }
  if (host.mtls?.mode === 'report' && wronglyBlocked(verdict, faults))
    return { kind: 'refuse', host, path, verdict, block: { response: undefined } }
  return open(host, hostname, verdict)
}

/** The names of the host; a fault overlooks the :authority of a public one where a host field differs. */
function authoritiesOf(
  { http, authorities }: RequestFacts,
  { host }: Connection,
  faults: Faults,
): readonly string[] {
  const byField = http === 2 && host !== undefined && host.mtls === undefined
  return byField && faults.has('edge.routes-by-host-field') ? authorities.slice(-1) : authorities
}

/** On a connection for the public hostname a request finds its way to a protected one. */
function routesAstray(
  { http, authorities, hostField }: RequestFacts,
  { requests }: Connection,
  faults: Faults,
): boolean {
  if (http === 1) return requests > 1 && faults.has('edge.reuse-opens-http1')
  if (requests > 1 && faults.has('edge.reuse-opens-http2')) return true
  if (hostField === true && authorities.length > 1) return faults.has('edge.routes-by-host-field')
  return faults.has('edge.routes-by-authority')
}

/** Two protected hostnames in enforce mode that trust other CAs. */
const isOtherMtls = ({ hostname, mtls }: EdgeHost, other: EdgeHost): boolean =>
  mtls?.mode === 'enforce' && other.mtls?.mode === 'enforce' && hostname !== other.hostname

/** Report mode refuses nobody. */
const wronglyBlocked = ({ status }: Verdict, faults: Faults): boolean =>
  (status === 'none' && faults.has('edge.report-blocks-none')) ||
  (status === 'invalid' && faults.has('edge.report-blocks-invalid'))

function withoutTls(
  named: EdgeHost | undefined,
  path: string,
  { transport }: Connection,
  faults: Faults,
  open: (host: EdgeHost) => Decision,
): Decision {
  if (named === undefined) return { kind: 'mismatch' }
  if (transport === 'misplaced')
    return faults.has('edge.plain-http-on-tls-port') ? open(named) : { kind: 'malformed' }
  return faults.has('edge.plain-http') ? open(named) : { kind: 'redirect', hostname: named.hostname, path }
}

function names(authority: Authority, host: EdgeHost, ports: readonly number[], faults: Faults): boolean {
  if (authority.name !== host.hostname) return false
  if (authority.port === undefined || ports.includes(authority.port)) return true
  return faults.has('edge.host-with-port') && host.mtls?.mode === 'enforce'
}

interface Slip {
  fault: Parameters<Faults['has']>[0]
  /** The verdict it overlooks; undefined: any. */
  status?: Verdict['status']
  test(request: RequestFacts, connection: Connection, authority: Authority): boolean
}

const isOnePath = ({ target }: RequestFacts): boolean => target.split('?')[0] === '/temps'

/** The ways past enforcement, each for its own kind of request. */
const slips: readonly Slip[] = [
  { fault: 'edge.accepts-no-certificate', status: 'none', test: () => true },
  { fault: 'edge.open-in-1.2', status: 'none', test: (_, { version }) => version === 'TLSv1.2' },
  { fault: 'edge.open-in-1.3', status: 'none', test: (_, { version }) => version === 'TLSv1.3' },
  {
    fault: 'edge.invalid-accepted-in-1.2',
    status: 'invalid',
    test: (_, { version }) => version === 'TLSv1.2',
  },
  {
    fault: 'edge.invalid-accepted-in-1.3',
    status: 'invalid',
    test: (_, { version }) => version === 'TLSv1.3',
  },
  { fault: 'edge.checks-first-request-only', test: (_, { requests }) => requests > 1 },
  {
    fault: 'edge.trusts-client-status',
    status: 'none',
    test: ({ headers }) => headerValue(headers, forwardedHeaders.status) === 'valid',
  },
  {
    fault: 'edge.believes-claims',
    status: 'none',
    test: ({ headers }) => headerValue(headers, 'x-ssl-client-verify') === 'SUCCESS',
  },
  { fault: 'edge.head-open', status: 'none', test: ({ method }) => method === 'HEAD' },
  {
    fault: 'edge.open-without-authority',
    status: 'none',
    test: ({ hostField, authorities }) => hostField === true && authorities.length === 1,
  },
  { fault: 'edge.h2-open', status: 'none', test: ({ http }) => http === 2 },
  { fault: 'edge.h2-accepts-invalid', status: 'invalid', test: ({ http }) => http === 2 },
  {
    fault: 'edge.large-post-open',
    status: 'none',
    test: ({ method, length }) => method === 'POST' && (length ?? 0) >= large,
  },
  {
    fault: 'edge.range-open',
    status: 'none',
    test: ({ headers }) => headerValue(headers, 'range') !== undefined,
  },
  { fault: 'edge.open-path', status: 'none', test: isOnePath },
  { fault: 'edge.any-certificate-at-path', status: 'invalid', test: isOnePath },
  {
    fault: 'edge.any-certificate-at-host-spellings',
    status: 'invalid',
    test: (_, __, { trailingDot, upperCase }) => trailingDot || upperCase,
  },
  {
    fault: 'edge.any-certificate-on-other-port',
    status: 'invalid',
    test: (_, { otherPort }) => otherPort === true,
  },
  {
    fault: 'edge.any-certificate-at-path-spellings',
    status: 'invalid',
    test: ({ target }) => /^[^?]*(?:\/\/|%[67][0-9a-f])/i.test(target),
  },
  {
    fault: 'edge.token-excuses-certificate',
    test: ({ headers }) =>
      headerValue(headers, 'cf-access-client-id') !== undefined ||
      /\bCF_Authorization=/.test(headerValue(headers, 'cookie') ?? ''),
  },
  { fault: 'edge.host-trailing-dot', test: (_, __, { trailingDot }) => trailingDot },
  { fault: 'edge.host-upper-case', test: (_, __, { upperCase }) => upperCase },
  { fault: 'edge.host-with-port', test: (_, __, { port }) => port !== undefined },
]

function slipsThrough(
  request: RequestFacts,
  connection: Connection,
  authority: Authority,
  verdict: Verdict,
  faults: Faults,
): boolean {
  if (verdict.status === 'none' && slipsByRequest(request, faults)) return true
  return slips.some(
    ({ fault, status, test }) =>
      faults.has(fault) &&
      (status === undefined || status === verdict.status) &&
      test(request, connection, authority),
  )
}
