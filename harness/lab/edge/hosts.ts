/**
 * The state as the edge needs it: what holds for a hostname, worked out once per change of the state.
 * @module
 */
import { transferDomain } from '../hostnames.ts'
import type { LabMaterial } from '../material.ts'
import type { Store } from '../state/store.ts'
import type { ZoneState } from '../state/types.ts'
import { type ClientCas, clientCasOf } from './client-cas.ts'
import { blocksWithoutCertificate } from './waf.ts'

/** Client certificates on one hostname. */
export interface EdgeMtls extends ClientCas {
  /** `enforce`: a rule blocks requests without a certificate. */
  mode: 'enforce' | 'report'
  /** The certificate itself goes to the origin (`/access/certificates/settings`). */
  forwarded: boolean
}

/** A hostname of the edge. */
export interface EdgeHost {
  hostname: string
  /** Undefined for the hostnames of Access itself, and for one that nobody configured (a fault). */
  zone: ZoneState | undefined
  /** Name of the origin. */
  origin: string
  /** Undefined: no client certificate is asked for. */
  mtls: EdgeMtls | undefined
}

/** Every hostname, as of now. */
export interface Hosts {
  /** The hostname configured under a name in lower case. */
  byName(name: string): EdgeHost | undefined
}

/** Hostnames of a store. */
export function createHosts(store: Store, material: LabMaterial): Hosts {
  let revision = 0
  let until = 0
  const known = new Map<string, EdgeHost | undefined>()
  return {
    byName(name) {
      if (revision !== store.revision || store.now() >= until) {
        known.clear()
        revision = store.revision
        until = Number.POSITIVE_INFINITY
      }
      if (known.has(name)) return known.get(name)
      const host = hostOf(name, store, material)
      // Names that are not configured are not remembered: clients choose them.
      if (host === undefined) return undefined
      known.set(name, host)
      until = Math.min(until, host.mtls?.until ?? until)
      return host
    },
  }
}

function hostOf(name: string, store: Store, material: LabMaterial): EdgeHost | undefined {
  if (isAccessDomain(name, store)) return { hostname: name, zone: undefined, origin: '', mtls: undefined }
  const hostname = store.hostname(name)
  if (hostname === undefined) return undefined
  const zone = store.zoneOf(hostname)
  const cas = clientCasOf(hostname, zone, store, material)
  const mode = cas !== undefined && blocksWithoutCertificate(zone, name) ? 'enforce' : 'report'
  const settings = store.accountOf(zone).access.certificateSettings
  const forwarded = Object.hasOwn(settings, name) && settings[name]?.clientCertificateForwarding === true
  return {
    hostname: name,
    zone,
    origin: hostname.origin,
    mtls: cas === undefined ? undefined : { ...cas, mode, forwarded },
  }
}

/** A team domain, or where cloudflared fetches tokens. */
const isAccessDomain = (name: string, { state }: Store): boolean =>
  name === transferDomain ||
  Object.values(state.accounts).some(({ access }) => access.organization?.authDomain === name)
