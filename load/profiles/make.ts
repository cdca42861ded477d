/**
 * Makes the certificates of profiles.
 * @module
 */
import { HarnessError } from '../../harness/errors.ts'
import { authorityKeyId } from '../../harness/pki/authority.ts'
import { flipBit, parseCertificate, randomSerial } from '../../harness/pki/certificate.ts'
import { buildCrl } from '../../harness/pki/crl.ts'
import { makeIdentity } from '../../harness/pki/identity.ts'
import { type MintFacts, readSource } from '../../harness/pki/mint/facts.ts'
import type { Recipe } from '../../harness/pki/mint/recipe.ts'
import { Workshop } from '../../harness/pki/mint/workshop.ts'
import { certificatesIn, toPem } from '../../harness/pki/pem.ts'
import type { Identity } from '../../harness/pki/types.ts'
import { type ProfileId, profiles } from './table.ts'

/** What profiles are made from. The less there is, the fewer are possible; `none` always is. */
export interface ProfileSource {
  /** The client CA with its key, PEM. */
  authority?: { cert: string; key: string }
  /** Its certificate alone, PEM: enough for the impostor and the self-signed one. */
  caCert?: string
  /** A good certificate, used for `valid`. */
  identity?: Identity
  /** The deployment's CRL, PEM or DER: `revoked` takes a serial of it. Without one, use {@link ProfileMaker.crl}. */
  crl?: Buffer
}

/** Makes identities of profiles; the same profile gives the same identity every time. */
export interface ProfileMaker {
  /** What the source would have to give; undefined: it can be made. */
  missing(id: ProfileId): string | undefined
  /** The identity; undefined for `none`. @throws HarnessError ERR_USAGE when something is missing. */
  make(id: ProfileId): Promise<Identity | undefined>
  /** PEM of a CRL of the CA that names the serial of `revoked`, for a server to read. @throws HarnessError without the CA's key. */
  crl(): string
}

const day = 24 * 3_600_000
const after = (milliseconds: number): Date => new Date(Date.now() + milliseconds)

/** @throws HarnessError when a certificate, key or CRL of the source is broken. */
export function profileMaker(source: ProfileSource): ProfileMaker {
  const facts = readSource(source)
  const workshop = new Workshop(facts)
  const serial = facts.crl?.revoked[0]?.serial ?? randomSerial()
  const made = new Map<ProfileId, Promise<Identity>>()

  const missing = (id: ProfileId): string | undefined => {
    if (id === 'none' || (id === 'valid' && source.identity !== undefined)) return undefined
    if (profiles[id].needsKey) return facts.authority === undefined ? "the client CA's key" : undefined
    return facts.model === undefined ? "the client CA's certificate" : undefined
  }
  const cook = async (id: ProfileId): Promise<Identity> => {
    if (id === 'valid' && source.identity !== undefined) return source.identity
    const { chain, key } = await workshop.make(recipeOf(id, facts, serial))
    const [leaf = Buffer.alloc(0), ...rest] = chain
    return makeIdentity(id, id === 'forged-chain' ? [flipBit(leaf, 'signature'), ...rest] : chain, key)
  }
  return {
    missing,
    async make(id) {
      const lacking = missing(id)
      if (lacking !== undefined) {
        throw new HarnessError('ERR_USAGE', `the profile "${id}" cannot be made: it needs ${lacking}`)
      }
      if (id === 'none') return undefined
      const known = made.get(id) ?? cook(id)
      made.set(id, known)
      return known
    },
    crl() {
      const { authority } = facts
      if (authority === undefined) throw new HarnessError('ERR_USAGE', "a CRL needs the client CA's key")
      const [ca = Buffer.alloc(0)] = certificatesIn(source.authority?.cert ?? '')
      const { subject, key } = authority
      const ski = authority.ski ?? authorityKeyId(ca)
      return toPem('X509 CRL', buildCrl({ subject, ski, key }, { revoked: [{ serial }] }))
    },
  }
}

const intermediates = (depth: number): NonNullable<Recipe['intermediates']> =>
  Array.from({ length: depth }, () => ({}))

function recipeOf(id: ProfileId, { model }: MintFacts, serial: string): Recipe {
  switch (id) {
    case 'expired':
      return { leaf: { validity: () => [after(-2 * day), after(-day)] } }
    case 'unknown-ca-by-impostor-name':
      return { signer: 'impostor' }
    case 'self-signed':
      // The leaf is its own issuer, and that name must be one the server asks for.
      return { signer: 'self', leaf: model === undefined ? {} : { subject: model.subject } }
    case 'forged-chain':
      return { intermediates: intermediates(3) }
    case 'long-chain':
      return { intermediates: intermediates(6) }
    case 'rsa-4096':
      return { leaf: { key: 'rsa-4096' } }
    case 'revoked':
      return { leaf: { serial } }
    default:
      return {}
  }
}

/**
 * Whether Go's client would send this chain: no CA is named, or some certificate of the chain has an issuer that is
 * (crypto/tls SupportsCertificate; bytes are compared).
 * @param caNames DER of the names in the CertificateRequest, hex.
 */
export function goSends(identity: Pick<Identity, 'cert'>, caNames: readonly string[]): boolean {
  if (caNames.length === 0) return true
  return certificatesIn(identity.cert).some((der) =>
    caNames.includes(parseCertificate(der).issuer.toString('hex')),
  )
}
