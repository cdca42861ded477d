/**
 * k6 as a driver of capacity steps: one process per step, bound to cores of its own, its samples read one by one.
 *
 * k6 says when an attempt began, not when it was due. Its attempts are due at even distances, so the delay of each follows from
 * their order: the time beyond the earliest even grid that fits. Delays count as the generator's lag, and in the latency.
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { HarnessError } from '../../harness/errors.ts'
import type { Identity } from '../../harness/pki/types.ts'
import type { LoadDriver, StepMeasurement } from '../capacity/types.ts'
import { watchCpu } from '../capacity/watch.ts'
import type { CpuSource } from '../cpu/types.ts'
import { notMeasurable } from '../flood/types.ts'
import type { AllowedTarget } from '../safety/target.ts'
import { targetUrl } from '../safety/url.ts'
import { Collector, quantiles, type Timed } from './collect.ts'
import { cpuSecondsOf } from './cpu.ts'
import type { K6 } from './find.ts'
import { type RunningLanes, startLanes } from './lanes.ts'
import { connectTo } from './run.ts'
import { makeScratch } from './scratch.ts'

/** Valid clients by k6. */
export interface K6DriverOptions {
  k6: K6
  target: AllowedTarget
  path?: string | undefined
  identity: Pick<Identity, 'cert' | 'key'>
  tls: '1.2' | '1.3'
  /** Of the promise, milliseconds: from it follows how many attempts may wait at once. */
  p99Ms: number
  /** The server's CPU, where it is known. */
  cpu?: CpuSource | undefined
  /** Cores for k6 as `taskset -c` takes them, and how many those are. */
  bound?: { cpus: string; cores: number } | undefined
  /** Cores of this machine. */
  cores: number
}

/** For k6 to start, and to let the last attempts end where the server answers. */
const startMs = 2500
/** Load goes on so long after the window: a process that has ended has no CPU time to be read. */
const tailMs = 500
/** Attempts at once at most, as with the built-in engine. */
const mostAtOnce = 512
/** Like the built-in engine: HTTP/1.1, and a key exchange of one size on every server. */
const goDebug = 'http2client=0,tlsmlkem=0'

/** Makes a driver. Linux: the CPU of k6 is read from /proc. */
export function k6Driver(options: K6DriverOptions): LoadDriver {
  const { k6, bound, p99Ms } = options
  const timeoutMs = Math.max(1000, 2 * p99Ms)
  return {
    describe: `k6 ${k6.version}, ${bound === undefined ? 'not bound to a core' : `bound to core ${bound.cpus}`}`,
    wholeRates: true,
    extraMs: startMs,
    async step(plan, signal) {
      signal.throwIfAborted()
      const scratch = await makeScratch()
      try {
        const lane = laneOf(options, plan, timeoutMs)
        const running = await startLanes(k6, [lane], scratch, 0)
        const stop = (): void => running.stop()
        signal.addEventListener('abort', stop, { once: true })
        try {
          return await measure(options, plan, running, signal)
        } finally {
          stop()
          await running.ended
          signal.removeEventListener('abort', stop)
        }
      } finally {
        scratch.remove()
      }
    },
  }
}

type Plan = Parameters<LoadDriver['step']>[0]

function laneOf(
  { target, path, identity, tls, p99Ms, bound }: K6DriverOptions,
  { rate, settleMs, sustainMs }: Plan,
  timeoutMs: number,
) {
  // Little's law: more at once than this, and they stay longer than is promised.
  const atOnce = Math.min(mostAtOnce, Math.ceil((rate * p99Ms) / 1000) + 10)
  return {
    id: 'valid',
    profile: 'valid',
    script: 'valid' as const,
    rate: { rate, seconds: (settleMs + sustainMs + tailMs) / 1000 },
    url: targetUrl(target, path),
    connect: connectTo(target),
    identity,
    cpus: bound?.cpus,
    env: {
      LOAD_TLS: tls,
      LOAD_VUS: String(atOnce),
      LOAD_MAX_VUS: String(atOnce),
      LOAD_TIMEOUT: `${timeoutMs}ms`,
      GODEBUG: goDebug,
    },
  }
}

async function measure(
  { cpu, bound, cores }: K6DriverOptions,
  { rate, settleMs, sustainMs }: Plan,
  running: RunningLanes,
  signal: AbortSignal,
): Promise<StepMeasurement> {
  const collector = running.collectors.get('valid') ?? new Collector()
  const client = (): number => running.pids.reduce((sum, pid) => sum + (cpuSecondsOf(pid) ?? Number.NaN), 0)
  let over = false
  const ended = running.ended.finally(() => {
    over = true
  })
  while (collector.first === undefined && !over) {
    signal.throwIfAborted()
    await sleep(20)
  }
  // Where attempts end late, the first is heard of late: what is left of the settling then is shorter.
  const left = Math.max(0, (collector.first ?? 0) + settleMs - Date.now())
  const watch = cpu === undefined ? undefined : watchCpu(cpu, left, sustainMs)
  let busy: number | undefined
  try {
    await sleep(left, undefined, { signal })
    const [before, from] = [client(), performance.now()]
    await sleep(sustainMs, undefined, { signal })
    busy = ((client() - before) * 1000) / (performance.now() - from)
  } finally {
    watch?.stop()
  }
  const ends = await ended
  signal.throwIfAborted()
  const error = [...ends.values()].flat().find((end) => end.error !== undefined)?.error
  if (error !== undefined) throw new HarnessError('ERR_PLATFORM', `k6 failed: ${error.split('\n').at(-1)}`)
  if (!Number.isFinite(busy))
    throw new HarnessError(
      'ERR_PLATFORM',
      'the CPU of k6 cannot be read: whether it is the limit is not known',
    )
  const server = (await watch?.series()) ?? []
  const from = (collector.first ?? 0) + settleMs
  return {
    rate,
    ...attemptsIn(collector, rate, from, sustainMs),
    serverBusyPerSecond: server,
    ...(server.length === 0 ? {} : { serverBusy: server.reduce((sum, one) => sum + one, 0) / server.length }),
    clientBusy: busy,
    clientCores: bound?.cores ?? cores,
  }
}

/** What the samples say of a window. */
export function attemptsIn(
  collector: Collector,
  rate: number,
  from: number,
  sustainMs: number,
): Omit<StepMeasurement, 'rate' | 'serverBusyPerSecond' | 'serverBusy' | 'clientBusy' | 'clientCores'> {
  const to = from + sustainMs
  const { attempts, dropped } = collector.numbers({ from, to })
  const delays = delaysOf(collector, rate)
  const inside = collector.attempts.filter(({ began }) => began >= from && began < to)
  const latency = quantiles(inside.map((one) => one.value + (delays.get(one) ?? 0)))
  const lag = quantiles(inside.flatMap((one) => delays.get(one) ?? []))
  const achieved = attempts.byKind.accepted ?? 0
  const perSecond = Array.from({ length: Math.floor(sustainMs / 1000) }, () => 0)
  for (const { began, value } of collector.attempts) {
    const second = Math.floor((began + value - from) / 1000)
    if (second >= 0 && second < perSecond.length) perSecond[second] = (perSecond[second] ?? 0) + 1
  }
  return {
    // Attempts without an end have no sample; one at the edge of the window may be on either side of it.
    offered: Math.max(attempts.total + dropped, Math.floor((rate * sustainMs) / 1000) - 1),
    achieved,
    unexpected: attempts.total - achieved,
    timeouts: attempts.byKind.timeout ?? 0,
    dropped,
    ...(latency === notMeasurable ? {} : { p99Ms: latency.p99, p50Ms: latency.p50 }),
    perSecond,
    startLagMs: lag === notMeasurable ? 0 : lag.p99,
  }
}

/** How late each attempt began; those after the first dropped one are left out, as their place in the order is not known. */
function delaysOf(collector: Collector, rate: number): ReadonlyMap<Timed, number> {
  const every = 1000 / rate
  const { firstDrop = Number.POSITIVE_INFINITY } = collector
  const known = collector.attempts.filter(({ began }) => began < firstDrop)
  const ordered = known.toSorted((a, b) => a.began - b.began)
  const offsets = ordered.map(({ began }, at) => began - at * every)
  const earliest = offsets.reduce((least, one) => Math.min(least, one), Number.POSITIVE_INFINITY)
  return new Map(ordered.map((one, at) => [one, (offsets[at] ?? earliest) - earliest]))
}
