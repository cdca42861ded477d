/**
 * CertificateRequest, Certificate, CertificateVerify and NewSessionTicket in both versions
 * (RFC 8446 §4.3.2, §4.4.2, §4.4.3, §4.6.1; RFC 5246 §7.4.2, §7.4.4, §7.4.8; RFC 5077 §3.3).
 * All throw `WireError` where the bytes are not what the RFC says.
 * @module
 */
import { Cursor } from './bytes.ts'
import { describeCertificate } from './certificate.ts'
import { readName } from './dn.ts'
import { extensionTypes, pick, readAuthorities, readExtensions, readSchemes } from './extensions.ts'
import { certificateTypeName, schemeName } from './names.ts'
import type { CertificateRequest, Transcript, WireCertificate } from './types.ts'

/** `late` is for the caller to know: the message does not say it. */
export function readCertificateRequest(
  body: Buffer,
  is13: boolean,
  problems: string[],
): Omit<CertificateRequest, 'late'> {
  const cursor = new Cursor(body, 'CertificateRequest')
  if (!is13) {
    const certificateTypes = [...cursor.vector(1)].map(certificateTypeName)
    const signatureAlgorithms = readSchemes(cursor)
    const caNames = readAuthorities(cursor).map(readName)
    cursor.end()
    return { caNames, signatureAlgorithms, certificateTypes }
  }
  cursor.vector(1) // certificate_request_context
  const extensions = readExtensions(cursor)
  cursor.end()
  const schemes = pick(extensions, extensionTypes.signatureAlgorithms, problems, readSchemes)
  const names = pick(extensions, extensionTypes.certificateAuthorities, problems, readAuthorities)
  return {
    caNames: (names ?? []).map(readName),
    signatureAlgorithms: schemes ?? [],
    certificateTypes: [],
  }
}

/** The certificates of a Certificate message, in order; an entry of length zero is kept as such. */
export function readCertificates(body: Buffer, is13: boolean, problems: string[]): WireCertificate[] {
  const cursor = new Cursor(body, 'Certificate')
  if (is13) cursor.vector(1) // certificate_request_context
  const entries = cursor.within(3, 'certificate list').all((list) => {
    const certificate = list.vector(3)
    if (is13) list.vector(2)
    return certificate
  })
  cursor.end()
  if (entries.some((entry) => entry.length === 0)) problems.push('Certificate holds an empty entry')
  return entries.map(describeCertificate)
}

/** The signature scheme of a CertificateVerify. */
export function readCertificateVerify(body: Buffer): { scheme: string; signatureLength: number } {
  const cursor = new Cursor(body, 'CertificateVerify')
  const scheme = schemeName(cursor.uint(2))
  const signatureLength = cursor.vector(2).length
  cursor.end()
  return { scheme, signatureLength }
}

/** Lifetime in seconds, length of the ticket in bytes. The ticket itself is a credential and stays out. */
export function readNewSessionTicket(
  body: Buffer,
  is13: boolean,
  problems: string[],
): Transcript['tickets'][number] {
  const cursor = new Cursor(body, 'NewSessionTicket')
  const lifetime = cursor.uint(4)
  if (!is13) return { lifetime, maxEarlyData: undefined, length: cursor.vector(2).length }
  cursor.uint(4) // ticket_age_add
  cursor.vector(1) // ticket_nonce
  const { length } = cursor.vector(2)
  const extensions = readExtensions(cursor)
  return {
    lifetime,
    maxEarlyData: pick(extensions, extensionTypes.earlyData, problems, (one) => one.uint(4)),
    length,
  }
}
