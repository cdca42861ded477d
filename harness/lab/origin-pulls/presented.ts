/**
 * Which client certificate the edge presents to the origin of a hostname. Three independent levels: per hostname, else
 * zone, else global (developers.cloudflare.com ssl/origin-configuration/authenticated-origin-pull).
 * @module
 */
import type { Faults } from '../faults.ts'
import type { CertificateAndKey } from '../material.ts'
import { statusAt } from '../state/lifecycle.ts'
import type { OriginPulls, PullCertificate, PullTerms } from '../state/origin-pulls.ts'
import type { ZoneState } from '../state/types.ts'

/** A certificate to present, and the level that says so. */
export interface PresentedPull extends CertificateAndKey {
  level: 'hostname' | 'zone' | 'global'
}

/** What one level says; undefined: nothing, the next one is asked. */
type Said = PresentedPull | 'no certificate' | undefined

/**
 * The certificate for a hostname (lower case) at a moment (epoch ms); undefined: none is presented. An expired one is
 * presented all the same.
 * @param shared the certificate that is the same for every account.
 */
export function pullCertificateFor(
  zone: ZoneState,
  hostname: string,
  now: number,
  shared: CertificateAndKey,
  faults: Faults,
): PresentedPull | undefined {
  const { originPulls: pulls, settings } = zone
  const mode = settings.ssl.value
  if (mode === 'off') return undefined
  if (mode === 'flexible' && !faults.has('edge.pulls-in-flexible')) return undefined
  const global = settings.tls_client_auth.value === 'on'
  if (!global && faults.has('edge.pulls-need-global-switch')) return undefined
  const said: Record<PresentedPull['level'], Said> = {
    hostname: ofHostname(pulls, hostname, now, shared, faults),
    zone: ofZone(pulls, now, faults),
    global: global ? { ...shared, level: 'global' } : undefined,
  }
  const first = precedence(faults)
    .map((level) => said[level])
    .find((one) => one !== undefined)
  if (first === undefined || first === 'no certificate') return undefined
  return faults.has('edge.pulls-stop-when-expired') && isExpired(first, now, pulls) ? undefined : first
}

/** The next moment (epoch ms) at which the answer can change without anybody's doing. */
export function nextPullChange({ associations, ...certificates }: OriginPulls, now: number): number {
  const pending = [
    ...Object.values(certificates.zoneCertificates),
    ...Object.values(certificates.hostnameCertificates),
    ...Object.values(associations),
  ]
  const moments = pending.flatMap(({ lifecycle: { next } }) => (next === undefined ? [] : [next.at]))
  return Math.min(...moments.filter((at) => at > now))
}

function precedence(faults: Faults): readonly PresentedPull['level'][] {
  if (faults.has('edge.pulls-zone-before-hostname')) return ['zone', 'hostname', 'global']
  if (faults.has('edge.pulls-global-before-zone')) return ['hostname', 'global', 'zone']
  return ['hostname', 'zone', 'global']
}

function ofHostname(
  { associations, hostnameCertificates }: OriginPulls,
  hostname: string,
  now: number,
  shared: CertificateAndKey,
  faults: Faults,
): Said {
  const association = Object.hasOwn(associations, hostname) ? associations[hostname] : undefined
  if (association === undefined) return undefined
  const deployed =
    statusAt(association.lifecycle, now) === 'active' || faults.has('edge.pulls-pending-presented')
  const terms: PullTerms | undefined = deployed ? association : association.previous
  if (terms === undefined) return undefined
  if (!terms.enabled) return faults.has('edge.pulls-false-falls-back') ? undefined : 'no certificate'
  const certificate = Object.hasOwn(hostnameCertificates, terms.certId)
    ? hostnameCertificates[terms.certId]
    : undefined
  if (certificate === undefined || !isDeployed(certificate, now, faults)) return undefined
  return { ...(faults.has('edge.pulls-shared-for-hostname') ? shared : pair(certificate)), level: 'hostname' }
}

/** Whether a hostname has an association that is deployed and off. */
export function isSwitchedOff(
  { originPulls: { associations } }: ZoneState,
  hostname: string,
  now: number,
): boolean {
  const association = Object.hasOwn(associations, hostname) ? associations[hostname] : undefined
  if (association === undefined) return false
  const terms = statusAt(association.lifecycle, now) === 'active' ? association : association.previous
  return terms?.enabled === false
}

function ofZone({ enabled, zoneCertificates }: OriginPulls, now: number, faults: Faults): Said {
  if (!enabled) return undefined
  const deployed = Object.values(zoneCertificates)
    .filter((one) => isDeployed(one, now, faults))
    .toSorted((a, b) => a.deployedAt - b.deployedAt)
  const chosen = faults.has('edge.pulls-oldest-certificate') ? deployed[0] : deployed.at(-1)
  return chosen === undefined ? undefined : { ...pair(chosen), level: 'zone' }
}

function isDeployed({ lifecycle }: PullCertificate, now: number, faults: Faults): boolean {
  const status = statusAt(lifecycle, now)
  return (
    status === 'active' || (status === 'pending_deployment' && faults.has('edge.pulls-pending-presented'))
  )
}

const pair = ({ certificate, privateKey }: PullCertificate): CertificateAndKey => ({
  cert: certificate,
  key: privateKey,
})

function isExpired(
  { cert }: PresentedPull,
  now: number,
  { zoneCertificates, hostnameCertificates }: OriginPulls,
): boolean {
  const all = [...Object.values(zoneCertificates), ...Object.values(hostnameCertificates)]
  return all.some(({ certificate, expiresOn }) => certificate === cert && Date.parse(expiresOn) < now)
}
