/**
 * What each identity is, in one sentence, for indexes and listings.
 * @module
 */
import type { GoodId } from './mint.ts'
import type { DefectId } from './types.ts'

/** The one thing that is wrong with each defect. */
export const defectSentences: Readonly<Record<DefectId, string>> = {
  'expired-second': 'its notAfter was one second ago',
  'expired-day': 'its notAfter was a day ago',
  'expired-years': 'its notAfter was three years ago',
  'not-yet-valid': 'its notBefore is tomorrow',
  'unknown-ca': 'its CA has another name and is unknown',
  'unknown-ca-with-root': 'as unknown-ca, and the unknown CA’s own root is sent along',
  'unknown-ca-with-intermediate': 'as unknown-ca, by an intermediate that is sent along',
  'impostor-ca': 'its CA has the name and key identifier of the real one, but another key',
  'impostor-ca-other-ski': 'its CA has the name of the real one, but another key and key identifier',
  'impostor-ca-with-root': 'as impostor-ca, and the impostor’s own root is sent along',
  'self-signed': 'it is signed by its own key',
  'server-auth-only': 'its extended key usage is serverAuth only',
  'code-signing-only': 'its extended key usage is codeSigning only',
  'ca-as-leaf': 'its basicConstraints say CA:TRUE',
  'leaf-as-ca': 'it is signed by a client certificate instead of a CA',
  'intermediate-without-basic-constraints': 'its intermediate has no basicConstraints',
  'intermediate-without-key-cert-sign': 'its intermediate’s key usage lacks keyCertSign',
  'path-length-exceeded':
    'its first intermediate allows no further one (pathLenConstraint 0), but one follows',
  'name-constraint-broken': 'its DNS name is outside the name constraints of its intermediate',
  'intermediate-missing': 'its intermediate is not sent',
  'intermediate-expired': 'its intermediate expired a day ago',
  'intermediate-tampered': 'one bit of its intermediate’s signature was changed',
  'signature-tampered': 'one bit of its signature was changed',
  'tbs-tampered': 'one bit of its signed content (the serial number) was changed',
  'sha1-signature': 'it is signed with SHA-1',
  'rsa-1024': 'its key is RSA with 1024 bits',
  'unknown-critical-extension': 'it has a critical extension that no verifier knows',
  revoked: 'its serial number is in the CRL',
}

/** What is special about each good identity. */
export const goodSentences: Readonly<Record<GoodId, string>> = {
  valid: 'a plain valid client certificate',
  'valid-rsa': 'valid, with an RSA-2048 key',
  'valid-long': 'valid until 99991231235959Z, the date for "no planned end"',
  'valid-2050': 'valid until the first second that must be a GeneralizedTime',
  'valid-via-intermediate': 'valid, issued by an intermediate that is sent along',
  'valid-with-extra-certificates': 'valid, with somebody else’s certificate sent behind it',
  'valid-other': 'valid, with another subject',
}
