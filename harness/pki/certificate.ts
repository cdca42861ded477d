/**
 * Certificates as bytes: assembling them, and taking them apart without losing a byte.
 * @module
 */
import { createHash, type KeyObject, randomBytes } from 'node:crypto'
import {
  children,
  DerError,
  type DerNode,
  expectTag,
  readBits,
  readIntegerHex,
  readOid,
  readTime,
  readWhole,
} from './der/read.ts'
import { bitString, constructed, integer, sequence, time } from './der/write.ts'
import { type Extension, encodeExtension } from './extensions.ts'
import { type SignatureHash, signerFor } from './signature.ts'

/** What goes into a certificate. Names and the public key are DER, so that they can be copied from elsewhere. */
export interface CertificateSpec {
  subject: Buffer
  issuer: Buffer
  /** Hex; default: {@link randomSerial}. */
  serial?: string
  notBefore: Date
  notAfter: Date
  /** DER SubjectPublicKeyInfo. */
  publicKey: Buffer
  extensions: readonly Extension[]
  signer: KeyObject
  hash?: SignatureHash
}

/** The parts of a certificate, sliced from its DER. */
export interface CertificateParts {
  der: Buffer
  version: number
  serial: string
  signatureOid: string
  issuer: Buffer
  notBefore: Date
  notAfter: Date
  subject: Buffer
  publicKey: Buffer
  extensions: Extension[]
}

/** 16 random bytes as hex, positive and never zero: 127 bits (CA/B Forum BR §7.1 asks for 64 or more). */
export function randomSerial(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes.toString('hex').toUpperCase()
}

/** DER of a signed X.509 v3 certificate (RFC 5280 §4.1). */
export function buildCertificate(spec: CertificateSpec): Buffer {
  const signer = signerFor(spec.signer, spec.hash)
  const tbs = sequence(
    constructed(0, integer(2)),
    integer(spec.serial ?? randomSerial()),
    signer.algorithm,
    spec.issuer,
    sequence(time(spec.notBefore), time(spec.notAfter)),
    spec.subject,
    spec.publicKey,
    ...(spec.extensions.length === 0
      ? []
      : [constructed(3, sequence(...spec.extensions.map(encodeExtension)))]),
  )
  return sequence(tbs, signer.algorithm, bitString(signer.sign(tbs)))
}

/** Takes a certificate apart. @throws DerError when it is not one. */
export function parseCertificate(der: Buffer): CertificateParts {
  const [tbs, outerAlgorithm, signature] = children(readWhole(der))
  readBits(signature)
  const fields = children(expectTag(tbs, 0x30))
  const explicitVersion = fields[0]?.tag === 0xa0 ? fields.shift() : undefined
  const [serial, , issuer, validity, subject, publicKey, ...rest] = fields
  const [notBefore, notAfter] = children(expectTag(validity, 0x30))
  const extensions = rest.find(({ tag }) => tag === 0xa3)
  return {
    der,
    version:
      explicitVersion === undefined
        ? 1
        : Number.parseInt(readIntegerHex(children(explicitVersion)[0]), 16) + 1,
    serial: readIntegerHex(serial),
    signatureOid: readOid(children(expectTag(outerAlgorithm, 0x30))[0]),
    issuer: expectTag(issuer, 0x30).raw,
    notBefore: readTime(notBefore),
    notAfter: readTime(notAfter),
    subject: expectTag(subject, 0x30).raw,
    publicKey: expectTag(publicKey, 0x30).raw,
    extensions: extensions === undefined ? [] : readExtensions(expectTag(children(extensions)[0], 0x30)),
  }
}

/** The extensions of an `Extensions` SEQUENCE: those of a certificate, or those a CSR asks for. */
export function readExtensions(list: DerNode): Extension[] {
  return children(list).map((node) => {
    const [id, ...rest] = children(expectTag(node, 0x30))
    const critical = rest[0]?.tag === 0x01 ? rest.shift()?.body[0] !== 0 : false
    return { oid: readOid(id), critical, value: expectTag(rest[0], 0x04).body }
  })
}

/** DER inside the extension with this OID. */
export const extensionValue = (parts: CertificateParts, oid: string): Buffer | undefined =>
  parts.extensions.find((extension) => extension.oid === oid)?.value

/** Lower-case hex of a hash over DER. */
export const fingerprint = (der: Buffer, hash: 'sha256' | 'sha1' = 'sha256'): string =>
  createHash(hash).update(der).digest('hex')

/**
 * The certificate with one bit changed: the last of its signature, or the last of its serial number. It still parses, and
 * its public key is untouched, so a client can load it.
 */
export function flipBit(der: Buffer, where: 'signature' | 'tbs'): Buffer {
  const copy = Buffer.from(der)
  if (where === 'signature') {
    copy[copy.length - 1] = (copy[copy.length - 1] ?? 0) ^ 1
    return copy
  }
  const [tbs] = children(readWhole(copy))
  const fields = children(expectTag(tbs, 0x30))
  const serial = fields[0]?.tag === 0xa0 ? fields[1] : fields[0]
  if (serial === undefined || serial.body.length === 0) throw new DerError('certificate without serial')
  // The reader slices, it does not copy: this writes into `copy`.
  serial.body[serial.body.length - 1] = (serial.body[serial.body.length - 1] ?? 0) ^ 1
  return copy
}
