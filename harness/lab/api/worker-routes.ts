/**
 * Worker routes of a zone, read only: which requests a Worker handles, and what becomes of them over its limit. The lab runs
 * no script.
 * @module
 */
import type { WorkerRoute, ZoneState } from '../state/types.ts'
import { type Routes, zoneIn } from './context.ts'
import { success } from './envelope.ts'
import { ApiError } from './errors.ts'
import { pathParameter } from './query.ts'

const routesOf = ({ workerRoutes = {} }: ZoneState): WorkerRoute[] => Object.values(workerRoutes)

/** Adds `GET /zones/{id}/workers/routes` and `GET …/{route}`. */
export const workerRouteRoutes: Routes = (app, context) => {
  app.get('/zones/:zone_id/workers/routes', (request) =>
    success(routesOf(zoneIn(context, pathParameter(request, 'zone_id'))).map(show)),
  )

  app.get('/zones/:zone_id/workers/routes/:route_id', (request) => {
    const id = pathParameter(request, 'route_id')
    const found = routesOf(zoneIn(context, pathParameter(request, 'zone_id'))).find((one) => one.id === id)
    if (found === undefined) throw new ApiError(404, 10_007, 'workers.api.error.not_found')
    return success(show(found))
  })
}

const show = ({ id, pattern, script, failOpen }: WorkerRoute): object => ({
  id,
  pattern,
  script,
  request_limit_fail_open: failOpen,
})
