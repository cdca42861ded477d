/**
 * Looking again until something is so.
 * @module
 */
import { HarnessError } from '../errors.ts'

/** How long, and how often; milliseconds. */
export interface Patience {
  every: number
  atMost: number
  signal: AbortSignal
}

/** Milliseconds pass, or the signal fires. */
export const pause = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted === true) return resolve()
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal?.addEventListener('abort', done, { once: true })
  })

/**
 * Resolves once `look` says so.
 * @throws HarnessError ERR_UNREACHABLE when it takes too long, ERR_INTERRUPTED when the signal fires; what `look` throws.
 */
export async function until(
  look: () => Promise<boolean>,
  { every, atMost, signal }: Patience,
): Promise<void> {
  const end = performance.now() + atMost
  while (!(await look())) {
    if (signal.aborted) throw new HarnessError('ERR_INTERRUPTED', 'interrupted')
    if (performance.now() > end)
      throw new HarnessError('ERR_UNREACHABLE', `nothing had changed after ${Math.round(atMost / 1000)} s`)
    await pause(every, signal)
  }
}
