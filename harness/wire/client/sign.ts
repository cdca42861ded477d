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

/** By whom and how it may be signed. */
export interface Signing {
  /** PEM of the private key. */
  key: string
  /** Names of the schemes that the server takes. */
  offered: string[]
  is13: boolean
}

/** Body of a CertificateVerify over `content`, or undefined where no scheme fits both the key and `offered`. */
export function certificateVerify(
  { key: pem, offered, is13 }: Signing,
  content: Buffer,
  mutation: VerifyMutation | undefined,
): Buffer | undefined {
  if (typeof mutation === 'object') return mutation.replayed
  const own = createPrivateKey(pem)
  const fits = (one: Scheme): boolean => offered.includes(one.name) && !(is13 && one.name.includes('pkcs1'))
  const chosen = mutation === 'sha1' ? sha1SchemeOf(own) : schemes[typeOf(own)]?.find(fits)
  if (chosen === undefined) return undefined
  const signature = signWith(mutation === 'other-key' ? freshKeyLike(own) : own, chosen, content)
  const code = mutation === 'wrong-scheme' ? foreignSchemeOf(own) : chosen.code
  return Buffer.concat([uint(2, code), vector(2, damaged(signature, own, mutation))])
}

function damaged(signature: Buffer, key: KeyObject, mutation: VerifyMutation | undefined): Buffer {
  if (mutation === 'bit-flipped') {
    const flipped = Buffer.from(signature)
    flipped.writeUInt8(flipped.readUInt8(flipped.length - 1) ^ 1, flipped.length - 1)
    return flipped
  }
  if (mutation === 'truncated') return signature.subarray(0, -1)
  if (mutation === 'padded') return Buffer.concat([signature, Buffer.alloc(1)])
  if (mutation === 'empty') return Buffer.alloc(0)
  if (mutation === 'longest') return Buffer.alloc(0xffff, 1)
  if (mutation === 'zero') return key.asymmetricKeyType === 'ec' ? ecdsaZero : Buffer.alloc(signature.length)
  return signature
}

/** SEQUENCE { INTEGER 0, INTEGER 0 }. */
const ecdsaZero = Buffer.from('3006020100020100', 'hex')

/** rsa_pss_rsae_sha256 for who has no RSA key, ecdsa_secp256r1_sha256 for who has. */
const foreignSchemeOf = ({ asymmetricKeyType }: KeyObject): number =>
  asymmetricKeyType === 'rsa' ? 0x0403 : 0x0804

/** RFC 8446 §4.2.3 leaves them for signatures on certificates only. Ed25519 has none. */
const sha1SchemeOf = ({ asymmetricKeyType }: KeyObject): Scheme | undefined =>
  asymmetricKeyType === 'rsa'
    ? scheme('rsa_pkcs1_sha1', 0x0201, 'sha1')
    : asymmetricKeyType === 'ec'
      ? scheme('ecdsa_sha1', 0x0203, 'sha1')
      : undefined

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
export const signedContent13 = (transcriptHash: Buffer, by: 'client' | 'server' = 'client'): Buffer =>
  Buffer.concat([Buffer.alloc(64, 0x20), Buffer.from(`TLS 1.3, ${by} CertificateVerify\0`), transcriptHash])
