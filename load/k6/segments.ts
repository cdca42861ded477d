/**
 * A load cut into equal parts, as k6 cuts it: for several processes here, or several machines (k6's execution segments).
 * @module
 */
import { HarnessError } from '../../harness/errors.ts'

/** One part. */
export interface Segment {
  /** `1/3:2/3`. */
  segment: string
  /** All cuts: `0,1/3,2/3,1`. */
  sequence: string
}

/** `parts` equal parts. @throws HarnessError ERR_USAGE for a number below 1 or above 1000. */
export function segmentsOf(parts: number): Segment[] {
  if (!Number.isInteger(parts) || parts < 1 || parts > 1000) {
    throw new HarnessError('ERR_USAGE', `${parts} parts are not possible: 1 to 1000`)
  }
  const cut = (at: number): string => (at === 0 ? '0' : at === parts ? '1' : `${at}/${parts}`)
  const sequence = Array.from({ length: parts + 1 }, (_, at) => cut(at)).join(',')
  return Array.from({ length: parts }, (_, at) => ({ segment: `${cut(at)}:${cut(at + 1)}`, sequence }))
}
