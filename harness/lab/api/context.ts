/**
 * What the routes of the control plane work with.
 * @module
 */
import type { FastifyInstance } from 'fastify'
import type { Faults } from '../faults.ts'
import type { LabMaterial } from '../material.ts'
import type { Store } from '../state/store.ts'
import type { AccountState, ZoneState } from '../state/types.ts'
import { ApiError } from './errors.ts'

/** What every route may use. */
export interface ApiContext {
  store: Store
  material: LabMaterial
  faults: Faults
}

/** Adds the routes of one subject below `/client/v4`. */
export type Routes = (app: FastifyInstance, context: ApiContext) => void

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
  new ApiError(404, 7003, `Could not route to /client/v4/${path}, perhaps your object identifier is invalid?`)
