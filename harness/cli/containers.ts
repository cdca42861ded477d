/**
 * `--containers`: origins on real servers for a lab, or a word about why there are none.
 * @module
 */
import { HarnessError } from '../errors.ts'
import { selectFaults } from '../lab/faults.ts'
import type { LabMaterial } from '../lab/material.ts'
import type { ContainerOrigins } from '../lab/origins/containers/types.ts'

/** What is not shown where no container can be started. */
const lost =
  'Not covered then: how nginx, Apache httpd, HAProxy, Caddy and a load balancer like AWS’s really ask for the edge’s certificate, and how they refuse.'

/** How they are started. */
export interface ContainersStart {
  material: LabMaterial
  /** Ids of faults. */
  faults: readonly string[]
  signal: AbortSignal
  /** Told what happens, a line without its end. */
  say(line: string): void
}

/**
 * Starts all of them, and says how long it took. Undefined where there is no Docker to use: it says so, and what that loses.
 * @throws HarnessError where Docker is there and a server does not start.
 */
export async function startContainers({
  material,
  faults,
  signal,
  say,
}: ContainersStart): Promise<ContainerOrigins | undefined> {
  const [{ startLabContainers }, { ContainersUnavailable }] = await Promise.all([
    import('../lab/origins/containers/lab-containers.ts'),
    import('../lab/origins/containers/docker.ts'),
  ])
  const started = performance.now()
  try {
    const containers = await startLabContainers(material, {
      faults: selectFaults(faults),
      signal,
      onProgress: say,
    })
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    say(`${containers.origins.length} servers in containers, up in ${seconds} s`)
    return containers
  } catch (error) {
    if (!(error instanceof ContainersUnavailable)) throw error
    const hint = error.hint === undefined ? '' : ` (${error.hint})`
    say(`no containers: ${error.message}${hint}. Going on with the embedded origins only. ${lost}`)
    return undefined
  }
}

/** @throws HarnessError ERR_USAGE where `--containers` is given without the lab it is about. */
export function needsLab(containers: true | undefined): void {
  if (containers === true)
    throw new HarnessError('ERR_USAGE', '--containers starts servers for the lab: it needs --lab')
}
