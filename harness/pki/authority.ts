/**
 * Certificate authorities: made here, or loaded from PEM.
 * @module
 */
import type { KeyObject } from 'node:crypto'
import { HarnessError } from '../errors.ts'
import { matchAuthority } from './authority/load.ts'
import { type LeafOptions, leafExtensions, replaceExtensions } from './authority/profile.ts'
import { buildCertificate, extensionValue, parseCertificate } from './certificate.ts'
import { buildCrl, type CrlOptions, checkedSerial } from './crl.ts'
import { readCsr } from './csr.ts'
import { readWhole } from './der/read.ts'
import {
  authorityKeyIdentifier,
  basicConstraints,
  crlDistributionPoints,
  type Extension,
  keyUsage,
  nameConstraints,
  subjectKeyIdentifier,
} from './extensions.ts'
import { makeIdentity } from './identity.ts'
import { generateKey, keyIdentifier, keyToPem, publicKeyInfo, readPrivateKey } from './keys.ts'
import { decodeName, encodeName } from './names.ts'
import { extensionOids } from './oids.ts'
import { certificatesIn, certificatesToPem, toPem } from './pem.ts'
import type { SignatureHash } from './signature.ts'
import type { Identity, KeyAlgorithm } from './types.ts'

const hour = 3_600_000
const day = 24 * hour

/** How an authority is made. */
export interface AuthorityOptions {
  /** RFC 4514 name; default `CN=mtls-access-harness CA`. */
  name?: string
  /** Default `ecdsa-p256`. */
  algorithm?: KeyAlgorithm
  /** Makes an intermediate; default: a root. */
  issuer?: Authority
  /** basicConstraints pathLenConstraint: how many intermediates may follow. Default: any number. */
  pathLength?: number
  /** DNS names, as RFC 5280 §4.2.1.10 reads them: `example.com` covers its subdomains. */
  nameConstraints?: { permitted?: string[]; excluded?: string[] }
  /** Default: one hour ago, for clocks that differ. */
  notBefore?: Date
  /** Default: ten years from now. */
  notAfter?: Date
  /** Put into every certificate this authority signs. */
  crlDistributionPoints?: string[]
  /** Further extensions of the authority's own certificate; one with an OID that is there already replaces it. */
  extensions?: Extension[]
  /** Hash the authority's own certificate is signed with. */
  hash?: SignatureHash
}

/** What a certificate of an authority holds. */
export interface IssueOptions extends LeafOptions {
  /** Label of the identity for people; default `client` or `server`. */
  name?: string
  /** RFC 4514 name; default: `CN=` and the label. */
  subject?: string
  /** Default: one hour ago, for clocks that differ. */
  notBefore?: Date
  /** Default: 90 days from now. */
  notAfter?: Date
  /** Default `ecdsa-p256`. Ignored with `key`. */
  algorithm?: KeyAlgorithm
  /** An existing private key as PEM, to share it among certificates. */
  key?: string
  /** Hex; default: 127 random bits. */
  serial?: string
  hash?: SignatureHash
}

/** A CA with its key. */
export interface Authority {
  /** Its own certificate, PEM. */
  readonly cert: string
  /** PKCS#8 PEM, unencrypted. */
  readonly key: string
  /** PEM of this CA and its intermediates up to but without the root; '' for a root. */
  readonly chain: string
  /** RFC 4514. */
  readonly subject: string
  /** Subject key identifier, upper-case hex. */
  readonly ski: string
  readonly crlDistributionPoints: readonly string[]
  /** A certificate with a fresh key. @throws HarnessError ERR_USAGE for names or usages that cannot be encoded. */
  issue(options?: IssueOptions): Promise<Identity>
  /**
   * A certificate for a CSR: its subject and alternative names unless the options say otherwise; nothing else it asks
   * for is taken over, least of all CA:TRUE.
   * @returns PEM of the certificate with the chain to send. @throws HarnessError ERR_CERTIFICATE when the CSR is bad.
   */
  signCsr(csr: string, options?: Omit<IssueOptions, 'algorithm' | 'key' | 'name'>): Promise<string>
  /** PEM of a CRL. */
  crl(options: CrlOptions): Promise<string>
}

/** A new CA. @throws HarnessError ERR_USAGE when a name cannot be encoded. */
export async function createAuthority(options: AuthorityOptions = {}): Promise<Authority> {
  const key = await generateKey(options.algorithm ?? 'ecdsa-p256')
  const publicKey = publicKeyInfo(key)
  const subject = encodeName(options.name ?? 'CN=mtls-access-harness CA')
  const parent = options.issuer === undefined ? undefined : internals(options.issuer)
  const points = options.issuer?.crlDistributionPoints ?? []
  const extensions = [
    basicConstraints(true, options.pathLength),
    keyUsage(['keyCertSign', 'cRLSign']),
    subjectKeyIdentifier(keyIdentifier(publicKey)),
    ...(parent === undefined ? [] : [authorityKeyIdentifier(parent.ski)]),
    ...(options.nameConstraints === undefined ? [] : [nameConstraints(options.nameConstraints)]),
    ...(points.length === 0 ? [] : [crlDistributionPoints(points)]),
  ]
  const der = buildCertificate({
    subject,
    issuer: parent?.subject ?? subject,
    notBefore: options.notBefore ?? new Date(Date.now() - hour),
    notAfter: options.notAfter ?? new Date(Date.now() + 3650 * day),
    publicKey,
    extensions: replaceExtensions(extensions, options.extensions ?? []),
    signer: parent?.key ?? key,
    ...(options.hash === undefined ? {} : { hash: options.hash }),
  })
  const chain = options.issuer === undefined ? [] : [der, ...certificatesIn(options.issuer.chain)]
  return makeAuthority(der, key, chain, options.crlDistributionPoints ?? [])
}

/**
 * A CA from PEM. `cert` may be a bundle: the certificate that belongs to the key is the CA, the others build its chain.
 * @throws HarnessError ERR_CERTIFICATE (garbage, not a CA, no match), ERR_PRIVATE_KEY or ERR_PASSPHRASE.
 */
export async function loadAuthority(source: {
  cert: string
  key: string
  passphrase?: string
  crlDistributionPoints?: readonly string[]
}): Promise<Authority> {
  const key = readPrivateKey(source.key, source.passphrase)
  const { ca, chain } = matchAuthority(source.cert, key)
  return makeAuthority(ca.der, key, chain, source.crlDistributionPoints ?? [])
}

function internals(authority: Authority): { subject: Buffer; ski: Buffer; key: KeyObject } {
  const [der] = certificatesIn(authority.cert)
  if (der === undefined) throw new HarnessError('ERR_CERTIFICATE', 'the issuer has no certificate')
  const { subject } = parseCertificate(der)
  return { subject, ski: Buffer.from(authority.ski, 'hex'), key: readPrivateKey(authority.key) }
}

/** Key identifier of a CA: its subjectKeyIdentifier, or the hash where it has none. */
export function authorityKeyId(certificate: Buffer): Buffer {
  const parts = parseCertificate(certificate)
  const value = extensionValue(parts, extensionOids.subjectKeyIdentifier)
  return value === undefined ? keyIdentifier(parts.publicKey) : readWhole(value, 0x04).body
}

function makeAuthority(
  der: Buffer,
  key: KeyObject,
  chain: readonly Buffer[],
  points: readonly string[],
): Authority {
  const { subject } = parseCertificate(der)
  const ski = authorityKeyId(der)

  const sign = (publicKey: Buffer, subjectName: Buffer, options: IssueOptions): Buffer =>
    buildCertificate({
      subject: subjectName,
      issuer: subject,
      notBefore: options.notBefore ?? new Date(Date.now() - hour),
      notAfter: options.notAfter ?? new Date(Date.now() + 90 * day),
      publicKey,
      extensions: replaceExtensions(
        [
          ...leafExtensions(options, publicKey, options.name ?? options.purpose ?? 'client'),
          subjectKeyIdentifier(keyIdentifier(publicKey)),
          authorityKeyIdentifier(ski),
          ...(points.length === 0 ? [] : [crlDistributionPoints(points)]),
        ],
        options.extensions ?? [],
      ),
      signer: key,
      ...(options.serial === undefined ? {} : { serial: checkedSerial(options.serial) }),
      ...(options.hash === undefined ? {} : { hash: options.hash }),
    })

  return {
    cert: toPem('CERTIFICATE', der),
    key: keyToPem(key),
    chain: certificatesToPem(chain),
    subject: decodeName(subject).rfc4514,
    ski: ski.toString('hex').toUpperCase(),
    crlDistributionPoints: points,
    async issue(options = {}) {
      const name = options.name ?? options.purpose ?? 'client'
      const leafKey =
        options.key === undefined
          ? await generateKey(options.algorithm ?? 'ecdsa-p256')
          : readPrivateKey(options.key)
      const subjectName = encodeName(options.subject ?? `CN=${escapeValue(name)}`)
      return makeIdentity(name, [sign(publicKeyInfo(leafKey), subjectName, options), ...chain], leafKey)
    },
    async signCsr(csr, options = {}) {
      const asked = await readCsr(csr)
      const names = asked.extensions.filter(
        ({ oid }) => oid === extensionOids.subjectAltName && options.san === undefined,
      )
      const extensions = [...names, ...(options.extensions ?? [])]
      const subjectName = options.subject === undefined ? asked.subject : encodeName(options.subject)
      return certificatesToPem([sign(asked.publicKey, subjectName, { ...options, extensions }), ...chain])
    },
    async crl(options) {
      return toPem('X509 CRL', buildCrl({ subject, ski, key }, options))
    },
  }
}

const escapeValue = (text: string): string => text.replace(/[\\,+"<>;=]/g, '\\$&')
