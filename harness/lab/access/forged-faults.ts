/**
 * Tokens, and requests without any, that only a lab with a fault takes.
 * @module
 */
import { createHmac, createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto'
import { compactDecrypt } from 'jose'
import type { FaultId, Faults } from '../faults.ts'
import type { AccessKeys } from '../state/access-types.ts'
import { cookieNames, cookieOf } from './cookies.ts'
import { onlyValueOf, valuesOf } from './headers.ts'
import { loopbackFetch } from './idp-fetch.ts'
import { queryOf } from './paths.ts'
import { keyPairOf } from './signing.ts'
import type { AccessRequest, Headers } from './types.ts'

interface Parts {
  header: Readonly<Record<string, unknown>>
  signature: Buffer
  signed: string
  /** As it came. */
  token: string
  keys: AccessKeys
}

const long = 4096

const known = /^(?:RS256|HS\d+|none)$/i

/** Mistakes that accept a token as it stands: its payload is the second part. */
export const forgedLapses: readonly {
  fault: FaultId
  accepts(parts: Parts): boolean | Promise<boolean>
}[] = [
  {
    fault: 'access.takes-empty-signature',
    accepts: ({ header, signature, keys, token }) =>
      header.alg === 'RS256' &&
      header.kid === keys.current.kid &&
      signature.length === 0 &&
      token.endsWith('.'),
  },
  {
    fault: 'access.skips-long-tokens',
    accepts: ({ header, token }) => header.alg === 'RS256' && token.length > long,
  },
  {
    fault: 'access.skips-unknown-algorithms',
    accepts: ({ header, signature }) =>
      typeof header.alg === 'string' && !known.test(header.alg) && signature.length > 0,
  },
  {
    fault: 'access.takes-embedded-certificate',
    accepts: ({ header: { alg, x5c }, signed, signature }) => {
      const first: unknown = Array.isArray(x5c) ? x5c[0] : undefined
      if (alg !== 'RS256' || typeof first !== 'string') return false
      return good(signed, new X509Certificate(Buffer.from(first, 'base64')).publicKey, signature)
    },
  },
  {
    fault: 'access.fetches-key-address',
    async accepts({ header: { alg, kid, jku }, signed, signature }) {
      if (alg !== 'RS256' || typeof jku !== 'string') return false
      const set = (await (await loopbackFetch(jku, {})).json()) as { keys: { kid: string }[] }
      const jwk = set.keys.find((one) => one.kid === kid)
      return jwk !== undefined && good(signed, createPublicKey({ key: jwk, format: 'jwk' }), signature)
    },
  },
  {
    fault: 'access.kid-as-file',
    accepts: ({ header: { alg, kid }, signed, signature }) =>
      alg === 'HS256' &&
      /^(?:\.\.\/)*(?:\/)?dev\/null$/.test(String(kid)) &&
      mac('', signed).equals(signature),
  },
  {
    fault: 'access.takes-weak-secret',
    accepts: ({ header, signed, signature }) =>
      header.alg === 'HS256' && mac('secret', signed).equals(signature),
  },
]

const good = (signed: string, key: KeyObject, signature: Buffer): boolean =>
  verify('sha256', Buffer.from(signed), key, signature)

const mac = (secret: string, signed: string): Buffer => createHmac('sha256', secret).update(signed).digest()

/** Only under its fault: what was encrypted to the current key. */
export async function decryptedPayload(
  token: string,
  keys: AccessKeys,
  faults: Faults,
): Promise<Uint8Array | undefined> {
  if (!faults.has('access.takes-encrypted') || token.split('.').length !== 5) return undefined
  return compactDecrypt(token, keyPairOf(keys.current).privateKey).then(
    ({ plaintext }) => plaintext,
    () => undefined,
  )
}

/** Only under its fault: what is in a token in the JSON form, whoever signed it. */
export function jsonFormPayload(token: string): Uint8Array | undefined {
  try {
    const { payload } = JSON.parse(token) as { payload?: unknown }
    return typeof payload === 'string' ? Buffer.from(payload, 'base64url') : undefined
  } catch {
    return undefined
  }
}

/** Only under its fault: of each claim the first one is left under its name. */
export function firstClaims(text: string): string {
  const seen = new Set<string>()
  return text.replace(/"(\w+)":/g, (whole, name: string) => {
    if (seen.has(name)) return `"_${name}":`
    seen.add(name)
    return whole
  })
}

/** Only under its fault: a cookie whose value is no token. */
export function passesAnyway({ headers }: AccessRequest, faults: Faults): boolean {
  if (!faults.has('access.takes-any-text')) return false
  const text = cookieOf(headers, cookieNames.authorization)
  return text !== undefined && text !== '' && !/^(?:eyJ|\{)/.test(text)
}

/** Only under its fault: a token in Authorization or in the query, as if it were in the cookie. */
export function headersWithToken({ headers, target }: AccessRequest, faults: Faults): Headers {
  if (!faults.has('access.takes-jwt-from-elsewhere') || valuesOf(headers, 'cookie').length > 0) return headers
  const bearer = /^Bearer (\S+)$/i.exec(onlyValueOf(headers, 'authorization') ?? '')?.[1]
  const token = bearer ?? queryOf(target).get(cookieNames.authorization)
  return token === null ? headers : [...headers, ['cookie', `${cookieNames.authorization}=${token}`]]
}
