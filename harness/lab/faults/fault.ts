/**
 * What a fault is.
 * @module
 */

/** One deliberate defect of the lab. */
export interface Fault {
  /** Stable id, `<part>.<what it does wrong>`. */
  readonly id: string
  /** What the edge then does, as one sentence. */
  readonly sentence: string
  /** Where such a defect was seen or is ruled out: CVE, RFC section, measurement. */
  readonly source: string
}
