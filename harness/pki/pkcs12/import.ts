/**
 * Reads PKCS#12 (RFC 7292) with any key that `node:crypto` knows; node-forge's own reader stops at RSA.
 * @module
 */
import { createHmac, createPrivateKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import { createRequire } from 'node:module'
import { HarnessError } from '../../errors.ts'
import { type CertificateParts, parseCertificate } from '../certificate.ts'
import { chainAbove } from '../chain.ts'
import {
  children,
  DerError,
  type DerNode,
  expectTag,
  readNode,
  readOid,
  readSmallInteger,
  readWhole,
} from '../der/read.ts'
import { keyMatches } from '../keys.ts'
import { checkIterations, decrypt, wrongPassphrase } from './encryption.ts'
import { bmpPassphrase, derive, kdfPurpose } from './kdf.ts'

/** Object identifiers of PKCS#7 and PKCS#12 structures. */
export const structureOids = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  keyBag: '1.2.840.113549.1.12.10.1.1',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certBag: '1.2.840.113549.1.12.10.1.3',
  safeContentsBag: '1.2.840.113549.1.12.10.1.6',
  x509Certificate: '1.2.840.113549.1.9.22.1',
} as const

const macHashes: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.4': 'sha224',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

interface Contents {
  keys: KeyObject[]
  certificates: CertificateParts[]
}

/**
 * The key, its certificate and the certificates to send with it (DER, leaf first, no root).
 * @throws HarnessError ERR_PASSPHRASE, ERR_CERTIFICATE or ERR_PRIVATE_KEY.
 */
export function readPkcs12(pfx: Buffer, passphrase: string): { key: KeyObject; certificates: Buffer[] } {
  try {
    return select(readContents(pfx, passphrase))
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause
    throw new HarnessError('ERR_CERTIFICATE', `the PKCS#12 file cannot be read: ${cause.message}`, {
      hint: 'a PKCS#12 file is binary (.p12, .pfx); PEM files are given as certificate and key',
      cause,
    })
  }
}

function select({ keys, certificates }: Contents): { key: KeyObject; certificates: Buffer[] } {
  if (keys.length === 0) throw new HarnessError('ERR_PRIVATE_KEY', 'the PKCS#12 file holds no private key')
  for (const key of keys) {
    const leaf = certificates.find(({ publicKey }) => keyMatches(key, publicKey))
    if (leaf === undefined) continue
    const above = chainAbove(leaf, certificates).filter((certificate) => certificate !== leaf)
    return { key, certificates: [leaf, ...above].map(({ der }) => der) }
  }
  throw new HarnessError(
    'ERR_CERTIFICATE',
    'the PKCS#12 file holds no certificate that matches its private key',
  )
}

function readContents(pfx: Buffer, passphrase: string): Contents {
  const [, authSafe, mac] = children(expectTag(readNode(definite(pfx)), 0x30))
  const [type, content] = children(expectTag(authSafe, 0x30))
  if (readOid(type) !== structureOids.data)
    throw new DerError('it is protected by a signature, not a passphrase')
  const safe = octets(children(expectTag(content, 0xa0))[0])
  if (mac !== undefined) checkMac(mac, safe, passphrase)
  const found: Contents = { keys: [], certificates: [] }
  for (const part of children(readWhole(safe))) {
    const [partType, partContent] = children(part)
    const inner = children(expectTag(partContent, 0xa0))[0]
    const bags =
      readOid(partType) === structureOids.encryptedData ? decryptPart(inner, passphrase) : octets(inner)
    readBags(readNode(bags), passphrase, found)
  }
  return found
}

/** EncryptedData (RFC 5652 §8). */
function decryptPart(node: DerNode | undefined, passphrase: string): Buffer {
  const [, info] = children(expectTag(node, 0x30))
  const [, algorithm, encrypted] = children(expectTag(info, 0x30))
  return decrypt(expectTag(algorithm, 0x30), octets(encrypted), passphrase)
}

function readBags(bags: DerNode, passphrase: string, found: Contents): void {
  for (const bag of children(expectTag(bags, 0x30))) {
    const [id, wrapped] = children(bag)
    const value = readNode(expectTag(wrapped, 0xa0).body)
    switch (readOid(id)) {
      case structureOids.keyBag:
        found.keys.push(pkcs8(value.raw))
        break
      case structureOids.shroudedKeyBag: {
        const [algorithm, encrypted] = children(value)
        found.keys.push(pkcs8(decrypt(expectTag(algorithm, 0x30), octets(encrypted), passphrase)))
        break
      }
      case structureOids.certBag: {
        const [kind, certificate] = children(value)
        if (readOid(kind) !== structureOids.x509Certificate) break
        found.certificates.push(parseCertificate(octets(children(expectTag(certificate, 0xa0))[0])))
        break
      }
      case structureOids.safeContentsBag:
        readBags(value, passphrase, found)
        break
    }
  }
}

function pkcs8(der: Buffer): KeyObject {
  try {
    return createPrivateKey({ key: der, type: 'pkcs8', format: 'der' })
  } catch (cause) {
    throw new HarnessError('ERR_PRIVATE_KEY', 'the private key in the PKCS#12 file cannot be read', { cause })
  }
}

/** MacData (RFC 7292 §4): the proof that the passphrase is right. An empty one may mean "" or none at all. */
function checkMac(mac: DerNode, content: Buffer, passphrase: string): void {
  const [digestInfo, salt, iterations] = children(expectTag(mac, 0x30))
  const [algorithm, expected] = children(expectTag(digestInfo, 0x30))
  const hash = macHashes[readOid(children(expectTag(algorithm, 0x30))[0])]
  if (hash === undefined) {
    throw new HarnessError('ERR_CERTIFICATE', 'the PKCS#12 file has a kind of MAC that is not supported', {
      hint: 'write it anew with: openssl pkcs12 -export -macalg sha256',
    })
  }
  const count = iterations === undefined ? 1 : checkIterations(readSmallInteger(iterations))
  const digest = expectTag(expected, 0x04).body
  const candidates = passphrase === '' ? [bmpPassphrase(''), Buffer.alloc(0)] : [bmpPassphrase(passphrase)]
  const right = candidates.some((candidate) => {
    const key = derive(hash, candidate, expectTag(salt, 0x04).body, kdfPurpose.mac, count, digest.length)
    const actual = createHmac(hash, key).update(content).digest()
    return actual.length === digest.length && timingSafeEqual(actual, digest)
  })
  if (!right) throw wrongPassphrase()
}

/** Content of an OCTET STRING, joined where BER has it in pieces. */
function octets(node: DerNode | undefined): Buffer {
  if (node === undefined) throw new DerError('content is missing')
  if (node.tag === 0x04 || node.tag === 0x80) return node.body
  if (node.tag === 0x24 || node.tag === 0xa0) return Buffer.concat(children(node).map(octets))
  throw new DerError('content is not an octet string')
}

/** Some products write BER with indefinite lengths: node-forge reads those, and writes them back as DER. */
function definite(pfx: Buffer): Buffer {
  if (pfx[0] !== 0x30 || pfx[1] !== 0x80) return pfx
  const forge = createRequire(import.meta.url)('node-forge') as typeof import('node-forge')
  try {
    return Buffer.from(forge.asn1.toDer(forge.asn1.fromDer(pfx.toString('binary'))).getBytes(), 'binary')
  } catch (error) {
    throw new DerError(error instanceof Error ? error.message : 'indefinite lengths')
  }
}
