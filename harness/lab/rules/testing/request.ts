/**
 * A request as rules see it, for tests.
 * @module
 */
import { type CertificateFields, noCertificateFields } from '../../edge/certificate-fields.ts'
import { type RuleFields, type RuleRequest, ruleFields } from '../fields.ts'

/** Fields of a verified certificate, with documented examples. */
export const goodCertificate: CertificateFields = {
  ...noCertificateFields,
  cert_presented: true,
  cert_verified: true,
  cert_subject_dn: 'CN=James Royal,OU=Access Admins,O=Access,L=Austin,ST=Texas,C=US',
  cert_subject_dn_legacy: '/C=US/ST=Texas/L=Austin/O=Access/OU=Access Admins/CN=James Royal',
  cert_serial: '00D2A4',
  cert_issuer_ski: 'A5AC554235DBA6D963B9CDE0185CFAD6E3F55E8F',
  cert_fingerprint_sha256: 'abc1',
  cert_not_after: 'Mar 21 13:35:00 2023 GMT',
  cert_rfc9440: ':MIIB:',
}

/** A request; by default `GET /api/Temps?unit=C` with a good certificate. */
export function request(changes: Partial<RuleRequest> = {}): RuleFields {
  return ruleFields({
    host: 'API.example.test',
    method: 'GET',
    target: '/api/Temps?unit=C',
    http: 1,
    headers: [
      ['User-Agent', 'sensor/1'],
      ['Accept', 'text/html'],
      ['accept', 'application/json'],
      ['Cookie', 'a=1'],
      ['cookie', 'b=2'],
    ],
    remoteAddress: '::ffff:203.0.113.7',
    tls: true,
    certificate: goodCertificate,
    ...changes,
  })
}
