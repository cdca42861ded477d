/**
 * A certificate as the edge's verification needs it.
 * @module
 */
import { type KeyObject, X509Certificate } from 'node:crypto'
import { parseCertificate } from '../../pki/certificate.ts'
import { type CertificateFacts, describeCertificate } from '../../pki/describe.ts'
import { certificatesIn } from '../../pki/pem.ts'

/** One certificate: its facts, and its signature to be tested. */
export interface Certificate {
  der: Buffer
  facts: CertificateFacts
  /** DER of the names: chains are built by comparing them byte for byte. */
  subject: Buffer
  issuer: Buffer
  notBefore: Date
  notAfter: Date
  /** The same extension twice, which RFC 5280 §4.2 forbids. */
  duplicateExtensions: boolean
  publicKey: KeyObject | undefined
  /** Whether its signature verifies under the key of `issuer`. */
  signedBy(issuer: Certificate): boolean
}

/** By the bytes as one connection has them: they are judged again whenever the state has changed. */
const known = new WeakMap<Buffer, Certificate | string>()

/** Reads a certificate, once per buffer; a sentence where it is none. */
export function readCertificate(der: Buffer): Certificate | string {
  const certificate = known.get(der) ?? read(der)
  known.set(der, certificate)
  return certificate
}

function read(der: Buffer): Certificate | string {
  const description = describeCertificate(der)
  if (!description.ok) return description.error
  const parts = parseCertificate(der)
  const oids = parts.extensions.map(({ oid }) => oid)
  let x509: X509Certificate
  try {
    x509 = new X509Certificate(der)
  } catch {
    return 'not an X.509 certificate'
  }
  return {
    der,
    facts: description.facts,
    subject: parts.subject,
    issuer: parts.issuer,
    notBefore: parts.notBefore,
    notAfter: parts.notAfter,
    duplicateExtensions: new Set(oids).size < oids.length,
    publicKey: publicKeyOf(x509),
    signedBy: signatureTest(x509),
  }
}

/** A signature is verified once per issuer. */
function signatureTest(x509: X509Certificate): Certificate['signedBy'] {
  const verified = new WeakMap<KeyObject, boolean>()
  return ({ publicKey }) => {
    if (publicKey === undefined) return false
    const result = verified.get(publicKey) ?? verifies(x509, publicKey)
    verified.set(publicKey, result)
    return result
  }
}

/**
 * The certificates of a PEM text.
 * @throws Error when one of them cannot be read: the lab's own material is broken.
 */
export function readTrusted(pem: string): Certificate[] {
  return certificatesIn(pem).map((der) => {
    const certificate = readCertificate(der)
    if (typeof certificate === 'string') throw new Error(`lab CA: ${certificate}`)
    return certificate
  })
}

/** Whether DER is a certificate whose signature verifies under a key. */
export function signatureVerifies(der: Buffer, key: KeyObject): boolean {
  try {
    return verifies(new X509Certificate(der), key)
  } catch {
    // Not a certificate.
    return false
  }
}

function verifies(x509: X509Certificate, key: KeyObject): boolean {
  try {
    return x509.verify(key)
  } catch {
    // A key of another type than the signature.
    return false
  }
}

export const sameCertificate = (a: Certificate, b: Certificate): boolean => a.der.equals(b.der)

function publicKeyOf(x509: X509Certificate): KeyObject | undefined {
  try {
    return x509.publicKey
  } catch {
    return undefined
  }
}
