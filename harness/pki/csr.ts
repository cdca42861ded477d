/**
 * Certificate signing requests (PKCS#10, RFC 2986).
 * @module
 */
import type { KeyObject } from 'node:crypto'
import { HarnessError } from '../errors.ts'
import { readExtensions } from './certificate.ts'
import { children, DerError, expectTag, readOid, readWhole } from './der/read.ts'
import { bitString, constructed, integer, oid, sequence, setOf } from './der/write.ts'
import { type Extension, encodeExtension } from './extensions.ts'
import { publicKeyInfo } from './keys.ts'
import { pemBlocks, toPem } from './pem.ts'
import { signerFor } from './signature.ts'

/** extensionRequest (RFC 2985 §5.4.2). */
const extensionRequest = '1.2.840.113549.1.9.14'

/** What a CSR asks for, its proof of possession checked. */
export interface CsrFacts {
  /** DER of the name. */
  subject: Buffer
  /** DER SubjectPublicKeyInfo. */
  publicKey: Buffer
  extensions: Extension[]
}

/** PEM of a CSR for a DER name. */
export function buildCsr(subject: Buffer, key: KeyObject, extensions: readonly Extension[] = []): string {
  const signer = signerFor(key)
  const asked = sequence(oid(extensionRequest), setOf(sequence(...extensions.map(encodeExtension))))
  const info = sequence(
    integer(0),
    subject,
    publicKeyInfo(key),
    extensions.length === 0 ? constructed(0) : constructed(0, asked),
  )
  return toPem('CERTIFICATE REQUEST', sequence(info, signer.algorithm, bitString(signer.sign(info))))
}

/**
 * Reads a CSR and checks that its sender holds the key.
 * @throws HarnessError ERR_CERTIFICATE when it is no CSR or its signature is wrong.
 */
export async function readCsr(pem: string): Promise<CsrFacts> {
  const block = pemBlocks(pem).find(({ label }) => /^(NEW )?CERTIFICATE REQUEST$/.test(label))
  if (block === undefined) {
    throw new HarnessError('ERR_CERTIFICATE', 'the certificate signing request is not PEM', {
      hint: 'it has a line "-----BEGIN CERTIFICATE REQUEST-----"',
    })
  }
  let facts: CsrFacts
  try {
    facts = slice(block.der)
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause
    throw new HarnessError(
      'ERR_CERTIFICATE',
      `the certificate signing request cannot be read: ${cause.message}`,
      { cause },
    )
  }
  if (!(await provesPossession(block.der))) {
    throw new HarnessError('ERR_CERTIFICATE', 'the signature of the certificate signing request is wrong', {
      hint: 'its sender does not hold the key it names; check with: openssl req -in <file> -noout -verify',
    })
  }
  return facts
}

function slice(der: Buffer): CsrFacts {
  const [info] = children(readWhole(der))
  const [, subject, publicKey, attributes] = children(expectTag(info, 0x30))
  const extensions = (attributes === undefined ? [] : children(attributes)).flatMap((attribute) => {
    const [type, values] = children(attribute)
    if (readOid(type) !== extensionRequest) return []
    return readExtensions(expectTag(children(expectTag(values, 0x31))[0], 0x30))
  })
  return { subject: expectTag(subject, 0x30).raw, publicKey: expectTag(publicKey, 0x30).raw, extensions }
}

/** The library knows every signature algorithm a CSR may come with; it takes 0.3 s to load, hence only here. */
async function provesPossession(der: Buffer): Promise<boolean> {
  await import('reflect-metadata')
  const { Pkcs10CertificateRequest } = await import('@peculiar/x509')
  try {
    return await new Pkcs10CertificateRequest(new Uint8Array(der)).verify()
  } catch {
    return false
  }
}
