/**
 * The embedded lab: mock edge and origin in this process, with deliberate faults on demand.
 * @module
 */
import { HarnessError } from '../errors.ts'
import type { Identity } from '../pki/types.ts'
import { type Edge, startEdge } from './edge/edge.ts'
import { defaultLimits, type Limits } from './edge/limits.ts'
import { selectFaults } from './faults.ts'
import { type LabFiles, writeLabFiles } from './files.ts'
import { labHostnames } from './hostnames.ts'
import { createLabMaterial, type LabMaterial } from './material.ts'
import { type Origin, startOrigin } from './origins/origin.ts'

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
}

/** A running lab. */
export interface Lab {
  edge: { host: '127.0.0.1'; port: number; plainPort: number }
  origin: { host: '127.0.0.1'; port: number }
  /** Path of `harness.yaml`, with `dir`. */
  deploymentFile?: string
  /** Path of `lab.json`, with `dir`. */
  labFile?: string
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
  const limits = { ...defaultLimits, ...options.limits }
  const origin = await startOrigin()
  let edge: Edge | undefined
  let files: LabFiles | undefined
  try {
    edge = await startEdge({ material, faults, origin, limits, port: options.port ?? 0 })
    if (options.dir !== undefined) files = await writeLabFiles(options.dir, { material, edge, origin })
  } catch (error) {
    await Promise.all([edge?.close(), origin.close()])
    throw asUsage(error, options.port)
  }
  return running(edge, origin, files, material, options.signal)
}

function running(
  edge: Edge,
  origin: Origin,
  files: LabFiles | undefined,
  { identities }: LabMaterial,
  signal: AbortSignal | undefined,
): Lab {
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    signal?.removeEventListener('abort', onAbort)
    closing ??= Promise.all([edge.close(), origin.close(), files?.remove()]).then(() => {})
    return closing
  }
  const onAbort = (): void => void close()
  signal?.addEventListener('abort', onAbort)
  return {
    edge: { host: edge.host, port: edge.port, plainPort: edge.plainPort },
    origin: { host: origin.host, port: origin.port },
    ...(files === undefined ? {} : { deploymentFile: files.deployment, labFile: files.lab }),
    hostnames: labHostnames.map(({ hostname }) => hostname),
    identities,
    close,
  }
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
