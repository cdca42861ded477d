/**
 * Attempts at the origin's own address, past the edge.
 * @module
 */
import type { CheckContext, RefusalOptions } from '../../fixtures/context.ts'
import type { Try } from '../../fixtures/environment.ts'
import type { Outcome } from '../../harness/probe/types.ts'

/** No TCP connection from here: a firewall, a tunnel, or nobody there. */
export const unreachable = ({ layer, transcript }: Outcome): boolean =>
  layer === 'tcp' && transcript === undefined

/** Skips where a request without anything is served directly: origin.direct says so. */
export async function onlyIfShut(run: CheckContext): Promise<void> {
  await run.onlyIfClosed(run.originTry().target)
}

/** The origin must turn the attempt away, or not be reachable from here at all; with the edge's certificate it answers. */
export async function shut(run: CheckContext, wanted: Try, options?: RefusalOptions): Promise<void> {
  const attempt = run.originTry(wanted)
  const first = await run.attempt(attempt)
  if (unreachable(first)) return run.hold(`not reachable from here: ${first.summary}`)
  const { version } = wanted
  const twin = await run.originTwin(version === undefined ? {} : { version })
  await run.refused(attempt, twin, options)
}
