/**
 * What a capacity plan is asked and what it answers. Plain JSON.
 * @module
 */
import type { Usl } from '../capacity/usl.ts'
import type { Interval } from '../stats/bootstrap.ts'

/** Server CPU per attempt by category, microseconds. */
export interface PlanCosts {
  valid: Interval
  categories: Readonly<Record<string, Interval>>
}

/** What users are promised. */
export interface Slo {
  /** 99th percentile, milliseconds. */
  p99Ms: number
  /** What the network and the application take of it without load, milliseconds. Default 0. */
  baseMs?: number
}

/** What holds for every question. */
export interface PlanBasis {
  cost: PlanCosts
  slo?: Slo
  /** Share of the cores that stays free. Default 0.3. */
  headroom?: number
  /** How the server scales, where several core counts were measured. Otherwise n cores are taken for n times one. */
  scaling?: Usl
}

/** Traffic: attempts per second. */
export interface Traffic {
  valid: number
  /** By category. */
  invalid?: Readonly<Record<string, number>>
}

/** A whole number with its interval; a side is left out where no number is enough. */
export interface Cores {
  estimate?: number
  low?: number
  high?: number
}

/** Cores for a traffic. */
export interface CoresPlan {
  question: 'cores'
  traffic: Required<Traffic>
  /** Share of the cores that stays free. */
  headroom: number
  slo?: Slo
  /** CPU time per second, in cores. */
  demand: Interval
  cores: Cores
  /** What decided. */
  limitedBy: 'cpu' | 'latency' | 'scaling'
  /** With the estimated cores. */
  utilisation?: number
  p99Ms?: number
  /** More cores than were measured. */
  extrapolated: boolean
  notes: string[]
}

/** Traffic for cores. */
export interface RatePlan {
  question: 'rate'
  /** `valid`, or the category whose rate was asked for. */
  of: string
  cores: number
  /** What comes with it; what is asked for is not in it. */
  beside: Required<Traffic>
  /** Share of the cores that stays free. */
  headroom: number
  slo?: Slo
  /** Attempts per second: the estimate with the measured costs, low and high with their ends. 0: none fit. */
  rate: Interval
  extrapolated: boolean
  notes: string[]
}

/** One piece of advice. */
export interface Advice {
  id: string
  text: string
  /** What it rests on. */
  ground: string
}
