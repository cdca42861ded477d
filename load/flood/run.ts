/**
 * Victims and a flood: valid users at a steady rate, invalid attempts swept from none upwards beside them.
 * @module
 */
import { HarnessError } from '../../harness/errors.ts'
import type { Identity } from '../../harness/pki/types.ts'
import type { K6 } from '../k6/find.ts'
import { attemptsOf, generatorOf, intentOf, laneResult, type RunningLanes, startLanes } from '../k6/lanes.ts'
import { countFrom, type Observer } from '../k6/proof/observer.ts'
import type { LoadTap } from '../k6/proof/tap.ts'
import { closeTaps, judged, type PlannedLane, reasonOf, withTaps } from '../k6/run.ts'
import { makeScratch } from '../k6/scratch.ts'
import { canaryFor } from '../safety/canary.ts'
import { type AllowedTarget, checkIntent } from '../safety/target.ts'
import { targetUrl } from '../safety/url.ts'
import { judgeStep, type Sweep, startOf, withoutVoid } from './judge.ts'
import { floodLanes, unconnected } from './plan.ts'
import { preflight, type ReadyProfile } from './preflight.ts'
import { breakingPoint, settleOf, sweepOf } from './steps.ts'
import {
  type FloodResult,
  type FloodStep,
  type GeneratorVerdict,
  type LaneResult,
  notMeasurable,
  type Objective,
  type PreflightResult,
} from './types.ts'

/** A flood. */
export interface FloodOptions {
  k6: K6
  /** From `allowTarget`. */
  target: AllowedTarget
  /** Default `/`. */
  path?: string
  valid: Identity
  /** What the flood is made of; the rate is shared among them evenly. */
  profiles: readonly ReadyProfile[]
  /** Valid attempts per second. */
  victimRate: number
  /** Invalid attempts per second, all profiles together; a step without any comes first by itself. */
  rates: readonly number[]
  /** Default 10. */
  stepSeconds?: number
  /** Left out at the beginning of each step; default 2. */
  settleSeconds?: number
  objective: Objective
  /** The only TLS version offered. */
  tls?: '1.2' | '1.3'
  /** Count certificates on every connection of the flood, through a tap; default true. Without: by the preflight alone. */
  everyConnection?: boolean
  /** The server's own count, where it can be had. */
  observer?: Observer
  /** Processes of k6 per identity, by execution segments; their samples are merged. Default 1. */
  processes?: number
  /** Go on with the sweep after the objective broke; default false. */
  keepGoing?: boolean
  signal?: AbortSignal
  onProgress?: (progress: FloodProgress) => void
}

/** What is told while it runs. */
export type FloodProgress =
  | { stage: 'preflight' }
  | { stage: 'ready'; preflight: PreflightResult }
  | { stage: 'step'; step: FloodStep; index: number; steps: number }
  | { stage: 'attempts'; seconds: number; attempts: Record<string, number> }

const tickEvery = 250
/** How long after its end a step is judged: k6 hands out its samples every 200 ms. */
const flushTime = 600

interface Setting extends Sweep {
  options: FloodOptions
}

/**
 * Runs a flood.
 * @throws HarnessError ERR_USAGE beyond the limits of the target; ERR_UNREACHABLE when the valid identity is not let in,
 *   or when no profile of the flood can be used (not sent, not refused).
 */
export async function runFlood(options: FloodOptions): Promise<FloodResult> {
  const { stepSeconds = 10, settleSeconds = settleOf(stepSeconds), target, signal, onProgress } = options
  const objective = { accepted: 0.999, ...options.objective }
  const { victimRate, processes = 1 } = options
  const sweep = sweepOf(options.rates)
  const setting = { options, objective, sweep, victimRate, processes, stepSeconds, settleSeconds }
  const asked = options.profiles.filter(({ id }) => id !== 'valid')
  checkIntent(intentOf(lanesOf(setting, asked, notMeasurable).map(unconnected)), target)
  onProgress?.({ stage: 'preflight' })
  const before = await preflight({
    k6: options.k6,
    target,
    profiles: [{ id: 'valid', identity: options.valid }, ...asked],
    ...(options.path === undefined ? {} : { path: options.path }),
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    ...(options.observer === undefined ? {} : { observer: options.observer }),
    ...(signal === undefined ? {} : { signal }),
  })
  if (signal?.aborted === true) return nothing(setting, before, reasonOf(signal))
  onProgress?.({ stage: 'ready', preflight: before })
  const usable = usableOf(before, asked)
  return sweepWith(setting, usable, before)
}

function usableOf(before: PreflightResult, asked: readonly ReadyProfile[]): ReadyProfile[] {
  const of = (id: string) => before.profiles.find(({ profile }) => profile === id)
  const valid = of('valid')
  if (valid?.finding !== undefined || valid?.outcomes.total === 0) {
    throw new HarnessError(
      'ERR_UNREACHABLE',
      `no load: the valid certificate is not let in (${kinds(valid)})`,
    )
  }
  const usable = asked.filter(({ id }) => of(id)?.void.length === 0)
  if (usable.length === 0) {
    const why = asked.map(({ id }) => `${id}: ${of(id)?.void.join('; ') ?? 'not tried'}`)
    throw new HarnessError(
      'ERR_UNREACHABLE',
      `no load: no profile of the flood can be used (${why.join(' · ')})`,
    )
  }
  return usable
}

const lanesOf = (
  { options, ...setting }: Setting,
  flood: readonly ReadyProfile[],
  style: PreflightResult['style'],
): PlannedLane[] => {
  const { valid, tls, everyConnection = true } = options
  return floodLanes({ ...setting, valid, flood, style, tls, everyConnection })
}

const kinds = (profile: PreflightResult['profiles'][number] | undefined): string =>
  Object.entries(profile?.outcomes.byKind ?? {})
    .map(([kind, count]) => `${kind} ${count}`)
    .join(', ') || 'no attempt'

async function sweepWith(
  setting: Setting,
  flood: readonly ReadyProfile[],
  before: PreflightResult,
): Promise<FloodResult> {
  const { options } = setting
  const planned = lanesOf(setting, flood, before.style)
  const scratch = await makeScratch()
  const { lanes, taps } = await withTaps(planned, options.target, {
    path: options.path,
    observer: options.observer,
  })
  try {
    const counter = await countFrom(
      options.observer,
      planned.map(({ profile }) => profile),
    )
    const running = await startLanes(options.k6, lanes, scratch)
    const { stoppedBy, ran } = await watch(setting, running)
    const ends = await running.ended
    const seconds = Math.max(0.001, (Date.now() - running.startAt) / 1000)
    const saw = await counter(attemptsOf(planned, running))
    const seen = setting.sweep
      .slice(0, wholeSteps(setting, ran))
      .map((_, at) => judgeStep(setting, running, at, false))
    // From here on the server answers anything, or nothing: that says nothing about the certificate.
    const disturbed = seen.findIndex(({ step, lost }) => step.holds === false || lost !== undefined)
    // Nor does what was cut off in a step that did not come to its end.
    const whole = disturbed < 0 ? seen.length : disturbed
    const calm = seen.length === 0 ? undefined : startOf(setting, running, whole)
    const reasons = new Map<string, readonly string[]>()
    const results = planned.map((one, at) => {
      const own = laneResult(lanes[at] ?? unconnected(one), running, ends, proofOf(one, taps, before))
      const result: LaneResult = { ...own, serverSaw: saw.get(one.profile) ?? notMeasurable }
      // A process that failed took its own step away, and those after it; what was before stays.
      const { error: _, ...alive } = result
      if (alive.numbers.attempts.total > 0) reasons.set(one.id, judgedUntil(one, alive, running, calm).void)
      return judgedUntil(one, result, running, calm)
    })
    const steps = withoutVoid(
      seen.map(({ step }) => step),
      reasons,
    )
    const broken = steps.findIndex((step) => step.holds === false)
    const failed = results.find(({ error }) => error !== undefined)
    const reason = stoppedBy ?? (failed === undefined ? undefined : `k6 failed in ${failed.id}`)
    return {
      ...header(setting, flood, before, running.startAt),
      complete: reason === undefined,
      ...(reason === undefined ? {} : { stoppedBy: reason }),
      steps,
      ...breakingPoint(steps),
      lanes: results,
      generator: shortOf(
        generatorOf(ends, running, seconds, broken < 0 ? undefined : startOf(setting, running, broken)),
        steps[broken],
      ),
    }
  } finally {
    await closeTaps(taps)
    scratch.remove()
  }
}

const proofOf = (lane: PlannedLane, taps: ReadonlyMap<string, LoadTap>, before: PreflightResult) =>
  taps.get(lane.id)?.proof() ?? before.profiles.find(({ profile }) => profile === lane.profile)?.proof

/** How the watching ended. */
interface Watched {
  stoppedBy: string | undefined
  /** Milliseconds from the common start to the end, or to the stop. */
  ran: number
}

/** Steps that came to their end. */
const wholeSteps = ({ sweep, stepSeconds }: Setting, ran: number): number =>
  Math.max(0, Math.min(sweep.length, Math.floor(ran / (stepSeconds * 1000) + 1e-9)))

/**
 * A lane with the reasons to call it void.
 * @param until attempts after it do not say how a client of this kind ends; with none before it, no attempt does.
 */
function judgedUntil(
  plan: PlannedLane,
  result: LaneResult,
  running: Pick<RunningLanes, 'collectors'>,
  until: number | undefined,
): LaneResult {
  if (until === undefined) return judged(plan, result)
  const calm = running.collectors.get(plan.id)?.numbers({ from: 0, to: until }).attempts
  if (calm !== undefined && calm.total > 0) return judged(plan, result, calm)
  const { expected: _, ...rest } = plan
  return judged(rest, result)
}

/** A flood that broke the promise with less than was wanted: the generator's limit, or the full server's. */
function shortOf(verdict: GeneratorVerdict, broken: FloodStep | undefined): GeneratorVerdict {
  if (broken === undefined || broken.delivered >= broken.rate) return verdict
  const { rate, delivered } = broken
  const reason = `of the ${rate}/s that were wanted where the promise broke, ${delivered}/s were delivered`
  return { ...verdict, limited: true, reasons: [...verdict.reasons, reason] }
}

/** Follows the run, judges each step when it is over, and stops on a signal, the canary or a broken objective. */
async function watch(setting: Setting, running: RunningLanes): Promise<Watched> {
  const { options, sweep, stepSeconds } = setting
  const { signal, onProgress, keepGoing = false, target } = options
  let stoppedBy: string | undefined
  let ran = Number.POSITIVE_INFINITY
  const stop = (reason: string): void => {
    if (stoppedBy !== undefined) return
    stoppedBy = reason
    ran = Date.now() - running.startAt
    running.stop()
  }
  const aborted = (): void => stop(signal === undefined ? 'interrupted' : reasonOf(signal))
  signal?.addEventListener('abort', aborted, { once: true })
  if (signal?.aborted === true) aborted()
  const canary = canaryFor(target, targetUrl(target, options.path), options.valid, stop)
  let next = 0
  const timer = setInterval(() => {
    const now = Date.now() - running.startAt
    const attempts = Object.fromEntries([...running.collectors].map(([id, { total }]) => [id, total]))
    onProgress?.({ stage: 'attempts', seconds: now / 1000, attempts })
    if (next < sweep.length && now >= (next + 1) * stepSeconds * 1000 + flushTime) {
      const { step, lost } = judgeStep(setting, running, next, true)
      onProgress?.({ stage: 'step', step, index: next, steps: sweep.length })
      next += 1
      if (step.holds === false && !keepGoing) stop(`the objective broke at ${step.delivered}/s: ${step.why}`)
      // Whoever went away does not come back: more load shows nothing.
      if (lost !== undefined) stop(`at ${step.rate}/s: ${lost}`)
    }
  }, tickEvery)
  try {
    await running.ended
  } finally {
    clearInterval(timer)
    signal?.removeEventListener('abort', aborted)
    await canary?.stop()
  }
  return { stoppedBy, ran: Math.min(ran, Date.now() - running.startAt) }
}

const header = (
  { options, objective }: Setting,
  flood: readonly ReadyProfile[],
  before: PreflightResult,
  startAt: number,
) => ({
  kind: 'flood' as const,
  startedAt: new Date(startAt).toISOString(),
  target: targetUrl(options.target, options.path),
  objective,
  victimRate: options.victimRate,
  profiles: flood.map(({ id }) => id),
  preflight: before,
  k6: options.k6.version,
})

function nothing(setting: Setting, before: PreflightResult, stoppedBy: string): FloodResult {
  const generator = { limited: notMeasurable, coresUsed: notMeasurable, cores: 0, reasons: [] } as const
  return {
    ...header(setting, [], before, Date.now()),
    complete: false,
    stoppedBy,
    steps: [],
    lanes: [],
    generator: { ...generator, reasons: [] },
  }
}
