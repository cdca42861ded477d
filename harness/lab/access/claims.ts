/**
 * What the tokens of Access say, exactly as documented (developers.cloudflare.com cloudflare-one, "Application token") where it
 * is.
 * @module
 */
import { createHash } from 'node:crypto'
import type { AccessApplication, AccessPolicy, AccessServiceToken } from '../state/access-types.ts'
import type { AccountState } from '../state/types.ts'
import type { Destination, Session } from './context.ts'
import { parseDuration } from './duration.ts'

const day = 86_400_000
/** "Immediate timeout" must leave the time to load one page, or nobody ever gets in. */
const shortest = 30_000

/** Epoch milliseconds as seconds. */
export const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000)

const lengthOf = (...durations: readonly (string | undefined)[]): number => {
  for (const duration of durations) {
    const length = duration === undefined ? undefined : parseDuration(duration)
    if (length !== undefined) return Math.max(length, shortest)
  }
  return day
}

/** How long an application token is good, milliseconds: the policy's duration, or the application's, or 24 hours. */
export const appLifetime = (policy: AccessPolicy, application: AccessApplication): number =>
  lengthOf(policy.sessionDuration, application.sessionDuration)

/** How long a global session lasts, milliseconds. */
export const orgLifetime = ({ access }: AccountState): number =>
  lengthOf(access.organization?.sessionDuration)

/** Audience of global session tokens, which no application has: 64 hex digits. */
export const orgAudience = ({ id }: AccountState): string =>
  createHash('sha256').update(`organization ${id}`).digest('hex')

/** A token of an account. */
interface Issue {
  authDomain: string
  /** Epoch milliseconds. */
  now: number
  expiresAt: number
}

const basics = ({ authDomain, now, expiresAt }: Issue) => ({
  exp: seconds(expiresAt),
  iat: seconds(now),
  iss: `https://${authDomain}`,
})

/** Of a user: `app`, or the global session's `org`. @param nonce finds the session again. */
export function userClaims(
  issue: Issue,
  session: Session,
  nonce: string,
  aud: string,
): Record<string, unknown> {
  const { identity, userId, country, kind } = session
  const { groups: _, ...custom } = identity.claims
  return {
    aud: [aud],
    email: identity.email,
    ...basics(issue),
    nbf: seconds(issue.now),
    type: kind,
    identity_nonce: nonce,
    sub: userId,
    country,
    ...(Object.keys(custom).length === 0 ? {} : { custom }),
  }
}

/** Of a service token: no `nbf`, no `email`, an empty `sub`. */
export const serviceClaims = (issue: Issue, aud: string, { clientId }: AccessServiceToken) => ({
  type: 'app',
  aud: [aud],
  ...basics(issue),
  common_name: clientId,
  sub: '',
})

/**
 * Of a certificate, or of neither (a Service Auth policy by address). Which claims the real edge puts there was not found:
 * `auth_status` keeps a certificate whose name looks like a Client ID from being taken for a service token.
 */
export const certificateClaims = (issue: Issue, aud: string, commonName: string | undefined) => ({
  type: 'app',
  aud: [aud],
  ...basics(issue),
  ...(commonName === undefined ? {} : { common_name: commonName }),
  auth_status: commonName === undefined ? 'NONE' : 'SUCCESS',
  sub: '',
})

/** Of the `meta` of a login URL: what the hostname of the application knows of the request. */
export const metaClaims = (issue: Issue, destination: Destination) => ({
  type: 'meta',
  aud: destination.aud,
  ...basics(issue),
  nbf: seconds(issue.now),
  auth_status: destination.certificate === undefined ? 'NONE' : 'SUCCESS',
  common_name: destination.certificate?.commonName ?? '',
  service_token_status: false,
  hostname: destination.hostname,
  redirect_url: destination.redirectUrl,
  app_session_hash: destination.appSessionHash,
})

/** Of `cf-access-metadata`: `aud` is a string here (cloudflared token/jwks.go). */
export const matchClaims = (
  now: number,
  {
    hostname,
    authDomain,
    aud,
    appHostname,
  }: Record<'hostname' | 'authDomain' | 'aud' | 'appHostname', string>,
) => ({
  type: 'match',
  hostname,
  auth_domain: authDomain,
  aud,
  app_hostname: appHostname,
  iat: seconds(now),
})
