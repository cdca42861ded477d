/**
 * What several scenarios set up in Access, each with its undoing.
 * @module
 */
import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'
import type { CanarySeen } from './canary.ts'
import type { ScenarioContext } from './context.ts'
import { idOf } from './refused.ts'
import type { Undo } from './steps.ts'

/** A reusable policy, as the API takes it. */
export type PolicyBody = Omit<
  Parameters<ScenarioContext['sdk']['zeroTrust']['access']['policies']['create']>[0],
  'account_id'
>

/** Makes a reusable policy. @returns its id. */
export async function makePolicy(
  { sdk, account }: ScenarioContext,
  body: PolicyBody,
  undo: Undo,
): Promise<string> {
  const { policies } = sdk.zeroTrust.access
  const id = idOf(await policies.create({ ...account, ...body }))
  undo(() => policies.delete(id, account))
  return id
}

/** An application as scenarios make it. */
export interface ApplicationBody {
  name: string
  /** Hostname. */
  domain: string
  /** Ids of reusable policies, in their order. */
  policies: readonly string[]
  allowed_idps?: string[]
  auto_redirect_to_identity?: boolean
}

/** Makes an application; gives its audience tag and the way to change it. */
export async function makeApplication(
  { sdk, account }: ScenarioContext,
  body: ApplicationBody,
  undo: Undo,
): Promise<{ aud: string; change(to: Partial<ApplicationBody>): Promise<void> }> {
  const { applications } = sdk.zeroTrust.access
  const whole = (given: ApplicationBody) => ({
    ...account,
    ...given,
    type: 'self_hosted' as const,
    policies: given.policies.map((id, at) => ({ id, precedence: at + 1 })),
  })
  const made = (await applications.create(whole(body))) as { id?: string; aud?: string }
  const id = idOf(made)
  undo(() => applications.delete(id, account))
  return {
    aud: made.aud ?? '',
    async change(to) {
      await applications.update(id, whole({ ...body, ...to }))
    },
  }
}

/**
 * Claims of the token that reached the origin, verified as an origin should: by a key of the team's JWKS, for this issuer
 * and audience, at the time of the lab's clock.
 * @throws Error of jose when it does not verify, Error when there is no token.
 */
export async function verifiedClaims(
  { lab, api, visit }: ScenarioContext,
  { atOrigin }: CanarySeen,
  audience: string,
): Promise<JWTPayload> {
  const token = atOrigin?.get('cf-access-jwt-assertion')
  if (token === undefined) throw new Error('no Cf-Access-Jwt-Assertion reached the origin')
  const { teamDomain } = lab.access
  const { body } = await visit(teamDomain, { path: '/cdn-cgi/access/certs' })
  const keys = createLocalJWKSet(JSON.parse(body) as JSONWebKeySet)
  const { payload } = await jwtVerify(token, keys, {
    algorithms: ['RS256'],
    issuer: `https://${teamDomain}`,
    audience,
    currentDate: new Date(await api.advance(0)),
  })
  return payload
}
