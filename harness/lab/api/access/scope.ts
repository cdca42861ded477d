/**
 * Routes of Access exist twice, below accounts and below zones. A route is a row; this module adds it in both places and
 * finds out whose objects it works on.
 * @module
 */
import type { FastifyInstance } from 'fastify'
import type { AccessObjects, AccessState } from '../../state/access-types.ts'
import type { AccountState, ZoneState } from '../../state/types.ts'
import { type ApiContext, accountIn, zoneIn } from '../context.ts'
import type { Envelope } from '../envelope.ts'

/** Whose objects a request is about. */
export interface Owner {
  account: AccountState
  /** Of the account: organization, keys, certificate settings, people. */
  access: AccessState
  /** Undefined for a path below an account. */
  zone: ZoneState | undefined
  /** The zone's, or the account's. */
  objects: AccessObjects
}

/** A request that has found its owner. */
export interface AccessCall {
  owner: Owner
  /** A parameter of the path; '' when the path has none of that name. */
  param(name: string): string
  query: unknown
  /** Parsed JSON, not checked; undefined where there is none. */
  body: unknown
}

/** One route. */
export interface AccessRoute {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below `/accounts/{id}/access` and `/zones/{id}/access`. */
  path: string
  /** Default: both. */
  only?: 'accounts'
  /** Default: 200. */
  status?: number
  /** @throws ApiError. After its last `await` it checks and changes the state synchronously. */
  handle(call: AccessCall): Envelope<unknown> | Promise<Envelope<unknown>>
}

const levels = ['accounts', 'zones'] as const

/** Adds routes. */
export function addAccessRoutes(
  app: FastifyInstance,
  context: ApiContext,
  routes: readonly AccessRoute[],
): void {
  for (const { method, path, only, status = 200, handle } of routes) {
    for (const level of only === undefined ? levels : [only]) {
      app.route({
        method,
        url: `/${level}/:owner_id/access${path}`,
        async handler(request, reply) {
          const params = request.params as Record<string, string>
          const param = (name: string): string => params[name] ?? ''
          const owner = ownerOf(context, level, param('owner_id'))
          const answer = await handle({ owner, param, query: request.query, body: request.body })
          return reply.code(status).send(answer)
        },
      })
    }
  }
}

function ownerOf(context: ApiContext, level: (typeof levels)[number], id: string): Owner {
  if (level === 'accounts') {
    const account = accountIn(context, id)
    return { account, access: account.access, zone: undefined, objects: account.access }
  }
  const zone = zoneIn(context, id)
  const account = context.store.accountOf(zone)
  return { account, access: account.access, zone, objects: zone.access }
}

/** The zones of an account. */
export const zonesOf = ({ store }: ApiContext, { id }: AccountState): ZoneState[] =>
  Object.values(store.state.zones).filter(({ accountId }) => accountId === id)

/** The objects of an account and of all its zones. */
export const objectsOfAccount = (context: ApiContext, account: AccountState): AccessObjects[] => [
  account.access,
  ...zonesOf(context, account).map(({ access }) => access),
]

/** The objects that something of this owner may refer to: a zone's own first, then the account's. */
export const visibleTo = ({ objects, access, zone }: Owner): AccessObjects[] =>
  zone === undefined ? [objects] : [objects, access]

/** The objects in which something may refer to an object of this owner. */
export const whereUsed = (context: ApiContext, { account, zone, objects }: Owner): AccessObjects[] =>
  zone === undefined ? objectsOfAccount(context, account) : [objects]

/** An entry of a record by an id that came from outside. */
export const entry = <Value>(record: Readonly<Record<string, Value>>, id: string): Value | undefined =>
  Object.hasOwn(record, id) ? record[id] : undefined

/** An object of some kind that this owner may refer to. */
export function visible<Kind extends keyof AccessObjects>(
  owner: Owner,
  kind: Kind,
  id: string,
): AccessObjects[Kind][string] | undefined {
  for (const objects of visibleTo(owner)) {
    // The index signature of every kind is the same: string.
    const found = entry<AccessObjects[Kind][string]>(
      objects[kind] as Record<string, AccessObjects[Kind][string]>,
      id,
    )
    if (found !== undefined) return found
  }
  return undefined
}
