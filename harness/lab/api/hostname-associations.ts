/**
 * `/zones/{z}/certificate_authorities/hostname_associations`: on which hostnames a client certificate is asked for, and
 * of which CA. One list per CA; PUT replaces it.
 * @module
 */
import type { FastifyRequest } from 'fastify'
import type { ZoneState } from '../state/types.ts'
import { type ApiContext, accountIn, type Routes, zoneIn } from './context.ts'
import { success } from './envelope.ts'
import { ApiError } from './errors.ts'
import { pathParameter, queryOf } from './query.ts'

/** Key of the managed CA's list. */
const managed = 'managed'

const hostname = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/

const putBody = {
  type: 'object',
  required: ['hostnames'],
  properties: {
    hostnames: { type: 'array', maxItems: 1000, items: { type: 'string', maxLength: 253 } },
    mtls_certificate_id: { type: 'string', maxLength: 64 },
  },
} as const

/** Adds them. */
export const hostnameAssociationRoutes: Routes = (app, context) => {
  const { store } = context
  const path = '/zones/:zone_id/certificate_authorities/hostname_associations'
  const zoneOf = (request: FastifyRequest): ZoneState => zoneIn(context, pathParameter(request, 'zone_id'))

  app.get(path, (request) => {
    const zone = zoneOf(request)
    const key = keyOf(context, zone, queryOf(request).get('mtls_certificate_id'))
    return success({ hostnames: listOf(zone, key) })
  })

  app.put(path, { schema: { body: putBody } }, (request) => {
    const zone = zoneOf(request)
    const body = request.body as { hostnames: string[]; mtls_certificate_id?: string }
    const key = keyOf(context, zone, body.mtls_certificate_id)
    const hostnames = [...new Set(body.hostnames.map((name) => name.toLowerCase()))]
    for (const name of hostnames) requireOwn(zone, name)
    if (hostnames.length === 0) delete zone.hostnameAssociations[key]
    else zone.hostnameAssociations[key] = hostnames
    store.changed()
    return success({ hostnames })
  })
}

const listOf = (zone: ZoneState, key: string): string[] =>
  Object.hasOwn(zone.hostnameAssociations, key) ? [...(zone.hostnameAssociations[key] ?? [])] : []

function requireOwn({ name }: ZoneState, wanted: string): void {
  if (!hostname.test(wanted) || (wanted !== name && !wanted.endsWith(`.${name}`)))
    throw new ApiError(
      400,
      1416,
      `Invalid hostname: "${wanted.slice(0, 100)}" does not belong to the zone ${name}`,
    )
}

/** The list an id means. @throws ApiError 404 / 1472 for a CA the account does not have, 400 for a leaf. */
function keyOf(context: ApiContext, zone: ZoneState, id: string | undefined): string {
  if (id === undefined || id === '') return managed
  const { mtlsCertificates } = accountIn(context, zone.accountId)
  const certificate = Object.hasOwn(mtlsCertificates, id) ? mtlsCertificates[id] : undefined
  if (certificate === undefined) throw new ApiError(404, 1472, 'Certificate not found')
  if (!certificate.ca) throw new ApiError(400, 1473, 'The certificate is not a CA')
  return id
}
