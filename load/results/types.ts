/**
 * The file that every load command writes: `results.json` in its folder (`schema.json`). Reports, `plan` and `compare` are
 * functions of it.
 * @module
 */
import type { CapacityResult, ModelCheck } from '../capacity/types.ts'
import type { CostResult } from '../cost/types.ts'
import type { FloodResult, PreflightResult } from '../flood/types.ts'
import type { Advice, CoresPlan, RatePlan } from '../plan/types.ts'

/** Version of the format. */
export const loadSchemaVersion = '1.0'

/** The machine that a load was made on. */
export interface LoadMachine {
  cores: number
  model: string
  system: string
  node: string
}

/** A capacity search with what it was of. */
export interface CapacityRun {
  /** For the report: `nginx 1.22.1, TLS 1.3`. */
  target: string
  result: CapacityResult
  /** Measured CPU of its steps against the costs that were measured of the same server. */
  model?: ModelCheck[]
}

/** What k6 really sent and what the server saw of it, without load. */
export interface ProofRun {
  /** For the report: `nginx 1.22.1, TLS 1.3`. */
  target: string
  k6: string
  preflight: PreflightResult
}

/** A question to the planner with its answer; not measured but computed from costs. */
export interface PlanRow {
  target: string
  answer: CoresPlan | RatePlan
}

/** What a load command measured. */
export interface LoadResults {
  schemaVersion: typeof loadSchemaVersion
  kind: 'load'
  tool: { name: string; version: string }
  command: 'cost' | 'flood' | 'capacity' | 'proof'
  started: string
  durationMs: number
  /** Ctrl-C: what is here is what was complete by then. */
  interrupted: boolean
  exitCode: 0 | 1 | 3
  machine: LoadMachine
  costs: CostResult[]
  capacities: CapacityRun[]
  floods: FloodResult[]
  proofs: ProofRun[]
  /** What was asked for and not measured. */
  skipped: { name: string; reason: string }[]
  /** From the costs: examples for the report; `harness plan` answers others. */
  plans: PlanRow[]
  advice: (Advice & { target: string })[]
}
