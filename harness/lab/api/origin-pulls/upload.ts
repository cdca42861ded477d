/**
 * Reads an uploaded origin-pull certificate and its key.
 * @module
 */
import type { KeyObject } from 'node:crypto'
import { HarnessError } from '../../../errors.ts'
import { parseCertificate } from '../../../pki/certificate.ts'
import { type CertificateFacts, describeCertificate } from '../../../pki/describe.ts'
import { keyMatches, readPrivateKey } from '../../../pki/keys.ts'
import { certificatesIn } from '../../../pki/pem.ts'
import type { Faults } from '../../faults.ts'
import type { PullCertificate } from '../../state/origin-pulls.ts'
import { signatureName } from '../certificate-text.ts'

/** What the API tells about a certificate, read from its leaf. */
export type UploadFacts = Pick<
  PullCertificate,
  'certificate' | 'privateKey' | 'issuer' | 'serialNumber' | 'signature' | 'expiresOn'
>

/** What can be wrong with an upload. */
export type UploadProblem = 'unreadable certificate' | 'no leaf' | 'unreadable key' | 'wrong key'

/**
 * Facts, or what is wrong. Values of any type. Certificates behind the leaf are kept: they are sent with it. An expired
 * one is taken: whether the real API does was not found.
 */
export function readUpload(
  certificate: unknown,
  privateKey: unknown,
  faults: Faults,
): UploadFacts | UploadProblem {
  const leaf = leafOf(certificate)
  if (leaf === undefined || typeof certificate !== 'string') return 'unreadable certificate'
  const { facts, publicKey } = leaf
  if (facts.isCa && !faults.has('edge.pulls-accepts-ca')) return 'no leaf'
  const key = typeof privateKey === 'string' ? readKey(privateKey) : undefined
  if (key === undefined || typeof privateKey !== 'string') return 'unreadable key'
  if (!keyMatches(key, publicKey) && !faults.has('edge.pulls-accepts-wrong-key')) return 'wrong key'
  return {
    certificate,
    privateKey,
    issuer: nameOf(facts.issuer.rfc4514),
    serialNumber: BigInt(`0x${facts.serial}`).toString(),
    signature: signatureName(facts.signatureAlgorithm) ?? facts.signatureAlgorithm,
    expiresOn: facts.validTo,
  }
}

function leafOf(certificate: unknown): { facts: CertificateFacts; publicKey: Buffer } | undefined {
  const [der] = typeof certificate === 'string' ? certificatesIn(certificate) : []
  const description = der === undefined ? undefined : describeCertificate(der)
  // Problems: a key or an extension that cannot be read.
  if (der === undefined || description?.ok !== true || description.facts.problems.length > 0) return undefined
  return { facts: description.facts, publicKey: parseCertificate(der).publicKey }
}

function readKey(pem: string): KeyObject | undefined {
  try {
    return readPrivateKey(pem)
  } catch (error) {
    if (error instanceof HarnessError) return undefined
    throw error
  }
}

/** The schema's example is `GlobalSign`: O, else CN, else the whole name. */
function nameOf(rfc4514: string): string {
  const attribute = (type: string): string | undefined =>
    new RegExp(`(?:^|[,+])${type}=((?:[^,+\\\\]|\\\\.)*)`).exec(rfc4514)?.[1]
  const found = attribute('O') ?? attribute('CN')
  return found?.replace(/\\(.)/g, '$1') ?? rfc4514
}
