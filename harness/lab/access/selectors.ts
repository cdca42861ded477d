/**
 * One selector of a rule, asked about one request.
 * @module
 */
import { BlockList, isIP, isIPv6 } from 'node:net'
import type { Faults } from '../faults.ts'
import type { AccessRule, AccessServiceToken } from '../state/access-types.ts'

/** What an identity provider said about somebody. */
export interface Identity {
  email: string
  identityProviderId: string
  /** Claims of the ID token that the provider's configuration names, and `groups`. */
  claims: Readonly<Record<string, unknown>>
}

/** Names in a certificate. */
export interface PresentedNames {
  commonName: string | undefined
  /** RFC 4514. */
  subject: string
  /** Alternative names: DNS names and addresses of mail. */
  alternative: readonly string[]
}

/** What a request shows by itself; looked at anew for every one. */
export interface Facts {
  remoteAddress: string
  /** ISO 3166 code. */
  country: string
  /** A valid certificate of an Access CA of this hostname. */
  certificate: PresentedNames | undefined
  serviceToken: AccessServiceToken | undefined
}

/** Asked about. */
export interface Asked {
  facts: Facts
  identity: Identity | undefined
  faults: Faults
}

type Name = AccessRule extends infer Rule ? (Rule extends unknown ? keyof Rule : never) : never
type Single = Exclude<Name, 'group'>
type ValueOf<Key extends Name> = Extract<AccessRule, Record<Key, unknown>>[Key]

/** How a name looks to somebody who is too kind. */
const folded = (name: string): string => name.normalize('NFKC').trim().replace(/\.$/, '').toLowerCase()

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** The part after the only `@`; an address with several has no domain that rules may rely on. */
function domainOf(email: string): string | undefined {
  const [local, domain, ...more] = email.split('@')
  return local === '' || more.length > 0 ? undefined : domain
}

const selectors: { [Key in Single]: (value: ValueOf<Key>, asked: Asked) => boolean } = {
  everyone: () => true,
  email: ({ email }, { identity }) => identity !== undefined && same(identity.email, email),
  email_domain: ({ domain }, { identity, faults }) => {
    if (identity === undefined) return false
    const wanted = domain.replace(/^@/, '').toLowerCase()
    if (faults.has('access.email-domain-by-suffix')) return identity.email.toLowerCase().endsWith(wanted)
    return domainOf(identity.email)?.toLowerCase() === wanted
  },
  ip: ({ ip }, { facts }) => inRange(facts.remoteAddress, ip),
  geo: ({ country_code: code }, { facts }) => same(facts.country, code),
  certificate: (_, { facts }) => facts.certificate !== undefined,
  common_name: ({ common_name: name }, { facts, faults }) => {
    if (facts.certificate === undefined) return false
    if (faults.has('access.ignores-common-name')) return true
    if (namedElsewhere(name, facts.certificate, faults)) return true
    const given = facts.certificate.commonName
    if (given === undefined) return false
    if (faults.has('access.common-name-by-prefix')) return given.startsWith(name)
    if (faults.has('access.common-name-by-suffix') && given.endsWith(name)) return true
    return given === name || (faults.has('access.common-name-folded') && folded(given) === folded(name))
  },
  service_token: ({ token_id: id }, { facts, faults }) =>
    facts.serviceToken !== undefined &&
    (facts.serviceToken.id === id || faults.has('access.any-token-for-one')),
  any_valid_service_token: (_, { facts }) => facts.serviceToken !== undefined,
  login_method: ({ id }, { identity }) => identity?.identityProviderId === id,
  oidc: ({ claim_name: name, claim_value: value, identity_provider_id: provider }, { identity }) =>
    identity !== undefined &&
    identity.identityProviderId === provider &&
    Object.hasOwn(identity.claims, name) &&
    [identity.claims[name]].flat().some((given) => claimText(given) === value),
}

const claimText = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined

/** The selector holds. A selector that is not known never does. */
export function selects(rule: AccessRule, asked: Asked): boolean {
  const [name, value] = Object.entries(rule)[0] ?? []
  if (name === undefined || !Object.hasOwn(selectors, name)) return false
  const test = selectors[name as Single] as (value: unknown, asked: Asked) => boolean
  return test(value, asked)
}

const loginOnly: ReadonlySet<string> = new Set([
  'everyone',
  'email',
  'email_domain',
  'login_method',
  'oidc',
] satisfies Single[])

/** Checked when somebody logs in, not again for every request (cloudflare-one, "Policies", table of selectors). */
export const isLoginOnly = (rule: AccessRule): boolean => loginOnly.has(Object.keys(rule)[0] ?? '')

/** @param range an address, or one with a prefix length. */
function inRange(address: string, range: string): boolean {
  const [network = '', length] = range.split('/')
  const given = plain(address)
  if (isIP(network) === 0 || isIP(given) === 0 || isIPv6(network) !== isIPv6(given)) return false
  const family = isIPv6(network) ? 'ipv6' : 'ipv4'
  const widest = family === 'ipv6' ? 128 : 32
  const bits = length === undefined ? widest : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN
  if (!(bits <= widest)) return false
  const list = new BlockList()
  list.addSubnet(network, bits, family)
  return list.check(given, family)
}

/** IPv4 written as IPv6 is IPv4. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '')

/** The name stands in the certificate, but is not its common name; each only under its fault. */
function namedElsewhere(
  name: string,
  { commonName, subject, alternative }: PresentedNames,
  faults: Faults,
): boolean {
  if (faults.has('access.common-name-from-san') && alternative.includes(name)) return true
  if (faults.has('access.common-name-until-nul') && commonName?.split('\0', 1)[0] === name) return true
  return (
    faults.has('access.common-name-by-text') &&
    subject.split(/[,+]/).some((part) => part.trim() === `CN=${name}`)
  )
}
