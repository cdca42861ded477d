/**
 * Tokens for tests: good ones and every kind of bad ones, of a service token, which needs no login.
 * @module
 */
import { createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import type { AccessApplication, AccessServiceToken, AccessSigningKey } from '../../state/access-types.ts'
import { team, type World } from './world.ts'

/** An application with a Service Auth policy, and a token for it. */
export interface Service {
  world: World
  application: AccessApplication
  token: AccessServiceToken
  secret: string
}

/** Makes both. */
export function service(world: World, given: Parameters<World['application']>[0] = {}): Service {
  const { token, secret } = world.serviceToken()
  const include = [{ service_token: { token_id: token.id } }]
  const application = world.application({ policies: [{ decision: 'non_identity', include }], ...given })
  return { world, application, token, secret }
}

/** What is other than in a good token. `undefined` leaves a claim or header out. */
export interface Forgery {
  claims?: Record<string, unknown>
  header?: Record<string, unknown>
  /** Default: the account's current key. */
  key?: AccessSigningKey
  /** Default: RS256 with the key. */
  signature?(signed: string): string
}

/** The claims of a good token, as documented. */
export function goodClaims({ world, application, token }: Service): Record<string, unknown> {
  const now = Math.floor(world.store.now() / 1000)
  return {
    type: 'app',
    aud: [application.aud],
    exp: now + 600,
    iss: `https://${team}`,
    common_name: token.clientId,
    iat: now,
    sub: '',
  }
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token that differs from a good one. */
export function forge(service: Service, { claims, header, key, signature }: Forgery = {}): string {
  const used = key ?? service.world.account.access.keys.current
  const head = part({ alg: 'RS256', kid: used.kid, typ: 'JWT', ...header })
  const signed = `${head}.${part({ ...goodClaims(service), ...claims })}`
  const rs256 = (text: string): string =>
    sign('sha256', Buffer.from(text), createPrivateKey(used.privateKey)).toString('base64url')
  return `${signed}.${(signature ?? rs256)(signed)}`
}

/** HS256 keyed with the public key as PEM. */
export function hs256({ world }: Service): Pick<Forgery, 'header' | 'signature'> {
  const pem = createPublicKey(world.account.access.keys.current.certificate).export({
    type: 'spki',
    format: 'pem',
  })
  return {
    header: { alg: 'HS256' },
    signature: (signed) => createHmac('sha256', pem).update(signed).digest('base64url'),
  }
}

/** The public key in the header. */
export const embedded = (key: AccessSigningKey): Pick<Forgery, 'header' | 'key'> => ({
  key,
  header: { kid: 'mine', jwk: createPublicKey(key.certificate).export({ format: 'jwk' }) },
})
