/**
 * What proves that a target's application was reached.
 * @module
 */
import type { Proof } from '../probe/types.ts'
import type { Target } from './types.ts'

/** The canary where there is one, else how the first declared request is answered. */
export function proofOf({ canary, requests }: Target): Proof {
  if (canary !== undefined) return { canary }
  const request = requests[0]
  return request === undefined ? {} : { request }
}
