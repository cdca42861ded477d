/**
 * How often this process connects: for hosts that limit connections or requests, whose answers then say nothing about access.
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises'

/** Name of the variable by which a run tells its workers: milliseconds between two connections of one process. */
export const paceVariable = 'HARNESS_PACE'

let interval = Number(process.env[paceVariable] ?? 0)
let next = 0

/** From now on at least so many milliseconds lie between two connections; 0: none. */
export function setPace(ms: number): void {
  interval = ms
  next = 0
}

/** Waits for this connection's turn. Aborted, it ends at once: whoever connects looks at the signal. */
export async function turn(signal?: AbortSignal): Promise<void> {
  if (!(interval > 0)) return
  const now = performance.now()
  const at = Math.max(now, next)
  next = at + interval
  if (at > now) await sleep(at - now, undefined, { signal }).catch(() => undefined)
}
