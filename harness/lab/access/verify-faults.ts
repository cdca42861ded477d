/**
 * Ways in which validators of tokens have been wrong about signatures; each only under its fault.
 * @module
 */
import { createHmac, createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { FaultId, Faults } from '../faults.ts'
import type { AccessKeys } from '../state/access-types.ts'
import { decryptedPayload, forgedLapses, jsonFormPayload } from './forged-faults.ts'
import { keyPairOf } from './signing.ts'

interface Parts {
  header: Readonly<Record<string, unknown>>
  payload: Buffer
  signature: Buffer
  signed: string
  token: string
  keys: AccessKeys
}

const lapses: readonly { fault: FaultId; accepts(parts: Parts): boolean | Promise<boolean> }[] = [
  ...forgedLapses,
  { fault: 'access.takes-alg-none', accepts: ({ header }) => /^none$/i.test(String(header.alg)) },
  {
    fault: 'access.takes-hs256-with-public-key',
    accepts: ({ header, signed, signature, keys }) =>
      header.alg === 'HS256' && macs(keys, signed).some((mac) => mac.equals(signature)),
  },
  {
    fault: 'access.takes-embedded-key',
    accepts: ({ header, signed, signature }) => {
      const key = embedded(header.jwk)
      return header.alg === 'RS256' && key !== undefined && good(signed, key, signature)
    },
  },
  {
    fault: 'access.ignores-signature',
    accepts: ({ header, keys, signed, signature }) =>
      header.alg === 'RS256' &&
      header.crit === undefined &&
      header.kid === keys.current.kid &&
      signature.length > 0 &&
      !good(signed, keyPairOf(keys.current).publicKey, signature),
  },
  {
    fault: 'access.ignores-kid',
    accepts: ({ header, keys, signed, signature }) =>
      header.alg === 'RS256' &&
      header.crit === undefined &&
      good(signed, keyPairOf(keys.current).publicKey, signature),
  },
  {
    fault: 'access.ignores-crit',
    accepts: ({ header, keys, signed, signature }) =>
      header.alg === 'RS256' &&
      header.crit !== undefined &&
      header.kid === keys.current.kid &&
      good(signed, keyPairOf(keys.current).publicKey, signature),
  },
]

/** The payload where a fault that is on accepts it. */
export async function lenientPayload(
  token: string,
  keys: AccessKeys,
  faults: Faults,
): Promise<Uint8Array | undefined> {
  const on = lapses.filter(({ fault }) => faults.has(fault))
  if (faults.has('access.takes-json-form') && token.startsWith('{')) return jsonFormPayload(token)
  if (on.length === 0) return decryptedPayload(token, keys, faults)
  const [header = '', payload = '', signature = ''] = token.split('.')
  try {
    const parts: Parts = {
      header: JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as Parts['header'],
      payload: Buffer.from(payload, 'base64url'),
      signature: Buffer.from(signature, 'base64url'),
      signed: `${header}.${payload}`,
      token,
      keys,
    }
    for (const { accepts } of on) if (await accepts(parts)) return parts.payload
    return undefined
  } catch {
    return undefined
  }
}

const good = (signed: string, key: KeyObject, signature: Buffer): boolean =>
  verify('sha256', Buffer.from(signed), key, signature)

/** HMACs keyed with the public keys as SPKI PEM. */
const macs = ({ current, previous }: AccessKeys, signed: string): Buffer[] =>
  [current, previous].flatMap((key) => {
    if (key === undefined) return []
    const pem = keyPairOf(key).publicKey.export({ type: 'spki', format: 'pem' })
    return [createHmac('sha256', pem).update(signed).digest()]
  })

function embedded(jwk: unknown): KeyObject | undefined {
  if (typeof jwk !== 'object' || jwk === null) return undefined
  return createPublicKey({ key: jwk as Record<string, string>, format: 'jwk' })
}
