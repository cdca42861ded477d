/**
 * What the lab's origins know of Access: the team, its published keys and the AUD tag of each hostname's application, as an
 * operator would have configured them.
 * @module
 */
import { publishedKeys } from '../access/signing.ts'
import type { Faults } from '../faults.ts'
import { accounts, teamDomain } from '../hostnames.ts'
import type { Store } from '../state/store.ts'
import { type AssertionCheck, createAssertionCheck } from './assertion.ts'

/** The check of the lab's origins. */
export function assertionsOf(store: Store, faults: Faults): AssertionCheck {
  const access = () => store.state.accounts[accounts.lab.id]?.access
  return createAssertionCheck({
    issuer: `https://${teamDomain}`,
    audienceOf: (hostname) =>
      Object.values(access()?.applications ?? {}).find(({ domains }) => domains.includes(hostname))?.aud,
    keys() {
      const keys = access()?.keys
      if (keys === undefined) return []
      const { keys: published } = publishedKeys(keys, store.now(), faults) as { keys: { kid: string }[] }
      return published.map((jwk) => ({ kid: jwk.kid, jwk: { ...jwk } }))
    },
    now: () => store.now(),
    faults,
  })
}
