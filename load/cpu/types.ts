/**
 * Where the server's CPU time is read.
 * @module
 */

/** One reading. Only differences of two readings of the same source mean something. */
export interface CpuSample {
  /** CPU time used so far, microseconds. Never decreases. */
  cpuUsec: number
  /** How far a difference of two readings may be off, microseconds. */
  resolutionUsec: number
  /** What could not be read exactly this time; empty when everything could. */
  notes: readonly string[]
}

/** A counter of CPU time. */
export interface CpuSource {
  /** `cgroup v2`, `cgroup v1`, `process tree`, `Prometheus`, … */
  readonly kind: string
  /** For the report: what is counted. */
  readonly describe: string
  /** @throws HarnessError ERR_PLATFORM when the counter cannot be read (any more). */
  sample(): Promise<CpuSample>
}
