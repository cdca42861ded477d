/**
 * Authenticated Origin Pulls below `/zones/{zone_id}/origin_tls_client_auth`. The global switch is a zone setting.
 * Every handler is synchronous: two writes at once cannot lose anything, and never conflict.
 * @module
 */
import type { FastifyRequest } from 'fastify'
import { type Routes, zoneIn } from '../context.ts'
import { success } from '../envelope.ts'
import { putAssociations, readAssociation } from './associations.ts'
import {
  certificateWithId,
  deleteCertificate,
  type Level,
  levels,
  listCertificates,
  uploadCertificate,
} from './certificates.ts'
import { refusal } from './refusals.ts'
import { certificateView } from './views.ts'

const base = '/zones/:zone_id/origin_tls_client_auth'

interface Params {
  zone_id: string
  certificate_id: string
  hostname: string
}

/** All calls of origin pulls. */
export const originPullRoutes: Routes = (app, context) => {
  const { store, faults } = context
  const zoneOf = (request: FastifyRequest) => zoneIn(context, (request.params as Params).zone_id)

  app.get(`${base}/settings`, (request) => success({ enabled: zoneOf(request).originPulls.enabled }))
  app.put(`${base}/settings`, (request) => {
    const { originPulls: pulls } = zoneOf(request)
    const { enabled } = fields(request)
    if (typeof enabled !== 'boolean') throw refusal('enabled must be boolean')
    pulls.enabled = enabled
    if (!enabled && faults.has('edge.pulls-zone-off-disables-hostnames'))
      for (const association of Object.values(pulls.associations)) association.enabled = false
    store.changed()
    return success({ enabled })
  })

  app.put(`${base}/hostnames`, (request) =>
    success(putAssociations(zoneOf(request), fields(request).config, context)),
  )
  app.get(`${base}/hostnames/:hostname`, (request) =>
    success(readAssociation(zoneOf(request), (request.params as Params).hostname, store.now())),
  )

  certificateRoutes(`${base}/hostnames/certificates`, levels.hostname)
  certificateRoutes(base, levels.zone)

  function certificateRoutes(path: string, level: Level): void {
    const view = (one: Parameters<typeof certificateView>[0]) =>
      success(certificateView(one, level.name, store.now(), faults))
    const idOf = (request: FastifyRequest): string => (request.params as Params).certificate_id
    app.post(path, (request) => view(uploadCertificate(zoneOf(request), level, fields(request), context)))
    app.get(path, (request) =>
      success(
        listCertificates(zoneOf(request), level, store.now()).map((one) =>
          certificateView(one, level.name, store.now(), faults),
        ),
      ),
    )
    app.get(`${path}/:certificate_id`, (request) =>
      view(certificateWithId(zoneOf(request), level, idOf(request), context)),
    )
    app.delete(`${path}/:certificate_id`, (request) =>
      view(deleteCertificate(zoneOf(request), level, idOf(request), context)),
    )
  }
}

/** The members of a body, none where it is no object; further ones, such as `bundle_method`, are passed over. */
function fields({ body }: FastifyRequest): Record<string, unknown> {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
}
