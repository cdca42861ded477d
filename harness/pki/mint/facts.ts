/**
 * What a deployment gives to mint from.
 * @module
 */
import type { KeyObject } from 'node:crypto'
import { HarnessError } from '../../errors.ts'
import { matchAuthority } from '../authority/load.ts'
import { leafExtensions } from '../authority/profile.ts'
import { type CertificateParts, extensionValue } from '../certificate.ts'
import { authorityRoom, chainAbove } from '../chain.ts'
import { commonNames, withCommonName } from '../common-name.ts'
import { type CrlFacts, readCrl } from '../crl.ts'
import { DerError, readWhole } from '../der/read.ts'
import { readAuthorityKeyIdentifier, readNameConstraints } from '../describe/extensions.ts'
import { type Extension, subjectAltName } from '../extensions.ts'
import { readCertificates } from '../identity.ts'
import { algorithmLike, keyIdentifier, readPrivateKey, spkiKey } from '../keys.ts'
import { encodeName } from '../names.ts'
import { extensionOids } from '../oids.ts'
import { type SignatureHash, signedWith } from '../signature.ts'
import type { Identity, KeyAlgorithm } from '../types.ts'

/** What identities can be made from. Everything is optional: the less there is, the fewer defects are possible. */
export interface MintSource {
  /** Whom the identities are for. */
  hostname?: string
  /** The deployment's client CA with its key (PEM; further certificates of the bundle build its chain). */
  authority?: { cert: string; key: string }
  /** A valid identity. Its subject, names, usages and key become those of everything that is made. */
  identity?: Identity
  /** Common names that are let in, where others of the CA are not: what is made has one of them. At least one. */
  commonNames?: readonly string[]
  /** CA names of a CertificateRequest: DER in hex. */
  caNames?: readonly { der: string; text: string }[]
  /** The CA's certificate without its key. */
  caCert?: string
  /** PEM or DER CRL of the authority. */
  crl?: Buffer
}

/** The CA that impostors imitate. */
export interface Model {
  /** DER of its name, byte for byte. */
  subject: Buffer
  ski: Buffer | undefined
  /** Kind of key whose signatures look like its own. */
  algorithm: KeyAlgorithm
  hash: SignatureHash | undefined
  /** What is sent under a certificate of it. */
  chain: Buffer[]
}

/** {@link MintSource}, read. */
export interface MintFacts {
  authority: { subject: Buffer; ski: Buffer; key: KeyObject; chain: Buffer[]; room: number } | undefined
  identity: { identity: Identity; key: KeyObject; leaf: CertificateParts; chain: Buffer[] } | undefined
  model: Model | undefined
  crl: CrlFacts | undefined
  /** What every leaf has unless its recipe says otherwise. */
  template: { subject: Buffer; extensions: Extension[]; key: KeyObject | undefined }
  /** Domain that names of leaves are taken from: one that the CA's own name constraints permit. */
  domain: string
  /** Common names that are let in; undefined: any. */
  commonNames: readonly string[] | undefined
}

/** Reads a source. @throws HarnessError when a certificate, key or CRL in it is broken. */
export function readSource(source: MintSource): MintFacts {
  const identity = source.identity === undefined ? undefined : readIdentity(source.identity)
  const authority = source.authority === undefined ? undefined : readAuthority(source.authority)
  const domain = authority === undefined ? 'invalid' : permittedDomain(authority.ca)
  return {
    authority,
    identity,
    model: authority === undefined ? modelOf(source, identity) : modelOfCa(authority.ca, authority.chain),
    crl: source.crl === undefined ? undefined : readCrl(source.crl),
    template: allowed(identity === undefined ? defaultTemplate(domain) : templateOf(identity), source),
    domain,
    commonNames: source.commonNames,
  }
}

function readAuthority(source: {
  cert: string
  key: string
}): NonNullable<MintFacts['authority']> & { ca: CertificateParts } {
  const key = readPrivateKey(source.key)
  const { ca, chain } = matchAuthority(source.cert, key)
  const bundle = readCertificates(source.cert)
  const above = [ca, ...chainAbove(ca, bundle).slice(1)]
  const root = bundle.find(({ subject }) => subject.equals(above.at(-1)?.issuer ?? ca.issuer))
  const room = authorityRoom(root === undefined || above.includes(root) ? above : [...above, root])
  return { ca, key, chain, room, subject: ca.subject, ski: skiOf(ca) }
}

function readIdentity(identity: Identity): NonNullable<MintFacts['identity']> {
  const [leaf, ...rest] = readCertificates(identity.cert)
  return { identity, key: readPrivateKey(identity.key), leaf, chain: rest.map(({ der }) => der) }
}

/** Names and usages of a real identity, so that rules about them let the twins in and judge the defects alone. */
function templateOf({ leaf, key }: NonNullable<MintFacts['identity']>): MintFacts['template'] {
  const own: string[] = [extensionOids.subjectKeyIdentifier, extensionOids.authorityKeyIdentifier]
  return { subject: leaf.subject, extensions: leaf.extensions.filter(({ oid }) => !own.includes(oid)), key }
}

function defaultTemplate(domain: string): MintFacts['template'] {
  const extensions = leafExtensions({ san: { dns: [`harness-client.${domain}`] } }, Buffer.alloc(0), 'client')
  return { subject: encodeName('CN=harness-client'), extensions, key: undefined }
}

/** With a name that is let in. A given identity that has one keeps its subject byte for byte. */
function allowed(template: MintFacts['template'], { commonNames: names }: MintSource): MintFacts['template'] {
  const [first] = names ?? []
  if (first === undefined || names?.includes(commonNames(template.subject)[0] ?? '') === true) return template
  return { ...template, subject: withCommonName(template.subject, first) }
}

function modelOf(source: MintSource, identity: MintFacts['identity']): Model | undefined {
  const cas = source.caCert === undefined ? [] : readCertificates(source.caCert)
  if (identity !== undefined) {
    const { leaf, chain } = identity
    const ca = cas.find(({ subject }) => subject.equals(leaf.issuer))
    const aki = issuerKeyId(leaf) ?? (ca === undefined ? undefined : skiOf(ca))
    return { subject: leaf.issuer, ski: aki, ...signedWith(leaf.signatureOid), chain }
  }
  const [ca] = cas
  if (ca !== undefined)
    return modelOfCa(
      ca,
      chainAbove(ca, cas).map(({ der }) => der),
    )
  for (const { der } of source.caNames ?? []) {
    const subject = Buffer.from(der, 'hex')
    if (isName(subject))
      return { subject, ski: undefined, algorithm: 'ecdsa-p256', hash: undefined, chain: [] }
  }
  return undefined
}

const modelOfCa = (ca: CertificateParts, chain: Buffer[]): Model => ({
  subject: ca.subject,
  ski: skiOf(ca),
  algorithm: algorithmLike(spkiKey(ca.publicKey)),
  hash: undefined,
  chain,
})

/** The subject key identifier, or the hash where there is none (RFC 5280 §4.2.1.2). */
function skiOf(ca: CertificateParts): Buffer {
  const value = extensionValue(ca, extensionOids.subjectKeyIdentifier)
  return (
    tolerant(() => (value === undefined ? undefined : readWhole(value, 0x04).body)) ??
    keyIdentifier(ca.publicKey)
  )
}

function issuerKeyId(leaf: CertificateParts): Buffer | undefined {
  const value = extensionValue(leaf, extensionOids.authorityKeyIdentifier)
  const id = tolerant(() => (value === undefined ? undefined : readAuthorityKeyIdentifier(value)))
  return id === undefined ? undefined : Buffer.from(id, 'hex')
}

function permittedDomain(ca: CertificateParts): string {
  const value = extensionValue(ca, extensionOids.nameConstraints)
  const permitted =
    tolerant(() => (value === undefined ? undefined : readNameConstraints(value)))?.permitted ?? []
  return (
    permitted
      .find((name) => name.startsWith('DNS:'))
      ?.slice('DNS:'.length)
      .replace(/^\./, '') || 'invalid'
  )
}

const isName = (der: Buffer): boolean => tolerant(() => readWhole(der)) !== undefined

function tolerant<T>(read: () => T | undefined): T | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof DerError)) throw error
    return undefined
  }
}

/** The error for an identity that this source cannot yield. */
export const cannotMint = (id: string, missing: string): HarnessError =>
  new HarnessError('ERR_USAGE', `the identity "${id}" cannot be made: it needs ${missing}`, {
    hint: 'add it to the deployment file',
  })

/** subjectAltName with one DNS name under the domain that the CA permits. */
export const dnsName = (host: string, { domain }: Pick<MintFacts, 'domain'>): Extension[] => {
  const names = subjectAltName({ dns: [`${host}.${domain}`] })
  return names === undefined ? [] : [names]
}
