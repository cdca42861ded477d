/**
 * What the routes of the control plane work with.
 * @module
 */
import type { FastifyInstance } from 'fastify'
import { type Authority, loadAuthority } from '../../pki/authority.ts'
import type { Faults } from '../faults.ts'
import type { LabMaterial } from '../material.ts'
import type { ContainerOrigin } from '../origins/containers/types.ts'
import type { Origins } from '../origins/origins.ts'
import type { Store } from '../state/store.ts'
import type { AccountState, ZoneState } from '../state/types.ts'
import { ApiError } from './errors.ts'
import { type ApiLimits, defaultLimits } from './limits.ts'

/** What every route may use. */
export interface ApiContext {
  store: Store
  material: LabMaterial
  faults: Faults
  limits: ApiLimits
  /** What was asked for that the lab does not have: `METHOD /client/v4/path` with ids as `{id}`, and how often. */
  unknown: Map<string, number>
  /** The Cloudflare-managed CA of an account. @throws ApiError 500 where the lab made none for it. */
  managedCa(accountId: string): Promise<Authority>
  /** The lab's origins, where their settings can be changed through `/lab/v1/origins`. */
  origins: Origins | undefined
  /** Its origins in containers; their settings can be changed through `/lab/v1/containers`. */
  containers: readonly ContainerOrigin[]
  /** Told of what should not happen: a handler that threw something other than an ApiError. */
  onInternalError(error: unknown): void
}

/** Adds the routes of one subject below `/client/v4`. */
export type Routes = (app: FastifyInstance, context: ApiContext) => void

/** What a context is made of. */
export interface ApiContextOptions {
  store: Store
  material: LabMaterial
  faults: Faults
  /** Default: none, and no routes about them. */
  origins?: Origins
  /** Default: none. */
  containers?: readonly ContainerOrigin[]
  /** Default: {@link defaultLimits}. */
  limits?: Partial<ApiLimits>
  /** Default: nobody is told; the answer is a 500 in the envelope. */
  onInternalError?: (error: unknown) => void
}

/** A context; one per lab. */
export function createApiContext(options: ApiContextOptions): ApiContext {
  const { store, material, faults, origins, containers = [], limits } = options
  const { onInternalError = () => undefined } = options
  const authorities = new Map<string, Promise<Authority>>()
  return {
    store,
    material,
    faults,
    origins,
    containers,
    limits: { ...defaultLimits, ...limits },
    unknown: new Map(),
    onInternalError,
    managedCa(accountId) {
      const made = authorities.get(accountId)
      if (made !== undefined) return made
      const source = Object.hasOwn(material.managedCas, accountId)
        ? material.managedCas[accountId]
        : undefined
      if (source === undefined)
        return Promise.reject(new ApiError(500, 1000, 'the lab has no managed CA for this account'))
      const authority = loadAuthority(source)
      authorities.set(accountId, authority)
      return authority
    },
  }
}

/** The zone a path names. @throws ApiError 404 / 7003. */
export function zoneIn({ store }: ApiContext, id: string): ZoneState {
  const zone = Object.hasOwn(store.state.zones, id) ? store.state.zones[id] : undefined
  if (zone === undefined) throw noRoute(`zones/${id}`)
  return zone
}

/** The account a path names. @throws ApiError 404 / 7003. */
export function accountIn({ store }: ApiContext, id: string): AccountState {
  const account = Object.hasOwn(store.state.accounts, id) ? store.state.accounts[id] : undefined
  if (account === undefined) throw noRoute(`accounts/${id}`)
  return account
}

/** An unknown object identifier in a path, and every unknown path, get this answer from the real API. */
export const noRoute = (path: string): ApiError =>
  new ApiError(
    404,
    7003,
    `Could not route to /client/v4/${path.slice(0, 200)}, perhaps your object identifier is invalid?`,
  )
