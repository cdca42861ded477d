/**
 * Hostnames and the certificates presented to their origins: PUT changes those it names and leaves the others.
 * @module
 */
import { statusAt, turning } from '../../state/lifecycle.ts'
import type { OriginPulls, PullAssociation, PullCertificate, PullTerms } from '../../state/origin-pulls.ts'
import type { ZoneState } from '../../state/types.ts'
import type { ApiContext } from '../context.ts'
import { refusal } from './refusals.ts'
import { type AssociationView, associationView } from './views.ts'

const perCertificate = 100
const name = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/

interface Item {
  hostname: string
  certificate: PullCertificate
  enabled: boolean | null
}

/** The association of a hostname. @throws ApiError 1553. */
export function readAssociation(
  { originPulls: { associations, hostnameCertificates } }: ZoneState,
  hostname: string,
  now: number,
): AssociationView {
  const wanted = hostname.toLowerCase()
  const found = Object.hasOwn(associations, wanted) ? associations[wanted] : undefined
  const certificate = found === undefined ? undefined : hostnameCertificates[found.certId]
  if (found === undefined || certificate === undefined) throw refusal('no association')
  return associationView(found, certificate, now)
}

/** Sets what `config` says, all of it or nothing. @throws ApiError 1404, 1415, or over the limit. */
export function putAssociations(zone: ZoneState, config: unknown, context: ApiContext): AssociationView[] {
  const { store } = context
  if (!Array.isArray(config) || config.length === 0) throw refusal('invalid config')
  const items = config.map((item) => readItem(item, zone, store.now()))
  const after = { ...zone.originPulls.associations }
  const views = items.map((item) => apply(item, after, context))
  const counts = new Map<string, number>()
  for (const { certId } of Object.values(after)) counts.set(certId, (counts.get(certId) ?? 0) + 1)
  for (const { certificate } of items)
    if ((counts.get(certificate.id) ?? 0) > perCertificate) throw refusal('too many associations')
  zone.originPulls.associations = after
  store.changed()
  return views
}

function readItem(item: unknown, zone: ZoneState, now: number): Item {
  if (typeof item !== 'object' || item === null) throw refusal('invalid config')
  const { hostname, cert_id: id, enabled } = item as Record<string, unknown>
  if (id === undefined || id === null || id === '') throw refusal('certificate id required')
  const { hostnameCertificates } = zone.originPulls
  const certificate =
    typeof id === 'string' && Object.hasOwn(hostnameCertificates, id) ? hostnameCertificates[id] : undefined
  if (certificate === undefined || isGone(certificate, now)) throw refusal('invalid certificate id')
  const wanted = typeof hostname === 'string' ? hostname.toLowerCase() : ''
  if (!name.test(wanted) || !(wanted === zone.name || wanted.endsWith(`.${zone.name}`)))
    throw refusal('invalid hostname')
  // The schema lets `enabled` out; what the real API makes of that was not found, so it is not guessed.
  if (enabled !== null && typeof enabled !== 'boolean') throw refusal('invalid config')
  return { hostname: wanted, certificate, enabled }
}

const isGone = ({ lifecycle }: PullCertificate, now: number): boolean =>
  ['pending_deletion', 'deleted'].includes(statusAt(lifecycle, now))

function apply(
  { hostname, certificate, enabled: asked }: Item,
  associations: OriginPulls['associations'],
  { store, faults }: ApiContext,
): AssociationView {
  const now = store.now()
  const at = new Date(now).toISOString()
  const before = Object.hasOwn(associations, hostname) ? associations[hostname] : undefined
  const enabled = asked === null && faults.has('edge.pulls-null-as-false') ? false : asked
  // Not before its certificate.
  const delay = Math.max(store.state.delays.deployment, (certificate.lifecycle.next?.at ?? now) - now)
  const previous = before === undefined || delay <= 0 ? undefined : termsAt(before, now)
  const association: PullAssociation = {
    hostname,
    certId: certificate.id,
    enabled: enabled === true,
    createdAt: before?.createdAt ?? at,
    updatedAt: at,
    lifecycle: turning('pending_deployment', 'active', now, delay),
    ...(previous === undefined ? {} : { previous }),
  }
  if (enabled === null) delete associations[hostname]
  else associations[hostname] = association
  return associationView(association, certificate, now, enabled)
}

/** What the edge acts on at this moment. */
function termsAt(association: PullAssociation, now: number): PullTerms | undefined {
  const { certId, enabled, previous, lifecycle } = association
  return statusAt(lifecycle, now) === 'active' ? { certId, enabled } : previous
}
