/**
 * CertificateVerify signatures (RFC 8446 §4.4.3, RFC 5246 §7.4.8), true and false ones.
 * @module
 */
import { constants, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { uint, vector } from './encode.ts'
import type { VerifyMutation } from './types.ts'

interface Scheme {
  name: string
  code: number
  hash: string | null
  pss: boolean
}

const scheme = (name: string, code: number, hash: string | null, pss = false): Scheme => ({
  name,
  code,
  hash,
  pss,
})

// In order of preference per key type; PKCS#1 v1.5 signs in TLS 1.2 only.
const schemes: Readonly<Record<string, Scheme[]>> = {
  'ec prime256v1': [scheme('ecdsa_secp256r1_sha256', 0x0403, 'sha256')],
  'ec secp384r1': [scheme('ecdsa_secp384r1_sha384', 0x0503, 'sha384')],
  'ec secp521r1': [scheme('ecdsa_secp521r1_sha512', 0x0603, 'sha512')],
  ed25519: [scheme('ed25519', 0x0807, null)],
  rsa: [
    scheme('rsa_pss_rsae_sha256', 0x0804, 'sha256', true),
    scheme('rsa_pss_rsae_sha384', 0x0805, 'sha384', true),
    scheme('rsa_pkcs1_sha256', 0x0401, 'sha256'),
  ],
}

const typeOf = (key: KeyObject): string =>
  key.asymmetricKeyType === 'ec'
    ? `ec ${key.asymmetricKeyDetails?.namedCurve}`
    : (key.asymmetricKeyType ?? '')

/** Body of a CertificateVerify over `content`, or undefined where no scheme fits both the key and `offered`. */
export function certificateVerify(
  pem: string,
  offered: string[],
  is13: boolean,
  content: Buffer,
  mutation: VerifyMutation | undefined,
): Buffer | undefined {
  const own = createPrivateKey(pem)
  const fits = (one: Scheme): boolean => offered.includes(one.name) && !(is13 && one.name.includes('pkcs1'))
  const chosen = schemes[typeOf(own)]?.find(fits)
  if (chosen === undefined) return undefined
  const signature = signWith(mutation === 'other-key' ? freshKeyLike(own) : own, chosen, content)
  if (mutation === 'bit-flipped')
    signature.writeUInt8(signature.readUInt8(signature.length - 1) ^ 1, signature.length - 1)
  return Buffer.concat([uint(2, chosen.code), vector(2, signature)])
}

function signWith(key: KeyObject, { hash, pss }: Scheme, content: Buffer): Buffer {
  if (!pss) return sign(hash, content, key)
  const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants
  return sign(hash, content, { key, padding, saltLength })
}

function freshKeyLike(key: KeyObject): KeyObject {
  const { namedCurve = 'P-256', modulusLength = 2048 } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType === 'ec') return generateKeyPairSync('ec', { namedCurve }).privateKey
  if (key.asymmetricKeyType === 'rsa') return generateKeyPairSync('rsa', { modulusLength }).privateKey
  return generateKeyPairSync('ed25519').privateKey
}

/** What is signed in TLS 1.3: 64 spaces, the context, a zero byte, the transcript hash. */
export const signedContent13 = (transcriptHash: Buffer): Buffer =>
  Buffer.concat([Buffer.alloc(64, 0x20), Buffer.from('TLS 1.3, client CertificateVerify\0'), transcriptHash])
