/**
 * Identity providers (`/access/identity_providers`): OpenID Connect and one-time PIN. A client secret goes in and never
 * comes out.
 * @module
 */
import type { AccessIdentityProvider } from '../../state/access-types.ts'
import { newUuid } from '../../state/ids.ts'
import type { ApiContext } from '../context.ts'
import { page, success } from '../envelope.ts'
import { bodyReader, field } from './body.ts'
import { conflict, invalid, notFound, unsupported } from './errors.ts'
import { faulty } from './faulty.ts'
import { checkRoom } from './limits.ts'
import { isReferred } from './rules.ts'
import { type AccessRoute, entry, type Owner, objectsOfAccount, whereUsed } from './scope.ts'

type Config = AccessIdentityProvider['config']

interface ProviderBody {
  name: string
  type: string
  config: Record<string, unknown>
  scim_config?: { enabled?: unknown }
}

const read = bodyReader<ProviderBody>({
  required: ['name', 'type', 'config'],
  fields: { name: field.name, type: field.string, config: field.object, scim_config: field.object },
})

const readOidc = bodyReader<Config>({
  required: ['client_id', 'auth_url', 'token_url', 'certs_url'],
  fields: {
    client_id: { type: 'string', minLength: 1, maxLength: 1000 },
    client_secret: { type: 'string', minLength: 1, maxLength: 10_000 },
    auth_url: field.url,
    token_url: field.url,
    certs_url: field.url,
    scopes: field.strings,
    claims: field.strings,
    email_claim_name: field.string,
    pkce_enabled: field.boolean,
  },
})

/** Types of the real API. */
const otherTypes: ReadonlySet<string> = new Set([
  'azureAD',
  'centrify',
  'cloudflare',
  'facebook',
  'github',
  'google',
  'google-apps',
  'linkedin',
  'okta',
  'onelogin',
  'pingone',
  'saml',
  'yandex',
])

const find = ({ objects }: Owner, id: string): AccessIdentityProvider => {
  const provider = entry(objects.identityProviders, id)
  if (provider === undefined) throw notFound()
  return provider
}

function readConfig(type: string, config: unknown, before?: AccessIdentityProvider): Config {
  if (type === 'onetimepin') return {}
  const given = readOidc(config, 'config')
  const secret = given.client_secret ?? before?.config.client_secret
  if (secret === undefined) throw invalid('config must have required property client_secret')
  return { ...given, client_secret: secret }
}

/** The routes. */
export function identityProviderRoutes(context: ApiContext): AccessRoute[] {
  const { store } = context
  const view = ({ access }: Owner, provider: AccessIdentityProvider): Record<string, unknown> => {
    const { client_secret: secret, ...shown } = provider.config
    const echoed = secret !== undefined && faulty(context, 'access-api.idp-secret-echoed')
    const domain = access.organization?.authDomain
    return {
      id: provider.id,
      name: provider.name,
      type: provider.type,
      config: {
        ...shown,
        ...(domain === undefined || provider.type !== 'onetimepin'
          ? {}
          : { redirect_url: `https://${domain}/cdn-cgi/access/callback` }),
        ...(echoed ? { client_secret: secret } : {}),
      },
    }
  }
  const write = (owner: Owner, body: unknown, before?: AccessIdentityProvider): AccessIdentityProvider => {
    const { name, type, config, scim_config } = read(body)
    if (otherTypes.has(type)) throw unsupported(`identity provider type ${type}`)
    if (type !== 'oidc' && type !== 'onetimepin') throw invalid('type is not a type of identity provider')
    if (before !== undefined && before.type !== type)
      throw invalid('type of an identity provider cannot change')
    if (scim_config?.enabled === true) throw unsupported('scim_config')
    const checked = readConfig(type, config, before)
    const now = store.timestamp()
    const provider: AccessIdentityProvider = {
      id: before?.id ?? newUuid(),
      name,
      type,
      config: checked,
      extra: {},
      createdAt: before?.createdAt ?? now,
      updatedAt: now,
    }
    if (before === undefined) refuseSecondPin(owner, type)
    owner.objects.identityProviders[provider.id] = provider
    store.changed()
    return provider
  }
  const refuseSecondPin = (owner: Owner, type: string): void => {
    const all = objectsOfAccount(context, owner.account).flatMap(({ identityProviders }) =>
      Object.values(identityProviders),
    )
    if (type === 'onetimepin' && all.some((provider) => provider.type === type))
      throw conflict('a onetimepin connection already exists')
  }
  const isAllowed = (owner: Owner, id: string): boolean =>
    whereUsed(context, owner)
      .flatMap(({ applications }) => Object.values(applications))
      .some(({ settings }) => settings.allowed_idps?.includes(id) === true)

  return [
    {
      method: 'POST',
      path: '/identity_providers',
      status: 201,
      handle({ owner, body }) {
        checkRoom(context, owner, 'identityProviders')
        return success(view(owner, write(owner, body)))
      },
    },
    {
      method: 'GET',
      path: '/identity_providers',
      handle: ({ owner, query }) =>
        page(
          Object.values(owner.objects.identityProviders).map((provider) => view(owner, provider)),
          query,
        ),
    },
    {
      method: 'GET',
      path: '/identity_providers/:provider_id',
      handle: ({ owner, param }) => success(view(owner, find(owner, param('provider_id')))),
    },
    {
      method: 'PUT',
      path: '/identity_providers/:provider_id',
      handle: ({ owner, param, body }) =>
        success(view(owner, write(owner, body, find(owner, param('provider_id'))))),
    },
    {
      method: 'DELETE',
      path: '/identity_providers/:provider_id',
      status: 202,
      handle({ owner, param }) {
        const { id } = find(owner, param('provider_id'))
        if (isReferred(whereUsed(context, owner), 'identityProviders', id) || isAllowed(owner, id))
          throw invalid(
            'cannot delete identity provider because it is used by an application, policy or group',
          )
        delete owner.objects.identityProviders[id]
        store.changed()
        return success({ id })
      },
    },
  ]
}
