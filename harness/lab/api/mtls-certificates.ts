/**
 * `/accounts/{a}/mtls_certificates`: client CAs that an operator brings along.
 * @module
 */
import type { FastifyRequest } from 'fastify'
import type { AccountState, MtlsCertificate, ZoneState } from '../state/types.ts'
import { type ApiContext, accountIn, type Routes } from './context.ts'
import { page, success } from './envelope.ts'
import { ApiError } from './errors.ts'
import { pathParameter } from './query.ts'
import { sameCertificates, showUploaded, type Upload, uploadedCertificate } from './uploaded-certificate.ts'

const createBody = {
  type: 'object',
  required: ['ca', 'certificates'],
  properties: {
    ca: { type: 'boolean' },
    certificates: { type: 'string', minLength: 1, maxLength: 262_144 },
    name: { type: 'string', maxLength: 350 },
    private_key: { type: 'string', maxLength: 65_536 },
  },
} as const

/** Adds them. */
export const mtlsCertificateRoutes: Routes = (app, context) => {
  const { store } = context
  const path = '/accounts/:account_id/mtls_certificates'

  app.post(path, { schema: { body: createBody } }, (request) => {
    const account = accountIn(context, pathParameter(request, 'account_id'))
    const now = store.timestamp()
    const made = uploadedCertificate(request.body as Upload, now)
    const present = Object.values(account.mtlsCertificates)
    if (present.some(({ certificates }) => sameCertificates(certificates, made.certificates)))
      throw new ApiError(400, 1471, 'Certificate already exists')
    if (made.ca && present.filter(({ ca }) => ca).length >= context.limits.mtlsCertificates)
      throw new ApiError(400, 1489, 'Hit maximum CA cert allocation.')
    account.mtlsCertificates[made.id] = made
    store.changed()
    return success({ ...showUploaded(made), updated_at: now })
  })

  app.get(path, (request) => {
    const { mtlsCertificates } = accountIn(context, pathParameter(request, 'account_id'))
    const { type } = (request.query ?? {}) as { type?: string | string[] }
    const types = type === undefined ? [] : [type].flat().flatMap((text) => text.split(','))
    const found = Object.values(mtlsCertificates).filter(
      (certificate) => types.length === 0 || types.includes(certificate.type),
    )
    // One page, whatever the query says: the SDK asks for no second one.
    return page(
      found.map(showUploaded),
      {},
      { default: Math.max(found.length, 1), max: Number.MAX_SAFE_INTEGER },
    )
  })

  app.get(`${path}/:id`, (request) => success(showUploaded(certificateIn(context, request).certificate)))

  app.delete(`${path}/:id`, (request) => {
    const { account, certificate } = certificateIn(context, request)
    if (usedBy(context, account, certificate).length > 0)
      throw new ApiError(400, 1433, 'Certificate is in use: remove its hostname associations first')
    delete account.mtlsCertificates[certificate.id]
    store.changed()
    return success(showUploaded(certificate))
  })

  app.get(`${path}/:id/associations`, (request) => {
    const { account, certificate } = certificateIn(context, request)
    const used = usedBy(context, account, certificate).length > 0
    return page(used ? [{ service: 'api_shield', status: 'active' }] : [], {})
  })
}

/** Zones that ask for certificates of it on some hostname. */
const usedBy = ({ store }: ApiContext, account: AccountState, { id }: MtlsCertificate): ZoneState[] =>
  Object.values(store.state.zones).filter(
    ({ accountId, hostnameAssociations: lists }) =>
      accountId === account.id && Object.hasOwn(lists, id) && (lists[id] ?? []).length > 0,
  )

function certificateIn(
  context: ApiContext,
  request: FastifyRequest,
): { account: AccountState; certificate: MtlsCertificate } {
  const account = accountIn(context, pathParameter(request, 'account_id'))
  const id = pathParameter(request, 'id')
  const certificate = Object.hasOwn(account.mtlsCertificates, id) ? account.mtlsCertificates[id] : undefined
  if (certificate === undefined) throw new ApiError(404, 1472, 'Certificate not found')
  return { account, certificate }
}
