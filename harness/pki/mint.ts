/**
 * Identities for a deployment, good and bad, made when asked for. A bad one has exactly one defect; its twin is the same
 * without it, so that a refusal of the one and not of the other can only be about the defect.
 * @module
 */

import { HarnessError } from '../errors.ts'
import { fingerprint } from './certificate.ts'
import { makeIdentity } from './identity.ts'
import { cannotMint, type MintFacts, type MintSource, readSource } from './mint/facts.ts'
import { missingFor } from './mint/possible.ts'
import { type Change, type Defect, type GoodId, goodIds, type Recipe } from './mint/recipe.ts'
import { tableOf } from './mint/table.ts'
import { Workshop } from './mint/workshop.ts'
import { certificatesIn, certificatesToPem } from './pem.ts'
import { type DefectId, defectIds, type Identity } from './types.ts'

export type { MintSource } from './mint/facts.ts'
export { type GoodId, goodIds } from './mint/recipe.ts'

/** Makes identities. The same id gives the same identity every time. */
export interface Mint {
  /** What the deployment would have to give for this identity, e.g. `mtls.ca.key`; undefined when it can be made. */
  missing(id: DefectId | GoodId): string | undefined
  /** A good identity, or the bad one of a defect. @throws HarnessError ERR_USAGE when something is missing for it. */
  get(id: DefectId | GoodId): Promise<Identity>
  /** The good twin of a defect. @throws HarnessError ERR_USAGE when no valid identity is possible. */
  twin(id: DefectId): Promise<Identity>
}

/**
 * A mint for what a deployment gives. Cheap: nothing is made before it is asked for. Without the CA's key, defects are
 * made from a valid identity where that is possible (a changed bit, a certificate signed by a client certificate).
 * @throws HarnessError when a certificate, key or CRL of the source is broken.
 */
export function createMint(source: MintSource): Mint {
  const facts = readSource(source)
  const table = tableOf(facts)
  const workshop = new Workshop(facts)
  const made = new Map<string, Promise<Identity>>()
  const minted = source.hostname === undefined ? {} : { hostname: source.hostname }

  const once = (key: string, make: () => Promise<Identity>): Promise<Identity> => {
    const known = made.get(key)
    if (known !== undefined) return known
    const fresh = make()
    made.set(key, fresh)
    return fresh
  }
  const cook = async (
    name: string,
    recipe: Recipe,
    flags: { defect?: DefectId; weak?: boolean } = {},
  ): Promise<Identity> => {
    const { chain, key } = await workshop.make(recipe)
    return { ...makeIdentity(name, chain, key, flags), minted }
  }
  const good = async (id: GoodId): Promise<Identity> => {
    const given = await givenInstead(id, facts, workshop)
    return given ?? cook(id, table.good[id])
  }
  const bad = async (id: DefectId): Promise<Identity> => {
    const { bad: how, weak } = table.defects[id]
    const flags = { defect: id, ...(weak ? { weak } : {}) }
    return isChange(how) ? { ...changed(await mint.get(how.of), id, how), minted } : cook(id, how, flags)
  }
  const require = (id: DefectId | GoodId): void => {
    const missing = mint.missing(id)
    if (missing !== undefined) throw cannotMint(id, missing)
  }

  const mint: Mint = {
    missing: (id) => missingFor(id, facts),
    async get(id) {
      if (isGood(id)) {
        require(id)
        return once(id, () => good(id))
      }
      if (!isDefect(id)) {
        throw new HarnessError('ERR_USAGE', `there is no identity "${String(id)}"`, {
          hint: `known ones: ${[...goodIds, ...defectIds].join(', ')}`,
        })
      }
      require(id)
      return once(id, () => bad(id))
    },
    async twin(id) {
      require('valid')
      require(id)
      const { twin }: Defect = table.defects[id]
      if (typeof twin !== 'string') return once(`${id} twin`, () => cook(`${id}-twin`, twin))
      return mint.get(mint.missing(twin) === undefined ? twin : 'valid')
    },
  }
  return mint
}

/** Without the CA's key, a valid identity is the one that was given. */
async function givenInstead(id: GoodId, facts: MintFacts, workshop: Workshop): Promise<Identity | undefined> {
  if (facts.authority !== undefined || facts.identity === undefined) return undefined
  const { identity } = facts.identity
  if (id !== 'valid-with-extra-certificates') return identity
  const { files: _, ...rest } = identity
  const cert = identity.cert + certificatesToPem([await workshop.unrelated()])
  return { ...rest, name: id, cert, minted: {} }
}

function changed({ files: _, ...identity }: Identity, id: DefectId, { change }: Change): Identity {
  const chain = change(certificatesIn(identity.cert))
  const [leaf = Buffer.alloc(0)] = chain
  return {
    ...identity,
    name: id,
    cert: certificatesToPem(chain),
    fingerprint256: fingerprint(leaf),
    defect: id,
  }
}

const isChange = (how: Recipe | Change): how is Change => 'of' in how
const isGood = (id: string): id is GoodId => (goodIds as readonly string[]).includes(id)
const isDefect = (id: string): id is DefectId => (defectIds as readonly string[]).includes(id)
