/**
 * Keys of nobody: what an attacker signs with. One of each kind per process; making them takes some 0.1 s.
 * @module
 */
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'

/** A pair of keys. */
export interface OwnKey {
  privateKey: KeyObject
  publicKey: KeyObject
  /** A key id that nobody else has. */
  kid: string
}

const made = new Map<string, OwnKey>()

function once(kind: string, make: () => { privateKey: KeyObject; publicKey: KeyObject }): OwnKey {
  const known = made.get(kind)
  if (known !== undefined) return known
  const pair = { ...make(), kid: randomBytes(32).toString('hex') }
  made.set(kind, pair)
  return pair
}

/** RSA, 2048 bits. */
export const ownRsa = (): OwnKey => once('rsa', () => generateKeyPairSync('rsa', { modulusLength: 2048 }))

/** P-256. */
export const ownP256 = (): OwnKey => once('p256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }))

/** Ed25519. */
export const ownEd25519 = (): OwnKey => once('ed25519', () => generateKeyPairSync('ed25519'))
