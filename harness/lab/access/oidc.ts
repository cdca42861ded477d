/**
 * Access as a relying party of OpenID Connect: authorization code, PKCE where it is on, claims from the ID token
 * (developers.cloudflare.com cloudflare-one, "Generic OIDC").
 * @module
 */
import { createRemoteJWKSet, customFetch as joseFetch, jwtVerify } from 'jose'
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretBasic,
  Configuration,
  calculatePKCECodeChallenge,
  customFetch,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client'
import type { Faults } from '../faults.ts'
import type { AccessIdentityProvider } from '../state/access-types.ts'
import type { AccessContext } from './context.ts'
import { type IdpFetch, isLoopback } from './idp-fetch.ts'
import type { Identity } from './selectors.ts'

/** Signatures of ID tokens that are taken, as documented. */
const algorithms = ['RS256', 'RS512', 'PS512', 'ES256', 'ES384', 'ES512']

/** What ties the answer of a provider to the question. */
export interface LoginSecrets {
  state: string
  nonce: string
  /** Undefined: no PKCE. */
  codeVerifier: string | undefined
  codeChallenge: string | undefined
}

/** Fresh secrets of one login. */
export async function createLoginSecrets(
  { config }: AccessIdentityProvider,
  faults: Faults,
): Promise<LoginSecrets> {
  const pkce = config.pkce_enabled === true && !faults.has('access.drops-pkce')
  const codeVerifier = pkce ? randomPKCECodeVerifier() : undefined
  return {
    state: randomState(),
    nonce: randomNonce(),
    codeVerifier,
    codeChallenge: codeVerifier === undefined ? undefined : await calculatePKCECodeChallenge(codeVerifier),
  }
}

/** Where people are sent; undefined when the provider's configuration has no usable address. */
export function authorizationUrl(
  provider: AccessIdentityProvider,
  { state, nonce, codeChallenge }: LoginSecrets,
  redirectUri: string,
): string | undefined {
  const { auth_url: authUrl, client_id: clientId, scopes } = provider.config
  if (authUrl === undefined || clientId === undefined || !URL.canParse(authUrl)) return undefined
  const configuration = new Configuration(
    { issuer: new URL(authUrl).origin, authorization_endpoint: authUrl },
    clientId,
  )
  // Only the browser goes there.
  if (new URL(authUrl).protocol === 'http:') {
    if (!isLoopback(authUrl)) return undefined
    allowInsecureRequests(configuration)
  }
  return buildAuthorizationUrl(configuration, {
    redirect_uri: redirectUri,
    scope: (scopes ?? ['openid', 'email', 'profile']).join(' '),
    state,
    nonce,
    ...(codeChallenge === undefined ? {} : { code_challenge: codeChallenge, code_challenge_method: 'S256' }),
  }).href
}

/** What is compared with the provider's answer. */
export interface Answered {
  /** The callback's URL as it was asked for. */
  url: URL
  state: string
  nonce: string
  codeVerifier: string | undefined
}

/**
 * Who logged in, from the ID token.
 * @throws Error for whatever goes wrong; the message is for nobody.
 */
export async function identityFrom(
  provider: AccessIdentityProvider,
  answered: Answered,
  { idpFetch, faults }: Pick<AccessContext, 'idpFetch' | 'faults'>,
): Promise<Identity> {
  const idToken = await fetchIdToken(provider, answered, idpFetch)
  const claims = await verifiedClaims(provider, idToken, answered, { idpFetch, faults })
  const email = claims[provider.config.email_claim_name ?? 'email']
  if (typeof email !== 'string' || email === '') throw new Error('no e-mail address in the ID token')
  const groups = Object.keys(claims).find((name) => name.toLowerCase() === 'groups')
  const named = (provider.config.claims ?? []).filter((name) => Object.hasOwn(claims, name))
  return {
    email,
    identityProviderId: provider.id,
    claims: Object.fromEntries([
      ...named.map((name) => [name, claims[name]]),
      ...(groups === undefined ? [] : [['groups', claims[groups]]]),
    ]),
  }
}

/**
 * The code is exchanged by openid-client. The configuration of Access has no issuer, which openid-client would compare the ID
 * token with, so the token is taken out on the way and verified by itself.
 */
async function fetchIdToken(
  { config }: AccessIdentityProvider,
  { url, state, codeVerifier }: Answered,
  idpFetch: IdpFetch,
): Promise<string> {
  const { token_url: tokenUrl = '', client_id: clientId = '', client_secret: secret = '' } = config
  const issuer = url.searchParams.get('iss') ?? new URL(tokenUrl).origin
  const configuration = new Configuration(
    { issuer, token_endpoint: tokenUrl },
    clientId,
    {},
    ClientSecretBasic(secret),
  )
  if (isLoopback(tokenUrl)) allowInsecureRequests(configuration)
  let idToken: unknown
  configuration[customFetch] = async (address, options) => {
    const answer = await idpFetch(address, options as RequestInit)
    if (!answer.ok) return answer
    const { id_token: found, ...rest } = (await answer.json()) as Record<string, unknown>
    idToken = found
    return Response.json(rest, { status: answer.status })
  }
  await authorizationCodeGrant(configuration, url, {
    expectedState: state,
    ...(codeVerifier === undefined ? {} : { pkceCodeVerifier: codeVerifier }),
  })
  if (typeof idToken !== 'string') throw new Error('the provider gave no ID token')
  return idToken
}

async function verifiedClaims(
  { config }: AccessIdentityProvider,
  idToken: string,
  { url, nonce }: Answered,
  { idpFetch, faults }: Pick<AccessContext, 'idpFetch' | 'faults'>,
): Promise<Record<string, unknown>> {
  const keys = createRemoteJWKSet(new URL(config.certs_url ?? ''), {
    [joseFetch]: (address: string, options: RequestInit) => idpFetch(address, options),
  })
  const issuer = url.searchParams.get('iss')
  const { payload } = await jwtVerify(idToken, keys, {
    algorithms,
    audience: config.client_id ?? '',
    requiredClaims: ['iss', 'sub', 'exp', 'iat'],
    clockTolerance: 30,
    ...(issuer === null ? {} : { issuer }),
  })
  const { aud, azp } = payload
  if (Array.isArray(aud) && aud.length > 1 && azp !== config.client_id) throw new Error('not meant for us')
  if (payload.nonce !== nonce && !faults.has('access.ignores-id-token-nonce'))
    throw new Error('the ID token belongs to another login')
  return payload
}
