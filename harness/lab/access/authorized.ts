/**
 * `/cdn-cgi/access/authorized` at the application's hostname: the token is fetched, by the browser that began.
 * @module
 */
import { hashOf } from '../state/ids.ts'
import { type Answer, message, redirect } from './answers.ts'
import { bindingOf } from './app-token.ts'
import { appLifetime, userClaims } from './claims.ts'
import type { AccessContext, Admission, Session } from './context.ts'
import { authorizationCookie, bindingCookie, cookieNames, cookieOf } from './cookies.ts'
import { type Coverage, lookUp } from './directory.ts'
import { edgeUrl, localTarget, queryOf } from './paths.ts'
import { identityNonce } from './random.ts'
import { isRevoked } from './revocation.ts'
import { sign } from './signing.ts'
import type { AccessRequest } from './types.ts'

const invalid = (): Answer => message(400, 'Unable to log in', 'Invalid login session')

/** Sets the application token and sends back to where the login began. */
export async function authorized(request: AccessRequest, context: AccessContext): Promise<Answer> {
  const admission = admissionOf(request, context)
  if (admission === undefined) return invalid()
  const { directory, sessions, store, faults } = context
  const coverage = directory.on(request.hostname).find(({ application }) => application.aud === admission.aud)
  const org = sessions.get(admission.orgNonce)
  if (coverage === undefined || org === undefined) return invalid()
  const { userId, issuedAt } = org
  if (isRevoked(coverage.account, { userId, aud: undefined, issuedAt }, store.now(), faults)) return invalid()
  const cookies = await tokenCookies(request, coverage, admission, org, context)
  if (cookies === undefined) return invalid()
  const location = faults.has('access.open-redirect')
    ? new URL(admission.redirectUrl, edgeUrl(request.hostname, request.port, '/')).href
    : edgeUrl(request.hostname, request.port, localTarget(admission.redirectUrl))
  return redirect(location, cookies)
}

/** Good once, at the hostname it was made for, with its state, in the browser that began. */
function admissionOf(request: AccessRequest, { admissions, faults }: AccessContext): Admission | undefined {
  const query = queryOf(request.target)
  const nonce = query.get('nonce') ?? ''
  const admission = faults.has('access.authorizes-again') ? admissions.get(nonce) : admissions.take(nonce)
  if (admission === undefined) return undefined
  if (admission.state !== query.get('state') && !faults.has('access.ignores-login-state')) return undefined
  if (admission.hostname !== request.hostname && !faults.has('access.authorizes-other-hostname'))
    return undefined
  const session = cookieOf(request.headers, cookieNames.appSession)
  const same = session !== undefined && hashOf(session) === admission.appSessionHash
  return same || faults.has('access.ignores-app-session') ? admission : undefined
}

async function tokenCookies(
  request: AccessRequest,
  coverage: Coverage,
  { policyId, parts, orgNonce }: Admission,
  org: Session,
  context: AccessContext,
): Promise<string[] | undefined> {
  const { account, application, objects, authDomain } = coverage
  const { store, sessions, faults } = context
  const policy = lookUp(objects, 'policies', policyId)
  if (policy === undefined || authDomain === undefined) return undefined
  const now = store.now()
  const expiresAt = now + appLifetime(policy, application)
  const session: Session = {
    ...org,
    kind: 'app',
    issuedAt: now,
    expiresAt,
    remoteAddress: request.remoteAddress,
    country: context.countryOf(request.remoteAddress),
    app: { aud: application.aud, parts, policyId, orgNonce },
  }
  const nonce = identityNonce()
  sessions.set(nonce, session, expiresAt)
  const claims = userClaims({ authDomain, now, expiresAt }, session, nonce, application.aud)
  const token = await sign(account, claims, store)
  const scope = { application, pattern: coverage.pattern, faults }
  const bound = application.settings.enable_binding_cookie === true
  return [
    authorizationCookie(token, expiresAt, scope),
    ...(bound ? [bindingCookie(bindingOf(token, context), expiresAt, scope)] : []),
  ]
}
