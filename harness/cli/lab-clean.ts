/**
 * `harness lab clean`: what labs that were killed left in Docker.
 * @module
 */
import { plural } from '../../reports/text.ts'
import { type ExitCode, exitCodes } from '../errors.ts'
import { cleanContainers } from '../lab/origins/containers/runs.ts'
import type { LabCleanOptions } from './commands.ts'

/** Removes it, and says how much that was. @throws ContainersUnavailable without a usable Docker. */
export async function labCleanCommand({ images }: LabCleanOptions): Promise<ExitCode> {
  const removed = await cleanContainers({ images: images === true })
  const parts = [
    plural(removed.containers, 'container'),
    plural(removed.networks, 'network'),
    ...(images === true ? [plural(removed.images, 'image')] : []),
  ]
  process.stdout.write(`removed: ${parts.join(', ')}\n`)
  return exitCodes.ok
}
