/**
 * `/zones/{z}/client_certificates`: issue, list, look, revoke, reactivate. Nothing is ever deleted.
 * @module
 */
import { statusAt, turning } from '../state/lifecycle.ts'
import type { ClientCertificate, ClientCertificateStatus, ZoneState } from '../state/types.ts'
import { issueFromCsr, showClientCertificate } from './client-certificate.ts'
import { type ApiContext, type Routes, zoneIn } from './context.ts'
import { type Envelope, page, success } from './envelope.ts'
import { ApiError } from './errors.ts'
import { pathParameter, queryOf, wholeNumber } from './query.ts'

const statuses: readonly string[] = [
  'active',
  'pending_reactivation',
  'pending_revocation',
  'revoked',
] satisfies ClientCertificateStatus[]

const createBody = {
  type: 'object',
  required: ['csr', 'validity_days'],
  properties: {
    csr: { type: 'string', minLength: 1, maxLength: 65_536 },
    validity_days: { type: 'integer', minimum: 1, maximum: 3650 },
  },
} as const

const editBody = { type: ['object', 'null'], properties: { reactivate: { type: 'boolean' } } } as const

/** Adds them. */
export const clientCertificateRoutes: Routes = (app, context) => {
  const { store } = context
  const path = '/zones/:zone_id/client_certificates'

  app.post(path, { schema: { body: createBody } }, async (request) => {
    const { csr, validity_days: days } = request.body as { csr: string; validity_days: number }
    const zoneId = pathParameter(request, 'zone_id')
    const { accountId } = zoneIn(context, zoneId)
    const made = await issueFromCsr(context, accountId, csr, days)
    // Looked up again: an import may have replaced the state meanwhile.
    const zone = zoneIn(context, zoneId)
    requireQuota(context, zone)
    zone.clientCertificates[made.id] = made
    store.changed()
    return success(showClientCertificate(context, zone, made))
  })

  app.get(path, (request): Envelope<object[]> => {
    const zone = zoneIn(context, pathParameter(request, 'zone_id'))
    const query = queryOf(request)
    const wanted = query.get('status') ?? 'all'
    if (wanted !== 'all' && !statuses.includes(wanted))
      throw new ApiError(400, 10_001, `Invalid request: status must be all or one of ${statuses.join(', ')}`)
    const now = store.now()
    const found = Object.values(zone.clientCertificates)
      .filter(({ lifecycle }) => wanted === 'all' || statusAt(lifecycle, now) === wanted)
      .reverse()
    // limit and offset choose; page and per_page page through what they chose: the SDK keeps sending both.
    const offset = wholeNumber(query.get('offset')) ?? 0
    const limit = wholeNumber(query.get('limit')) ?? found.length
    const envelope = page(found.slice(offset, offset + limit), request.query, { default: 20, max: 50 })
    return { ...envelope, result: envelope.result.map((made) => showClientCertificate(context, zone, made)) }
  })

  app.get(`${path}/:id`, (request) => {
    const { zone, made } = certificateIn(context, request)
    return success(showClientCertificate(context, zone, made))
  })

  app.delete(`${path}/:id`, (request) => {
    const { zone, made } = certificateIn(context, request)
    const now = store.now()
    const status = statusAt(made.lifecycle, now)
    if (status === 'revoked' || status === 'pending_revocation')
      throw new ApiError(400, 1407, 'Certificate already deleted')
    made.lifecycle = turning('pending_revocation', 'revoked', now, store.state.delays.revocation)
    store.changed()
    return success(showClientCertificate(context, zone, made))
  })

  app.patch(`${path}/:id`, { schema: { body: editBody } }, (request) => {
    const { zone, made } = certificateIn(context, request)
    const { reactivate = true } = (request.body ?? {}) as { reactivate?: boolean }
    const now = store.now()
    const status = statusAt(made.lifecycle, now)
    if (reactivate && (status === 'revoked' || status === 'pending_revocation')) {
      requireQuota(context, zone)
      made.lifecycle = turning('pending_reactivation', 'active', now, store.state.delays.revocation)
      store.changed()
    }
    return success(showClientCertificate(context, zone, made))
  })
}

/** Revoking frees the place at once. */
function requireQuota({ store, limits }: ApiContext, zone: ZoneState): void {
  const now = store.now()
  const used = Object.values(zone.clientCertificates).filter(({ lifecycle }) =>
    ['active', 'pending_reactivation'].includes(statusAt(lifecycle, now)),
  ).length
  if (used >= limits.clientCertificates)
    throw new ApiError(400, 1412, 'Client certificate quota of this zone is exhausted: revoke some first')
}

function certificateIn(
  context: ApiContext,
  request: Parameters<typeof pathParameter>[0],
): { zone: ZoneState; made: ClientCertificate } {
  const zone = zoneIn(context, pathParameter(request, 'zone_id'))
  const id = pathParameter(request, 'id')
  const made = Object.hasOwn(zone.clientCertificates, id) ? zone.clientCertificates[id] : undefined
  if (made === undefined) throw new ApiError(404, 1415, 'Invalid Certificate ID')
  return { zone, made }
}
