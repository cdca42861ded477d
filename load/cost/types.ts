/**
 * What a cost measurement is told and what it gives. The result is plain JSON (`schema.json`).
 * @module
 */
import type { MachineContext } from '../cpu/context.ts'
import type { CpuSource } from '../cpu/types.ts'
import type { Generator } from '../engine/generator.ts'
import type { Outcome, TlsVersion } from '../engine/types.ts'
import type { Interval } from '../stats/bootstrap.ts'
import type { Yardstick } from './yardstick.ts'

/** What the server has to do with a category. `either`: its limits decide (depth, CRL), and it costs what it costs. */
export type Expectation = 'allowed' | 'refused' | 'either'

/** One kind of client. */
export interface CostCategory {
  /** `valid`, `none`, `expired`, `forged-chain`, … */
  id: string
  title?: string
  /** Left out: no certificate is sent. */
  identity?: { cert: string; key: string }
  expect: Expectation
}

/** The server under test. */
export interface CostTarget {
  /** For the report: `nginx`, … */
  name: string
  host: string
  port: number
  /** Another port of the SAME process with the same certificate that does not ask for a client certificate. */
  controlPort: number
  servername: string
  /** Hostname of the control lane, where the server decides by name and not by port. Default: {@link CostTarget.servername}. */
  controlServername?: string
  version: TlsVersion
  path?: string
  marker?: string
  statuses?: readonly number[]
  groups?: string
}

/** Time, replaced in tests. */
export interface Clock {
  /** Milliseconds. */
  now(): number
  sleep(ms: number): Promise<void>
}

/** One cost measurement. */
export interface CostOptions {
  target: CostTarget
  categories: readonly CostCategory[]
  /** Id of the category that the others are compared with; it must be accepted. Default `valid`. */
  valid?: string
  /** Shares of the mix check by category id, adding up to 1. Default: half valid, the rest evenly of the refused. */
  mix?: Readonly<Record<string, number>>
  cpu: CpuSource
  /** Folder of the server's cgroup, for throttling. */
  cgroup?: string
  generator: Generator
  /** On the server's cores. Left out: the speed of its machine is not known. */
  yardstick?: Pick<Yardstick, 'measure'>
  /** Default: 25, or what the CPU source's resolution asks for ({@link CostOptions.cpu}). */
  attemptsPerBlock?: number
  /** Connections at a time; the cost depends on it, so it is part of the result. Default 4. */
  concurrency?: number
  /** Default 12. */
  minRounds?: number
  /** Default 200. */
  maxRounds?: number
  /** The measurement ends by then, whatever it has. Default 10 min. */
  maxDurationMs?: number
  /** Pause before each reading, so that the server has finished. Default 10 ms. */
  quietMs?: number
  /** How long the idle server is watched. Default 500 ms. */
  idleMs?: number
  /** Of block order and resampling. Default 1. */
  seed?: number
  onProgress?: (progress: CostProgress) => void
  /** Aborted: the complete rounds are evaluated. */
  signal?: AbortSignal
  clock?: Clock
}

/** How far it is. */
export interface CostProgress {
  phase: 'preflight' | 'warm-up' | 'round'
  /** Complete rounds. */
  round: number
  maxRounds: number
  elapsedMs: number
  maxDurationMs: number
  /** Widest relative half-width so far; undefined before two rounds. */
  halfWidth?: number
}

/** What preflight learnt of a category. */
export interface Preflight {
  id: string
  outcome: Outcome
  alert?: number
  /** Whether the certificate was seen to leave: the client wrote at least its DER more than without one. */
  sent?: boolean
}

/** A reason not to measure. */
export interface CostProblem {
  id: string
  /** `invalid-accepted` is a compliance finding, not a load result. */
  what:
    | 'valid-refused'
    | 'invalid-accepted'
    | 'refused'
    | 'not-sent'
    | 'no-verdict'
    | 'control-refused'
    /** The control lane asks for a certificate too. */
    | 'control-asks'
  message: string
  /** It stops the measurement; otherwise only its category is left out. */
  fatal: boolean
}

/** One block as measured. */
export interface BlockRecord {
  /** From 1; 0 is the warm-up, which nothing is computed from. */
  round: number
  /** Position in its round. */
  position: number
  /** A category id, `control`, `again` (the A/A lane) or `mix`. */
  id: string
  attempts: number
  /** Server CPU per attempt, microseconds, what it uses when idle taken off. */
  serverUsec: number
  clientUsec: number
  /** The yardstick beside it, microseconds: how fast the server's cores were. */
  yardUsec?: number
  wallMs: number
  outcomes: Partial<Record<Outcome, number>>
  /** Why it does not count. */
  void?: string
}

/** The cost of one category. A figure that could not be measured is left out, never 0. */
export interface CategoryCost {
  id: string
  title?: string
  expect: Expectation
  outcome: Outcome
  alert?: number
  sent?: boolean
  /** Blocks that count, and blocks that do not. */
  blocks: number
  voidBlocks: number
  /** Why there are no figures. */
  notMeasured?: string
  /** Server CPU per attempt, microseconds. */
  server?: Interval
  /** Client CPU per attempt, microseconds. */
  client?: Interval
  /** Coefficient of variation of the blocks. */
  variation?: number
  /** Server CPU beyond the control lane's (no CertificateRequest), microseconds, paired by round. For `valid`: the cost of verification. */
  verification?: Interval
  /** Paired difference to the valid category, microseconds, with Wilcoxon's p. */
  versusValid?: Interval & { p: number }
  /** Cost in valid attempts: how many of them one of these displaces. */
  displacement?: Interval
  /** Server CPU by client CPU: above 1, attacking is cheaper than serving. */
  asymmetry?: Interval
}

/** A relative difference that must be small. Shares of one. */
export interface SelfCheck {
  difference: Interval
  limit: number
  /** Within the limit. */
  passed: boolean
  /** The interval is narrow enough to say so. */
  resolved: boolean
}

/** One step of the way from no mTLS to everything. */
export interface WaterfallStep {
  from: string
  to: string
  label: string
  /** Server CPU the step adds, microseconds; negative where the server stops earlier. */
  adds: Interval
  /** Why the difference is this. */
  ground: string
}

/** How a measurement ended. */
export type CostEnd = 'converged' | 'round-limit' | 'time-limit' | 'aborted' | 'refused'

/** Result of {@link CostOptions}. */
export interface CostResult {
  schemaVersion: '1.0'
  kind: 'cost'
  startedAt: string
  durationMs: number
  ended: CostEnd
  target: Omit<CostTarget, 'marker' | 'statuses'>
  valid: string
  method: {
    attemptsPerBlock: number
    concurrency: number
    /** Complete, warm-up not counted. */
    rounds: number
    minRounds: number
    maxRounds: number
    maxDurationMs: number
    seed: number
    /** Of every interval. */
    level: number
    /** Half-width that ends the measurement. */
    halfWidth: number
    cpu: { kind: string; describe: string; resolutionUsec: number }
    generator: string
  }
  problems: CostProblem[]
  /** Server CPU of the same process without a CertificateRequest. */
  control?: Interval
  /** Why the control lane has no figure: nothing is taken off then, and {@link CategoryCost.verification} is missing. */
  controlNotMeasured?: string
  categories: CategoryCost[]
  /** Two lanes of the same category: what this measurement cannot tell apart. */
  aa?: SelfCheck
  /** Mixed traffic against what the costs predict. */
  mix?: SelfCheck & { shares: Record<string, number>; predictedUsec: number; measuredUsec: number }
  waterfall: WaterfallStep[]
  validity: {
    blocks: number
    voidBlocks: number
    /** CPU the server used while nothing was asked of it, microseconds per second. */
    idleUsecPerSecond: number
    /** Later half of the control lane against its earlier one, share. */
    drift?: number
    /** Cores that the server kept busy in blocks, on average. */
    serverBusy?: number
    /** Cores that the generator kept busy. */
    clientBusy?: number
    machine: MachineContext
    notes: string[]
  }
  blocks: BlockRecord[]
}
