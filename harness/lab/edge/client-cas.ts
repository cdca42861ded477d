/**
 * The client CAs of a hostname: which are named in its CertificateRequest, and which a certificate is verified against.
 * @module
 */
import type { LabMaterial } from '../material.ts'
import type { Store } from '../state/store.ts'
import type { HostnameState, ZoneState } from '../state/types.ts'
import { type Certificate, readTrusted } from './certificate.ts'
import { managedRevocations, type RevocationList } from './revocation.ts'
import type { ClientTrust } from './verify-chain.ts'

/** Client CAs of a hostname. */
export interface ClientCas {
  /** PEM of those named in the CertificateRequest, in a stable order. */
  named: readonly string[]
  trust: ClientTrust
  /** When revocation changes by itself (epoch milliseconds). */
  until: number
}

const parsed = new Map<string, Certificate[]>()

/** The certificates of a PEM text, read once. */
function trusted(pem: string): Certificate[] {
  const known = parsed.get(pem)
  if (known !== undefined) return known
  const certificates = readTrusted(pem)
  if (parsed.size >= 1000) parsed.clear()
  parsed.set(pem, certificates)
  return certificates
}

/**
 * The CAs associated with a hostname; undefined: no client certificate is asked for. The managed CA is one for all
 * accounts: every account's issuing CA is trusted, the own one is named.
 */
export function clientCasOf(
  { hostname }: HostnameState,
  zone: ZoneState,
  store: Store,
  { managedCas }: LabMaterial,
): ClientCas | undefined {
  const account = store.accountOf(zone)
  const associated = (id: string): boolean => zone.hostnameAssociations[id]?.includes(hostname) === true
  const managed = associated('managed') ? Object.entries(managedCas) : []
  const uploaded = Object.values(account.mtlsCertificates).filter(({ id }) => associated(id))
  const forAccess = [account.access, zone.access]
    .flatMap(({ certificates }) => Object.values(certificates))
    .filter(({ associatedHostnames }) => associatedHostnames.includes(hostname))
  const others = [
    ...uploaded.map(({ certificates }) => certificates),
    ...forAccess.map(({ certificate }) => certificate),
  ]
  if (managed.length === 0 && others.length === 0) return undefined
  const lists: RevocationList[] = []
  let until = Number.POSITIVE_INFINITY
  for (const [accountId, { cert }] of managed) {
    const [ca] = trusted(cert)
    if (ca === undefined) continue
    const revocations = managedRevocations(store, accountId, ca)
    lists.push(revocations.list)
    until = Math.min(until, revocations.until)
  }
  const own = managed.filter(([accountId]) => accountId === account.id)
  return {
    named: [...own.map(([, { cert }]) => cert), ...others],
    trust: { anchors: [...managed.map(([, { cert }]) => cert), ...others].flatMap(trusted), lists },
    until,
  }
}
