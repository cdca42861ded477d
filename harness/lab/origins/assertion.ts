/**
 * An application that trusts Access no further than its signature: it verifies `Cf-Access-Jwt-Assertion` itself, as Cloudflare
 * asks of origins (developers.cloudflare.com cloudflare-one, "Validate JWTs"). Its code is its own: what decides at the edge
 * must not decide here.
 * @module
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Faults } from '../faults.ts'
import { claimsOfJsonForm, lapse, parseClaims } from './assertion-faults.ts'

/** What the origin is configured with. */
export interface AssertionTerms {
  /** `https://` and the team domain. */
  issuer: string
  /** AUD tag of the application on a hostname; undefined: none, nobody is let in. */
  audienceOf(hostname: string): string | undefined
  /** The key set that the team publishes now. */
  keys(): readonly { kid: string; jwk: Readonly<Record<string, unknown>> }[]
  /** Epoch milliseconds. */
  now(): number
  faults: Faults
}

/** Whether the assertion of a request is good. Never rejects. */
export type AssertionCheck = (request: IncomingMessage) => Promise<boolean>

/** A token, read but for its signature. */
export interface ReadAssertion {
  header: Readonly<Record<string, unknown>>
  claims: Readonly<Record<string, unknown>>
  signed: string
  signature: Buffer
}

const longest = 8192
/** Seconds. */
const skew = 60

/** Makes the check. */
export function createAssertionCheck(terms: AssertionTerms): AssertionCheck {
  return async (request) => {
    const hostname = (request.headers.host ?? '').toLowerCase().replace(/\.?(:\d+)?$/, '')
    const audience = terms.audienceOf(hostname)
    const { faults } = terms
    const sent = request.headersDistinct['cf-access-jwt-assertion'] ?? []
    if (audience === undefined) return false
    if (sent.length === 0) return faults.has('origin.takes-missing-assertion')
    if (sent.length === 1 && (await isGood(sent[0] ?? '', audience, terms))) return true
    if (!faults.has('origin.falls-back-to-cookie')) return false
    const cookie = /(?:^|;\s*)CF_Authorization=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]
    return cookie !== undefined && isGood(cookie, audience, terms)
  }
}

async function isGood(token: string, audience: string, terms: AssertionTerms): Promise<boolean> {
  const { faults } = terms
  try {
    const read = token.length > longest ? undefined : readAssertion(token, faults)
    if (read === undefined) return withoutParts(token, audience, terms)
    const signed = isSigned(read, terms) || (await lapse(read, token, keysOf(terms), faults))
    return signed && rules.every((holds) => holds(read.claims, { ...terms, audience }))
  } catch {
    return false
  }
}

/** What is not three parts; good only under a fault. */
function withoutParts(token: string, audience: string, terms: AssertionTerms): boolean {
  const { faults } = terms
  if (faults.has('origin.takes-any-assertion') && !/^(?:eyJ|\{)/.test(token)) return true
  const claims = faults.has('origin.takes-json-form') ? claimsOfJsonForm(token) : undefined
  return claims !== undefined && rules.every((holds) => holds(claims, { ...terms, audience }))
}

/** The three parts, the first two JSON objects; undefined where it is anything else. */
function readAssertion(token: string, faults: Faults): ReadAssertion | undefined {
  const match = /^([\w-]+)\.([\w-]+)\.?([\w-]*)$/.exec(token)
  if (match === null) return undefined
  const [, head = '', body = '', signature = ''] = match
  const objects = [head, body].map((part): unknown =>
    parseClaims(Buffer.from(part, 'base64url').toString('utf8'), faults),
  )
  const [header, claims] = objects.map((one) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? (one as ReadAssertion['claims'])
      : undefined,
  )
  if (header === undefined || claims === undefined) return undefined
  return { header, claims, signed: `${head}.${body}`, signature: Buffer.from(signature, 'base64url') }
}

/** Public keys by key id. */
const keysOf = ({ keys }: AssertionTerms): ReadonlyMap<string, KeyObject> =>
  new Map(keys().map(({ kid, jwk }) => [kid, createPublicKey({ key: { ...jwk }, format: 'jwk' })]))

/** One algorithm, one key, no extension. */
function isSigned({ header, signed, signature }: ReadAssertion, terms: AssertionTerms): boolean {
  const { alg, kid, crit } = header
  if (alg !== 'RS256' || typeof kid !== 'string' || crit !== undefined) return false
  const key = keysOf(terms).get(kid)
  return key !== undefined && verify('sha256', Buffer.from(signed), key, signature)
}

type Terms = AssertionTerms & { audience: string }

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

const rules: readonly ((claims: ReadAssertion['claims'], terms: Terms) => boolean)[] = [
  ({ iss }, { issuer, faults }) => iss === issuer || faults.has('origin.ignores-issuer'),
  ({ aud, type }, { audience, faults }) => {
    const given: unknown[] = Array.isArray(aud) ? aud : [aud]
    if (given.includes(audience)) return true
    const texts = given.filter((one) => typeof one === 'string' && one !== '')
    if (faults.has('origin.takes-missing-audience') && (aud === undefined || aud === null)) return true
    if (faults.has('origin.audience-by-part') && texts.some((one) => audience.includes(String(one))))
      return true
    const tag = texts.some((one) => /^[0-9a-f]{64}$/.test(String(one)))
    if (type === 'org') return tag && faults.has('origin.takes-org-token')
    return tag && faults.has('origin.takes-other-application')
  },
  ({ type }, { faults }) => type === 'app' || (type === 'org' && faults.has('origin.takes-org-token')),
  ({ exp }, { now, faults }) =>
    isTime(exp)
      ? exp > now() / 1000 || faults.has('origin.takes-expired')
      : faults.has('origin.takes-malformed-expiry'),
  ({ nbf }, { now, faults }) =>
    nbf === undefined ||
    (isTime(nbf) && (nbf <= now() / 1000 + skew || faults.has('origin.ignores-not-before'))),
]
