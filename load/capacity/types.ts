/**
 * What a capacity search is told and what it gives. Plain JSON.
 * @module
 */
import type { Interval } from '../stats/bootstrap.ts'

/** What users are promised. */
export interface Objective {
  /** 99th percentile of the time from the moment a request was due to its verdict, milliseconds. */
  p99Ms: number
  /** Achieved by offered. Default 0.99. */
  achievedShare?: number
}

/** One step as measured, by whatever engine. */
export interface StepMeasurement {
  /** Attempts per second that were asked for. */
  rate: number
  /** Attempts that were due in the sustain window. */
  offered: number
  /** Attempts that ended as expected. */
  achieved: number
  /** Attempts that ended otherwise (timeouts, errors, refused valid ones). */
  unexpected: number
  /** Of these, attempts without an answer in time: latency, as the others are not. */
  timeouts: number
  /** Attempts that the generator did not start. */
  dropped: number
  /** Milliseconds; undefined: nothing ended. */
  p99Ms?: number
  p50Ms?: number
  /** Attempts that ended, by second of the window. */
  perSecond: number[]
  /** Cores that the server kept busy, by second; empty: not known. */
  serverBusyPerSecond: number[]
  /** Cores that the server kept busy over the window. */
  serverBusy?: number
  /** Cores that the generator kept busy, of those it can use. */
  clientBusy: number
  clientCores: number
  /** How late the generator started attempts, 99th percentile, milliseconds. */
  startLagMs: number
}

/** Applies load: the built-in generator, or k6 (`load/k6`). */
export interface LoadDriver {
  readonly describe: string
  /** It makes whole numbers of attempts per second only. */
  readonly wholeRates?: boolean
  /** Longest that a step takes beside its windows, milliseconds. Default 0. */
  readonly extraMs?: number
  step(
    plan: { rate: number; settleMs: number; sustainMs: number },
    signal: AbortSignal,
  ): Promise<StepMeasurement>
}

/** What a step shows. */
export type StepVerdict =
  | 'holds'
  /** The server did not keep the objective. */
  | 'breaks'
  /** The generator, not the server, was at its limit: nothing is known. */
  | 'generator-limited'
  /** The window was not steady: nothing is known. */
  | 'unsteady'

/** A step and what it shows. */
export interface CapacityStep extends StepMeasurement {
  verdict: StepVerdict
  /** Why. */
  reason: string
  /** Coefficient of variation of the seconds. */
  variation?: number
  /** Milliseconds of the window; longer where it had to be repeated. */
  sustainMs: number
}

/** A search. */
export interface CapacityOptions {
  driver: LoadDriver
  objective: Objective
  /** First rate, per second. Default 10. */
  startRate?: number
  /** Never exceeded. */
  maxRate: number
  /** Default 2 s. */
  settleMs?: number
  /** Default 8 s. */
  sustainMs?: number
  /** Relative distance between the highest rate that holds and the lowest that does not. Default 0.05. */
  tolerance?: number
  /** Default 20. */
  maxSteps?: number
  /** Default 10 min. */
  maxDurationMs?: number
  onProgress?: (progress: CapacityProgress) => void
  signal?: AbortSignal
}

/** How far it is. */
export interface CapacityProgress {
  step?: CapacityStep
  /** What is tried next; undefined at the end. */
  next?: number
  steps: number
  elapsedMs: number
  maxDurationMs: number
}

/** How a search ended. */
export type CapacityEnd =
  | 'found'
  /** The highest permitted rate still holds. */
  | 'rate-limit'
  | 'generator-limited'
  | 'unsteady'
  /** Not even the lowest rate holds. */
  | 'nothing-holds'
  | 'step-limit'
  | 'time-limit'
  | 'aborted'

/** Result of {@link CapacityOptions}. */
export interface CapacityResult {
  schemaVersion: '1.0'
  kind: 'capacity'
  startedAt: string
  durationMs: number
  ended: CapacityEnd
  driver: string
  objective: Required<Objective>
  /** Per second: highest that holds, lowest that breaks. A side that is not known is left out. */
  knee: { holds?: number; breaks?: number }
  /** Why the lowest rate that breaks is not known to be the server's limit; left out where nothing speaks against it. */
  doubt?: string
  tolerance: number
  steps: CapacityStep[]
}

/** Measured CPU of a step against costs. */
export interface ModelCheck {
  rate: number
  /** Cores. */
  predicted: Interval
  measured: number
  /** Measured by predicted, less one. */
  difference: number
}
