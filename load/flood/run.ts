/**
 * Victims and a flood: valid users at a steady rate, invalid attempts swept from none upwards beside them.
 * @module
 */
import { HarnessError } from '../../harness/errors.ts'
import type { Identity } from '../../harness/pki/types.ts'
import type { K6 } from '../k6/find.ts'
import {
  attemptsOf,
  generatorOf,
  intentOf,
  type Lane,
  laneResult,
  type RunningLanes,
  startLanes,
} from '../k6/lanes.ts'
import { countFrom, type Observer } from '../k6/proof/observer.ts'
import type { LoadTap } from '../k6/proof/tap.ts'
import { closeTaps, judged, type PlannedLane, reasonOf, withTaps } from '../k6/run.ts'
import { makeScratch } from '../k6/scratch.ts'
import { expectedOutcomes } from '../profiles/table.ts'
import { canaryFor } from '../safety/canary.ts'
import { type AllowedTarget, checkIntent } from '../safety/target.ts'
import { targetUrl } from '../safety/url.ts'
import { preflight, type ReadyProfile } from './preflight.ts'
import { breakingPoint, holds, settleOf, shares, sweepOf } from './steps.ts'
import {
  type FloodResult,
  type FloodStep,
  notMeasurable,
  type Objective,
  type Outcomes,
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

const victims = 'victims'
const tickEvery = 250
/** How long after its end a step is judged: k6 hands out its samples every 200 ms. */
const flushTime = 600

interface Setting {
  options: FloodOptions
  objective: Required<Objective>
  sweep: number[]
  stepSeconds: number
  settleSeconds: number
}

/**
 * Runs a flood.
 * @throws HarnessError ERR_USAGE beyond the limits of the target; ERR_UNREACHABLE when the valid identity is not let in,
 *   or when no profile of the flood can be used (not sent, not refused).
 */
export async function runFlood(options: FloodOptions): Promise<FloodResult> {
  const { stepSeconds = 10, settleSeconds = settleOf(stepSeconds), target, signal, onProgress } = options
  const objective = { accepted: 0.999, ...options.objective }
  const setting = { options, objective, sweep: sweepOf(options.rates), stepSeconds, settleSeconds }
  const asked = options.profiles.filter(({ id }) => id !== 'valid')
  checkIntent(intentOf(plan(setting, asked, undefined).map(unconnected)), target)
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

const kinds = (profile: PreflightResult['profiles'][number] | undefined): string =>
  Object.entries(profile?.outcomes.byKind ?? {})
    .map(([kind, count]) => `${kind} ${count}`)
    .join(', ') || 'no attempt'

function plan(
  { options, sweep, stepSeconds }: Setting,
  flood: readonly ReadyProfile[],
  before: PreflightResult | undefined,
): PlannedLane[] {
  const { valid, victimRate, tls, everyConnection = true } = options
  const env: { env?: Record<string, string> } = tls === undefined ? {} : { env: { LOAD_TLS: tls } }
  const style = before?.style ?? notMeasurable
  const lane: PlannedLane = {
    id: victims,
    profile: 'valid',
    script: 'valid',
    rate: { rate: victimRate, seconds: sweep.length * stepSeconds },
    identity: valid,
    // Enough for stays of two seconds: their slowness is what is looked for, and must not make k6 drop them.
    env: { ...env.env, LOAD_VUS: String(Math.max(2, Math.min(400, victimRate * 2))) },
  }
  return [
    lane,
    ...flood.map(
      ({ id, identity }, at): PlannedLane => ({
        id: `flood-${id}`,
        profile: id,
        script: 'flood',
        rate: {
          stages: sweep.map((rate) => ({ rate: shares(rate, flood.length)[at] ?? 0, seconds: stepSeconds })),
        },
        identity,
        tapped: everyConnection,
        ...(style === notMeasurable ? {} : { expected: expectedOutcomes(id, style) }),
        ...env,
      }),
    ),
  ]
}

const unconnected = (lane: PlannedLane): Lane => ({ ...lane, connect: '', url: '' })

async function sweepWith(
  setting: Setting,
  flood: readonly ReadyProfile[],
  before: PreflightResult,
): Promise<FloodResult> {
  const { options } = setting
  const planned = plan(setting, flood, before)
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
    const steps = setting.sweep
      .slice(0, wholeSteps(setting, ran))
      .map((_, at) => stepOf(setting, running, at))
    const broken = steps.find((step) => step.holds === false)
    const results = planned.map((one, at) => {
      const result = laneResult(lanes[at] ?? unconnected(one), running, ends, proofOf(one, taps, before))
      const serverSaw = saw.get(one.profile) ?? notMeasurable
      return judged(one, { ...result, serverSaw }, beforeBreaking(setting, running, one, broken))
    })
    const failed = results.find(({ error }) => error !== undefined)
    const reason = stoppedBy ?? (failed === undefined ? undefined : `k6 failed in ${failed.id}`)
    return {
      ...header(setting, before, running.startAt),
      complete: reason === undefined,
      ...(reason === undefined ? {} : { stoppedBy: reason }),
      steps,
      ...breakingPoint(steps),
      lanes: results,
      generator: generatorOf(ends, running, seconds, broken && startOf(setting, running, broken)),
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

/** When a step began, epoch milliseconds. */
const startOf = ({ stepSeconds, sweep }: Setting, { startAt }: RunningLanes, { rate }: FloodStep): number =>
  startAt + sweep.indexOf(rate) * stepSeconds * 1000

/**
 * How the attempts of a lane ended before the objective broke: a server that is full answers anything, which says nothing
 * about the certificate.
 */
function beforeBreaking(
  setting: Setting,
  running: RunningLanes,
  lane: PlannedLane,
  broken: FloodStep | undefined,
): Outcomes | undefined {
  if (broken === undefined) return undefined
  const to = startOf(setting, running, broken)
  const calm = running.collectors.get(lane.id)?.numbers({ from: 0, to }).attempts
  return calm === undefined || calm.total === 0 ? undefined : calm
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
      const step = stepOf(setting, running, next)
      onProgress?.({ stage: 'step', step, index: next, steps: sweep.length })
      next += 1
      if (step.holds === false && !keepGoing) stop(`the objective broke at ${step.rate}/s: ${step.why}`)
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

function stepOf(
  setting: Setting,
  running: Pick<RunningLanes, 'collectors' | 'startAt'>,
  at: number,
): FloodStep {
  const { sweep, stepSeconds, settleSeconds, objective, options } = setting
  const { startAt, collectors } = running
  const from = (at * stepSeconds + settleSeconds) * 1000
  const to = (at + 1) * stepSeconds * 1000
  const window = { from: startAt + from, to: startAt + to }
  const all = [...collectors].map(([id, collector]) => [id, collector.numbers(window)] as const)
  const mine = all.find(([id]) => id === victims)?.[1]
  if (mine === undefined) throw new Error('the victims were lost')
  const flood = Object.fromEntries(
    all.filter(([id]) => id !== victims).map(([id, numbers]) => [id.replace(/^flood-/, ''), numbers]),
  )
  const first = collectors.get(victims)?.first
  // Where nothing ended yet, that says nothing about when it began.
  const late = first !== undefined && at === 0 && first > window.from + 1000 / options.victimRate
  const asked = { rate: options.victimRate, seconds: (to - from) / 1000, late }
  return { rate: sweep[at] ?? 0, from, to, victims: mine, flood, ...holds(mine, asked, objective) }
}

const header = ({ options, objective }: Setting, before: PreflightResult, startAt: number) => ({
  kind: 'flood' as const,
  startedAt: new Date(startAt).toISOString(),
  target: targetUrl(options.target, options.path),
  objective,
  victimRate: options.victimRate,
  profiles: options.profiles.map(({ id }) => id).filter((id) => id !== 'valid'),
  preflight: before,
  k6: options.k6.version,
})

function nothing(setting: Setting, before: PreflightResult, stoppedBy: string): FloodResult {
  const generator = { limited: notMeasurable, coresUsed: notMeasurable, cores: 0, reasons: [] } as const
  return {
    ...header(setting, before, Date.now()),
    complete: false,
    stoppedBy,
    steps: [],
    lanes: [],
    generator: { ...generator, reasons: [] },
  }
}
