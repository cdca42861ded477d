/**
 * Ephemeral keys: X25519 (RFC 7748) and P-256, with their TLS encodings (RFC 8446 §4.2.8.2).
 * @module
 */
import { createECDH, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto'
import { ScriptError } from './channel.ts'
import type { GroupName } from './types.ts'

export const groupCodes: Readonly<Record<GroupName, number>> = { x25519: 29, secp256r1: 23 }

/** Our half of a key exchange. */
export interface KeyShare {
  group: GroupName
  /** As it is sent. */
  publicKey: Buffer
  /** The shared secret with the peer's half. Throws {@link ScriptError} where that is no point of the group. */
  agree: (peer: Buffer) => Buffer
}

// SubjectPublicKeyInfo of an X25519 key up to the key itself (RFC 8410 §4).
const x25519Prefix = Buffer.from('302a300506032b656e032100', 'hex')

/** A fresh key. */
export function makeKeyShare(group: GroupName): KeyShare {
  if (group === 'secp256r1') {
    const key = createECDH('prime256v1')
    return { group, publicKey: key.generateKeys(), agree: (peer) => orRefuse(() => key.computeSecret(peer)) }
  }
  const { privateKey, publicKey } = generateKeyPairSync('x25519')
  return {
    group,
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).subarray(x25519Prefix.length),
    agree: (peer) =>
      orRefuse(() => {
        const key = Buffer.concat([x25519Prefix, peer])
        return diffieHellman({ privateKey, publicKey: createPublicKey({ key, format: 'der', type: 'spki' }) })
      }),
  }
}

function orRefuse(agree: () => Buffer): Buffer {
  try {
    return agree()
  } catch {
    throw new ScriptError('a key share that is no point of its group')
  }
}
