/**
 * Signs and publishes with the account's keys.
 * @module
 */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { SignJWT } from 'jose'
import type { Faults } from '../faults.ts'
import type { AccessKeys, AccessSigningKey } from '../state/access-types.ts'
import type { Store } from '../state/store.ts'
import type { AccountState } from '../state/types.ts'
import { rotateWhenDue, verificationKeys } from './keys.ts'

interface KeyPair {
  privateKey: KeyObject
  publicKey: KeyObject
}

const read = new WeakMap<AccessSigningKey, KeyPair>()

/** The key pair of a signing key; read once. */
export function keyPairOf(key: AccessSigningKey): KeyPair {
  const known = read.get(key)
  if (known !== undefined) return known
  const pair = { privateKey: createPrivateKey(key.privateKey), publicKey: createPublicKey(key.certificate) }
  read.set(key, pair)
  return pair
}

/** A JWT of the account: header `alg`, `kid` and `typ`, as documented. Rotates the keys first when that is due. */
export async function sign(
  account: AccountState,
  claims: Readonly<Record<string, unknown>>,
  store: Store,
): Promise<string> {
  if (await rotateWhenDue(account.access, store.now())) store.changed()
  const { current } = account.access.keys
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: current.kid, typ: 'JWT' })
    .sign(keyPairOf(current).privateKey)
}

/** What `/cdn-cgi/access/certs` answers: validators pick by `kid`; `public_cert` is the current key's only. */
export function publishedKeys(keys: AccessKeys, now: number, faults: Faults): object {
  const honoured = verificationKeys(keys, now)
  const shown = faults.has('access.publishes-current-key-only') ? honoured.slice(0, 1) : honoured
  const certificates = shown.map(({ kid, certificate }) => ({ kid, cert: certificate }))
  return {
    keys: shown.map((key) => {
      const { e, n } = keyPairOf(key).publicKey.export({ format: 'jwk' })
      const kid = faults.has('access.publishes-other-key-id') ? [...key.kid].reverse().join('') : key.kid
      const secret = faults.has('access.publishes-private-key')
        ? keyPairOf(key).privateKey.export({ format: 'jwk' })
        : {}
      return { ...secret, kid, kty: 'RSA', alg: 'RS256', use: 'sig', e, n }
    }),
    public_cert: certificates[0],
    public_certs: certificates,
  }
}
