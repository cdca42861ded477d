/**
 * Service tokens (`/access/service_tokens`). Only hashes of secrets are kept; a secret is in one answer, once.
 * @module
 */
import { endOf } from '../../access/duration.ts'
import type { AccessServiceToken } from '../../state/access-types.ts'
import { hashOf, newId, newUuid } from '../../state/ids.ts'
import type { ApiContext } from '../context.ts'
import { page, success } from '../envelope.ts'
import { bodyReader, field, moment } from './body.ts'
import { newClientSecret } from './client-secret.ts'
import { invalid, notFound, tokenInUse } from './errors.ts'
import { faulty } from './faulty.ts'
import { checkRoom } from './limits.ts'
import { passes } from './query.ts'
import { isReferred } from './rules.ts'
import { type AccessRoute, entry, type Owner, whereUsed } from './scope.ts'

interface TokenBody {
  name?: string
  duration?: string
  enabled?: boolean
  client_secret_version?: number
  previous_client_secret_expires_at?: string
}

const fields = {
  name: field.name,
  duration: field.durationOrForever,
  enabled: field.boolean,
  client_secret_version: { type: 'integer', minimum: 1, maximum: 1_000_000_000 },
  previous_client_secret_expires_at: field.time,
}
const readNew = bodyReader<TokenBody & { name: string }>({ required: ['name'], fields })
const readChange = bodyReader<TokenBody>({ fields })
const readRotation = bodyReader<Pick<TokenBody, 'previous_client_secret_expires_at'>>({
  fields: { previous_client_secret_expires_at: field.time },
})

const yearInHours = '8760h'
const year = 365 * 86_400_000

/** Furthest a Date reaches; a token beyond it does not expire. */
const furthest = 8.64e15

const find = ({ objects }: Owner, id: string): AccessServiceToken => {
  const token = entry(objects.serviceTokens, id)
  if (token === undefined) throw notFound()
  return token
}

function expiry(duration: string, now: number): string | undefined {
  const end = endOf(duration, now) ?? now
  return end > furthest ? undefined : new Date(end).toISOString()
}

/** Common to all answers; `expires_at` is not in those that hold a secret. */
const core = (token: AccessServiceToken): Record<string, unknown> => ({
  id: token.id,
  name: token.name,
  client_id: token.clientId,
  duration: token.duration,
  enabled: token.enabled,
  created_at: token.createdAt,
  updated_at: token.updatedAt,
})

/** The routes. */
export function serviceTokenRoutes(context: ApiContext): AccessRoute[] {
  const { store } = context
  /** For the fault that lets secrets be read again; otherwise empty. */
  const remembered = new Map<string, string>()
  const remember = (id: string, secret: string): void => {
    if (faulty(context, 'access-api.secret-readable')) remembered.set(id, secret)
  }
  const view = (token: AccessServiceToken): Record<string, unknown> => {
    const secret = remembered.get(token.id)
    return {
      ...core(token),
      ...(token.expiresAt === undefined ? {} : { expires_at: token.expiresAt }),
      ...(secret === undefined ? {} : { client_secret: secret }),
    }
  }
  const withSecret = (token: AccessServiceToken, secret: string): Record<string, unknown> => ({
    ...core(token),
    client_secret: secret,
  })

  /** A new secret; the old one is good until `until`, or dies now. */
  const rotate = (token: AccessServiceToken, version: number, until: string | undefined): string => {
    const secret = newClientSecret()
    const keeps = faulty(context, 'access-api.rotate-keeps-old-secret')
    const ends = keeps && until === undefined ? '9999-12-31T23:59:59.000Z' : until
    const alive = ends !== undefined && Date.parse(ends) > store.now()
    token.previous =
      alive && !faulty(context, 'access-api.rotate-ignores-grace')
        ? { secretHash: token.secretHash, until: ends }
        : undefined
    token.secretHash = hashOf(secret)
    token.secretVersion = version
    token.updatedAt = store.timestamp()
    remember(token.id, secret)
    return secret
  }
  const until = ({ previous_client_secret_expires_at: text }: TokenBody): string | undefined =>
    text === undefined ? undefined : moment(text, 'previous_client_secret_expires_at')

  return [
    {
      method: 'POST',
      path: '/service_tokens',
      status: 201,
      handle({ owner, body }) {
        const given = readNew(body)
        checkRoom(context, owner, 'serviceTokens')
        const secret = newClientSecret()
        const duration = given.duration ?? yearInHours
        const now = store.timestamp()
        const token: AccessServiceToken = {
          id: newUuid(),
          name: given.name,
          clientId: `${newId()}.access`,
          secretHash: hashOf(secret),
          secretVersion: given.client_secret_version ?? 1,
          previous: undefined,
          duration,
          expiresAt: expiry(duration, store.now()),
          lastSeenAt: undefined,
          enabled: given.enabled ?? true,
          createdAt: now,
          updatedAt: now,
        }
        owner.objects.serviceTokens[token.id] = token
        remember(token.id, secret)
        store.changed()
        return success(withSecret(token, secret))
      },
    },
    {
      method: 'GET',
      path: '/service_tokens',
      handle: ({ owner, query }) =>
        page(
          Object.values(owner.objects.serviceTokens)
            .filter(({ name, clientId }) => passes(query, name, [name, clientId]))
            .map(view),
          query,
        ),
    },
    {
      method: 'GET',
      path: '/service_tokens/:token_id',
      handle: ({ owner, param }) => success(view(find(owner, param('token_id')))),
    },
    {
      method: 'PUT',
      path: '/service_tokens/:token_id',
      handle({ owner, param, body }) {
        const token = find(owner, param('token_id'))
        const given = readChange(body)
        const version = given.client_secret_version ?? token.secretVersion
        if (version < token.secretVersion) throw invalid('client_secret_version must not decrease')
        const previousEnds = until(given)
        if (given.name !== undefined) token.name = given.name
        if (given.duration !== undefined) {
          token.duration = given.duration
          token.expiresAt = expiry(given.duration, store.now())
        }
        token.updatedAt = store.timestamp()
        const secret = version > token.secretVersion ? rotate(token, version, previousEnds) : undefined
        if (secret === undefined && previousEnds !== undefined && token.previous !== undefined)
          token.previous.until = previousEnds
        const enabled = given.enabled ?? token.enabled
        if (enabled || !faulty(context, 'access-api.disable-ignored')) token.enabled = enabled
        store.changed()
        return success({ ...(secret === undefined ? view(token) : withSecret(token, secret)), enabled })
      },
    },
    {
      method: 'POST',
      path: '/service_tokens/:token_id/refresh',
      only: 'accounts',
      handle({ owner, param }) {
        const token = find(owner, param('token_id'))
        if (token.expiresAt !== undefined) {
          const end = Math.max(Date.parse(token.expiresAt), store.now()) + year
          token.expiresAt = end > furthest ? undefined : new Date(end).toISOString()
        }
        token.updatedAt = store.timestamp()
        store.changed()
        return success(view(token))
      },
    },
    {
      method: 'POST',
      path: '/service_tokens/:token_id/rotate',
      only: 'accounts',
      handle({ owner, param, body }) {
        const token = find(owner, param('token_id'))
        const previousEnds = until(readRotation(body ?? {}))
        const secret = rotate(token, token.secretVersion + 1, previousEnds)
        store.changed()
        return success(withSecret(token, secret))
      },
    },
    {
      method: 'DELETE',
      path: '/service_tokens/:token_id',
      handle({ owner, param }) {
        const token = find(owner, param('token_id'))
        if (isReferred(whereUsed(context, owner), 'serviceTokens', token.id)) throw tokenInUse()
        if (!faulty(context, 'access-api.delete-leaves-token')) delete owner.objects.serviceTokens[token.id]
        remembered.delete(token.id)
        store.changed()
        return success(view(token))
      },
    },
  ]
}
