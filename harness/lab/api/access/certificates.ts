/**
 * Client CAs of Access (`/access/certificates`) and what is forwarded for their hostnames (`…/settings`).
 * @module
 */
import { createHash } from 'node:crypto'
import { describeCertificate } from '../../../pki/describe.ts'
import { certificatesIn } from '../../../pki/pem.ts'
import type { AccessCertificate } from '../../state/access-types.ts'
import { newUuid } from '../../state/ids.ts'
import type { ApiContext } from '../context.ts'
import { page, success } from '../envelope.ts'
import { bodyReader, field } from './body.ts'
import { conflict, invalid, notFound } from './errors.ts'
import { faulty } from './faulty.ts'
import { isOwnHostname } from './hostnames.ts'
import { checkRoom } from './limits.ts'
import { type AccessRoute, entry, type Owner } from './scope.ts'

interface NewCertificate {
  name: string
  certificate: string
  associated_hostnames?: string[]
}

interface CertificateChange {
  name?: string
  associated_hostnames: string[]
}

const hostnames = { type: 'array', maxItems: 1000, items: { type: 'string', maxLength: 253 } }
const readNew = bodyReader<NewCertificate>({
  required: ['name', 'certificate'],
  fields: {
    name: field.name,
    certificate: { type: 'string', maxLength: 100_000 },
    associated_hostnames: hostnames,
  },
})
const readChange = bodyReader<CertificateChange>({
  required: ['associated_hostnames'],
  fields: { name: field.name, associated_hostnames: hostnames },
})

const view = (certificate: AccessCertificate): Record<string, unknown> => ({
  id: certificate.id,
  name: certificate.name,
  fingerprint: certificate.fingerprint,
  associated_hostnames: certificate.associatedHostnames,
  expires_on: certificate.expiresOn,
  created_at: certificate.createdAt,
  updated_at: certificate.updatedAt,
})

const find = ({ objects }: Owner, id: string): AccessCertificate => {
  const certificate = entry(objects.certificates, id)
  if (certificate === undefined) throw notFound()
  return certificate
}

/** Fingerprint and end of the first certificate of a PEM text. @throws ApiError 400 / 12130 when it is no CA. */
function readCa(pem: string): { fingerprint: string; expiresOn: string } {
  const [der] = certificatesIn(pem)
  const described = describeCertificate(pem)
  if (der === undefined || !described.ok) throw invalid('certificate is not a PEM certificate')
  const { isCa, version, selfIssued, validTo } = described.facts
  // Roots of X.509 version 1 have no extensions that could say so.
  if (!isCa && !(version < 3 && selfIssued)) throw invalid('certificate is not a CA certificate')
  const md5 = createHash('md5').update(der).digest('hex').toUpperCase()
  return { fingerprint: md5.replace(/..(?=.)/g, '$&:'), expiresOn: validTo }
}

/** The routes of certificates. */
export function certificateRoutes(context: ApiContext): AccessRoute[] {
  const { store } = context
  const readHostnames = (owner: Owner, given: readonly string[]): string[] => {
    const names = given.map((name) => name.toLowerCase())
    if (names.some((name) => !isOwnHostname(context, owner, name)))
      throw invalid('associated hostname does not belong to zone')
    return [...new Set(names)]
  }
  return [
    {
      method: 'POST',
      path: '/certificates',
      status: 201,
      handle({ owner, body }) {
        const given = readNew(body)
        checkRoom(context, owner, 'certificates')
        const now = store.timestamp()
        const certificate: AccessCertificate = {
          id: newUuid(),
          name: given.name,
          certificate: given.certificate,
          associatedHostnames: readHostnames(owner, given.associated_hostnames ?? []),
          ...readCa(given.certificate),
          createdAt: now,
          updatedAt: now,
        }
        owner.objects.certificates[certificate.id] = certificate
        store.changed()
        return success(view(certificate))
      },
    },
    {
      method: 'GET',
      path: '/certificates',
      handle: ({ owner, query }) => page(Object.values(owner.objects.certificates).map(view), query),
    },
    {
      method: 'GET',
      path: '/certificates/:certificate_id',
      handle: ({ owner, param }) => success(view(find(owner, param('certificate_id')))),
    },
    {
      method: 'PUT',
      path: '/certificates/:certificate_id',
      handle({ owner, param, body }) {
        const certificate = find(owner, param('certificate_id'))
        const given = readChange(body)
        certificate.associatedHostnames = readHostnames(owner, given.associated_hostnames)
        if (given.name !== undefined) certificate.name = given.name
        certificate.updatedAt = store.timestamp()
        store.changed()
        return success(view(certificate))
      },
    },
    {
      method: 'DELETE',
      path: '/certificates/:certificate_id',
      handle({ owner, param }) {
        const { id, associatedHostnames } = find(owner, param('certificate_id'))
        if (associatedHostnames.length > 0 && !faulty(context, 'access-api.ca-deleted-while-attached'))
          throw conflict('certificate has active associations')
        delete owner.objects.certificates[id]
        store.changed()
        return success({ id })
      },
    },
  ]
}
