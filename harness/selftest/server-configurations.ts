/**
 * Configurations of real servers that protect the origin, and that do not: what the suite `origin` has to say about each.
 * @module
 */
import type { GuardedMaterial } from '../lab/origins/containers/lab-containers.ts'
import {
  type ContainerName,
  type ContainerSettings,
  containerNames,
} from '../lab/origins/containers/types.ts'
import { containerHostname } from '../lab/state/seed-containers.ts'

/** One configuration. */
export interface ServerConfiguration {
  id: string
  /** What the operator did. */
  what: string
  /** Servers that can be configured so; default: all. */
  servers?: readonly ContainerName[]
  /** Beside the good configuration. */
  change: (name: ContainerName, material: GuardedMaterial) => Partial<ContainerSettings>
  /** Checks that must find it; none: it is good. */
  found: readonly string[]
  /** Checks that cannot see it at this server, and say so instead of passing. */
  unseen?: Partial<Record<ContainerName, readonly string[]>>
  /**
   * Checks that may find it too, or have nothing left to look at. All others must pass as with the good configuration.
   */
  alsoAffected?: readonly string[]
}

/** The ways a server can be open that make further checks of the suite skip. */
const whereOpen = [
  'origin.direct-1.2',
  'origin.other-names',
  'origin.forged-edge-headers',
  'origin.self-signed',
  'origin.impostor-ca',
  'origin.visitor-certificate',
  'origin.other-identity',
] as const

const webServers = containerNames.filter((name) => name !== 'alb')

/** The table. */
export const serverConfigurations: readonly ServerConfiguration[] = [
  {
    id: 'good',
    what: 'client certificates required, of the operator’s own CA only and of the edge only, no plain port',
    change: () => ({}),
    found: [],
  },
  {
    id: 'tls-1.2',
    what: 'the same in TLS 1.2 only: good, too',
    change: () => ({ maxVersion: 'TLSv1.2' }),
    found: [],
  },
  {
    id: 'open',
    what: 'nobody is asked for a certificate',
    change: () => ({ clientCertificates: 'off' }),
    found: ['origin.direct', 'origin.allow-list-only'],
    alsoAffected: [...whereOpen, 'origin.insists', 'origin.shared-ca'],
  },
  {
    id: 'optional',
    what: '`optional` was left on (alb: passthrough)',
    change: (name) => ({ clientCertificates: name === 'alb' ? 'passthrough' : 'optional' }),
    found: ['origin.direct', 'origin.insists', 'origin.allow-list-only'],
    alsoAffected: whereOpen,
  },
  {
    id: 'shared-ca',
    what: 'the origin-pull CA that all accounts share is trusted beside the own one',
    change: (_, { pulls, sharedPull }) => ({ trust: `${pulls.ca}\n${sharedPull.ca}`, onlySubject: '' }),
    found: ['origin.shared-ca', 'origin.other-identity'],
    // It names no CA in its CertificateRequest.
    unseen: { alb: ['origin.shared-ca'] },
  },
  {
    id: 'visitors-ca',
    what: 'the CA of the visitors’ certificates is trusted: the chain is good, whose it is is not looked at',
    change: (_, { pulls, clientCas }) => ({ trust: `${pulls.ca}\n${clientCas.A.cert}`, onlySubject: '' }),
    found: ['origin.visitor-certificate', 'origin.other-identity'],
  },
  {
    id: 'identity',
    what: 'whose certificate of the own CA it is is not looked at (alb: by the target)',
    change: () => ({ onlySubject: '' }),
    found: ['origin.other-identity'],
  },
  {
    id: 'plain',
    what: 'the plain port was left open (alb: the target is reached around the load balancer)',
    change: () => ({ plainPort: 'open' }),
    found: ['origin.plain-port'],
  },
  {
    id: 'other-names',
    what: 'only one virtual host asks for certificates, the default one does not',
    servers: webServers,
    change: (name) => ({ onlyFor: containerHostname(name) }),
    found: ['origin.other-names'],
  },
]
