/**
 * The lab's own routes for its origins in containers: what an operator does in the configuration of the server, or at AWS.
 * @module
 */
import type { FastifyInstance } from 'fastify'
import { HarnessError } from '../../../errors.ts'
import { success } from '../../api/envelope.ts'
import { ApiError } from '../../api/errors.ts'
import { serverCertificateNames } from '../settings.ts'
import { type ContainerOrigin, type ContainerSettings, clientCertificateModes } from './types.ts'

/** A server as the routes show it. */
export interface ContainerView extends ContainerSettings {
  name: string
  server: string
  host: string
  /** Plain HTTP. */
  port: number
  tlsPort: number
}

const pem = { type: 'string', maxLength: 256 * 1024 } as const

/** JSON Schema of a change: any part of the settings. */
const changeSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    clientCertificates: { enum: clientCertificateModes },
    trust: pem,
    onlySubject: { type: 'string', maxLength: 256 },
    crl: pem,
    serverCertificate: { enum: serverCertificateNames },
    maxVersion: { enum: ['TLSv1.2', 'TLSv1.3'] },
    plainPort: { enum: ['open', 'closed'] },
    onlyFor: { type: 'string', maxLength: 253 },
    target: { enum: ['up', 'down', 'unregistered'] },
  },
} as const

/** Adds `GET /containers` and `PATCH /containers/:name` below the prefix of `app`. */
export function containerRoutes(app: FastifyInstance, containers: readonly ContainerOrigin[]): void {
  app.get('/containers', () => success(containers.map(viewOf)))
  app.patch<{ Params: { name: string }; Body: Partial<ContainerSettings> }>(
    '/containers/:name',
    { schema: { body: changeSchema } },
    async ({ params, body }) => {
      const container = containers.find(({ name }) => name === params.name)
      if (container === undefined) {
        const known = containers.map(({ name }) => name).join(', ')
        throw new ApiError(404, 10_001, `there is no container "${params.name.slice(0, 50)}", only ${known}`)
      }
      try {
        await container.configure(body)
      } catch (error) {
        if (error instanceof HarnessError && error.code === 'ERR_USAGE')
          throw new ApiError(400, 10_001, error.message.slice(0, 500))
        throw error
      }
      return success(viewOf(container))
    },
  )
}

const viewOf = ({ name, server, host, port, tlsPort, settings }: ContainerOrigin): ContainerView => ({
  name,
  server,
  host,
  port,
  tlsPort,
  ...settings,
})
