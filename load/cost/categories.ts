/**
 * The categories that are measured by default: the profiles of every load, and the plain unknown CA. Go's client would not
 * send a certificate of a CA that the server does not name; the built-in generator does.
 * @module
 */
import { createMint } from '../../harness/pki/mint.ts'
import { type ProfileSource, profileMaker } from '../profiles/make.ts'
import { profileIds, profiles, type Verdict } from '../profiles/table.ts'
import type { CostCategory, Expectation } from './types.ts'

const expectations: Record<Verdict, Expectation> = { accept: 'allowed', refuse: 'refused', depends: 'either' }

/** Categories that can be made, and those that cannot with what is missing for them. */
export interface Categories {
  categories: CostCategory[]
  missing: { id: string; needs: string }[]
}

/** @throws HarnessError when a certificate, key or CRL of the source is broken. */
export async function costCategories(source: ProfileSource): Promise<Categories> {
  const maker = profileMaker(source)
  const mint = createMint(source)
  const categories: CostCategory[] = []
  const missing: Categories['missing'] = []
  for (const id of profileIds) {
    const needs = maker.missing(id)
    if (needs !== undefined) {
      missing.push({ id, needs })
      continue
    }
    const { what, verdict } = profiles[id]
    const identity = await maker.make(id)
    categories.push({
      id,
      title: what,
      expect: expectations[verdict],
      ...(identity === undefined ? {} : { identity: { cert: identity.cert, key: identity.key } }),
    })
  }
  const needs = mint.missing('unknown-ca')
  if (needs !== undefined) missing.push({ id: 'unknown-ca', needs })
  else {
    const { cert, key } = await mint.get('unknown-ca')
    categories.push({
      id: 'unknown-ca',
      title: 'a certificate of a CA that the server does not know',
      expect: 'refused',
      identity: { cert, key },
    })
  }
  return { categories, missing }
}
