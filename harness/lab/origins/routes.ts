/**
 * The lab's own routes for its origins: what a real operator does in the configuration of a web server.
 * @module
 */
import type { FastifyInstance } from 'fastify'
import { success } from '../api/envelope.ts'
import { ApiError } from '../api/errors.ts'
import type { Origin } from './origin.ts'
import { type Origins, originNames } from './origins.ts'
import { type OriginSettings, settingsChangeSchema } from './settings.ts'

/** An origin as the routes show it. */
export interface OriginView extends OriginSettings {
  name: string
  host: string
  /** Plain HTTP. */
  port: number
  tlsPort: number
}

/** Adds `GET /origins` and `PATCH /origins/:name` below the prefix of `app`. */
export function originRoutes(app: FastifyInstance, { origins }: { origins: Origins }): void {
  app.get('/origins', () => success(originNames.map((name) => viewOf(name, origins[name]))))
  app.patch<{ Params: { name: string }; Body: Partial<OriginSettings> }>(
    '/origins/:name',
    { schema: { body: settingsChangeSchema } },
    ({ params, body }) => {
      const name = originNames.find((one) => one === params.name)
      if (name === undefined)
        throw new ApiError(
          404,
          10_001,
          `there is no origin "${params.name.slice(0, 50)}", only ${originNames.join(', ')}`,
        )
      try {
        origins[name].configure(body)
      } catch {
        // Settings of the right types fail for one reason only.
        throw new ApiError(400, 10_001, 'trust has to be PEM certificates that can be read')
      }
      return success(viewOf(name, origins[name]))
    },
  )
}

const viewOf = (name: string, { host, port, tlsPort, settings }: Origin): OriginView => ({
  name,
  host,
  port,
  tlsPort,
  ...settings,
})
