/**
 * Signing with `node:crypto`, with the AlgorithmIdentifier that belongs to it. SHA-1 is here for the defect that needs it.
 * @module
 */
import { type KeyObject, sign } from 'node:crypto'
import { HarnessError } from '../errors.ts'
import { nullValue, oid, sequence } from './der/write.ts'
import type { KeyAlgorithm } from './types.ts'

/** Hash of a signature; Ed25519 has its own and ignores it. */
export type SignatureHash = 'sha1' | 'sha256' | 'sha384' | 'sha512'

/** A way to sign: the DER AlgorithmIdentifier (RFC 5280 §4.1.1.2) and the signing itself. */
export interface Signer {
  algorithm: Buffer
  sign(data: Buffer): Buffer
}

const rsa: Record<SignatureHash, string> = {
  sha1: '1.2.840.113549.1.1.5',
  sha256: '1.2.840.113549.1.1.11',
  sha384: '1.2.840.113549.1.1.12',
  sha512: '1.2.840.113549.1.1.13',
}
const ecdsa: Record<SignatureHash, string> = {
  sha1: '1.2.840.10045.4.1',
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
}

/** The hash a key signs with unless told otherwise: that of its curve's strength, SHA-256 for RSA. */
export function defaultHash(key: KeyObject): SignatureHash {
  const curve = key.asymmetricKeyDetails?.namedCurve
  return curve === 'secp384r1' ? 'sha384' : curve === 'secp521r1' ? 'sha512' : 'sha256'
}

/**
 * A signer for a private key.
 * @throws HarnessError ERR_PRIVATE_KEY for key types X.509 signatures are not made with here.
 */
export function signerFor(key: KeyObject, hash: SignatureHash = defaultHash(key)): Signer {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return { algorithm: sequence(oid(rsa[hash]), nullValue), sign: (data) => sign(hash, data, key) }
    case 'ec':
      return { algorithm: sequence(oid(ecdsa[hash])), sign: (data) => sign(hash, data, key) }
    case 'ed25519':
      return { algorithm: sequence(oid('1.3.101.112')), sign: (data) => sign(null, data, key) }
    default:
      throw new HarnessError(
        'ERR_PRIVATE_KEY',
        `keys of type ${key.asymmetricKeyType} cannot sign certificates here`,
        {
          hint: 'use an RSA, ECDSA or Ed25519 key',
        },
      )
  }
}

/** Key algorithm and hash that made a signature of this OID look as it does; unknown ones count as ECDSA P-256. */
export function signedWith(signatureOid: string): {
  algorithm: KeyAlgorithm
  hash: SignatureHash | undefined
} {
  if (signatureOid === '1.3.101.112') return { algorithm: 'ed25519', hash: undefined }
  const hashOf = (table: Record<SignatureHash, string>): SignatureHash | undefined =>
    (['sha256', 'sha384', 'sha512', 'sha1'] as const).find((hash) => table[hash] === signatureOid)
  const rsaHash = hashOf(rsa)
  if (rsaHash !== undefined) return { algorithm: 'rsa-2048', hash: rsaHash }
  const hash = hashOf(ecdsa)
  return {
    algorithm: hash === 'sha384' ? 'ecdsa-p384' : hash === 'sha512' ? 'ecdsa-p521' : 'ecdsa-p256',
    hash,
  }
}
