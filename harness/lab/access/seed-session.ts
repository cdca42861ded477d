/**
 * Somebody is logged in at the team domain without having been there: what a lab needs to show logins where no identity
 * provider runs.
 * @module
 */
import { newUuid } from '../state/ids.ts'
import { orgAudience, orgLifetime, userClaims } from './claims.ts'
import type { AccessContext, Session } from './context.ts'
import { identityNonce } from './random.ts'
import { sign } from './signing.ts'

/** The global session of a user of an account, as the callback would have made it. */
export async function beginSession(
  accountId: string,
  email: string,
  { store, sessions, countryOf }: AccessContext,
): Promise<string | undefined> {
  const account = store.state.accounts[accountId]
  const authDomain = account?.access.organization?.authDomain
  const provider = Object.values(account?.access.identityProviders ?? {})[0]
  if (account === undefined || authDomain === undefined || provider === undefined) return undefined
  const now = store.now()
  const expiresAt = now + orgLifetime(account)
  const remoteAddress = '127.0.0.1'
  const user = Object.values(account.access.users).find((one) => one.email === email) ?? {
    id: newUuid(),
    email,
    identityProviderId: provider.id,
  }
  account.access.users[user.id] = user
  const session: Session = {
    kind: 'org',
    userId: user.id,
    identity: { email, identityProviderId: provider.id, claims: {} },
    issuedAt: now,
    expiresAt,
    remoteAddress,
    country: countryOf(remoteAddress),
    app: undefined,
  }
  const nonce = identityNonce()
  sessions.set(nonce, session, expiresAt)
  store.changed()
  const claims = userClaims({ authDomain, now, expiresAt }, session, nonce, orgAudience(account))
  return sign(account, claims, store)
}
