/**
 * Certificates in the words of the API.
 * @module
 */
import { X509Certificate } from 'node:crypto'

/** Names of signature algorithms as cfssl prints them, which is what the API's examples show; by openssl's name. */
const cfsslNames: Readonly<Record<string, string>> = {
  sha1WithRSAEncryption: 'SHA1WithRSA',
  sha256WithRSAEncryption: 'SHA256WithRSA',
  sha384WithRSAEncryption: 'SHA384WithRSA',
  sha512WithRSAEncryption: 'SHA512WithRSA',
  'ecdsa-with-SHA1': 'ECDSAWithSHA1',
  'ecdsa-with-SHA256': 'ECDSAWithSHA256',
  'ecdsa-with-SHA384': 'ECDSAWithSHA384',
  'ecdsa-with-SHA512': 'ECDSAWithSHA512',
}

/** The API's name of a signature algorithm; undefined for one that uploaded CAs may not have (PSS, Ed25519, MD5). */
export const signatureName = (opensslName: string): string | undefined =>
  Object.hasOwn(cfsslNames, opensslName) ? cfsslNames[opensslName] : undefined

/** Attributes of a subject that the API shows; an absent one is empty, of several the first is shown. */
export interface SubjectAttributes {
  common_name: string
  country: string
  state: string
  location: string
  organization: string
  organizational_unit: string
}

/** Those of a certificate. @throws what `X509Certificate` throws when it is none. */
export function subjectAttributes(certificate: string): SubjectAttributes {
  const subject = new X509Certificate(certificate).toLegacyObject().subject as unknown as Record<
    string,
    string | string[] | undefined
  >
  const first = (type: string): string => [subject[type]].flat()[0] ?? ''
  return {
    common_name: first('CN'),
    country: first('C'),
    state: first('ST'),
    location: first('L'),
    organization: first('O'),
    organizational_unit: first('OU'),
  }
}
