/**
 * Service tokens as requests carry them, and whether they are good (developers.cloudflare.com cloudflare-one, "Service tokens").
 * @module
 */
import { timingSafeEqual } from 'node:crypto'
import type { Faults } from '../faults.ts'
import type { AccessApplication, AccessObjects, AccessServiceToken } from '../state/access-types.ts'
import { hashOf } from '../state/ids.ts'
import { lenientHalf, lenientToken } from './admission-faults.ts'
import { allOf } from './directory.ts'
import { valuesOf } from './headers.ts'
import { queryOf } from './paths.ts'
import type { AccessRequest } from './types.ts'

/** What came with a request. `malformed`: twice, incomplete, or in both forms. */
export type Credentials =
  | { kind: 'none' }
  | { kind: 'malformed' }
  | { kind: 'pair'; id: string; secret: string }

const names = { id: 'cf-access-client-id', secret: 'cf-access-client-secret' } as const
const documented: ReadonlySet<string> = new Set(['CF-Access-Client-Id', 'CF-Access-Client-Secret'])
const isService = (name: string): boolean => Object.values<string>(names).includes(name.toLowerCase())
const longestHeader = 4096

/** Reads the pair of headers, or the one header that the application names. */
export function readCredentials(
  request: Pick<AccessRequest, 'headers' | 'target'>,
  { settings }: AccessApplication,
  faults: Faults,
): Credentials {
  const pair = readPair(request, faults)
  const header = settings.read_service_tokens_from_header?.toLowerCase()
  const single: Credentials = header === undefined ? { kind: 'none' } : readSingle(request.headers, header)
  if (single.kind === 'none') return pair
  if (pair.kind === 'none') return single
  return faults.has('access.takes-both-token-forms') ? pair : { kind: 'malformed' }
}

function readPair(
  { headers, target }: Pick<AccessRequest, 'headers' | 'target'>,
  faults: Faults,
): Credentials {
  const spelled = faults.has('access.takes-underscore-token-headers')
    ? headers.map(([name, value]) => [name.replaceAll('_', '-'), value] as const)
    : faults.has('access.token-headers-by-spelling')
      ? headers.filter(([name]) => !isService(name) || documented.has(name))
      : headers
  const ids = valuesOf(spelled, names.id)
  const secrets = valuesOf(spelled, names.secret)
  if (ids.length === 0 && secrets.length === 0) {
    const query = faults.has('access.takes-token-from-query') ? queryOf(target) : undefined
    const [id, secret] = [query?.get(names.id), query?.get(names.secret)]
    return id && secret ? { kind: 'pair', id, secret } : { kind: 'none' }
  }
  const [id] = ids
  const [secret] = secrets
  const repeated = ids.length > 1 || secrets.length > 1
  if (!id || !secret) return repeated ? { kind: 'malformed' } : lenientHalf(id, secret, faults)
  if (repeated && !faults.has('access.takes-first-of-duplicates')) return { kind: 'malformed' }
  return { kind: 'pair', id, secret }
}

/** The value is JSON with the two names of the pair; anything else in that header is not about Access. */
function readSingle(headers: AccessRequest['headers'], header: string): Credentials {
  const values = valuesOf(headers, header).map((value) => ({ value, read: jsonObject(value) }))
  const meant = values.filter(({ read }) => read !== undefined && (names.id in read || names.secret in read))
  const [first, second] = meant
  if (first?.read === undefined) return { kind: 'none' }
  const { [names.id]: id, [names.secret]: secret, ...others } = first.read
  const once = [names.id, names.secret].every((name) => first.value.split(`"${name}"`).length === 2)
  const complete = typeof id === 'string' && typeof secret === 'string' && id !== '' && secret !== ''
  if (second !== undefined || !complete || !once || Object.keys(others).length > 0)
    return { kind: 'malformed' }
  return { kind: 'pair', id, secret }
}

/** Where the single header carries credentials: its secret is not for the origin. */
export const carriesToken = (value: string): boolean => {
  const read = jsonObject(value)
  return read !== undefined && (names.id in read || names.secret in read)
}

function jsonObject(text: string): Record<string, unknown> | undefined {
  if (text.length > longestHeader || !text.trimStart().startsWith('{')) return undefined
  try {
    return Object.assign(Object.create(null), JSON.parse(text)) as Record<string, unknown>
  } catch {
    return undefined
  }
}

/** The token that a pair names and proves; undefined: unknown, wrong, disabled or expired. @param now epoch milliseconds. */
export function authenticate(
  { id, secret }: { id: string; secret: string },
  objects: readonly AccessObjects[],
  now: number,
  faults: Faults,
): AccessServiceToken | undefined {
  if (faults.has('access.refuses-service-tokens')) return undefined
  const tokens = allOf(objects, 'serviceTokens')
  const token = tokens.find(({ clientId }) => clientId === id)
  const given = hashOf(secret)
  // An unknown id costs as much as a wrong secret.
  const proof = proofOf(given, token ?? noToken, now)
  if (token === undefined) return lenientToken({ id, secret, tokens }, faults)
  if (proof !== 'none' && proof !== 'too late' && isUsable(token, now)) return token
  if (lapsed({ token, proof, tokens, given, now, faults })) return token
  return lenientToken({ id, secret, tokens }, faults)
}

/** Enabled and not expired: asked again whenever a session of the token is used. */
export const isUsable = (token: AccessServiceToken, now: number): boolean =>
  token.enabled && !isExpired(token, now)

const isExpired = ({ expiresAt }: AccessServiceToken, now: number): boolean =>
  expiresAt !== undefined && now >= Date.parse(expiresAt)

/** Which secret of a token it is. */
type Proof = 'current' | 'previous' | 'too late' | 'none'

const noToken: Pick<AccessServiceToken, 'secretHash' | 'previous'> = {
  secretHash: hashOf(''),
  previous: undefined,
}

function proofOf(
  given: string,
  { secretHash, previous }: Pick<AccessServiceToken, 'secretHash' | 'previous'>,
  now: number,
): Proof {
  if (sameHash(given, secretHash)) return 'current'
  if (previous === undefined || !sameHash(given, previous.secretHash)) return 'none'
  return now < Date.parse(previous.until) ? 'previous' : 'too late'
}

/** What would be refused is taken, under a fault. */
function lapsed(asked: {
  token: AccessServiceToken
  proof: Proof
  tokens: readonly AccessServiceToken[]
  given: string
  now: number
  faults: Faults
}): boolean {
  const { token, proof, tokens, given, now, faults } = asked
  const others = tokens.some(({ secretHash }) => sameHash(given, secretHash))
  if (!token.enabled)
    return (
      (proof === 'current' && faults.has('access.takes-disabled-token')) ||
      (proof === 'previous' && faults.has('access.disabled-token-keeps-old-secret'))
    )
  if (isExpired(token, now)) return proof === 'current' && faults.has('access.takes-expired-token')
  if (proof === 'too late') return faults.has('access.old-secret-for-ever')
  return faults.has(others ? 'access.secret-of-any-token' : 'access.ignores-token-secret')
}

function sameHash(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a, 'hex'), Buffer.from(b, 'hex')]
  return left.length === right.length && timingSafeEqual(left, right)
}
