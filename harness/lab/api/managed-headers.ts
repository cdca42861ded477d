/**
 * Managed header transforms of a zone.
 * @module
 */
import { isObject } from '../rules/check-expression.ts'
import { type ManagedTransform, managedTransforms } from '../rules/managed-transforms.ts'
import { shown } from '../rules/refusal.ts'
import type { ZoneState } from '../state/types.ts'
import { type Routes, zoneIn } from './context.ts'
import { success } from './envelope.ts'
import { ApiError } from './errors.ts'
import { pathParameter } from './query.ts'

/** Adds them. */
export const managedHeaderRoutes: Routes = (app, context) => {
  const path = '/zones/:zone_id/managed_headers'

  app.get(path, (request) => success(show(zoneIn(context, pathParameter(request, 'zone_id')))))

  app.patch(path, (request) => {
    const zone = zoneIn(context, pathParameter(request, 'zone_id'))
    if (!isObject(request.body)) throw refusal('the body has to be an object')
    const { managed_request_headers: requests = [], managed_response_headers: responses = [] } = request.body
    const [response] = wanted(responses, 'managed_response_headers')
    if (response !== undefined)
      throw refusal(`'${shown(response.id)}' is not a managed response transform the lab has`)
    zone.managedRequestHeaders = after(
      zone.managedRequestHeaders,
      wanted(requests, 'managed_request_headers'),
    )
    context.store.changed()
    return success(show(zone))
  })

  app.delete(path, (request, reply) => {
    const zone = zoneIn(context, pathParameter(request, 'zone_id'))
    zone.managedRequestHeaders = []
    context.store.changed()
    return reply.code(204).send()
  })
}

/** What is asked for. Status and code of refusals were not found: our choice. */
const refusal = (message: string): ApiError => new ApiError(400, 20_000, message)

interface Wanted {
  id: string
  enabled: boolean
}

function wanted(list: unknown, name: string): Wanted[] {
  if (!Array.isArray(list)) throw refusal(`'${name}' has to be an array`)
  return list.map((item: unknown) => {
    if (!isObject(item) || typeof item.id !== 'string' || typeof item.enabled !== 'boolean')
      throw refusal(`an item of '${name}' has an id and enabled`)
    return { id: item.id, enabled: item.enabled }
  })
}

/** The ids that are on afterwards. Those switched off go first, so that one request can swap two that conflict. */
function after(on: readonly string[], changes: readonly Wanted[]): string[] {
  const result = new Set(on)
  const ordered = changes.toSorted((a, b) => Number(a.enabled) - Number(b.enabled))
  for (const { id, enabled } of ordered) {
    const transform = managedTransforms.find((one) => one.id === id)
    if (transform === undefined)
      throw refusal(
        `'${shown(id)}' is not a managed request transform the lab has: ${managedTransforms.map((one) => one.id).join(', ')}`,
      )
    if (!enabled) result.delete(id)
    else if (conflicts(transform, result))
      throw refusal(`'${id}' conflicts with a managed transform that is enabled`)
    else result.add(id)
  }
  return [...result]
}

const conflicts = ({ conflictsWith }: ManagedTransform, on: ReadonlySet<string>): boolean =>
  conflictsWith.some((id) => on.has(id))

function show({ managedRequestHeaders }: ZoneState): object {
  const on = new Set(managedRequestHeaders)
  return {
    managed_request_headers: managedTransforms.map((transform) => ({
      id: transform.id,
      enabled: on.has(transform.id),
      has_conflict: conflicts(transform, on),
      ...(transform.conflictsWith.length === 0 ? {} : { conflicts_with: transform.conflictsWith }),
    })),
    managed_response_headers: [],
  }
}
