/**
 * Uploading, listing, reading and deleting origin-pull certificates: the same at zone and at hostname level.
 * @module
 */
import { newId } from '../../state/ids.ts'
import { statusAt, turning } from '../../state/lifecycle.ts'
import type { OriginPulls, PullCertificate } from '../../state/origin-pulls.ts'
import type { ZoneState } from '../../state/types.ts'
import type { ApiContext } from '../context.ts'
import { sameCertificates } from '../uploaded-certificate.ts'
import { type RefusalId, refusal } from './refusals.ts'
import { readUpload } from './upload.ts'

/** Where the certificates of a level are, and what is particular to it. */
export interface Level {
  name: 'zone' | 'hostname'
  missing: RefusalId
  /** What is said of one that has gone. */
  gone: RefusalId
  /** How many may be there; the number at zone level was not found. */
  limit: number
  of(pulls: OriginPulls): Record<string, PullCertificate>
}

/** Both levels. */
export const levels: Readonly<Record<'zone' | 'hostname', Level>> = {
  zone: {
    name: 'zone',
    missing: 'no zone certificate',
    gone: 'already deleted',
    limit: Number.POSITIVE_INFINITY,
    of: ({ zoneCertificates }) => zoneCertificates,
  },
  hostname: {
    name: 'hostname',
    missing: 'no hostname certificate',
    gone: 'no hostname certificate',
    limit: 10,
    of: ({ hostnameCertificates }) => hostnameCertificates,
  },
}

const identifier = /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i

/** The certificate with an id, deleted ones included. @throws ApiError 1415 for what is no id, 1551 or 1552. */
export function certificateWithId(
  { originPulls }: ZoneState,
  level: Level,
  id: string,
  { store, faults }: ApiContext,
): PullCertificate {
  if (!identifier.test(id)) throw refusal('invalid certificate id')
  const all = level.of(originPulls)
  const found = Object.hasOwn(all, id) ? all[id] : undefined
  const hidden =
    faults.has('edge.pulls-tombstone-unreadable') &&
    found !== undefined &&
    statusAt(found.lifecycle, store.now()) === 'deleted'
  if (found === undefined || hidden) throw refusal(level.missing)
  return found
}

/** Those that are not deleted, in the order of their upload. */
export const listCertificates = ({ originPulls }: ZoneState, level: Level, now: number): PullCertificate[] =>
  Object.values(level.of(originPulls)).filter(({ lifecycle }) => statusAt(lifecycle, now) !== 'deleted')

/** Stores an upload. The same PEM after its deletion comes back under the id it had. @throws ApiError. */
export function uploadCertificate(
  zone: ZoneState,
  level: Level,
  body: { certificate?: unknown; private_key?: unknown },
  { store, faults }: ApiContext,
): PullCertificate {
  const upload = readUpload(body.certificate, body.private_key, faults)
  if (typeof upload === 'string') throw refusal(upload)
  const now = store.now()
  const at = new Date(now).toISOString()
  const all = level.of(zone.originPulls)
  const same = Object.values(all).find(({ certificate }) => sameCertificates(certificate, upload.certificate))
  if (same !== undefined && statusAt(same.lifecycle, now) !== 'deleted') throw refusal('already exists')
  if (listCertificates(zone, level, now).length >= level.limit) throw refusal('too many certificates')
  const { deployment } = store.state.delays
  const again = same !== undefined && !faults.has('edge.pulls-new-id-after-deletion')
  const made: PullCertificate = {
    ...upload,
    id: again ? same.id : newId(),
    uploadedOn: at,
    updatedAt: at,
    deployedAt: freeMoment(all, now + Math.max(deployment, 0)),
    lifecycle: turning('pending_deployment', 'active', now, deployment),
  }
  all[made.id] = made
  store.changed()
  return made
}

/** Begins a deletion. What is being deleted is not presented any more. @throws ApiError. */
export function deleteCertificate(
  zone: ZoneState,
  level: Level,
  id: string,
  context: ApiContext,
): PullCertificate {
  const { store, faults } = context
  const found = certificateWithId(zone, level, id, context)
  const now = store.now()
  switch (statusAt(found.lifecycle, now)) {
    case 'deleted':
      throw refusal(level.gone)
    case 'pending_deletion':
      throw refusal('pending deletion')
    case 'initializing':
    case 'pending_deployment':
      throw refusal('pending deployment')
  }
  const used = level.name === 'hostname' && isInUse(zone.originPulls, id, now)
  if (used && !faults.has('edge.pulls-deletes-in-use')) throw refusal('in use')
  found.lifecycle = turning('pending_deletion', 'deleted', now, store.state.delays.deletion)
  found.updatedAt = new Date(now).toISOString()
  store.changed()
  return found
}

/** Named by an association, switched on or off, or by one that is being replaced. */
function isInUse({ associations }: OriginPulls, id: string, now: number): boolean {
  return Object.values(associations).some(
    ({ certId, previous, lifecycle }) =>
      certId === id || (previous?.certId === id && statusAt(lifecycle, now) !== 'active'),
  )
}

function freeMoment(all: Record<string, PullCertificate>, wanted: number): number {
  const taken = new Set(Object.values(all).map(({ deployedAt }) => deployedAt))
  let moment = wanted
  while (taken.has(moment)) moment += 1
  return moment
}
