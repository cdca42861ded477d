/**
 * Who a request says it is: the application token in a cookie or header, and the session behind it.
 * @module
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { AccessServiceToken } from '../state/access-types.ts'
import type { AccountState } from '../state/types.ts'
import type { AccessContext, Session } from './context.ts'
import { cookieNames, cookieOf } from './cookies.ts'
import { allOf, type Coverage } from './directory.ts'
import { valuesOf } from './headers.ts'
import { isRevoked } from './revocation.ts'
import { isUsable } from './service-credentials.ts'
import type { Headers } from './types.ts'
import { type Claims, verifyToken } from './verify.ts'

/** Who is logged in. */
export type Login =
  | { kind: 'none' }
  | { kind: 'user'; token: string; claims: Claims; nonce: string; session: Session }
  | { kind: 'service'; token: string; claims: Claims; serviceToken: AccessServiceToken }

/** Where cloudflared and scripts put their token. */
export const tokenHeader = 'cf-access-token'

const nobody: Login = { kind: 'none' }

/**
 * The login of a request at one of an account's applications. The header goes before the cookie, and a bad header is not made
 * good by a cookie (our choice).
 * @param coverages applications whose tokens count.
 */
export async function readLogin(
  headers: Headers,
  coverages: readonly Coverage[],
  context: AccessContext,
): Promise<Login> {
  const [coverage] = coverages
  if (coverage === undefined) return nobody
  const cookie = cookieOf(headers, cookieNames.authorization)
  const inHeader = valuesOf(headers, tokenHeader)
  const [header] = inHeader
  if (header === undefined)
    return cookie === undefined ? nobody : loginOf(cookie, headers, coverages, context)
  const login = inHeader.length > 1 ? nobody : await loginOf(header, headers, coverages, context)
  const fallsBack = login.kind === 'none' && cookie !== undefined
  return fallsBack && context.faults.has('access.falls-back-to-cookie')
    ? loginOf(cookie, headers, coverages, context)
    : login
}

async function loginOf(
  token: string,
  headers: Headers,
  coverages: readonly Coverage[],
  context: AccessContext,
): Promise<Login> {
  const { account, authDomain } = coverages[0] as Coverage
  if (authDomain === undefined) return nobody
  const audiences = coverages.map(({ application }) => application.aud)
  const claims = await verifyToken(token, { account, authDomain, type: 'app', audiences }, context)
  if (claims === undefined) return nobody
  const aud = [claims.aud].flat()[0]
  const coverage = coverages.find(({ application }) => application.aud === aud) ?? (coverages[0] as Coverage)
  if (coverage.application.settings.enable_binding_cookie === true && !isBound(token, headers, context))
    return nobody
  const login = userLogin(token, claims, coverage, context) ?? serviceLogin(token, claims, coverage, context)
  return login ?? nobody
}

function userLogin(
  token: string,
  claims: Claims,
  { account }: Coverage,
  { sessions, store, faults }: AccessContext,
): Login | undefined {
  const nonce = claims.identity_nonce
  if (typeof nonce !== 'string') return undefined
  const session = sessions.get(nonce)
  if (session === undefined || session.userId !== claims.sub) return undefined
  const issued = { userId: session.userId, aud: session.app?.aud, issuedAt: session.issuedAt }
  if (isRevoked(account, issued, store.now(), faults)) return undefined
  return { kind: 'user', token, claims, nonce, session }
}

function serviceLogin(
  token: string,
  claims: Claims,
  { account, application, objects }: Coverage,
  { store, faults }: AccessContext,
): Login | undefined {
  const { sub, common_name: clientId, auth_status: certificate, iat } = claims
  if (sub !== '' || typeof clientId !== 'string' || certificate !== undefined) return undefined
  const found = allOf(objects, 'serviceTokens').find((one) => one.clientId === clientId)
  const now = store.now()
  const usable = found !== undefined && isUsable(found, now)
  const issued = { userId: undefined, aud: application.aud, issuedAt: Number(iat) * 1000 }
  if (isRevoked(account, issued, now, faults)) return undefined
  if (usable || (found !== undefined && faults.has('access.cookie-outlives-service-token')))
    return { kind: 'service', token, claims, serviceToken: found }
  return undefined
}

/** The value of the binding cookie of a token. */
export const bindingOf = (token: string, { bindingKey }: AccessContext): string =>
  createHmac('sha256', bindingKey).update(token).digest('base64url')

function isBound(token: string, headers: Headers, context: AccessContext): boolean {
  if (context.faults.has('access.ignores-binding-cookie')) return true
  const given = Buffer.from(cookieOf(headers, cookieNames.binding) ?? '')
  const wanted = Buffer.from(bindingOf(token, context))
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

/** The global session in the cookie of the team domain. */
export async function readGlobalSession(
  headers: Headers,
  account: AccountState,
  authDomain: string,
  audience: string,
  context: AccessContext,
): Promise<{ nonce: string; session: Session } | undefined> {
  const token = cookieOf(headers, cookieNames.authorization)
  if (token === undefined) return undefined
  const expectation = { account, authDomain, type: 'org', audiences: [audience] } as const
  const claims = await verifyToken(token, expectation, context)
  const nonce = claims?.identity_nonce
  const session = typeof nonce === 'string' ? context.sessions.get(nonce) : undefined
  if (session === undefined || typeof nonce !== 'string' || session.kind !== 'org') return undefined
  const issued = { userId: session.userId, aud: undefined, issuedAt: session.issuedAt }
  return isRevoked(account, issued, context.store.now(), context.faults) ? undefined : { nonce, session }
}
