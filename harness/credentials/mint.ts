/**
 * Tokens with one thing wrong in their claims or header and a good signature: for validators whose signing key is at hand, a
 * mock's or one of a test environment. The real service never gives it away.
 * @module
 */
import type { Forged } from './forge.ts'
import { type Json, readToken, rs256, writeToken } from './token.ts'

/** Changes to a genuine token; a member that is undefined is left out. */
export interface Change {
  header?: Json
  claims?: Json
}

/** Seconds of the epoch. */
export const secondsNow = (): number => Math.floor(Date.now() / 1000)

/** A token like the genuine one, fresh, with these changes and a good RS256 signature. @param key PEM, private. */
export function mintToken(genuine: string, key: string, { header = {}, claims = {} }: Change = {}): string {
  const parts = readToken(genuine)
  const now = secondsNow()
  const fresh = { ...parts.claims, iat: now - 5, exp: now + 600 }
  return writeToken({ ...parts.header, ...header }, { ...fresh, ...claims }, rs256(key))
}

/** One defect of a minted token. */
export interface TokenDefect extends Change {
  name: string
}

/** The tokens of several defects. */
export const mintDefects = (genuine: string, key: string, defects: readonly TokenDefect[]): Forged[] =>
  defects.map(({ name, ...change }) => ({ name, token: mintToken(genuine, key, change) }))

const hour = 3600

/** `exp` in the past, beyond any skew (JWT-10). */
export const expired = (): TokenDefect[] => [
  { name: 'expired an hour ago', claims: { exp: secondsNow() - hour, iat: secondsNow() - 2 * hour } },
  { name: 'exp zero', claims: { exp: 0 } },
]

/** `exp` that is no time (JWT-10). */
export const shapelessExpiry = (): TokenDefect[] => [
  { name: 'without exp', claims: { exp: undefined } },
  { name: 'exp as text', claims: { exp: String(secondsNow() + hour) } },
  { name: 'exp null', claims: { exp: null } },
  { name: 'exp in a list', claims: { exp: [secondsNow() + hour] } },
]

/** `nbf` in the future (JWT-11). */
export const notYetValid = (): TokenDefect[] => [
  { name: 'valid in an hour', claims: { nbf: secondsNow() + hour, exp: secondsNow() + 2 * hour } },
]

/** `iat` in the future (JWT-11). */
export const issuedLater = (): TokenDefect[] => [
  { name: 'issued in an hour', claims: { iat: secondsNow() + hour, exp: secondsNow() + 2 * hour } },
]

/** Another issuer, and almost the right one (JWT-14). @param issuer the right one. */
export const wrongIssuer = (issuer: string): TokenDefect[] => [
  { name: 'another team', claims: { iss: 'https://harness-other.cloudflareaccess.com' } },
  { name: 'issuer with a slash at its end', claims: { iss: `${issuer}/` } },
  { name: 'issuer that only begins right', claims: { iss: `${issuer}.example` } },
  { name: 'issuer in a list', claims: { iss: [issuer] } },
  { name: 'without issuer', claims: { iss: undefined } },
]

/** No audience (JWT-13, CVE-2020-26160). */
export const withoutAudience = (): TokenDefect[] => [
  { name: 'without aud', claims: { aud: undefined } },
  { name: 'aud an empty list', claims: { aud: [] } },
  { name: 'aud null', claims: { aud: null } },
]

/** An audience that only resembles (JWT-13). @param audience the right one. */
export const similarAudience = (audience: string): TokenDefect[] => [
  { name: 'aud is a part', claims: { aud: [audience.slice(0, 20)] } },
  { name: 'aud is longer', claims: { aud: [`${audience}0`] } },
  { name: 'aud is empty', claims: { aud: [''] } },
  { name: 'aud in a list of lists', claims: { aud: [[audience]] } },
  { name: 'aud in an object', claims: { aud: { [audience]: audience } } },
]

/** The audience of another application (JWT-12). @param audience the right one. */
export const otherAudience = (audience: string): TokenDefect[] => [
  { name: 'aud of another application', claims: { aud: [[...audience].reverse().join('')] } },
]

/** A global session instead of an application token (JWT-15). @param audience of nobody's application. */
export const globalSession = (audience: string): TokenDefect[] => [
  { name: 'type org', claims: { type: 'org', aud: [[...audience].reverse().join('')] } },
]

/** Critical headers that nobody knows (RFC 7515 §4.1.11, JWT-18). */
export const criticalHeaders = (): TokenDefect[] => [
  { name: 'crit names an unknown header', header: { crit: ['harness'], harness: true } },
  { name: 'crit names an absent header', header: { crit: ['harness'] } },
  { name: 'crit is empty', header: { crit: [] } },
]

/** A good signature under a key id that is not published (JWT-06). */
export const unknownKeyId = (): TokenDefect[] => [
  {
    name: 'kid unknown',
    header: { kid: 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff' },
  },
  { name: 'kid missing', header: { kid: undefined } },
  { name: 'kid is a number', header: { kid: 1 } },
]

/**
 * An audience that stands twice, the last time wrong: whoever takes such a token has to read the last one (RFC 7519 §4; JWT-20).
 * Well signed.
 */
export function duplicateClaims(genuine: string, key: string): Forged[] {
  const { header, claims } = readToken(genuine)
  const now = secondsNow()
  const fresh = JSON.stringify({ ...claims, iat: now - 5, exp: now + 600 }).slice(0, -1)
  return [
    { name: 'aud twice, the last one another', more: '"aud":["harness-other"]' },
    { name: 'aud twice, the last one empty', more: '"aud":[]' },
  ].map(({ name, more }) => ({ name, token: writeToken(header, `${fresh},${more}}`, rs256(key)) }))
}
