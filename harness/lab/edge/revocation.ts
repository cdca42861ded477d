/**
 * Revocation as the edge knows it: the managed CA's own book. CRLs of uploaded CAs are not looked at.
 * @module
 */
import { describeCertificate } from '../../pki/describe.ts'
import { statusAt } from '../state/lifecycle.ts'
import type { Store } from '../state/store.ts'
import type { ClientCertificate } from '../state/types.ts'
import type { Certificate } from './certificate.ts'

/** What one CA has revoked. */
export interface RevocationList {
  /** DER of the issuer's name. */
  issuer: Buffer
  /** Upper-case hex. */
  serials: ReadonlySet<string>
}

/** The book of a managed CA, and when it changes by itself (epoch milliseconds). */
export function managedRevocations(
  store: Store,
  accountId: string,
  ca: Certificate,
): { list: RevocationList; until: number } {
  const now = store.now()
  const serials = new Set<string>()
  let until = Number.POSITIVE_INFINITY
  for (const zone of Object.values(store.state.zones)) {
    if (zone.accountId !== accountId) continue
    for (const certificate of Object.values(zone.clientCertificates)) {
      const { lifecycle } = certificate
      const status = statusAt(lifecycle, now)
      if (status === 'revoked' || status === 'pending_reactivation') serials.add(serialOf(certificate))
      if (lifecycle.next !== undefined && lifecycle.next.at > now) until = Math.min(until, lifecycle.next.at)
    }
  }
  return { list: { issuer: ca.subject, serials }, until }
}

const serialNumbers = new WeakMap<ClientCertificate, string>()

function serialOf(entry: ClientCertificate): string {
  const known = serialNumbers.get(entry)
  if (known !== undefined) return known
  const described = describeCertificate(entry.certificate)
  const serial = described.ok ? described.facts.serial : ''
  serialNumbers.set(entry, serial)
  return serial
}
