/**
 * The fields an expression can name, and the request they are read from.
 * @module
 */
import { isIP } from 'node:net'
import {
  type CertificateField,
  type CertificateFields,
  certificateFieldTypes,
} from '../edge/certificate-fields.ts'
import { normalizePath } from './normalize.ts'

/** Types of values. `map` is a map of string arrays. */
export type ValueType = 'string' | 'int' | 'bool' | 'ip' | 'string[]' | 'int[]' | 'bool[]' | 'ip[]' | 'map'

/** A value; undefined is a missing one: a key or an index that is not there. */
export type Value = string | number | boolean | Value[] | ReadonlyMap<string, Value[]> | undefined

type Headers = readonly (readonly [name: string, value: string])[]

/** One request, as rules see it. */
export interface RuleFields {
  /** Lower case, without port. */
  readonly host: string
  readonly method: string
  /** Path as written. */
  readonly rawPath: string
  /** Path after normalization. */
  readonly path: string
  /** Without question mark; empty where there is none. */
  readonly query: string
  /** `HTTP/1.1`, `HTTP/2`. */
  readonly version: string
  readonly headers: Headers
  readonly remoteAddress: string
  readonly tls: boolean
  readonly certificate: CertificateFields
}

/** What a request is made of. */
export interface RuleRequest {
  host: string
  method: string
  /** Path and query as written. */
  target: string
  http: '1.0' | 1 | 2
  headers: Headers
  remoteAddress: string
  tls: boolean
  certificate: CertificateFields
}

const versions = { '1.0': 'HTTP/1.0', 1: 'HTTP/1.1', 2: 'HTTP/2' } as const

/** The fields of a request. */
export function ruleFields(request: RuleRequest): RuleFields {
  const { host, method, target, http, headers, remoteAddress, tls, certificate } = request
  const question = target.indexOf('?')
  const rawPath = question === -1 ? target : target.slice(0, question)
  return {
    host: host.toLowerCase(),
    method,
    rawPath,
    path: normalizePath(rawPath),
    query: question === -1 ? '' : target.slice(question + 1),
    version: versions[http],
    headers,
    remoteAddress: plainAddress(remoteAddress),
    tls,
    certificate,
  }
}

/** An IPv4 address mapped into IPv6, as sockets report it, without its prefix. */
function plainAddress(address: string): string {
  const mapped = /^::ffff:(.*)$/i.exec(address)?.[1]
  return mapped !== undefined && isIP(mapped) === 4 ? mapped : address
}

/** One field. */
export interface Field {
  type: ValueType
  read(fields: RuleFields): Value
}

const uri = ({ path, query }: RuleFields): string => (query === '' ? path : `${path}?${query}`)
const header = (name: string, separator: string): Field => ({
  type: 'string',
  read: ({ headers }) =>
    headers.flatMap(([other, value]) => (other.toLowerCase() === name ? [value] : [])).join(separator),
})
const string = (read: (fields: RuleFields) => string): Field => ({ type: 'string', read })

function headerMap({ headers }: RuleFields): ReadonlyMap<string, Value[]> {
  const map = new Map<string, Value[]>()
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    const values = map.get(lower)
    if (values === undefined) map.set(lower, [value])
    else values.push(value)
  }
  return map
}

const requestFields: Readonly<Record<string, Field>> = {
  'http.host': string(({ host }) => host),
  'http.request.method': string(({ method }) => method),
  'http.request.uri': string(uri),
  'http.request.uri.path': string(({ path }) => path),
  'http.request.uri.query': string(({ query }) => query),
  'http.request.full_uri': string(
    (fields) => `${fields.tls ? 'https' : 'http'}://${fields.host}${uri(fields)}`,
  ),
  'http.request.version': string(({ version }) => version),
  'http.user_agent': header('user-agent', ', '),
  'http.cookie': header('cookie', '; '),
  'http.referer': header('referer', ', '),
  'http.x_forwarded_for': header('x-forwarded-for', ', '),
  'http.request.headers': { type: 'map', read: headerMap },
  'http.request.headers.names': {
    type: 'string[]',
    read: ({ headers }) => headers.map(([name]) => name.toLowerCase()),
  },
  'http.request.headers.values': {
    type: 'string[]',
    read: ({ headers }) => headers.map(([, value]) => value),
  },
  'raw.http.request.uri': string(({ rawPath, query }) => (query === '' ? rawPath : `${rawPath}?${query}`)),
  'raw.http.request.uri.path': string(({ rawPath }) => rawPath),
  'raw.http.request.uri.query': string(({ query }) => query),
  'ip.src': { type: 'ip', read: ({ remoteAddress }) => remoteAddress },
  ssl: { type: 'bool', read: ({ tls }) => tls },
}

const certificatePrefix = 'cf.tls_client_auth.'
const isCertificateField = (name: string): name is CertificateField =>
  Object.hasOwn(certificateFieldTypes, name)

const certificateFieldsByName = Object.keys(certificateFieldTypes)
  .filter(isCertificateField)
  .map((name): [string, Field] => [
    `${certificatePrefix}${name}`,
    { type: certificateFieldTypes[name], read: ({ certificate }) => certificate[name] },
  ])

/** Every field by name. */
export const ruleFieldTable: ReadonlyMap<string, Field> = new Map([
  ...Object.entries(requestFields),
  ...certificateFieldsByName,
])

/** Fields that say who issued the certificate. */
export const issuerFields: ReadonlySet<string> = new Set(
  [
    'cert_issuer_ski',
    'cert_issuer_serial',
    'cert_issuer_dn',
    'cert_issuer_dn_rfc2253',
    'cert_issuer_dn_legacy',
  ].map((name) => `${certificatePrefix}${name}`),
)
