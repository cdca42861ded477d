/**
 * Stand-ins for the client CAs in OpenSSL's trust store. They carry the same subject, byte for byte, so that the
 * CertificateRequest names the right CAs, and an X25519 key, with which nothing can have been signed: OpenSSL never takes
 * one for an issuer. With the real CA there, OpenSSL would judge before we do, drop certificates it does not need from the
 * peer's chain, and leave a signature error behind that Node reports as a failed handshake.
 * @module
 */
import { children, expectTag, readWhole } from '../../pki/der/read.ts'
import { bitString, sequence } from '../../pki/der/write.ts'
import { certificatesIn, toPem } from '../../pki/pem.ts'

const x25519Key = Buffer.concat([Buffer.from('302a300506032b656e032100', 'hex'), Buffer.alloc(32, 9)])

/** PEM of the stand-in for the first certificate of `pem`. Its signature means nothing. */
export function decoyOf(pem: string): string {
  const [der] = certificatesIn(pem)
  if (der === undefined) throw new Error('lab CA: no certificate')
  const [tbs, algorithm] = children(readWhole(der))
  const fields = children(expectTag(tbs, 0x30)).filter(({ tag }) => tag !== 0xa0)
  const [serial, signature, issuer, validity, subject] = fields.map(({ raw }) => raw)
  const decoy = sequence(
    // No version field: version 1 has no extensions.
    sequence(
      ...[serial, signature, issuer, validity, subject].filter((part) => part !== undefined),
      x25519Key,
    ),
    expectTag(algorithm, 0x30).raw,
    bitString(Buffer.alloc(64, 1)),
  )
  return toPem('CERTIFICATE', decoy)
}
