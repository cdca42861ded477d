/**
 * The client's proof that it holds the key of its certificate (RFC 5246 §7.4.8).
 * @module
 */
import { constants, type KeyObject, verify, X509Certificate } from 'node:crypto'
import { Cursor } from '../../../wire/bytes.ts'

interface Scheme {
  code: number
  keyType: 'ec' | 'rsa' | 'ed25519'
  hash: string | null
  pss: boolean
}

const scheme = (code: number, keyType: Scheme['keyType'], hash: string | null, pss = false): Scheme => ({
  code,
  keyType,
  hash,
  pss,
})

const schemes: readonly Scheme[] = [
  scheme(0x0403, 'ec', 'sha256'),
  scheme(0x0503, 'ec', 'sha384'),
  scheme(0x0603, 'ec', 'sha512'),
  scheme(0x0807, 'ed25519', null),
  scheme(0x0804, 'rsa', 'sha256', true),
  scheme(0x0805, 'rsa', 'sha384', true),
  scheme(0x0806, 'rsa', 'sha512', true),
  scheme(0x0401, 'rsa', 'sha256'),
  scheme(0x0501, 'rsa', 'sha384'),
  scheme(0x0601, 'rsa', 'sha512'),
]

/** Codes of the schemes that clients may sign with. */
export const clientSchemes: readonly number[] = schemes.map(({ code }) => code)

/** The public key of a certificate, or undefined where it cannot be read. */
export function publicKeyOf(der: Buffer): KeyObject | undefined {
  try {
    return new X509Certificate(der).publicKey
  } catch {
    return undefined
  }
}

/** Whether the body of a CertificateVerify is a signature over `content` by this key. */
export function provesKey(body: Buffer, key: KeyObject, content: Buffer): boolean {
  const cursor = new Cursor(body, 'CertificateVerify')
  const code = cursor.uint(2)
  const signature = cursor.vector(2)
  cursor.end()
  const used = schemes.find((one) => one.code === code && one.keyType === key.asymmetricKeyType)
  if (used === undefined) return false
  if (!used.pss) return verify(used.hash, content, key, signature)
  const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants
  return verify(used.hash, content, { key, padding, saltLength }, signature)
}
