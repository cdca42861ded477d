/**
 * Runs lanes side by side against one target and merges their results.
 * @module
 */

import { bracketed } from '../../harness/deployment/connect.ts'
import {
  type LaneResult,
  notMeasurable,
  type OutcomeKind,
  type Outcomes,
  type SideBySideResult,
} from '../flood/types.ts'
import { isProfileId, profiles } from '../profiles/table.ts'
import { canaryFor } from '../safety/canary.ts'
import { type AllowedTarget, checkIntent } from '../safety/target.ts'
import { targetUrl } from '../safety/url.ts'
import type { K6 } from './find.ts'
import { attemptsOf, generatorOf, intentOf, type Lane, laneResult, startLanes } from './lanes.ts'
import { countFrom, type Observer } from './proof/observer.ts'
import { type LoadTap, startTap } from './proof/tap.ts'
import type { Scratch } from './scratch.ts'
import { makeScratch } from './scratch.ts'
import { reasonsToVoid } from './void.ts'

/** A lane, before it is known where it connects to. */
export type PlannedLane = Omit<Lane, 'connect' | 'url'> & {
  /** Outcomes that are right for it; a lane with others is void. */
  expected?: readonly OutcomeKind[]
  /** Connect through a tap that proves what was sent; costs this process some 0.1 ms of CPU per connection. */
  tapped?: boolean
}

/** What to run. */
export interface RunOptions {
  k6: K6
  target: AllowedTarget
  /** Default `/`. */
  path?: string
  lanes: readonly PlannedLane[]
  /** Ends the run; the result is what there is by then. */
  signal?: AbortSignal
  /** The server's own count, where it can be had. */
  observer?: Observer
  /** Gets in: for the canary of a target that needs one. Default: that of a lane whose profile is `valid`. */
  canary?: { cert: string; key: string }
  /** About four times a second. */
  onProgress?: (progress: Progress) => void
}

/** How far a run is. */
export interface Progress {
  /** Since the common start; negative: k6 is starting. */
  seconds: number
  /** Attempts so far, by lane. */
  attempts: Record<string, number>
}

const progressEvery = 250

/** `address:port` as k6's `hosts` wants it. */
export const connectTo = ({ address, port }: Pick<AllowedTarget, 'address' | 'port'>): string =>
  `${bracketed(address)}:${port}`

/** Lanes with where they connect to, and the taps that were started for it. */
export interface Tapped {
  lanes: Lane[]
  taps: Map<string, LoadTap>
}

/** Starts the taps. The caller closes them. */
export async function withTaps(
  planned: readonly PlannedLane[],
  target: AllowedTarget,
  options: { path?: string | undefined; record?: number; observer?: Observer | undefined } = {},
): Promise<Tapped> {
  const taps = new Map<string, LoadTap>()
  const lanes: Lane[] = []
  for (const { expected: _, tapped = false, ...lane } of planned) {
    let connect = connectTo(target)
    if (tapped) {
      const { address, port } = target
      const from = options.observer?.sources?.get(lane.profile)
      const record = options.record ?? 0
      const tap = await startTap({ address, port, cert: lane.identity?.cert, record, from })
      taps.set(lane.id, tap)
      connect = tap.address
    }
    lanes.push({ ...lane, connect, url: targetUrl(target, options.path) })
  }
  return { lanes, taps }
}

/** Closes taps. */
export async function closeTaps(taps: ReadonlyMap<string, LoadTap>): Promise<void> {
  await Promise.all([...taps.values()].map((tap) => tap.close()))
}

/**
 * Runs lanes side by side.
 * @throws HarnessError ERR_USAGE when they are beyond the limits of the target.
 */
export async function runSideBySide(options: RunOptions): Promise<SideBySideResult> {
  const { target, lanes: planned, signal } = options
  checkIntent(intentOf(planned.map((lane) => ({ ...lane, connect: '', url: '' }))), target)
  const alarm = new AbortController()
  const identity = options.canary ?? planned.find(({ profile }) => profile === 'valid')?.identity
  const canary = canaryFor(target, targetUrl(target, options.path), identity, (reason) => alarm.abort(reason))
  const scratch = await makeScratch()
  const { lanes, taps } = await withTaps(planned, target, {
    path: options.path,
    observer: options.observer,
  })
  try {
    const either = signal === undefined ? alarm.signal : AbortSignal.any([signal, alarm.signal])
    return await run(options, lanes, taps, scratch, either)
  } finally {
    await canary?.stop()
    await closeTaps(taps)
    scratch.remove()
  }
}

async function run(
  { k6, lanes: planned, onProgress, observer }: RunOptions,
  lanes: readonly Lane[],
  taps: ReadonlyMap<string, LoadTap>,
  scratch: Scratch,
  signal: AbortSignal,
): Promise<SideBySideResult> {
  const counter = await countFrom(
    observer,
    planned.map(({ profile }) => profile),
  )
  const running = await startLanes(k6, lanes, scratch)
  const stop = (): void => running.stop()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  const timer = setInterval(() => {
    const attempts = Object.fromEntries([...running.collectors].map(([id, { total }]) => [id, total]))
    onProgress?.({ seconds: (Date.now() - running.startAt) / 1000, attempts })
  }, progressEvery)
  try {
    const ends = await running.ended
    const seconds = Math.max(0, (Date.now() - running.startAt) / 1000)
    const saw = await counter(attemptsOf(lanes, running))
    const results = planned.map((plan, at) => {
      const lane = lanes[at]
      if (lane === undefined) throw new Error(`the lane ${plan.id} was lost`)
      const result = laneResult(lane, running, ends, taps.get(plan.id)?.proof())
      return judged(plan, { ...result, serverSaw: saw.get(plan.profile) ?? notMeasurable })
    })
    const { aborted } = signal
    return {
      startedAt: new Date(running.startAt).toISOString(),
      seconds,
      complete: !aborted && results.every(({ error }) => error === undefined),
      ...(aborted ? { stoppedBy: reasonOf(signal) } : {}),
      lanes: results,
      generator: generatorOf(ends, running, seconds),
      k6: k6.version,
    }
  } finally {
    clearInterval(timer)
    signal.removeEventListener('abort', stop)
  }
}

/** Why a signal fired, for a person. */
export function reasonOf(signal: AbortSignal): string {
  const reason: unknown = signal.reason
  if (typeof reason === 'string') return reason
  return reason instanceof Error && reason.name !== 'AbortError' ? reason.message : 'interrupted'
}

/**
 * A result with the reasons to call it void.
 * @param attempts those whose outcomes are judged; default: all.
 */
export function judged(
  plan: PlannedLane,
  result: LaneResult,
  attempts: Outcomes = result.numbers.attempts,
): LaneResult {
  const certificate = plan.identity !== undefined
  const { proof, serverSaw } = result
  const reasons = reasonsToVoid({ certificate, attempts, expected: plan.expected, proof, serverSaw })
  const named = isProfileId(plan.profile) && profiles[plan.profile].certificate && !certificate
  return {
    ...result,
    void: [
      ...(result.error === undefined ? [] : [`k6 failed: ${result.error.split('\n').at(-1) ?? ''}`]),
      ...(named ? [`the profile ${plan.profile} was run without a certificate`] : []),
      ...reasons,
    ],
  }
}
