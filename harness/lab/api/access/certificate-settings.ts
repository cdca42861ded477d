/**
 * What the edge does with client certificates on a hostname (`/access/certificates/settings`). The settings are the
 * account's; a zone sees and writes those of its own hostnames.
 * @module
 */
import type { ApiContext } from '../context.ts'
import { type Envelope, success } from '../envelope.ts'
import { bodyReader, field } from './body.ts'
import { conflict, invalid } from './errors.ts'
import { isOwnHostname } from './hostnames.ts'
import { type AccessRoute, entry, type Owner, objectsOfAccount } from './scope.ts'

interface Setting {
  hostname: string
  china_network: boolean
  client_certificate_forwarding: boolean
}

const read = bodyReader<{ settings: unknown[] }>({
  required: ['settings'],
  fields: { settings: { type: 'array', minItems: 1, maxItems: 1000 } },
})
const readSetting = bodyReader<Setting>({
  required: ['hostname', 'china_network', 'client_certificate_forwarding'],
  fields: {
    hostname: { type: 'string', minLength: 1, maxLength: 253 },
    china_network: field.boolean,
    client_certificate_forwarding: field.boolean,
  },
})

/** The routes of settings. */
export function certificateSettingRoutes(context: ApiContext): AccessRoute[] {
  const { store } = context
  /** Written settings, and those of hostnames that have a CA and nothing written. */
  const list = (owner: Owner): Envelope<Setting[]> => {
    const { certificateSettings } = owner.access
    const attached = objectsOfAccount(context, owner.account)
      .flatMap(({ certificates }) => Object.values(certificates))
      .flatMap(({ associatedHostnames }) => associatedHostnames)
    const names = new Set([...Object.keys(certificateSettings), ...attached])
    return success(
      [...names]
        .filter((name) => isOwnHostname(context, owner, name))
        .toSorted()
        .map((hostname) => {
          const written = entry(certificateSettings, hostname)
          return {
            hostname,
            china_network: written?.chinaNetwork ?? false,
            client_certificate_forwarding: written?.clientCertificateForwarding ?? false,
          }
        }),
    )
  }
  return [
    { method: 'GET', path: '/certificates/settings', handle: ({ owner }) => list(owner) },
    {
      method: 'PUT',
      path: '/certificates/settings',
      status: 202,
      handle({ owner, body }) {
        const { access } = owner
        const settings = read(body).settings.map((given, at) => readSetting(given, `settings.${at}`))
        if (settings.some(({ hostname }) => !isOwnHostname(context, owner, hostname.toLowerCase())))
          throw invalid('hostname does not belong to zone')
        const now = store.now()
        if (now < access.certificateSettingsAt + store.state.delays.certificateSettings)
          throw conflict('previous certificate settings still being updated')
        for (const { hostname, china_network, client_certificate_forwarding } of settings) {
          access.certificateSettings[hostname.toLowerCase()] = {
            chinaNetwork: china_network,
            clientCertificateForwarding: client_certificate_forwarding,
          }
        }
        access.certificateSettingsAt = now
        store.changed()
        return list(owner)
      },
    },
  ]
}
