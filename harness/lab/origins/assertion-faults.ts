/**
 * Signatures that only an origin with a fault takes.
 * @module
 */
import {
  createHmac,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
  verify,
  X509Certificate,
} from 'node:crypto'
import { loopbackFetch } from '../access/idp-fetch.ts'
import type { FaultId, Faults } from '../faults.ts'
import type { ReadAssertion } from './assertion.ts'

type Asked = ReadAssertion & { keys: ReadonlyMap<string, KeyObject>; dots: number }

const lapses: readonly { fault: FaultId; takes(asked: Asked): boolean | Promise<boolean> }[] = [
  { fault: 'origin.takes-alg-none', takes: ({ header }) => /^none$/i.test(String(header.alg)) },
  {
    fault: 'origin.takes-hs256-with-public-key',
    takes: ({ header, keys, ...rest }) =>
      header.alg === 'HS256' &&
      [...keys.values()].some((key) => isMac(rest, key.export({ type: 'spki', format: 'pem' }).toString())),
  },
  {
    fault: 'origin.ignores-signature',
    takes: ({ header, keys, signature, ...rest }) => {
      const key = keys.get(String(header.kid))
      return plain(header) && signature.length > 0 && key !== undefined && !by(key, { ...rest, signature })
    },
  },
  {
    fault: 'origin.takes-empty-signature',
    takes: ({ header, keys, signature, dots }) =>
      plain(header) && keys.has(String(header.kid)) && signature.length === 0 && dots === 2,
  },
  {
    fault: 'origin.skips-long-tokens',
    takes: ({ header, signed }) => plain(header) && signed.length > 4096,
  },
  {
    fault: 'origin.skips-unknown-algorithms',
    takes: ({ header: { alg }, signature }) =>
      typeof alg === 'string' && !/^(?:RS256|HS\d+|none)$/i.test(alg) && signature.length > 0,
  },
  {
    fault: 'origin.takes-embedded-key',
    takes: ({ header, ...rest }) =>
      plain(header) &&
      typeof header.jwk === 'object' &&
      by(createPublicKey({ key: header.jwk as JsonWebKey, format: 'jwk' }), rest),
  },
  {
    fault: 'origin.takes-embedded-certificate',
    takes: ({ header, ...rest }) => {
      const first: unknown = Array.isArray(header.x5c) ? header.x5c[0] : undefined
      return (
        plain(header) &&
        typeof first === 'string' &&
        by(new X509Certificate(Buffer.from(first, 'base64')).publicKey, rest)
      )
    },
  },
  {
    fault: 'origin.fetches-key-address',
    async takes({ header, ...rest }) {
      if (!plain(header) || typeof header.jku !== 'string') return false
      const { keys } = (await (await loopbackFetch(header.jku, {})).json()) as { keys: JsonWebKey[] }
      return keys.some((key) => by(createPublicKey({ key, format: 'jwk' }), rest))
    },
  },
  {
    fault: 'origin.kid-as-file',
    takes: ({ header, ...rest }) =>
      header.alg === 'HS256' && /^(?:\.\.\/)*\/?dev\/null$/.test(String(header.kid)) && isMac(rest, ''),
  },
  {
    fault: 'origin.takes-weak-secret',
    takes: ({ header, ...rest }) => header.alg === 'HS256' && isMac(rest, 'secret'),
  },
  {
    fault: 'origin.ignores-kid',
    takes: ({ header, keys, ...rest }) => plain(header) && [...keys.values()].some((key) => by(key, rest)),
  },
  {
    fault: 'origin.ignores-crit',
    takes: ({ header, keys, ...rest }) => {
      const key = keys.get(String(header.kid))
      return header.alg === 'RS256' && header.crit !== undefined && key !== undefined && by(key, rest)
    },
  },
]

/** Whether a fault that is on takes the signature. */
export async function lapse(
  read: ReadAssertion,
  token: string,
  keys: ReadonlyMap<string, KeyObject>,
  faults: Faults,
): Promise<boolean> {
  const dots = token.split('.').length - 1
  for (const { fault, takes } of lapses)
    if (faults.has(fault) && (await takes({ ...read, keys, dots }))) return true
  return false
}

const plain = ({ alg, crit }: ReadAssertion['header']): boolean => alg === 'RS256' && crit === undefined

type Signed = Pick<ReadAssertion, 'signed' | 'signature'>

const by = (key: KeyObject, { signed, signature }: Signed): boolean =>
  verify('sha256', Buffer.from(signed), key, signature)

const isMac = ({ signed, signature }: Signed, secret: string): boolean =>
  createHmac('sha256', secret).update(signed).digest().equals(signature)

/** Only under its fault: the claims of a token in the JSON form, whoever signed it. */
export function claimsOfJsonForm(token: string): ReadAssertion['claims'] | undefined {
  if (!token.startsWith('{')) return undefined
  const { payload } = JSON.parse(token) as { payload?: unknown }
  if (typeof payload !== 'string') return undefined
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as ReadAssertion['claims']
}

/** JSON; under a fault the first of several members of one name counts. */
export function parseClaims(text: string, faults: Faults): unknown {
  if (!faults.has('origin.first-of-duplicate-claims')) return JSON.parse(text)
  const seen = new Set<string>()
  const first = text.replace(/"([a-z]+)":/g, (whole, name: string) => {
    const again = seen.has(name)
    seen.add(name)
    return again ? `"again ${name}":` : whole
  })
  return JSON.parse(first)
}
