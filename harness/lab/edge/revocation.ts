/**
 * Certificate revocation lists as the edge applies them (RFC 5280 §6.3).
 * @module
 */
import { verify } from 'node:crypto'
import { readCrl } from '../../pki/crl.ts'
import { children, expectTag, readBits, readOid, readWhole } from '../../pki/der/read.ts'
import { signatureAlgorithms } from '../../pki/oids.ts'
import { pemBlocks } from '../../pki/pem.ts'
import type { Certificate } from './certificate.ts'

/** A CRL whose signature was verified. */
export interface RevocationList {
  /** DER of the issuer's name. */
  issuer: Buffer
  nextUpdate: Date | undefined
  /** Upper-case hex. */
  serials: ReadonlySet<string>
}

/**
 * Loads a CRL of a client CA.
 * @throws Error when its signature does not verify: an edge must not start with it.
 */
export function loadRevocationList(pem: string, ca: Certificate): RevocationList {
  const facts = readCrl(Buffer.from(pem, 'latin1'))
  if (!facts.issuer.equals(ca.subject) || !signatureVerifies(pem, ca)) {
    throw new Error('the CRL was not signed by the client CA')
  }
  return {
    issuer: facts.issuer,
    nextUpdate: facts.nextUpdate,
    serials: new Set(facts.revoked.map(({ serial }) => serial)),
  }
}

function signatureVerifies(pem: string, { publicKey }: Certificate): boolean {
  const der = pemBlocks(pem).find(({ label }) => label === 'X509 CRL')?.der
  if (der === undefined || publicKey === undefined) return false
  const [tbs, algorithm, signature] = children(readWhole(der))
  const name = signatureAlgorithms[readOid(children(expectTag(algorithm, 0x30))[0])] ?? ''
  const hash = /sha\d+/i.exec(name)?.[0]?.toLowerCase() ?? null
  return verify(hash, expectTag(tbs, 0x30).raw, publicKey, readBits(signature))
}
