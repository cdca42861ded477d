/**
 * How an identity is made, as data: what differs from a plain client certificate issued by the deployment's CA.
 * @module
 */
import type { Extension } from '../extensions.ts'
import type { SignatureHash } from '../signature.ts'
import type { DefectId, KeyAlgorithm } from '../types.ts'

/** notBefore and notAfter, asked for when the certificate is made. */
export type Validity = () => [notBefore: Date, notAfter: Date]

/** Differences of the leaf. */
export interface LeafRecipe {
  /** DER of the name. */
  subject?: Buffer
  validity?: Validity
  /** A key of its own; default: the key pair that all leaves share. */
  key?: KeyAlgorithm
  /** Each replaces the extension with its OID, or is added. */
  extensions?: readonly Extension[]
  hash?: SignatureHash
  serial?: string
}

/** Differences of an intermediate. All at the same depth share name and key, an unknown CA’s among themselves. */
export interface IntermediateRecipe {
  validity?: Validity
  extensions?: readonly Extension[]
  /** OIDs of extensions left out. */
  without?: readonly string[]
  /** It is no CA at all, but a client certificate. */
  endEntity?: true
}

/** Who signs below the root. */
export type SignerId =
  /** The deployment's CA. */
  | 'authority'
  /** A CA of another name. */
  | 'unknown'
  /** Another key under the CA's name, with the CA's key identifier or with its own. */
  | 'impostor'
  | 'impostor-other-ski'
  /** The leaf's own key. */
  | 'self'
  /** The key of the valid client certificate that was given. */
  | 'leaf'

/** One chain. */
export interface Recipe {
  /** Default `authority`. */
  signer?: SignerId
  /** From the CA downwards. */
  intermediates?: readonly IntermediateRecipe[]
  leaf?: LeafRecipe
  /** Send the signer's self-signed certificate behind the leaf. */
  withRoot?: true
  /** Send a certificate that has nothing to do with the chain behind it. */
  withUnrelated?: true
}

/** A good identity, changed after it was signed. */
export interface Change {
  of: GoodId
  /** DER, leaf first. */
  change: (chain: readonly Buffer[]) => Buffer[]
}

/** The good identities. */
export const goodIds = [
  'valid',
  'valid-rsa',
  'valid-long',
  'valid-2050',
  'valid-via-intermediate',
  'valid-with-extra-certificates',
  'valid-other',
] as const

/** One good identity. */
export type GoodId = (typeof goodIds)[number]

/** A defect: how it is made, and what it is compared with. */
export interface Defect {
  bad: Recipe | Change
  twin: GoodId | Recipe
  weak?: true
}

/** All of them. */
export interface Table {
  good: Record<GoodId, Recipe>
  defects: Record<DefectId, Defect>
}
