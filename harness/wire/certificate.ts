/**
 * What a transcript says about a certificate, read from its DER. Deliberately no X.509 library: broken
 * certificates must be shown as they are.
 * @module
 */
import { createHash } from 'node:crypto'
import { WireError } from './bytes.ts'
import { readDer, readDerSequence } from './der.ts'
import { nameText } from './dn.ts'
import type { WireCertificate } from './types.ts'

/** Fingerprint, length, subject and issuer of a certificate. Never throws: what is none says so in `subject`. */
export function describeCertificate(der: Buffer): WireCertificate {
  const fingerprint256 = createHash('sha256').update(der).digest('hex')
  if (der.length === 0) return { fingerprint256, length: 0, subject: '(empty entry)', issuer: '' }
  try {
    return { fingerprint256, length: der.length, ...readNames(der) }
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    return {
      fingerprint256,
      length: der.length,
      subject: `(not a certificate: ${error.message})`,
      issuer: '',
    }
  }
}

function readNames(der: Buffer): { subject: string; issuer: string } {
  const [tbs] = readDerSequence(der)
  if (tbs?.tag !== 0x30) throw new WireError('no TBSCertificate')
  const fields = readDer(tbs.body)
  // RFC 5280 §4.1: [0] version is optional; then serial, signature, issuer, validity, subject.
  const shift = fields[0]?.tag === 0xa0 ? 1 : 0
  const issuer = fields[shift + 2]
  const subject = fields[shift + 4]
  if (issuer === undefined || subject === undefined) throw new WireError('no subject')
  return { subject: cut(nameText(subject.whole)), issuer: cut(nameText(issuer.whole)) }
}

// A hostile certificate can be all name.
const cut = (text: string): string => (text.length > 1024 ? `${text.slice(0, 1024)}…` : text)
