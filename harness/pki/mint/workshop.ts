/**
 * Makes chains from recipes. Keys are made when first needed and shared wherever the key is not the defect.
 * @module
 */
import type { KeyObject } from 'node:crypto'
import { replaceExtensions } from '../authority/profile.ts'
import { buildCertificate } from '../certificate.ts'
import {
  authorityKeyIdentifier,
  basicConstraints,
  type Extension,
  keyUsage,
  subjectKeyIdentifier,
} from '../extensions.ts'
import { generateKey, keyIdentifier, publicKeyInfo } from '../keys.ts'
import { encodeName } from '../names.ts'
import type { SignatureHash } from '../signature.ts'
import type { KeyAlgorithm } from '../types.ts'
import { cannotMint, type MintFacts } from './facts.ts'
import type { IntermediateRecipe, LeafRecipe, Recipe, SignerId } from './recipe.ts'
import { usualValidity } from './table.ts'

/** A chain with the key of its first certificate. */
export interface Made {
  /** DER, leaf first. */
  chain: Buffer[]
  key: KeyObject
}

/** Whoever signs the next certificate. */
interface Issuer {
  subject: Buffer
  ski: Buffer
  key: KeyObject
  hash?: SignatureHash | undefined
  /** DER sent below the issued certificate: the issuer itself and those above it, without the root. */
  chain: readonly Buffer[]
}

/** What {@link makeChain} works with: keys and certificates made so far. */
export class Workshop {
  readonly facts: MintFacts
  readonly #keys = new Map<string, Promise<KeyObject>>()
  /** One certificate per step: two chains with the same step share it, as all steps at a depth have one name and key. */
  readonly #intermediates = new Map<IntermediateRecipe, Buffer>()

  constructor(facts: MintFacts) {
    this.facts = facts
  }

  /** Makes the chain of a recipe. */
  async make(recipe: Recipe): Promise<Made> {
    const leaf = recipe.leaf ?? {}
    const key = await this.#leafKey(leaf)
    let issuer = await this.#issuer(recipe.signer ?? 'authority', leaf, key)
    // A stranger's intermediates are nobody's beside: whoever remembers ours must not take them for those.
    const whose = recipe.signer === 'unknown' ? 'unknown ' : ''
    for (const [depth, step] of (recipe.intermediates ?? []).entries()) {
      issuer = await this.#intermediate(issuer, step, depth, whose)
    }
    const publicKey = publicKeyInfo(key)
    const [notBefore, notAfter] = (leaf.validity ?? usualValidity)()
    const hash = leaf.hash ?? issuer.hash
    const der = buildCertificate({
      subject: leaf.subject ?? this.facts.template.subject,
      issuer: issuer.subject,
      notBefore,
      notAfter,
      publicKey,
      extensions: [
        ...replaceExtensions(this.facts.template.extensions, leaf.extensions ?? []),
        subjectKeyIdentifier(keyIdentifier(publicKey)),
        authorityKeyIdentifier(issuer.ski),
      ],
      signer: issuer.key,
      ...(hash === undefined ? {} : { hash }),
      ...(leaf.serial === undefined ? {} : { serial: leaf.serial }),
    })
    const below = recipe.withRoot ? [rootOf(issuer)] : issuer.chain
    return { chain: [der, ...below, ...(recipe.withUnrelated ? [await this.unrelated()] : [])], key }
  }

  /** A certificate of somebody else, issued by a CA that nobody knows. */
  async unrelated(): Promise<Buffer> {
    const subject = encodeName('CN=harness-somebody-else')
    const { chain } = await this.make({ signer: 'unknown', leaf: { subject, key: 'ecdsa-p256' } })
    return chain[0] ?? Buffer.alloc(0)
  }

  #leafKey({ key }: LeafRecipe): Promise<KeyObject> {
    const own = this.facts.template.key
    if (key !== undefined) return this.#key(`own ${key}`, key)
    return own === undefined ? this.#key('leaf', 'ecdsa-p256') : Promise.resolve(own)
  }

  async #issuer(id: SignerId, leaf: LeafRecipe, leafKey: KeyObject): Promise<Issuer> {
    const { authority, identity, model, template } = this.facts
    switch (id) {
      case 'authority':
        if (authority === undefined) throw cannotMint('certificate of the CA', 'mtls.ca.key')
        return authority
      case 'self':
        return issuerOf(leaf.subject ?? template.subject, leafKey)
      case 'leaf': {
        if (identity === undefined) throw cannotMint('certificate of a client certificate', 'mtls.identities')
        const { subject, der } = identity.leaf
        return { ...issuerOf(subject, identity.key), chain: [der, ...identity.chain] }
      }
      case 'unknown': {
        const key = await this.#key('unknown', model?.algorithm ?? 'ecdsa-p256')
        return { ...issuerOf(encodeName('CN=harness unknown CA'), key), hash: model?.hash }
      }
      default: {
        if (model === undefined) throw cannotMint('impostor', 'mtls.ca.cert')
        const { subject, hash, chain } = model
        const issuer = { ...issuerOf(subject, await this.#key('impostor', model.algorithm)), hash, chain }
        return id === 'impostor' && model.ski !== undefined ? { ...issuer, ski: model.ski } : issuer
      }
    }
  }

  async #intermediate(
    parent: Issuer,
    step: IntermediateRecipe,
    depth: number,
    whose: string,
  ): Promise<Issuer> {
    const key = await this.#key(`${whose}intermediate ${depth}`, 'ecdsa-p256')
    const subject = encodeName(`CN=harness ${whose}intermediate ${depth + 1}`)
    const known = this.#intermediates.get(step)
    const der = known ?? this.#signIntermediate(parent, step, subject, key)
    this.#intermediates.set(step, der)
    return { ...issuerOf(subject, key), chain: [der, ...parent.chain] }
  }

  #signIntermediate(parent: Issuer, step: IntermediateRecipe, subject: Buffer, key: KeyObject): Buffer {
    const publicKey = publicKeyInfo(key)
    const [notBefore, notAfter] = (step.validity ?? usualValidity)()
    const plain: Extension[] = step.endEntity
      ? this.facts.template.extensions
      : [basicConstraints(true), keyUsage(['keyCertSign', 'cRLSign'])]
    return buildCertificate({
      subject,
      issuer: parent.subject,
      notBefore,
      notAfter,
      publicKey,
      extensions: [
        ...replaceExtensions(plain, step.extensions ?? []).filter(
          ({ oid }) => step.without?.includes(oid) !== true,
        ),
        subjectKeyIdentifier(keyIdentifier(publicKey)),
        authorityKeyIdentifier(parent.ski),
      ],
      signer: parent.key,
    })
  }

  #key(purpose: string, algorithm: KeyAlgorithm): Promise<KeyObject> {
    const known = this.#keys.get(purpose)
    if (known !== undefined) return known
    const made = generateKey(algorithm)
    this.#keys.set(purpose, made)
    return made
  }
}

const issuerOf = (subject: Buffer, key: KeyObject): Issuer => ({
  subject,
  ski: keyIdentifier(publicKeyInfo(key)),
  key,
  chain: [],
})

/** The issuer's own certificate as a self-signed root, valid for ten years. */
function rootOf({ subject, ski, key }: Issuer): Buffer {
  const year = 365 * 24 * 3_600_000
  return buildCertificate({
    subject,
    issuer: subject,
    notBefore: new Date(Date.now() - year),
    notAfter: new Date(Date.now() + 10 * year),
    publicKey: publicKeyInfo(key),
    extensions: [basicConstraints(true), keyUsage(['keyCertSign', 'cRLSign']), subjectKeyIdentifier(ski)],
    signer: key,
  })
}
