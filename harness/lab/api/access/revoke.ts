/**
 * Revoking what was issued: sessions of a person, tokens of an application.
 * @module
 */
import type { AccessRevocation, AccessState } from '../../state/access-types.ts'
import type { Store } from '../../state/store.ts'

/** No token lives longer: the longest session is a month. */
const longestLife = 31 * 86_400_000

/** How many revocations of one person or application may be on their way at once. */
const mostPending = 100

/** Everything issued up to now is refused, once the word has got round (`delays.sessionRevocation`). */
export function revoke(store: Store, access: AccessState, who: AccessRevocation['who']): void {
  const now = store.now()
  const live = access.revocations.filter(({ issuedUntil }) => now < issuedUntil + longestLife)
  const mine = live
    .filter((known) => isSame(known.who, who))
    .toSorted((a, b) => a.issuedUntil - b.issuedUntil)
  // Of those that hold already the latest covers the others; those on their way are kept, so that none is put off.
  const holding = mine.filter(({ from }) => from <= now).slice(-1)
  const pending = mine.filter(({ from }) => from > now).slice(0, mostPending)
  access.revocations = [
    ...live.filter((known) => !isSame(known.who, who)),
    ...holding,
    ...pending,
    { who, issuedUntil: now, from: now + store.state.delays.sessionRevocation },
  ]
}

const isSame = (a: AccessRevocation['who'], b: AccessRevocation['who']): boolean =>
  'user' in a ? 'user' in b && a.user === b.user : 'application' in b && a.application === b.application
