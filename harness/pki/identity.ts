/**
 * Identities from files: PEM certificate and key, or PKCS#12.
 * @module
 */
import type { KeyObject } from 'node:crypto'
import { HarnessError } from '../errors.ts'
import { type CertificateParts, fingerprint, parseCertificate } from './certificate.ts'
import { DerError } from './der/read.ts'
import { keyMatches, keyToPem, readPrivateKey } from './keys.ts'
import { decodeName } from './names.ts'
import { certificatesIn, certificatesToPem, pemBlocks } from './pem.ts'
import { readPkcs12 } from './pkcs12/import.ts'
import type { DefectId, Identity } from './types.ts'

/**
 * An identity from PEM: the leaf first, then the certificates to send with it.
 * @throws HarnessError ERR_CERTIFICATE, ERR_PRIVATE_KEY or ERR_PASSPHRASE.
 */
export function loadIdentity(source: {
  name: string
  cert: string
  key: string
  passphrase?: string
}): Identity {
  const chain = readCertificates(source.cert)
  const key = readPrivateKey(source.key, source.passphrase)
  const [leaf, ...rest] = chain
  if (!keyMatches(key, leaf.publicKey)) {
    const position = rest.findIndex(({ publicKey }) => keyMatches(key, publicKey))
    throw new HarnessError('ERR_CERTIFICATE', 'certificate and private key do not match', {
      hint:
        position < 0
          ? 'compare: openssl x509 -in <certificate> -noout -pubkey; openssl pkey -in <key> -pubout'
          : `the key belongs to certificate ${position + 2} of the file: the client's own certificate must come first`,
    })
  }
  return makeIdentity(
    source.name,
    chain.map(({ der }) => der),
    key,
  )
}

/**
 * An identity from a PKCS#12 file.
 * @throws HarnessError ERR_CERTIFICATE, ERR_PRIVATE_KEY or ERR_PASSPHRASE.
 */
export function loadPkcs12(source: { name: string; pfx: Buffer; passphrase: string }): Identity {
  const { key, certificates } = readPkcs12(source.pfx, source.passphrase)
  return makeIdentity(source.name, certificates, key)
}

/** An identity from its parts: DER certificates, leaf first. */
export function makeIdentity(
  name: string,
  chain: readonly Buffer[],
  key: KeyObject,
  flags: { defect?: DefectId; weak?: boolean } = {},
): Identity {
  const [leaf] = chain
  if (leaf === undefined) throw new HarnessError('ERR_CERTIFICATE', 'an identity needs a certificate')
  return {
    name,
    cert: certificatesToPem(chain),
    key: keyToPem(key),
    fingerprint256: fingerprint(leaf),
    subject: decodeName(parseCertificate(leaf).subject).rfc4514,
    ...flags,
  }
}

/**
 * The certificates of a PEM text, at least one.
 * @throws HarnessError ERR_CERTIFICATE.
 */
export function readCertificates(pem: string): [CertificateParts, ...CertificateParts[]] {
  const parts = certificatesIn(pem).map((der, at) => {
    try {
      const parsed = parseCertificate(der)
      decodeName(parsed.subject)
      return parsed
    } catch (cause) {
      if (!(cause instanceof DerError)) throw cause
      throw new HarnessError(
        'ERR_CERTIFICATE',
        `certificate ${at + 1} of the PEM text cannot be read: ${cause.message}`,
        { cause },
      )
    }
  })
  const [first, ...rest] = parts
  if (first !== undefined) return [first, ...rest]
  const [other] = pemBlocks(pem)
  throw new HarnessError(
    'ERR_CERTIFICATE',
    other === undefined
      ? 'the certificate is not PEM'
      : `a certificate was expected, the file holds a ${other.label.toLowerCase()}`,
    { hint: 'a DER file can be converted: openssl x509 -inform DER -in <file> -out <file>.pem' },
  )
}
