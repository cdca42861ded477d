/**
 * Sessions that are over before their time: by logout, or because an operator ended them
 * (developers.cloudflare.com cloudflare-one, "Session management").
 * @module
 */
import type { Faults } from '../faults.ts'
import type { Store } from '../state/store.ts'
import type { AccountState } from '../state/types.ts'

const longestSession = 31 * 86_400_000

/** Whose token, and when it was issued (epoch milliseconds). */
export interface Issued {
  userId: string | undefined
  aud: string | undefined
  issuedAt: number
}

/** The token counts no more. */
export function isRevoked(
  { access }: AccountState,
  { userId, aud, issuedAt }: Issued,
  now: number,
  faults: Faults,
): boolean {
  return access.revocations.some(({ who, issuedUntil, from }) => {
    if (issuedAt > issuedUntil || now < from) return false
    if ('user' in who) return who.user === userId && !faults.has('access.forgets-logout')
    return who.application === aud && !faults.has('access.forgets-revoked-application')
  })
}

/** Ends all sessions of a user, known everywhere after the lab's delay. */
export function revokeUser({ access }: AccountState, userId: string, store: Store): void {
  const now = store.now()
  access.revocations = access.revocations.filter(({ issuedUntil }) => issuedUntil > now - longestSession)
  access.revocations.push({
    who: { user: userId },
    issuedUntil: now,
    from: now + store.state.delays.sessionRevocation,
  })
  store.changed()
}

/**
 * Whether a user may not log in yet: documented as up to a minute after a revocation; here twice the delay of revocations, so
 * that a lab without delays has none.
 */
export function isLockedOut({ access }: AccountState, userId: string, now: number): boolean {
  return access.revocations.some(
    ({ who, issuedUntil, from }) => 'user' in who && who.user === userId && now < from + (from - issuedUntil),
  )
}
