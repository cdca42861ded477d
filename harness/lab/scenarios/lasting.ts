/**
 * What no API call takes back: after a scenario these may differ from before, and nothing else.
 * @module
 */
import type { StateChange } from '../state/diff.ts'

const lastingAdditions: readonly RegExp[] = [
  // Certificates of the managed CA are revoked, never deleted.
  /^\/zones\/[^/]+\/clientCertificates\/[^/]+$/,
  // Tombstones.
  /^\/zones\/[^/]+\/originPulls\/(?:hostname|zone)Certificates\/[^/]+$/,
  // People who have logged in.
  /^\/accounts\/[^/]+\/access\/users\/[^/]+$/,
]

const lastingChanges: readonly RegExp[] = [
  // Counts every write.
  /^\/zones\/[^/]+\/rulesets\/[^/]+\/version$/,
  // Where somebody has logged in last.
  /^\/accounts\/[^/]+\/access\/users\/[^/]+\/identityProviderId$/,
]

/** Whether it is such a difference. */
export function lasting({ path, before, after }: StateChange): boolean {
  if (lastingChanges.some((pattern) => pattern.test(path))) return true
  if (before !== undefined || !lastingAdditions.some((pattern) => pattern.test(path))) return false
  const { lifecycle } = after as { lifecycle?: { status: string; next?: { status: string } } }
  if (lifecycle === undefined) return true
  return ['deleted', 'revoked'].includes(lifecycle.next?.status ?? lifecycle.status)
}
