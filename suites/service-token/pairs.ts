/**
 * Service tokens that are not quite right. Pure, but for randomness.
 * @module
 */
import { randomBytes } from 'node:crypto'
import { type HeaderList, serviceTokenHeaders } from '../../fixtures/access.ts'
import type { ServiceToken } from '../../harness/deployment/types.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

const randomText = (length: number): string =>
  [...randomBytes(length)].map((byte) => alphabet[byte % alphabet.length]).join('')

/** A secret as the edge makes them (`cfast_` and 48 characters), which nobody was given. */
export const randomSecret = (): string => `cfast_${randomText(48)}`

/** A service token as the edge makes them, which nobody was given. */
export const unknownToken = (): ServiceToken => ({
  id: `${randomBytes(16).toString('hex')}.access`,
  secret: randomSecret(),
})

/** A secret in which one character in the middle is another. */
export function oneCharacterChanged(secret: string): string {
  const at = Math.floor(secret.length / 2)
  return `${secret.slice(0, at)}${secret[at] === 'x' ? 'y' : 'x'}${secret.slice(at + 1)}`
}

/** Letters in the other case. */
export const otherCase = (secret: string): string =>
  [...secret]
    .map((letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()))
    .join('')

/** One pair of headers with what is special about it. */
export interface Pair {
  what: string
  headers: HeaderList
}

/** The pair of a token whose id or secret is another. */
export const pair = (what: string, token: ServiceToken, change: Partial<ServiceToken> = {}): Pair => ({
  what,
  headers: serviceTokenHeaders({ ...token, ...change }),
})
