/**
 * A certificate as plain facts, for the lab's forwarded headers, reports and `harness certs inspect`. Never throws on
 * bytes: what is not a certificate is an answer too.
 * @module
 */
import { X509Certificate } from 'node:crypto'
import { type CertificateParts, extensionValue, fingerprint, parseCertificate } from './certificate.ts'
import { DerError } from './der/read.ts'
import {
  type AlternativeNames,
  type BasicConstraints,
  type NameConstraintFacts,
  readAlternativeNames,
  readAuthorityKeyIdentifier,
  readBasicConstraints,
  readDistributionPoints,
  readExtendedKeyUsage,
  readKeyIdentifier,
  readKeyUsage,
  readNameConstraints,
} from './describe/extensions.ts'
import { decodeName, type NameForms } from './names.ts'
import { extensionOids, signatureAlgorithms } from './oids.ts'
import { certificatesIn } from './pem.ts'

/** Facts of one certificate. */
export interface CertificateFacts {
  version: number
  subject: NameForms
  issuer: NameForms
  /** Subject and issuer are the same bytes. */
  selfIssued: boolean
  /** Upper-case hex, no colons. */
  serial: string
  /** subjectKeyIdentifier, upper-case hex. */
  ski?: string
  /** Key identifier of authorityKeyIdentifier, upper-case hex. */
  aki?: string
  /** SHA-256 of the DER, lower-case hex. */
  fingerprint256: string
  /** SHA-1 of the DER, lower-case hex. */
  fingerprint1: string
  /** `Mar 21 13:35:00 2022 GMT`, days below ten padded with a blank, as openssl prints it. */
  notBefore: string
  notAfter: string
  /** ISO 8601. */
  validFrom: string
  validTo: string
  isCa: boolean
  pathLen?: number
  /** Dotted OIDs; empty when the extension is absent. */
  eku: string[]
  /** Names of RFC 5280 §4.2.1.3; empty when the extension is absent. */
  keyUsage: string[]
  san: AlternativeNames
  nameConstraints?: NameConstraintFacts
  crlDistributionPoints: string[]
  /** Every extension's OID, in order. */
  extensions: { oid: string; critical: boolean }[]
  /** OIDs of critical extensions that RFC 5280 does not define: a verifier must refuse them (§4.2). */
  unknownCritical: string[]
  /** openssl's name with the hash: `ecdsa-with-SHA256`; an unknown one as its OID. */
  signatureAlgorithm: string
  /** `size` in bits: modulus or field size. */
  key: { type: string; size?: number; curve?: string }
  /** What could not be read. Empty for a well-formed certificate. */
  problems: string[]
}

/** Facts, or why there are none. */
export type Description = { ok: true; facts: CertificateFacts } | { ok: false; error: string }

/** Describes one certificate: DER, or PEM of which the first certificate counts. */
export function describeCertificate(input: Buffer | string): Description {
  const der =
    typeof input === 'string'
      ? certificatesIn(input)[0]
      : looksLikePem(input)
        ? certificatesIn(input.toString('latin1'))[0]
        : input
  if (der === undefined) return { ok: false, error: 'there is no certificate in this PEM text' }
  let parts: CertificateParts
  try {
    parts = parseCertificate(der)
    return { ok: true, facts: describeParts(parts) }
  } catch (error) {
    if (!(error instanceof DerError)) throw error
    return { ok: false, error: `not an X.509 certificate: ${error.message}` }
  }
}

/** Describes every certificate of a PEM bundle, or the one that DER holds. */
export function describeAll(input: Buffer): Description[] {
  if (!looksLikePem(input)) return [describeCertificate(input)]
  const certificates = certificatesIn(input.toString('latin1'))
  return certificates.length === 0
    ? [describeCertificate('')]
    : certificates.map((der) => describeCertificate(der))
}

const looksLikePem = (input: Buffer): boolean => input[0] !== 0x30 || input.includes('-----BEGIN CERTIFICATE')

function describeParts(parts: CertificateParts): CertificateFacts {
  const problems: string[] = []
  const read = <T>(oid: string, reader: (value: Buffer) => T): T | undefined => {
    const value = extensionValue(parts, oid)
    try {
      return value === undefined ? undefined : reader(value)
    } catch (error) {
      if (!(error instanceof DerError)) throw error
      problems.push(`extension ${oid} cannot be read: ${error.message}`)
      return undefined
    }
  }
  const basic: BasicConstraints = read(extensionOids.basicConstraints, readBasicConstraints) ?? { ca: false }
  const ski = read(extensionOids.subjectKeyIdentifier, readKeyIdentifier)
  const aki = read(extensionOids.authorityKeyIdentifier, readAuthorityKeyIdentifier)
  const constraints = read(extensionOids.nameConstraints, readNameConstraints)
  const known = new Set<string>(Object.values(extensionOids))
  return {
    version: parts.version,
    subject: decodeName(parts.subject),
    issuer: decodeName(parts.issuer),
    selfIssued: parts.subject.equals(parts.issuer),
    serial: parts.serial,
    ...(ski === undefined ? {} : { ski }),
    ...(aki === undefined ? {} : { aki }),
    fingerprint256: fingerprint(parts.der),
    fingerprint1: fingerprint(parts.der, 'sha1'),
    notBefore: opensslTime(parts.notBefore),
    notAfter: opensslTime(parts.notAfter),
    validFrom: parts.notBefore.toISOString(),
    validTo: parts.notAfter.toISOString(),
    isCa: basic.ca,
    ...(basic.pathLen === undefined ? {} : { pathLen: basic.pathLen }),
    eku: read(extensionOids.extendedKeyUsage, readExtendedKeyUsage) ?? [],
    keyUsage: read(extensionOids.keyUsage, readKeyUsage) ?? [],
    san: read(extensionOids.subjectAltName, readAlternativeNames) ?? {
      dns: [],
      email: [],
      uri: [],
      ip: [],
      other: [],
    },
    ...(constraints === undefined ? {} : { nameConstraints: constraints }),
    crlDistributionPoints: read(extensionOids.crlDistributionPoints, readDistributionPoints) ?? [],
    extensions: parts.extensions.map(({ oid, critical }) => ({ oid, critical })),
    unknownCritical: parts.extensions
      .filter(({ oid, critical }) => critical && !known.has(oid))
      .map(({ oid }) => oid),
    signatureAlgorithm: signatureAlgorithms[parts.signatureOid] ?? parts.signatureOid,
    key: describeKey(parts.der, problems),
    problems,
  }
}

/** `Mar 21 13:35:00 2022 GMT`: the form of `openssl x509 -dates` and of the edge's header fields. */
export function opensslTime(date: Date): string {
  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
  const clock = date.toISOString().replace(/^.*T(.{8}).*$/, '$1')
  return `${months[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${clock} ${date.getUTCFullYear()} GMT`
}

const curveBits: Readonly<Record<string, number>> = { prime256v1: 256, secp384r1: 384, secp521r1: 521 }

function describeKey(der: Buffer, problems: string[]): CertificateFacts['key'] {
  try {
    const { asymmetricKeyType = 'unknown', asymmetricKeyDetails } = new X509Certificate(der).publicKey
    const curve = asymmetricKeyDetails?.namedCurve
    const size = asymmetricKeyDetails?.modulusLength ?? curveBits[curve ?? asymmetricKeyType]
    return {
      type: asymmetricKeyType,
      ...(size === undefined ? {} : { size }),
      ...(curve === undefined ? {} : { curve }),
    }
  } catch {
    problems.push('the public key cannot be read')
    return { type: 'unknown' }
  }
}
