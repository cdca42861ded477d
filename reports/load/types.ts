/**
 * What the reports of load read of its results: the shapes that `load/results/types.ts` gives, as far as they are shown. CPU
 * times are microseconds per attempt, times milliseconds, rates per second, shares shares of one. What could not be measured
 * is left out or {@link notMeasurable}, never 0.
 * @module
 */

/** As results say that something has no figure. */
export const notMeasurable = 'not measurable'

/** A figure, or that there is none. */
export type Measured<T = number> = T | typeof notMeasurable

/** A figure with its 95 % confidence interval. */
export interface Interval {
  readonly estimate: number
  readonly low: number
  readonly high: number
}

/** One kind of client against one server. */
export interface LoadCategory {
  readonly id: string
  readonly title?: string
  readonly expect: string
  readonly outcome: string
  readonly alert?: number
  readonly sent?: boolean
  readonly blocks: number
  readonly voidBlocks: number
  readonly notMeasured?: string
  readonly server?: Interval
  readonly client?: Interval
  readonly verification?: Interval
  readonly versusValid?: Interval & { readonly p: number }
  readonly displacement?: Interval
  readonly asymmetry?: Interval
}

/** A relative difference that must be small. */
export interface LoadCheck {
  readonly difference: Interval
  readonly limit: number
  readonly passed: boolean
  readonly resolved: boolean
}

/** One step of the waterfall. */
export interface LoadWaterfallStep {
  readonly from: string
  readonly to: string
  readonly label: string
  readonly adds: Interval
  readonly ground: string
}

/** A cost measurement. */
export interface LoadCost {
  readonly startedAt: string
  readonly durationMs: number
  readonly ended: string
  readonly target: { readonly name: string; readonly version: string }
  readonly valid: string
  readonly method: {
    readonly attemptsPerBlock: number
    readonly concurrency: number
    readonly rounds: number
    readonly minRounds: number
    readonly maxRounds: number
    readonly seed: number
    readonly halfWidth: number
    readonly cpu: { readonly kind: string; readonly describe: string; readonly resolutionUsec: number }
    readonly generator: string
  }
  readonly problems: readonly {
    readonly id: string
    readonly what: string
    readonly message: string
    readonly fatal: boolean
  }[]
  readonly control?: Interval
  readonly controlNotMeasured?: string
  readonly categories: readonly LoadCategory[]
  readonly aa?: LoadCheck
  readonly mix?: LoadCheck & {
    readonly shares: Readonly<Record<string, number>>
    readonly predictedUsec: number
    readonly measuredUsec: number
  }
  readonly waterfall: readonly LoadWaterfallStep[]
  readonly validity: {
    readonly blocks: number
    readonly voidBlocks: number
    readonly idleUsecPerSecond: number
    readonly drift?: number
    readonly serverBusy?: number
    readonly clientBusy?: number
    readonly machine: {
      readonly stealShare?: number
      readonly throttledPeriods?: number
      readonly throttledMs?: number
    }
    readonly notes: readonly string[]
  }
}

/** One step of a capacity search. */
export interface LoadCapacityStep {
  readonly rate: number
  readonly offered: number
  readonly achieved: number
  readonly p99Ms?: number
  readonly p50Ms?: number
  readonly serverBusy?: number
  readonly clientBusy: number
  readonly verdict: string
  readonly reason: string
}

/** A capacity search. */
export interface LoadCapacity {
  readonly target: string
  readonly result: {
    readonly ended: string
    readonly driver: string
    readonly durationMs: number
    readonly objective: { readonly p99Ms: number; readonly achievedShare: number }
    readonly knee: { readonly holds?: number; readonly breaks?: number }
    readonly doubt?: string
    readonly tolerance: number
    readonly steps: readonly LoadCapacityStep[]
  }
  readonly model?: readonly {
    readonly rate: number
    readonly predicted: Interval
    readonly measured: number
    readonly difference: number
  }[]
}

/** Outcomes of attempts, counted. */
export interface LoadOutcomes {
  readonly total: number
  readonly byKind: Readonly<Record<string, number>>
}

/** Numbers of a lane in a window. */
export interface LoadLaneNumbers {
  readonly attempts: LoadOutcomes
  readonly achieved: number
  readonly dropped: number
  readonly acceptedLatency: Measured<{ readonly count: number; readonly p50: number; readonly p99: number }>
}

/** Whether certificates were on the wire. */
export interface LoadProof {
  readonly by: string
  readonly connections: number
  readonly sent: number
  readonly empty: number
}

/** What was sent and what the server saw, before or without load. */
export interface LoadPreflight {
  readonly style: string
  readonly tlsVersion: string
  readonly counted?: string
  readonly profiles: readonly {
    readonly profile: string
    readonly outcomes: LoadOutcomes
    readonly proof: LoadProof
    readonly serverSaw: Measured
    readonly void: readonly string[]
    readonly finding?: string
  }[]
}

/** A flood. */
export interface LoadFlood {
  readonly target: string
  readonly complete: boolean
  readonly stoppedBy?: string
  readonly objective: { readonly p99: number; readonly accepted: number }
  readonly victimRate: number
  readonly profiles: readonly string[]
  readonly preflight: LoadPreflight
  readonly steps: readonly {
    readonly rate: number
    readonly delivered: number
    readonly victims: LoadLaneNumbers
    readonly flood: Readonly<Record<string, LoadLaneNumbers>>
    readonly holds: Measured<boolean>
    readonly why: string
  }[]
  readonly brokenAt?: number
  readonly heldAt?: number
  readonly lanes: readonly {
    readonly id: string
    readonly profile: string
    readonly numbers: LoadLaneNumbers
    readonly proof: LoadProof | undefined
    readonly serverSaw: Measured
    readonly void: readonly string[]
    readonly error?: string
  }[]
  readonly generator: {
    readonly limited: Measured<boolean>
    readonly coresUsed: Measured
    readonly cores: number
    readonly reasons: readonly string[]
  }
  readonly k6: string
}

/** Attempts per second. */
export interface LoadTraffic {
  readonly valid: number
  readonly invalid: Readonly<Record<string, number>>
}

/** What an answer of the planner has to keep. */
export interface LoadPromise {
  readonly headroom: number
  readonly slo?: { readonly p99Ms: number; readonly baseMs?: number }
}

/** An answer of the planner. */
export type LoadPlanAnswer =
  | (LoadPromise & {
      readonly question: 'cores'
      readonly traffic: LoadTraffic
      readonly demand: Interval
      readonly cores: { readonly estimate?: number; readonly low?: number; readonly high?: number }
      readonly limitedBy: string
      readonly extrapolated: boolean
      readonly notes: readonly string[]
    })
  | (LoadPromise & {
      readonly question: 'rate'
      readonly of: string
      readonly cores: number
      readonly beside: LoadTraffic
      readonly rate: Interval
      readonly extrapolated: boolean
      readonly notes: readonly string[]
    })

/** Everything that a report is made from. */
export interface LoadReport {
  readonly schemaVersion: string
  readonly kind: 'load'
  readonly tool: { readonly name: string; readonly version: string }
  readonly command: 'cost' | 'flood' | 'capacity' | 'proof'
  readonly started: string
  readonly durationMs: number
  readonly interrupted: boolean
  readonly exitCode: number
  readonly machine: {
    readonly cores: number
    readonly model: string
    readonly system: string
    readonly node: string
  }
  readonly costs: readonly LoadCost[]
  readonly capacities: readonly LoadCapacity[]
  readonly floods: readonly LoadFlood[]
  readonly proofs: readonly {
    readonly target: string
    readonly k6: string
    readonly preflight: LoadPreflight
  }[]
  readonly skipped: readonly { readonly name: string; readonly reason: string }[]
  readonly plans: readonly { readonly target: string; readonly answer: LoadPlanAnswer }[]
  readonly advice: readonly {
    readonly id: string
    readonly text: string
    readonly ground: string
    readonly target: string
  }[]
}
