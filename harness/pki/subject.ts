/**
 * Subjects of certificates as they occur in a CertificateRequest.
 * @module
 */
import { readCertificates } from './identity.ts'

/**
 * The subject of every certificate of a PEM text, as lower-case hex of the DER Name; empty for an empty text.
 * @throws HarnessError ERR_CERTIFICATE when the text holds something else.
 */
export function subjectsDer(pem: string): string[] {
  return pem.trim() === '' ? [] : readCertificates(pem).map(({ subject }) => subject.toString('hex'))
}
