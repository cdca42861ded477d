/**
 * Verifies a token: RS256 by a known key, then every claim by itself (RFC 8725).
 * @module
 */
import { compactVerify, decodeProtectedHeader } from 'jose'
import type { Faults } from '../faults.ts'
import type { AccessSigningKey } from '../state/access-types.ts'
import type { Store } from '../state/store.ts'
import type { AccountState } from '../state/types.ts'
import { firstClaims } from './forged-faults.ts'
import { verificationKeys } from './keys.ts'
import { keyPairOf } from './signing.ts'
import { lenientPayload } from './verify-faults.ts'

/** Claims of a token whose signature is good. */
export type Claims = Readonly<Record<string, unknown>>

/** What a token has to be. */
export interface Expectation {
  account: AccountState
  /** The issuer is `https://` and this. */
  authDomain: string
  type: 'app' | 'org' | 'meta'
  /** AUD tags, of which one has to be there; undefined: a type without. */
  audiences: readonly string[] | undefined
}

const longest = 8192
/** Seconds a clock may be behind. */
const skew = 60

/** The claims; undefined: not a token that counts. */
export async function verifyToken(
  token: string,
  expectation: Expectation,
  { store, faults }: { store: Store; faults: Faults },
): Promise<Claims | undefined> {
  if (token.length > longest) return undefined
  const now = store.now()
  const payload =
    (await signedPayload(token, keysFor(expectation, now, faults, store), faults)) ??
    (await lenientPayload(token, expectation.account.access.keys, faults))
  if (payload === undefined) return undefined
  const claims = objectIn(payload, faults)
  const asked = { ...expectation, seconds: Math.floor(now / 1000), faults }
  if (claims === undefined) return undefined
  const good = rules.every((holds) => holds(claims, asked)) || wasGood(token, store, faults)
  if (good) remember(token, store, faults)
  return good ? claims : undefined
}

/** Tokens that were good somewhere (a fault). */
const goodTokens = new WeakMap<Store, Set<string>>()

const wasGood = (token: string, store: Store, faults: Faults): boolean =>
  faults.has('access.remembers-good-tokens') && goodTokens.get(store)?.has(token) === true

function remember(token: string, store: Store, faults: Faults): void {
  if (!faults.has('access.remembers-good-tokens')) return
  const known = goodTokens.get(store) ?? new Set()
  goodTokens.set(store, known.add(token))
}

function keysFor(
  { account }: Expectation,
  now: number,
  faults: Faults,
  store: Store,
): readonly AccessSigningKey[] {
  const { keys } = account.access
  if (faults.has('access.takes-other-issuer'))
    return Object.values(store.state.accounts).flatMap(({ access }) => verificationKeys(access.keys, now))
  if (faults.has('access.old-key-for-ever') && keys.previous !== undefined)
    return [keys.current, keys.previous]
  return verificationKeys(keys, now)
}

/** The payload where one of the keys, picked by `kid`, has signed it. */
async function signedPayload(
  token: string,
  keys: readonly AccessSigningKey[],
  faults: Faults,
): Promise<Uint8Array | undefined> {
  try {
    const { alg, kid, crit } = decodeProtectedHeader(token)
    // Nothing that Access signs has critical headers, so `b64` and the like are refused unread.
    if (alg !== 'RS256' || typeof kid !== 'string' || crit !== undefined) return undefined
    const named = keys.find((one) => one.kid === kid)
    const key = faults.has('access.first-key-only') ? keys[0] : named
    if (named === undefined || key === undefined) return undefined
    return (await compactVerify(token, keyPairOf(key).publicKey, { algorithms: ['RS256'] })).payload
  } catch {
    return undefined
  }
}

function objectIn(payload: Uint8Array, faults: Faults): Claims | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(payload)
    const first = faults.has('access.first-of-duplicate-claims')
    const value: unknown = JSON.parse(first ? firstClaims(text) : text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Claims)
      : undefined
  } catch {
    return undefined
  }
}

type Asked = Expectation & { seconds: number; faults: Faults }

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

const rules: readonly ((claims: Claims, asked: Asked) => boolean)[] = [
  ({ iss }, { authDomain, faults }) =>
    iss === `https://${authDomain}` || faults.has('access.takes-other-issuer'),
  ({ type }, { type: wanted, faults }) =>
    type === wanted || (wanted === 'app' && type === 'org' && faults.has('access.takes-org-token')),
  ({ aud, type }, { audiences, faults }) => {
    if (audiences === undefined) return true
    if (type === 'org' && faults.has('access.takes-org-token')) return true
    return isMeant(aud, audiences, faults)
  },
  ({ exp }, { seconds, faults }) =>
    isTime(exp)
      ? exp > seconds || faults.has('access.takes-expired')
      : faults.has('access.takes-malformed-expiry'),
  ({ nbf }, { seconds, faults }) =>
    nbf === undefined || (isTime(nbf) && (nbf <= seconds || faults.has('access.ignores-not-before'))),
  ({ iat }, { seconds, faults }) =>
    isTime(iat) && (iat <= seconds + skew || faults.has('access.ignores-issued-at')),
]

/** One of the wanted tags is in `aud`, whole. */
function isMeant(aud: unknown, wanted: readonly string[], faults: Faults): boolean {
  const given = [aud].flat()
  if (given.some((one) => typeof one === 'string' && wanted.includes(one))) return true
  if (faults.has('access.takes-missing-audience') && aud === undefined) return true
  if (faults.has('access.audience-by-part'))
    return wanted.some((tag) =>
      given.some((one) => typeof one === 'string' && one !== '' && tag.includes(one)),
    )
  const anyTag = given.some((one) => typeof one === 'string' && /^[0-9a-f]{64}$/.test(one))
  return faults.has('access.takes-other-application') && anyTag
}
