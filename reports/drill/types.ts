/**
 * The result of one drill: what was changed, what steady traffic saw meanwhile, and whether everything is as before.
 * Times are milliseconds since the drill began unless a name says otherwise. No credential in any text.
 * @module
 */

/** What a request of the traffic met. `unclear`: no answer that says either. */
export type Seen = 'allowed' | 'refused' | 'unclear'

/** Answers against what ought to be. */
export interface WrongAnswers {
  count: number
  /** How many of them the drill had predicted. */
  predicted: number
  /** The first one: when its answer came, and the step at that moment; null: none. */
  first: { at: number; step: string; answer: string } | null
}

/** One identity's traffic. */
export interface DrillLane {
  id: string
  /** For people. */
  label: string
  requests: number
  /** Requests that were due and not sent, because too many were waiting for their answer. */
  skipped: number
  /** Longest time without an allowed answer while it ought to be allowed, in milliseconds; null: it never ought to. */
  longestGapMs: number | null
  wrongAllows: WrongAnswers
  wrongDenies: WrongAnswers
}

/** One call of the control plane. */
export interface DrillCall {
  method: string
  /** Without host and query. */
  path: string
  /** HTTP status; 0: no answer. */
  status: number
  /** Error codes of the API's envelope. */
  codes: number[]
}

/** One step, as it came out. */
export interface DrillStep {
  id: string
  phase: 'forward' | 'back' | 'restore'
  /** For people. */
  does: string
  /** Milliseconds since the drill began. */
  from: number
  to: number
  calls: DrillCall[]
  /** Truth of the data plane after the step, per lane. */
  expect: Record<string, Seen>
  /** What the data plane showed at its end, per lane. */
  seen: Record<string, Seen>
  /** Name of the certificate that the edge is to present; null: the drill does not say. */
  presents: string | null
  /** What the origin told of it; null: the origin does not tell. */
  presented: string | null
  /** From the change to the first answer that showed the new truth, the slowest lane; null: nothing was to change. */
  propagationMs: number | null
  /** What is wrong with the order, as a prediction: a refusal of the API, or who is locked out. */
  predicts: string | null
  /** The step came out as expected, with what it predicts. */
  confirmed: boolean
  /** Why not. */
  problem: string | null
}

/** A stretch of answers of one lane that are alike. */
export interface DrillSegment {
  lane: string
  from: number
  to: number
  count: number
  seen: Seen
  /** Against what ought to be. */
  wrong: 'allow' | 'deny' | null
  answer: string
}

/** What is left to be done by hand. */
export interface RemainingStep {
  sentence: string
  /** For a shell; the token is read from the environment. */
  command: string
}

/** How a drill ended. */
export type DrillOutcome = 'as-predicted' | 'not-as-predicted' | 'stopped-and-restored' | 'not-restored'

/** Everything. */
export interface DrillResult {
  schemaVersion: '1.0'
  tool: { name: string; version: string; node: string }
  drill: { order: string; title: string; wrong: boolean }
  target: { hostname: string; zone: string; lab: boolean }
  /** ISO 8601. */
  started: string
  durationMs: number
  terms: {
    /** Between two requests of a lane. */
    intervalMs: number
    /** How long a change may take until it is seen. */
    graceMs: number
    /** How long each step is watched after that. */
    holdMs: number
  }
  lanes: DrillLane[]
  steps: DrillStep[]
  segments: DrillSegment[]
  state: {
    /** Nothing differs from before but what lasts (tombstones). */
    same: boolean
    /** What was compared. */
    compared: string
    /** What differs. */
    changes: string[]
  }
  outcome: DrillOutcome
  /** Sentences; empty when all came out as predicted. */
  problems: string[]
  remaining: RemainingStep[]
}
