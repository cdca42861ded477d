/**
 * Password-based encryption of PKCS#12 contents: PBES2 (RFC 8018 §6.2) through `node:crypto`, the older schemes of
 * RFC 7292 appendix C through node-forge, because OpenSSL 3 no longer offers RC2.
 * @module
 */
import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { HarnessError } from '../../errors.ts'
import { children, type DerNode, expectTag, readOid, readSmallInteger } from '../der/read.ts'
import { integer, nullValue, octetString, oid, sequence } from '../der/write.ts'

/** Derivations above this would only waste time: openssl writes 2048, Java 10000. */
export const iterationLimit = 5_000_000

const pbes2 = '1.2.840.113549.1.5.13'
const pbkdf2 = '1.2.840.113549.1.5.12'
const legacySchemes = new Set(['1.2.840.113549.1.12.1.3', '1.2.840.113549.1.12.1.6'])

const ciphers: Readonly<Record<string, { name: string; key: number }>> = {
  '2.16.840.1.101.3.4.1.2': { name: 'aes-128-cbc', key: 16 },
  '2.16.840.1.101.3.4.1.22': { name: 'aes-192-cbc', key: 24 },
  '2.16.840.1.101.3.4.1.42': { name: 'aes-256-cbc', key: 32 },
  '1.2.840.113549.3.7': { name: 'des-ede3-cbc', key: 24 },
}
const prfs: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
}

/**
 * Decrypts what an AlgorithmIdentifier describes.
 * @throws HarnessError ERR_PASSPHRASE when it does not decrypt, ERR_CERTIFICATE when the scheme is not supported.
 */
export function decrypt(algorithm: DerNode, encrypted: Buffer, passphrase: string): Buffer {
  const [id, parameters] = children(expectTag(algorithm, 0x30))
  const scheme = readOid(id)
  if (scheme === pbes2) return decryptPbes2(expectTag(parameters, 0x30), encrypted, passphrase)
  if (!legacySchemes.has(scheme)) throw unsupported(`encryption ${scheme}`)
  const [, iterations] = children(expectTag(parameters, 0x30))
  checkIterations(readSmallInteger(iterations))
  return decryptLegacy(sequence(algorithm.raw, octetString(encrypted)), passphrase)
}

function decryptPbes2(parameters: DerNode, encrypted: Buffer, passphrase: string): Buffer {
  const [kdf, scheme] = children(parameters)
  const [kdfId, kdfParameters] = children(expectTag(kdf, 0x30))
  if (readOid(kdfId) !== pbkdf2) throw unsupported(`key derivation ${readOid(kdfId)}`)
  const [salt, count, ...options] = children(expectTag(kdfParameters, 0x30))
  const prfNode = options.find(({ tag }) => tag === 0x30)
  const prfId = prfNode === undefined ? '1.2.840.113549.2.7' : readOid(children(prfNode)[0])
  const [cipherId, iv] = children(expectTag(scheme, 0x30))
  const cipher = ciphers[readOid(cipherId)]
  const prf = prfs[prfId]
  if (cipher === undefined || prf === undefined)
    throw unsupported(`encryption ${readOid(cipherId)} with ${prfId}`)
  const iterations = checkIterations(readSmallInteger(count))
  const key = pbkdf2Sync(passphrase, expectTag(salt, 0x04).body, iterations, cipher.key, prf)
  try {
    const decipher = createDecipheriv(cipher.name, key, expectTag(iv, 0x04).body)
    return Buffer.concat([decipher.update(encrypted), decipher.final()])
  } catch (cause) {
    throw wrongPassphrase(cause)
  }
}

function decryptLegacy(encryptedInfo: Buffer, passphrase: string): Buffer {
  // Loaded on demand: 40 ms that only old files need.
  const forge = createRequire(import.meta.url)('node-forge') as typeof import('node-forge')
  const info = forge.asn1.fromDer(encryptedInfo.toString('binary'))
  let plain: ReturnType<typeof forge.pki.decryptPrivateKeyInfo> | null
  try {
    plain = forge.pki.decryptPrivateKeyInfo(info, passphrase)
  } catch (cause) {
    throw wrongPassphrase(cause)
  }
  if (plain === null) throw wrongPassphrase()
  return Buffer.from(forge.asn1.toDer(plain).getBytes(), 'binary')
}

/** PBES2 with AES-256-CBC and PBKDF2-HMAC-SHA-256, openssl 3's default: the AlgorithmIdentifier and the ciphertext. */
export function encryptPbes2(
  plain: Buffer,
  passphrase: string,
  iterations: number,
): { algorithm: Buffer; encrypted: Buffer } {
  const [salt, iv] = [randomBytes(16), randomBytes(16)]
  const key = pbkdf2Sync(passphrase, salt, iterations, 32, 'sha256')
  const cipher = createCipheriv('aes-256-cbc', key, iv)
  const prf = sequence(oid('1.2.840.113549.2.9'), nullValue)
  const derivation = sequence(oid(pbkdf2), sequence(octetString(salt), integer(iterations), prf))
  const scheme = sequence(oid('2.16.840.1.101.3.4.1.42'), octetString(iv))
  return {
    algorithm: sequence(oid(pbes2), sequence(derivation, scheme)),
    encrypted: Buffer.concat([cipher.update(plain), cipher.final()]),
  }
}

/** The count, if it can be worked through in a second or so. @throws HarnessError ERR_CERTIFICATE. */
export function checkIterations(count: number): number {
  if (count >= 1 && count <= iterationLimit) return count
  throw new HarnessError(
    'ERR_CERTIFICATE',
    `the PKCS#12 file asks for ${count} rounds of key derivation; the limit is ${iterationLimit}`,
  )
}

/** The error for a passphrase that does not open the file. */
export const wrongPassphrase = (cause?: unknown): HarnessError =>
  new HarnessError('ERR_PASSPHRASE', 'the passphrase of the PKCS#12 file is wrong', {
    hint: 'try it with: openssl pkcs12 -in <file> -noout',
    cause,
  })

const unsupported = (what: string): HarnessError =>
  new HarnessError('ERR_CERTIFICATE', `the PKCS#12 file uses ${what}, which is not supported`, {
    hint: 'write it anew: openssl pkcs12 -in <file> -legacy -nodes -out all.pem, then openssl pkcs12 -export -in all.pem -out <new file>',
  })
