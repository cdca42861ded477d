/**
 * `/cdn-cgi/access/callback` at the team domain: the identity provider's answer.
 * @module
 */
import type { AccessUser } from '../state/access-types.ts'
import { hashOf, newUuid } from '../state/ids.ts'
import { type Answer, message } from './answers.ts'
import { orgAudience, orgLifetime, userClaims } from './claims.ts'
import type { AccessContext, PendingLogin, Session } from './context.ts'
import { alwaysPrivate, cookieNames, cookieOf } from './cookies.ts'
import { admit, providerFailure, providersOf, type Team } from './login.ts'
import { identityFrom } from './oidc.ts'
import { edgeUrl, queryOf } from './paths.ts'
import { identityNonce } from './random.ts'
import { isLockedOut } from './revocation.ts'
import type { Identity } from './selectors.ts'
import { sign } from './signing.ts'
import type { AccessRequest } from './types.ts'

const invalidSession = (): Answer =>
  message(400, 'Unable to log in', 'Invalid session. Please try logging in again')

/** Answers the callback: a global session, and on to the application. */
export async function callback(request: AccessRequest, team: Team, context: AccessContext): Promise<Answer> {
  const { logins, faults, directory, store } = context
  const state = queryOf(request.target).get('state') ?? ''
  const pending = pendingLogin(request, state, team, context)
  if (pending === undefined) return invalidSession()
  const coverage = () =>
    directory.on(pending.hostname).find(({ application }) => application.aud === pending.aud)
  const before = coverage()
  const provider =
    before === undefined ? undefined : providersOf(before).find(({ id }) => id === pending.identityProviderId)
  if (provider === undefined) return invalidSession()
  if (!faults.has('access.callback-again')) logins.take(state)
  const identity = await identityFrom(
    provider,
    {
      url: new URL(edgeUrl(team.authDomain, request.port, request.target)),
      state,
      nonce: pending.nonce,
      codeVerifier: pending.codeVerifier,
    },
    context,
  ).catch(() => (faults.has('access.login-fails-open') ? unconfirmed(provider.id) : undefined))
  if (identity === undefined) return providerFailure()
  const user = userFor(identity, team, context)
  if (isLockedOut(team.account, user.id, store.now()))
    return message(403, 'Unable to log in', 'Your session was revoked. Please try again in a minute.')
  const { nonce, session, cookie } = await globalSession(request, user, identity, team, context)
  const now = coverage()
  if (now === undefined) return invalidSession()
  const answer = admit(request, now, pending, { nonce, session }, context)
  return { ...answer, headers: [...answer.headers, ['set-cookie', cookie]] }
}

/** Only under its fault. */
const unconfirmed = (identityProviderId: string): Identity => ({
  email: 'unconfirmed@harness.test',
  identityProviderId,
  claims: {},
})

/** The login that this browser began; each can be finished once. */
function pendingLogin(
  request: AccessRequest,
  state: string,
  { account }: Team,
  { logins, faults }: AccessContext,
): PendingLogin | undefined {
  const pending = logins.get(state)
  if (pending === undefined || pending.accountId !== account.id) return undefined
  const session = cookieOf(request.headers, cookieNames.session)
  const same = session !== undefined && hashOf(session) === pending.sessionHash
  return same || faults.has('access.ignores-login-session') ? pending : undefined
}

/** One user per e-mail address and account. */
function userFor(
  { email, identityProviderId }: Identity,
  { account }: Team,
  { store }: AccessContext,
): AccessUser {
  const users = account.access.users
  const known = Object.values(users).find((user) => user.email.toLowerCase() === email.toLowerCase())
  if (known?.identityProviderId === identityProviderId) return known
  const user = known ?? { id: newUuid(), email, identityProviderId }
  user.identityProviderId = identityProviderId
  users[user.id] = user
  store.changed()
  return user
}

async function globalSession(
  request: AccessRequest,
  { id }: AccessUser,
  identity: Identity,
  { account, authDomain }: Team,
  context: AccessContext,
): Promise<{ nonce: string; session: Session; cookie: string }> {
  const { store, sessions } = context
  const now = store.now()
  const expiresAt = now + orgLifetime(account)
  const nonce = identityNonce()
  const session: Session = {
    kind: 'org',
    userId: id,
    identity,
    issuedAt: now,
    expiresAt,
    remoteAddress: request.remoteAddress,
    country: context.countryOf(request.remoteAddress),
    app: undefined,
  }
  sessions.set(nonce, session, expiresAt)
  const claims = userClaims({ authDomain, now, expiresAt }, session, nonce, orgAudience(account))
  const token = await sign(account, claims, store)
  return { nonce, session, cookie: alwaysPrivate(cookieNames.authorization, token, expiresAt) }
}
