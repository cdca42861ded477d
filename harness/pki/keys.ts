/**
 * Private keys: making, reading and writing them. No message ever holds a key or a passphrase.
 * @module
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { HarnessError } from '../errors.ts'
import { children, readBits, readWhole } from './der/read.ts'
import { pemBlocks } from './pem.ts'
import type { KeyAlgorithm } from './types.ts'

const generate = promisify(generateKeyPair)

const curves: Partial<Record<KeyAlgorithm, string>> = {
  'ecdsa-p256': 'P-256',
  'ecdsa-p384': 'P-384',
  'ecdsa-p521': 'P-521',
}

/** The algorithms a person may ask for; RSA-1024 exists for the defect. */
export const keyAlgorithms: readonly KeyAlgorithm[] = [
  'ecdsa-p256',
  'ecdsa-p384',
  'ecdsa-p521',
  'rsa-2048',
  'rsa-3072',
  'rsa-4096',
  'ed25519',
  'rsa-1024',
]

/** A fresh private key. RSA takes 0.1 s (2048) to seconds (4096), off the main thread; the others under a millisecond. */
export async function generateKey(algorithm: KeyAlgorithm): Promise<KeyObject> {
  const namedCurve = curves[algorithm]
  if (namedCurve !== undefined) return (await generate('ec', { namedCurve })).privateKey
  if (algorithm === 'ed25519') return (await generate('ed25519')).privateKey
  return (await generate('rsa', { modulusLength: Number(algorithm.slice('rsa-'.length)) })).privateKey
}

/** The cheapest algorithm whose signatures look like those of `key`: same family, same curve; RSA becomes 2048 bits. */
export function algorithmLike(key: KeyObject): KeyAlgorithm {
  if (key.asymmetricKeyType === 'rsa') return 'rsa-2048'
  if (key.asymmetricKeyType === 'ed25519') return 'ed25519'
  const curve = key.asymmetricKeyDetails?.namedCurve
  return curve === 'secp384r1' ? 'ecdsa-p384' : curve === 'secp521r1' ? 'ecdsa-p521' : 'ecdsa-p256'
}

/**
 * Reads the private key of a PEM text (PKCS#8, PKCS#1, SEC 1, plain or encrypted; other blocks are passed over).
 * @throws HarnessError ERR_PRIVATE_KEY when there is none or it cannot be read, ERR_PASSPHRASE when it is encrypted
 *   and the passphrase is missing or wrong.
 */
export function readPrivateKey(pem: string, passphrase?: string): KeyObject {
  const blocks = pemBlocks(pem)
  const block = blocks.find(({ label }) => label.endsWith('PRIVATE KEY'))
  if (block === undefined) {
    const [found] = blocks
    throw new HarnessError(
      'ERR_PRIVATE_KEY',
      found === undefined
        ? 'the private key is not PEM'
        : `a private key was expected, the file holds a ${found.label.toLowerCase()}`,
      { hint: 'a private key file has a line like "-----BEGIN PRIVATE KEY-----"' },
    )
  }
  const encrypted = block.label === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type:.*ENCRYPTED/m.test(block.text)
  if (encrypted && passphrase === undefined) {
    throw new HarnessError('ERR_PASSPHRASE', 'the private key is encrypted and no passphrase was given')
  }
  try {
    return createPrivateKey(encrypted ? { key: block.text, passphrase: passphrase ?? '' } : block.text)
  } catch (cause) {
    if (!encrypted) {
      throw new HarnessError(
        'ERR_PRIVATE_KEY',
        `the private key cannot be read: the "${block.label}" block is damaged`,
        { cause },
      )
    }
    const badDecrypt = (cause as { code?: string }).code?.includes('BAD_DECRYPT') === true
    const message = badDecrypt
      ? 'the passphrase of the private key is wrong'
      : 'the private key cannot be decrypted: wrong passphrase, or an encryption that is not supported'
    throw new HarnessError('ERR_PASSPHRASE', message, {
      hint: `try it with: openssl pkey -in <key file> -noout`,
      cause,
    })
  }
}

/** PKCS#8 PEM, unencrypted: to be kept in memory, or on disk with mode 0600. */
export const keyToPem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()

/** PKCS#8 PEM, encrypted with AES-256-CBC and PBKDF2 (RFC 8018), as `openssl genrsa -aes256` writes it. */
export const keyToEncryptedPem = (key: KeyObject, passphrase: string): string =>
  key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString()

/** DER SubjectPublicKeyInfo of a private or public key. */
export const publicKeyInfo = (key: KeyObject): Buffer =>
  (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' })

/** The public key of a DER SubjectPublicKeyInfo. @throws HarnessError ERR_CERTIFICATE when it is damaged or of an unknown kind. */
export function spkiKey(spki: Buffer): KeyObject {
  try {
    return createPublicKey({ key: spki, type: 'spki', format: 'der' })
  } catch (cause) {
    throw new HarnessError('ERR_CERTIFICATE', 'the public key of the certificate cannot be read', { cause })
  }
}

/** Key identifier by RFC 5280 §4.2.1.2 method 1: SHA-1 over the public key's bits, as openssl does. */
export function keyIdentifier(spki: Buffer): Buffer {
  const [, bits] = children(readWhole(spki))
  return createHash('sha1').update(readBits(bits)).digest()
}

/** Whether a private key belongs to a certificate's DER SubjectPublicKeyInfo. */
export function keyMatches(key: KeyObject, spki: Buffer): boolean {
  if (publicKeyInfo(key).equals(spki)) return true
  // The same key may be encoded in two ways (a compressed point, absent parameters). KeyObject.equals() is no help: for two
  // types of key it leaves an error in OpenSSL's queue, which the next createPrivateKey() then reports as its own.
  const other = jwkOf(spki)
  return other !== undefined && jwkOf(publicKeyInfo(key)) === other
}

function jwkOf(spki: Buffer): string | undefined {
  try {
    const { kty, crv, x, y, n, e } = createPublicKey({ key: spki, type: 'spki', format: 'der' }).export({
      format: 'jwk',
    })
    return JSON.stringify([kty, crv, x, y, n, e])
  } catch {
    return undefined
  }
}
