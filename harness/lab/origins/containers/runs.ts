/**
 * Runs and what they leave behind: everything a run makes has its label, and the process that made it is told beside, so
 * that leftovers of runs that are over can be told from what a run beside us uses.
 * @module
 */
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ContainerRuntimeClient } from 'testcontainers'
import { dockerClient, isHandled } from './docker.ts'

/** The label; its value is the id of the run. */
export const runLabel = 'harness.lab'
const ownerLabel = 'harness.lab.owner'

/** What was removed, by number. */
export interface Removed {
  containers: number
  networks: number
  images: number
}

/** An id nobody has used. */
export const newRunId = (): string => randomBytes(8).toString('hex')

/** Labels of whatever a run of this process makes. */
export const labelsOf = (runId: string): Record<string, string> => ({
  [runLabel]: runId,
  [ownerLabel]: `${pidSpace()} ${process.pid} ${startOf(process.pid)}`,
})

/** Process ids mean something within one namespace only; '' where there are none. */
function pidSpace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return process.platform
  }
}

/** When a process started, in ticks since boot, so that a pid used again is not taken for it; 0 where it is not known. */
function startOf(pid: number): string {
  try {
    return (
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[19] ?? '0'
    )
  } catch {
    return '0'
  }
}

/** Whether the process that made something still runs. One of another namespace is taken to. */
function isOwned(labels: Record<string, string> | undefined): boolean {
  const [space, pid = '', start] = (labels?.[ownerLabel] ?? '').split(' ')
  if (pid === '') return false
  if (space !== pidSpace()) return true
  try {
    process.kill(Number(pid), 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return startOf(Number(pid)) === start
}

/** Removes the containers and networks of a run. */
export async function removeRun(runId: string): Promise<Removed> {
  return remove(await dockerClient(), `${runLabel}=${runId}`, () => true)
}

/**
 * Removes containers and networks of runs whose process is gone. Images are kept, as the next start needs them.
 * @param options.images removes those too. @param options.all what running processes use goes as well.
 * @throws ContainersUnavailable
 */
export async function cleanContainers({
  images = false,
  all = false,
}: {
  images?: boolean
  all?: boolean
} = {}): Promise<Removed> {
  const client = await dockerClient()
  const removed = await remove(client, runLabel, (labels) => all || !isOwned(labels))
  if (!images) return removed
  return { ...removed, images: await removeImages(client) }
}

/** Removes images with the label; one that a container is made from is refused by the engine, and stays. */
export async function removeImages(
  { container: { dockerode } }: ContainerRuntimeClient,
  reference = 'harness-lab/*',
): Promise<number> {
  const found = await dockerode.listImages({ filters: { label: [runLabel], reference: [reference] } })
  const results = await Promise.all(found.map(({ Id }) => dockerode.getImage(Id).remove().then(one, gone)))
  return sum(results)
}

const one = (): number => 1
const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

async function remove(
  { container: { dockerode } }: ContainerRuntimeClient,
  label: string,
  isOver: (labels: Record<string, string> | undefined) => boolean,
): Promise<Removed> {
  const filters = { label: [label] }
  const containers = (await dockerode.listContainers({ all: true, filters })).filter(({ Labels }) =>
    isOver(Labels),
  )
  const counts = await Promise.all(
    containers.map(({ Id }) => dockerode.getContainer(Id).remove({ force: true, v: true }).then(one, gone)),
  )
  const networks = (await dockerode.listNetworks({ filters })).filter(({ Labels }) => isOver(Labels))
  const nets = await Promise.all(networks.map(({ Id }) => dockerode.getNetwork(Id).remove().then(one, gone)))
  return { containers: sum(counts), networks: sum(nets), images: 0 }
}

/** Not there any more, or being removed by somebody else: as wanted. Anything else is an error. */
function gone(error: { statusCode?: number }): number {
  if (error.statusCode === 404 || error.statusCode === 409) return 0
  throw error
}

const live = new Set<string>()

/** Has a run removed when this process ends without having closed it, other than by SIGKILL. Returns how to take it back. */
export function removeAtExit(runId: string): () => void {
  if (live.size === 0) {
    process.on('exit', removeLive)
    for (const signal of signals) process.on(signal, endBySignal)
  }
  live.add(runId)
  return () => {
    live.delete(runId)
    if (live.size > 0) return
    process.off('exit', removeLive)
    for (const signal of signals) process.off(signal, endBySignal)
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Ends as the signal would have without us, unless somebody else listens, who decides then. */
function endBySignal(signal: NodeJS.Signals): void {
  if (isHandled(signal, endBySignal)) return
  removeLive()
  process.off(signal, endBySignal)
  process.kill(process.pid, signal)
}

/** Nothing asynchronous runs any more at the end of a process: another one does it. */
function removeLive(): void {
  if (live.size === 0) return
  const script = fileURLToPath(import.meta.resolve(`./remove-runs${import.meta.filename.slice(-3)}`))
  spawnSync(process.execPath, [script, ...live], { stdio: 'ignore', timeout: 30_000 })
  live.clear()
}
