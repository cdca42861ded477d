/**
 * `get-identity`: what is known of whoever is logged in (developers.cloudflare.com cloudflare-one, "Application token").
 * @module
 */
import type { AccessServiceToken } from '../state/access-types.ts'
import type { AccountState } from '../state/types.ts'
import { type Answer, json } from './answers.ts'
import type { Login } from './app-token.ts'
import { seconds } from './claims.ts'
import type { Session } from './context.ts'
import { lookUp } from './directory.ts'

const version = 2

const rest = (account: AccountState) => ({
  devicePosture: {},
  account_id: account.id,
  is_warp: false,
  is_gateway: false,
  gateway_account_id: '',
  device_id: '',
  version,
  device_sessions: {},
})

/** Of a user. */
export function userIdentity(account: AccountState, session: Session): Answer {
  const { identity, userId, country, remoteAddress, issuedAt } = session
  const provider = lookUp([account.access], 'identityProviders', identity.identityProviderId)
  return json(200, {
    email: identity.email,
    idp: { id: identity.identityProviderId, type: provider?.type ?? 'oidc' },
    geo: { country },
    user_uuid: userId,
    ...identity.claims,
    iat: seconds(issuedAt),
    ip: remoteAddress,
    auth_status: 'NONE',
    common_name: '',
    service_token_id: '',
    service_token_status: false,
    ...rest(account),
  })
}

/** Of a service token. */
export const serviceIdentity = (account: AccountState, token: AccessServiceToken, iat: unknown): Answer =>
  json(200, {
    iat,
    auth_status: 'NONE',
    common_name: token.clientId,
    service_token_id: token.clientId,
    service_token_status: true,
    ...rest(account),
  })

/** Of whoever is logged in; the real edge's answer to a bad token was not found. */
export function identityAnswer(account: AccountState, login: Login, org?: Session): Answer {
  if (login.kind === 'user') return userIdentity(account, login.session)
  if (login.kind === 'service') return serviceIdentity(account, login.serviceToken, login.claims.iat)
  return org === undefined ? json(401, { err: 'no valid token' }) : userIdentity(account, org)
}
