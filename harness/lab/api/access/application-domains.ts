/**
 * What an application covers: `host/path` patterns (developers.cloudflare.com cloudflare-one, "Application paths").
 * @module
 */
import type { ApiContext } from '../context.ts'
import { bodyReader, field } from './body.ts'
import { applicationExists, invalid, unsupported } from './errors.ts'
import { isOwnHostname } from './hostnames.ts'
import { domainsPerApplication, urlLength } from './limits.ts'
import { type Owner, objectsOfAccount } from './scope.ts'

/** The three ways to say it; the first that is there counts, `domain` is the first of them. */
export interface DomainFields {
  domain?: string
  self_hosted_domains?: string[]
  destinations?: unknown[]
}

const readDestination = bodyReader<{ type?: string; uri?: string; overrides?: unknown[] }>({
  fields: { type: field.string, uri: field.string, overrides: field.list },
})

const otherDestinations: ReadonlySet<string> = new Set([
  'private',
  'via_mcp_server_portal',
  'worker',
  'preview_worker',
  'all_workers',
  'all_preview_workers',
])

/**
 * The patterns of a body, `domain` first.
 * @param id the application that is changed; '' for a new one.
 * @throws ApiError 400 / 12130 for what is no pattern or lies in no zone, 409 / 11010 for what another application has.
 */
export function readDomains(context: ApiContext, owner: Owner, body: DomainFields, id: string): string[] {
  const listed = body.destinations?.map(uriOf) ?? body.self_hosted_domains ?? []
  const named = body.domain === undefined ? listed : [body.domain, ...listed]
  const domains = [...new Set(named.map((text) => readPattern(context, owner, text)))]
  if (domains.length === 0) throw invalid('domain is missing')
  if (domains.length > domainsPerApplication)
    throw invalid(`no more than ${domainsPerApplication} domains are allowed`)
  const taken = objectsOfAccount(context, owner.account)
    .flatMap(({ applications }) => Object.values(applications))
    .filter((application) => application.id !== id)
    .some((application) => application.domains.some((domain) => domains.includes(domain)))
  if (taken) throw applicationExists()
  return domains
}

function uriOf(destination: unknown, at: number): string {
  const { type = 'public', uri, overrides = [] } = readDestination(destination, `destinations.${at}`)
  if (otherDestinations.has(type)) throw unsupported(`destination type ${type}`)
  if (type !== 'public') throw invalid(`destinations.${at} has an unknown type`)
  if (overrides.length > 0) throw unsupported('overrides of a destination')
  if (uri === undefined) throw invalid(`destinations.${at} must have required property uri`)
  return uri
}

/** Host in lower case, path as it is. */
function readPattern(context: ApiContext, owner: Owner, text: string): string {
  const slash = text.indexOf('/')
  const host = (slash < 0 ? text : text.slice(0, slash)).toLowerCase()
  const path = slash < 0 ? '' : text.slice(slash).replace(/\/+$/, '')
  if (host.length + path.length > urlLength)
    throw invalid(`domain must not have more than ${urlLength} characters`)
  if (!/^[a-z0-9*_-]+(\.[a-z0-9*_-]+)*$/.test(host))
    throw invalid('domain is not a hostname with an optional path')
  if (/[?#\s]|[^\x21-\x7e]/.test(path)) throw invalid('domain must not have a query or fragment')
  if (host.split('.').some(hasTwoStars) || path.split('/').some(hasTwoStars))
    throw invalid('domain must not have more than one wildcard between dots or slashes')
  // What a wildcard stands for is within its label.
  if (!isOwnHostname(context, owner, host.replaceAll('*', 'x')))
    throw invalid('domain does not belong to zone')
  return host + path
}

const hasTwoStars = (part: string): boolean => part.split('*').length > 2
