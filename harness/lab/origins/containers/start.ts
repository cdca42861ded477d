/**
 * Starts the origins in containers, and sees to it that nothing is left.
 * @module
 */
import { HarnessError } from '../../../errors.ts'
import { startContainer } from './container.ts'
import { dockerClient } from './docker.ts'
import { imageOf } from './images.ts'
import { newRunId, removeAtExit, removeRun } from './runs.ts'
import {
  type ContainerName,
  type ContainerOrigin,
  type ContainerOrigins,
  type ContainerOriginsOptions,
  containerNames,
} from './types.ts'

/**
 * Starts them side by side; images that are missing are built before, one after the other, as they share their first layers.
 * What a run made is removed by `close`, when the start fails or is aborted, and when this process ends in any way but
 * SIGKILL; after that `cleanContainers` does it.
 * @throws ContainersUnavailable without a usable Docker. @throws HarnessError ERR_USAGE for settings a server does not have,
 * ERR_PLATFORM when an image cannot be built or a server does not start, ERR_INTERRUPTED when aborted.
 */
export async function startContainerOrigins(options: ContainerOriginsOptions): Promise<ContainerOrigins> {
  const { names = containerNames, material, settings = {}, signal, network = 'published' } = options
  const say = options.onProgress ?? (() => undefined)
  if (network === 'host' && process.platform !== 'linux')
    throw new HarnessError('ERR_USAGE', 'containers use the host’s network on Linux only')
  const stopIfAborted = (): void => {
    if (signal?.aborted)
      throw new HarnessError('ERR_INTERRUPTED', 'the start of the containers was interrupted')
  }
  stopIfAborted()
  const client = await dockerClient()
  const runId = newRunId()
  const forget = removeAtExit(runId)
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    signal?.removeEventListener('abort', onAbort)
    closing ??= removeRun(runId).then(forget)
    return closing
  }
  // Who aborted has been told by whoever waits for `close`; what could not be removed is left to the end of the process.
  const onAbort = (): void => void close().catch(() => undefined)
  try {
    const images = new Map<ContainerName, string>()
    for (const name of names) {
      stopIfAborted()
      const image = await imageOf(client, name, runId, () => say(`building the image of ${name} ...`))
      images.set(name, image)
    }
    stopIfAborted()
    const results = await Promise.allSettled(
      [...images].map(async ([name, image]) => {
        const { origin: certificates } = material
        const own = {
          client,
          name,
          image,
          runId,
          certificates,
          settings: settings[name] ?? {},
          network,
          signal,
        }
        const origin = await startContainer(own)
        say(`${origin.server} answers on 127.0.0.1:${origin.tlsPort}`)
        return origin
      }),
    )
    // All have ended, so that none starts after the removal.
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    stopIfAborted()
    const origins = results.flatMap((result): ContainerOrigin[] =>
      result.status === 'fulfilled' ? [result.value] : [],
    )
    signal?.addEventListener('abort', onAbort, { once: true })
    return { runId, origins, close }
  } catch (error) {
    await close()
    throw error
  }
}
