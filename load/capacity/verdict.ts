/**
 * What a step shows: a pure function of its measurement.
 * @module
 */
import { mostTrend, steadyVariation, trend, unexplainedVariation } from './steady.ts'
import type { Objective, StepMeasurement, StepVerdict } from './types.ts'

/** A generator busier than this measures itself (load-anchors 3.4). */
export const mostClientBusy = 0.7

/** More attempts than this share that end unexpectedly break a step, as they void a block. */
const mostUnexpected = 0.001

/**
 * Judges a step. The generator's limits come first: with them, nothing it saw is about the server. Then what the objective
 * says; only what would hold has to be steady too, since a server at its limit rarely is.
 */
export function judgeStep(
  step: StepMeasurement,
  { p99Ms, achievedShare }: Required<Objective>,
): { verdict: StepVerdict; reason: string; variation?: number } {
  const { offered, achieved, unexpected, dropped, clientBusy, clientCores, startLagMs } = step
  const share = offered === 0 ? 0 : achieved / offered
  const cv = unexplainedVariation(step.perSecond)
  const spread = Number.isFinite(cv) ? { variation: cv } : {}
  const say = (
    verdict: StepVerdict,
    reason: string,
  ): { verdict: StepVerdict; reason: string; variation?: number } => ({ verdict, reason, ...spread })
  if (clientBusy > mostClientBusy * clientCores) {
    return say('generator-limited', `the generator used ${percent(clientBusy / clientCores)} of its cores`)
  }
  if (startLagMs > p99Ms / 2) {
    return say('generator-limited', `the generator started attempts ${startLagMs.toFixed(0)} ms late`)
  }
  if (offered === 0) return say('unsteady', 'nothing was offered in the window')
  if (dropped > 0) return say('breaks', `${dropped} attempts were not started: too many were waiting`)
  if (unexpected > mostUnexpected * offered) return say('breaks', `${unexpected} attempts ended unexpectedly`)
  if (share < achievedShare) return say('breaks', `${percent(share)} of what was offered was achieved`)
  if (step.p99Ms === undefined || step.p99Ms > p99Ms) {
    return say('breaks', `the 99th percentile is ${step.p99Ms?.toFixed(1) ?? 'unknown'} ms`)
  }
  if (cv > steadyVariation) return say('unsteady', `the rate varied by ${percent(cv)} from second to second`)
  // Not the variation of its seconds: at low rates that is scheduling and other tenants. A server that is still warming up,
  // or building up a queue, shows in the halves.
  const change = trend(step.serverBusyPerSecond)
  if (Math.abs(change) > mostTrend) {
    return say('unsteady', `the server's CPU changed by ${percent(change)} within the window`)
  }
  return say('holds', `99th percentile ${step.p99Ms.toFixed(1)} ms, ${percent(share)} achieved`)
}

/**
 * Why a break is not one of latency: valid attempts were answered, and not let in. A server that is full may refuse too, but so
 * does one that never let them in; how many it takes is not known from that.
 * @returns undefined where as many as must ended as expected, or without an answer in time.
 */
export function refusedBreak({
  offered,
  achieved,
  unexpected,
  timeouts,
}: Pick<StepMeasurement, 'offered' | 'achieved' | 'unexpected' | 'timeouts'>): string | undefined {
  const answered = unexpected - timeouts
  if (answered <= mostUnexpected * offered) return undefined
  return `${answered} of ${achieved + unexpected} valid attempts were not let in, which is no matter of latency`
}

/**
 * A server that uses less than this is not at the limit of its CPU, whatever it runs on: of one core, since a server of one
 * thread is at its limit with one of many.
 */
const leastBusyCores = 0.5

/**
 * Why a break is not known to be the server's limit: neither side of it was busy.
 * @returns undefined where the server was busy, or its CPU is not known.
 */
export function idleBreak({
  serverBusy,
  clientBusy,
  clientCores,
}: Pick<StepMeasurement, 'serverBusy' | 'clientBusy' | 'clientCores'>): string | undefined {
  if (serverBusy === undefined || serverBusy >= leastBusyCores) return undefined
  return `neither the server (${serverBusy.toFixed(2)} cores) nor the generator (${clientBusy.toFixed(2)} of ${clientCores}) was busy: the machine was not steady, the server waited for something other than CPU, or one attempt by itself takes longer than promised; run it again when nothing else runs`
}

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.995 ? 1 : 0)} %`
