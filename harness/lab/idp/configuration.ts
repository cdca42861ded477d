/**
 * How the lab's identity provider is set up: like one that puts e-mail address and groups into the ID token, which Access
 * needs.
 * @module
 */
import { randomBytes } from 'node:crypto'
import { exportJWK, generateKeyPair } from 'jose'
import type { Configuration, Provider } from 'oidc-provider'
import { createAdapterFactory } from './adapter.ts'
import { problemPage } from './pages.ts'
import { claimsOf, type IdpUser } from './users.ts'

/** The one client: Access. */
export interface IdpClient {
  id: string
  secret: string
}

/** Algorithms ID tokens can be signed with here; Access takes them and others. */
export type IdTokenAlgorithm = 'RS256' | 'RS512' | 'PS512' | 'ES256' | 'PS256'

const hour = 3600

/** Configuration of the provider. Takes about 0.1 s, for its keys. */
export async function configurationFor(
  users: readonly IdpUser[],
  client: IdpClient,
  algorithm: IdTokenAlgorithm,
): Promise<Configuration> {
  const scopes = ['openid', 'email', 'profile', 'groups']
  return {
    adapter: createAdapterFactory(),
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        // Compared by the server instead: the port of the edge is known late.
        redirect_uris: ['https://placeholder.invalid/'],
        grant_types: ['authorization_code'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_basic',
        id_token_signed_response_alg: algorithm,
      },
    ],
    jwks: { keys: await signingKeys() },
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'RS512', 'PS512', 'PS256', 'ES256'] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    scopes,
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name', 'preferred_username'],
      groups: ['groups'],
    },
    // Claims by scope go into the ID token, as Access reads nothing else.
    conformIdTokenClaims: false,
    pkce: { required: () => false },
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    routes: {
      authorization: '/authorize',
      token: '/token',
      jwks: '/jwks',
      userinfo: '/userinfo',
    },
    ttl: {
      AccessToken: hour,
      AuthorizationCode: 60,
      Grant: 24 * hour,
      IdToken: hour,
      Interaction: hour,
      RefreshToken: hour,
      Session: 24 * hour,
    },
    findAccount(_, id) {
      const user = users.find(({ sub }) => sub === id)
      return user === undefined ? undefined : { accountId: id, claims: () => claimsOf(user) }
    },
    // The lab's client is its own: nobody is asked for consent.
    async loadExistingGrant({ oidc }) {
      const { session, client: asking, provider } = oidc
      if (session?.accountId === undefined || asking === undefined) return undefined
      const known = session.grantIdFor(asking.clientId)
      const grant = known === undefined ? undefined : await (provider as Provider).Grant.find(known)
      if (grant !== undefined) return grant
      const made = new (provider as Provider).Grant({
        accountId: session.accountId,
        clientId: asking.clientId,
      })
      made.addOIDCScope(scopes.join(' '))
      await made.save()
      return made
    },
    renderError(ctx, { error_description: description, error }) {
      ctx.type = 'html'
      ctx.body = problemPage(String(description ?? error))
    },
  }
}

async function signingKeys() {
  const made = await Promise.all(
    (['RS256', 'ES256'] as const).map((alg) => generateKeyPair(alg, { extractable: true })),
  )
  return Promise.all(
    made.map(async ({ privateKey }) => ({
      ...(await exportJWK(privateKey)),
      use: 'sig',
      kid: randomBytes(8).toString('hex'),
    })),
  )
}
