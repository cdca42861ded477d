/**
 * Requests that go on to the origin, and what goes with them.
 * @module
 */
import type { AccessPolicy } from '../state/access-types.ts'
import { bindingOf, type Login } from './app-token.ts'
import { appLifetime, certificateClaims, serviceClaims } from './claims.ts'
import type { AccessContext } from './context.ts'
import { authorizationCookie, bindingCookie, cookieForOrigin } from './cookies.ts'
import type { Coverage } from './directory.ts'
import { isAssertion, isPlain, isServiceHeader } from './headers.ts'
import type { Facts } from './selectors.ts'
import { carriesToken } from './service-credentials.ts'
import { sign } from './signing.ts'
import type { AccessDecision, AccessRequest } from './types.ts'

type Pass = AccessDecision & { kind: 'pass' }

/** Passed on. @param assertion the token for the origin, and the e-mail address of a user. */
export function pass(
  request: AccessRequest,
  { application }: Coverage,
  { faults }: AccessContext,
  assertion: { token: string; email: string | undefined } | undefined,
  setCookies: readonly string[] = [],
): Pass {
  const single = application.settings.read_service_tokens_from_header?.toLowerCase()
  const removed = ([name, value]: readonly [string, string]): boolean => {
    if (isAssertion(name)) return !(faults.has('access.passes-underscore-assertion') && !isPlain(name))
    if (faults.has('access.secret-reaches-origin')) return false
    return isServiceHeader(name) || (name.toLowerCase() === single && carriesToken(value))
  }
  const clientWins =
    faults.has('access.passes-client-assertion') &&
    request.headers.some(([name]) => isAssertion(name) && isPlain(name))
  const own: [string, string][] =
    assertion === undefined ? [] : [['Cf-Access-Jwt-Assertion', assertion.token]]
  if (assertion?.email !== undefined) own.push(['Cf-Access-Authenticated-User-Email', assertion.email])
  return {
    kind: 'pass',
    removedHeaders: request.headers
      .filter((header) => removed(header) && !(clientWins && isAssertion(header[0]) && isPlain(header[0])))
      .map(([name]) => name),
    originHeaders: clientWins ? [] : own,
    cookie: cookieForOrigin(request.headers, faults),
    setCookies,
    answerHeaders: [],
  }
}

const reusedFor = 10_000

/** Passed on as a service, a certificate, or whatever else the Service Auth policy asked for. */
export async function passService(
  request: AccessRequest,
  coverage: Coverage,
  context: AccessContext,
  how: { policy: AccessPolicy; facts: Facts; login: Login; withCookie: boolean },
): Promise<Pass> {
  const { policy, facts, login, withCookie } = how
  if (login.kind === 'service' && login.serviceToken === facts.serviceToken)
    return pass(request, coverage, context, { token: login.token, email: undefined })
  const { token, expiresAt } = await serviceJwt(coverage, policy, facts, context)
  const scope = { ...coverage, faults: context.faults }
  const binding =
    coverage.application.settings.enable_binding_cookie === true
      ? [bindingCookie(bindingOf(token, context), expiresAt, scope)]
      : []
  const cookies = withCookie ? [authorizationCookie(token, expiresAt, scope), ...binding] : []
  return pass(request, coverage, context, { token, email: undefined }, cookies)
}

/** Signed anew at most every ten seconds: signing costs more than all the rest of a request. */
async function serviceJwt(
  { account, application, authDomain = '' }: Coverage,
  policy: AccessPolicy,
  { serviceToken, certificate }: Facts,
  context: AccessContext,
): Promise<{ token: string; expiresAt: number }> {
  const { store, serviceTokens } = context
  const who = serviceToken?.clientId ?? `certificate ${certificate?.commonName ?? ''}`
  const lifetime = appLifetime(policy, application)
  const { keys, revocations } = account.access
  const parts = [keys.current.kid, revocations.length, application.aud, authDomain, who, lifetime]
  const key = JSON.stringify(parts)
  const known = serviceTokens.get(key)
  if (known !== undefined) return known
  const now = store.now()
  const issue = { authDomain, now, expiresAt: now + lifetime }
  const claims =
    serviceToken === undefined
      ? certificateClaims(issue, application.aud, certificate?.commonName)
      : serviceClaims(issue, application.aud, serviceToken)
  const made = { token: await sign(account, claims, store), expiresAt: issue.expiresAt }
  serviceTokens.set(key, made, now + reusedFor)
  return made
}
