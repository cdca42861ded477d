/**
 * What the edge trusts at the start where the managed CA is associated.
 * @module
 */
import { clientCasOf } from '../edge/client-cas.ts'
import type { ClientTrust } from '../edge/verify-chain.ts'
import { primary } from '../hostnames.ts'
import type { LabMaterial } from '../material.ts'
import { seedState } from '../state/seed.ts'
import { createStore } from '../state/store.ts'

/** Anchors and revocations of the primary hostname. */
export function managedTrust(material: LabMaterial): ClientTrust {
  const store = createStore(seedState(material, new Date()))
  const host = store.hostname(primary.hostname)
  const cas = host === undefined ? undefined : clientCasOf(host, store.zoneOf(host), store, material)
  if (cas === undefined) throw new Error('the primary hostname has no client CA')
  return cas.trust
}
