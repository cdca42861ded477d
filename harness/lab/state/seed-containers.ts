/**
 * Hostnames for the origins in containers, where a lab has them.
 * @module
 */
import { zones } from '../hostnames.ts'
import type { ContainerName } from '../origins/containers/types.ts'
import type { Store } from './store.ts'

/** The hostname behind which a container is. */
export const containerHostname = (name: ContainerName): string => `${name}.${zones.lab.name}`

/** In one phrase, for people. @param server its name and version. */
export const containerWhat = (server: string): string =>
  `${server} in a container; it insists on the edge’s certificate`

/**
 * Adds a hostname for each, and has the edge present the operator's certificate to it.
 * @throws Error where the lab's zone has no such certificate.
 */
export function seedContainers(
  store: Store,
  containers: readonly { name: ContainerName; server: string }[],
): void {
  if (containers.length === 0) return
  const zone = store.state.zones[zones.lab.id]
  const [certificate] = Object.values(zone?.originPulls.hostnameCertificates ?? {})
  if (zone === undefined || certificate === undefined)
    throw new Error('the zone of the lab has no origin-pull certificate')
  const at = store.timestamp()
  for (const { name, server } of containers) {
    const hostname = containerHostname(name)
    store.state.hostnames[hostname] = {
      hostname,
      zoneId: zone.id,
      what: containerWhat(server),
      origin: name,
    }
    zone.originPulls.associations[hostname] = {
      hostname,
      certId: certificate.id,
      enabled: true,
      createdAt: at,
      updatedAt: at,
      lifecycle: { status: 'active' },
    }
  }
  store.changed()
}
