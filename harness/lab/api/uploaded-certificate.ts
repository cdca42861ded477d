/**
 * What an operator uploads as a client CA (or, rarely, a leaf with its key): checked, and shown.
 * @module
 */

import { HarnessError } from '../../errors.ts'
import { parseCertificate } from '../../pki/certificate.ts'
import { type CertificateFacts, describeCertificate } from '../../pki/describe.ts'
import { keyMatches, readPrivateKey } from '../../pki/keys.ts'
import { type PemBlock, pemBlocks } from '../../pki/pem.ts'
import { newUuid } from '../state/ids.ts'
import type { MtlsCertificate } from '../state/types.ts'
import { signatureName } from './certificate-text.ts'
import { ApiError } from './errors.ts'

/** What is uploaded. */
export interface Upload {
  ca: boolean
  /** PEM. */
  certificates: string
  name?: string
  private_key?: string
}

/**
 * The object an upload becomes.
 * @param at ISO 8601.
 * @throws ApiError 400 / 1408 for anything but PEM certificates, 400 / 1474 for a certificate that does not meet the
 *   requirements: CA:TRUE, signed with RSA (PKCS#1 v1.5) or ECDSA and SHA-1 or SHA-2.
 */
export function uploadedCertificate(upload: Upload, at: string): MtlsCertificate {
  const blocks = blocksOf(upload.certificates)
  const described = blocks.map(({ der }) => factsOf(der))
  const [first] = described
  if (first === undefined) throw unparsable()
  for (const facts of described) {
    if (signatureName(facts.signatureAlgorithm) === undefined)
      throw unfit(`the signature algorithm ${facts.signatureAlgorithm} is not supported`)
    if (upload.ca && !facts.isCa) throw unfit('basicConstraints of a CA must have CA:TRUE')
  }
  if (!upload.ca && first.isCa) throw unfit('ca is false, but the certificate has CA:TRUE')
  if (!upload.ca && upload.private_key === undefined) throw unfit('a leaf certificate needs its private_key')
  if (upload.private_key !== undefined) requireKey(blocks[0], upload.private_key)
  return {
    id: newUuid(),
    name: upload.name ?? '',
    ca: upload.ca,
    certificates: upload.certificates,
    ...(upload.private_key === undefined ? {} : { privateKey: upload.private_key }),
    issuer: first.issuer.rfc4514,
    signature: signatureName(first.signatureAlgorithm) ?? first.signatureAlgorithm,
    // In decimal, as the API shows it.
    serialNumber: BigInt(`0x${first.serial}`).toString(),
    expiresOn: first.validTo,
    uploadedOn: at,
    type: 'custom',
  }
}

/** As the API shows it: never with the private key. */
export const showUploaded = (certificate: MtlsCertificate): Record<string, unknown> => ({
  id: certificate.id,
  name: certificate.name,
  ca: certificate.ca,
  certificates: certificate.certificates,
  issuer: certificate.issuer,
  signature: certificate.signature,
  serial_number: certificate.serialNumber,
  expires_on: certificate.expiresOn,
  uploaded_on: certificate.uploadedOn,
  type: certificate.type,
})

/** Whether two uploads hold the same certificates, however they are wrapped. */
export const sameCertificates = (a: string, b: string): boolean => bytesOf(a).equals(bytesOf(b))

const bytesOf = (pem: string): Buffer => Buffer.concat(pemBlocks(pem).map(({ der }) => der))

function blocksOf(text: string): PemBlock[] {
  const blocks = pemBlocks(text)
  const rest = blocks.reduce((left, block) => left.replace(block.text.trimEnd(), ''), text)
  if (rest.trim() !== '' || blocks.some(({ label }) => label !== 'CERTIFICATE')) throw unparsable()
  return blocks
}

function factsOf(der: Buffer): CertificateFacts {
  const described = describeCertificate(der)
  if (!described.ok || described.facts.problems.length > 0) throw unparsable()
  return described.facts
}

function requireKey(block: PemBlock | undefined, privateKey: string): void {
  try {
    const { publicKey } = parseCertificate(block?.der ?? Buffer.alloc(0))
    if (keyMatches(readPrivateKey(privateKey), publicKey)) return
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error
    throw unfit('private_key cannot be read')
  }
  throw unfit('private_key does not belong to the certificate')
}

const unparsable = (): ApiError => new ApiError(400, 1408, 'Unable to parse certificate')
const unfit = (why: string): ApiError => new ApiError(400, 1474, `Invalid certificate: ${why}`)
