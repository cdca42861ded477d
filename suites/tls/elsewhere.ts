/**
 * Whether an answer came from the protected application or from another behind the same edge.
 * @module
 */
import type { CheckContext } from '../../fixtures/context.ts'
import { originHeader } from '../../harness/probe/canary.ts'
import type { Outcome } from '../../harness/probe/types.ts'

/** The Host fields that the origin was told, in lower case; '' where no canary answered. */
export const hostsSeen = ({ canary }: Outcome): string =>
  canary === undefined ? '' : originHeader(canary, 'host').join().toLowerCase()

/**
 * Whether an answer came from elsewhere than the protected application. By Host only where the origin is told different
 * ones: a proxy that rewrites Host makes every way in look like the sibling.
 */
export const elsewhere =
  ({ target }: CheckContext, control: Outcome | undefined) =>
  (outcome: Outcome): boolean => {
    const { canary, http } = outcome
    if (target.canary === undefined) return false
    if (canary === undefined) return http !== undefined && http.status < 300
    const usual = control === undefined ? target.hostname : hostsSeen(control)
    return (
      usual.startsWith(target.hostname.toLowerCase()) &&
      !hostsSeen(outcome).startsWith(target.hostname.toLowerCase())
    )
  }
