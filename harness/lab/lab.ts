/**
 * The embedded lab in this process: mock edge, origins, and, where asked for, control plane and identity provider; with
 * deliberate faults on demand.
 * @module
 */
import { HarnessError } from '../errors.ts'
import type { Identity } from '../pki/types.ts'
import { createAccessGate } from './access/gate.ts'
import type { Api } from './api/server.ts'
import { type Edge, startEdge } from './edge/edge.ts'
import { defaultLimits, type Limits } from './edge/limits.ts'
import { type Faults, selectFaults } from './faults.ts'
import { type LabFiles, writeLabFiles } from './files.ts'
import { accounts, labHostnames, teamDomain } from './hostnames.ts'
import type { Idp } from './idp/idp.ts'
import { createLabMaterial, type LabMaterial } from './material.ts'
import type { ContainerName, ContainerOrigin } from './origins/containers/types.ts'
import { assertionsOf } from './origins/lab-assertions.ts'
import { type Origins, originAddresses, startOrigins } from './origins/origins.ts'
import { misconfigure } from './state/misconfigure.ts'
import { noDelays, seedState } from './state/seed.ts'
import { seedAccess } from './state/seed-access.ts'
import { containerHostname, seedContainers } from './state/seed-containers.ts'
import { createStore, type Store } from './state/store.ts'
import type { Delays } from './state/types.ts'

export { createLabMaterial, type LabMaterial } from './material.ts'

/** How a lab is started. */
export interface LabOptions {
  /** Ids of faults; default: none. */
  faults?: readonly string[]
  /** Folder for certificates, keys, `harness.yaml` and `lab.json`; made when missing. Default: nothing is written. */
  dir?: string
  /** TLS port of the edge; default: any free one. */
  port?: number
  /** Default: fresh. Give it where many labs are started. */
  material?: LabMaterial
  /** Closes the lab. */
  signal?: AbortSignal
  /** What the edge puts up with, in milliseconds and bytes. */
  limits?: Partial<Limits>
  /**
   * `data-plane`: edge and origins; `control-plane`: the API too; `all`: the identity provider as well. Default: `data-plane`.
   */
  parts?: 'data-plane' | 'control-plane' | 'all'
  /** How long changes take; default: nothing. */
  delays?: Delays
  /** Origins in containers, started with the same material; whoever started them closes them. Default: none. */
  containers?: readonly ContainerOrigin[]
  /** Gets the leaf (DER) of every client certificate that reached the edge in a full handshake, refused ones too. */
  onCertificate?: (leaf: Buffer) => void
}

/** A running lab. */
export interface Lab {
  edge: { host: '127.0.0.1'; port: number; plainPort: number; otherPort: number }
  /** By name. */
  origins: Readonly<Record<string, { host: string; port: number; tlsPort: number }>>
  /** With `parts: 'control-plane'` or `'all'`. */
  api?: { baseURL: string; labURL: string }
  /** What is configured: the control plane writes it. */
  store: Store
  /** Path of `harness.yaml`, with `dir`. */
  deploymentFile?: string
  /** Path of `lab.json`, with `dir`. */
  labFile?: string
  /** Origins in containers: the hostname of each, and with `dir` the path of its deployment file. */
  containers: readonly { name: ContainerName; server: string; hostname: string; deploymentFile?: string }[]
  hostnames: readonly string[]
  /** Good identities and the revoked one, by name. */
  identities: Readonly<Record<string, Identity>>
  /** Takes everything down within a second, connections included, and removes `lab.json` and the keys. May be called twice. */
  close(): Promise<void>
}

/**
 * Starts a lab on 127.0.0.1.
 * @throws HarnessError ERR_USAGE for a fault that does not exist or a port that cannot be had, ERR_INTERRUPTED when
 *   the signal has fired already.
 */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const faults = selectFaults(options.faults ?? [])
  if (options.signal?.aborted === true)
    throw new HarnessError('ERR_INTERRUPTED', 'interrupted before the lab was up')
  const material = options.material ?? (await createLabMaterial())
  const store = createStore(seedState(material, new Date(), options.delays ?? noDelays))
  const closing: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    await Promise.all(closing.splice(0).map((end) => end()))
  }
  try {
    return await assemble({ options, faults, material, store, closing, close })
  } catch (error) {
    await close()
    throw asUsage(error, options.port)
  }
}

/** Whose session the deployment file of the lab has. */
const sessionUser = 'alice@harness.test'

interface Assembly {
  options: LabOptions
  faults: Faults
  material: LabMaterial
  store: Store
  /** What has to be ended, in any order. */
  closing: (() => Promise<void>)[]
  close(): Promise<void>
}

async function assemble(assembly: Assembly): Promise<Lab> {
  const { options, faults, material, store, closing } = assembly
  const { containers = [] } = options
  const closes = <Part extends { close(): Promise<void> }>(part: Part): Part => {
    closing.push(() => part.close())
    return part
  }
  const origins = closes(await startOrigins(material, () => store.now(), faults, assertionsOf(store, faults)))
  const addresses = { ...originAddresses(origins), ...placesOf(containers) }
  seedContainers(store, containers)
  const access = createAccessGate({ store, faults })
  closes(access)
  const limits = { ...defaultLimits, ...options.limits }
  const { port = 0, onCertificate } = options
  const edge = closes(
    await startEdge({ material, faults, store, access, origins: addresses, limits, port, onCertificate }),
  )
  const { api, idp } = await controlPlane(assembly, edge, origins)
  seedAccess(store, material, idp)
  misconfigure(store, material, faults)
  const session = await access.begin(accounts.lab.id, sessionUser)
  const urls = api === undefined ? {} : { api: { baseURL: api.baseURL, labURL: api.labURL } }
  let files: LabFiles | undefined
  if (options.dir !== undefined) {
    const about = { edge, origins: addresses, containers, store, session, ...urls }
    const told = { ...about, ...(idp === undefined ? {} : { idp }) }
    files = await writeLabFiles(options.dir, { material, ...told })
    const { remove } = files
    closing.push(remove)
  }
  return {
    edge: { host: edge.host, port: edge.port, plainPort: edge.plainPort, otherPort: edge.otherPort },
    origins: addresses,
    ...urls,
    store,
    ...(files === undefined ? {} : { deploymentFile: files.deployment, labFile: files.lab }),
    containers: containers.map(({ name, server }) => ({
      name,
      server,
      hostname: containerHostname(name),
      ...(files === undefined ? {} : { deploymentFile: files.containers[name] ?? '' }),
    })),
    hostnames: [
      ...labHostnames.map(({ hostname }) => hostname),
      ...containers.map(({ name }) => containerHostname(name)),
    ],
    identities: material.identities,
    close: closeOnce(assembly),
  }
}

const placesOf = (
  containers: readonly ContainerOrigin[],
): Readonly<Record<string, { host: string; port: number; tlsPort: number }>> =>
  Object.fromEntries(containers.map(({ name, host, port, tlsPort }) => [name, { host, port, tlsPort }]))

/** Loaded only where it is wanted: a verification of the data plane does not need it. */
async function controlPlane(
  { options: { parts = 'data-plane', containers = [] }, faults, material, store, closing }: Assembly,
  edge: Edge,
  origins: Origins,
): Promise<{ api?: Api; idp?: Idp }> {
  if (parts === 'data-plane') return {}
  const idp = parts === 'all' ? await identityProvider(edge, closing) : undefined
  const [{ startApi }, { createApiContext }] = await Promise.all([
    import('./api/server.ts'),
    import('./api/context.ts'),
  ])
  const context = createApiContext({ store, material, faults, origins, containers })
  const api = await startApi(context)
  closing.push(() => api.close())
  return { api, ...(idp === undefined ? {} : { idp }) }
}

async function identityProvider({ port }: Edge, closing: Assembly['closing']): Promise<Idp> {
  const { startIdp } = await import('./idp/idp.ts')
  const place = `${teamDomain}${port === 443 ? '' : `:${port}`}`
  const idp = await startIdp({ redirectUris: [`https://${place}/cdn-cgi/access/callback`] })
  closing.push(() => idp.close())
  return idp
}

function closeOnce({ options: { signal }, close }: Assembly): () => Promise<void> {
  let closed: Promise<void> | undefined
  const once = (): Promise<void> => {
    signal?.removeEventListener('abort', onAbort)
    closed ??= close()
    return closed
  }
  const onAbort = (): void => void once()
  signal?.addEventListener('abort', onAbort)
  return once
}

function asUsage(error: unknown, port: number | undefined): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return error
  const why = code === 'EACCES' ? 'may not be used' : 'is in use'
  return new HarnessError('ERR_USAGE', `port ${port} of 127.0.0.1 ${why}`, {
    hint: 'give another one, or none',
    cause: error,
  })
}
