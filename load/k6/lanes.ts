/**
 * Lanes: one k6 process per identity (k6's tlsAuth is global), or several by segments, begun together, their samples
 * collected as they come.
 * @module
 */
import { join } from 'node:path'
import type { Identity } from '../../harness/pki/types.ts'
import { type GeneratorVerdict, type LaneResult, notMeasurable, type SendingProof } from '../flood/types.ts'
import { Collector } from './collect.ts'
import { generatorVerdict } from './cpu.ts'
import type { K6 } from './find.ts'
import { type K6End, type ScriptName, startK6 } from './process.ts'
import { type RatePlan, rateEnv, totalOf } from './rate.ts'
import type { Scratch } from './scratch.ts'
import { type Segment, segmentsOf } from './segments.ts'

/** One lane. */
export interface Lane {
  /** Unique in a run. */
  id: string
  profile: string
  script: ScriptName
  rate: RatePlan
  url: string
  /** `address:port` to connect to: one that was allowed, or a tap's. */
  connect: string
  identity?: Pick<Identity, 'cert' | 'key'> | undefined
  /** Secrets of the script, by the variable that names their file: `LOAD_TOKEN_FILE`. */
  secrets?: Readonly<Record<string, string>>
  /** Further variables: `LOAD_TLS`. */
  env?: Readonly<Record<string, string>>
  /** Default 1. */
  processes?: number
  /** Cores that its processes are bound to. Default: none. */
  cpus?: string | undefined
}

/** Lanes that run. */
export interface RunningLanes {
  /** Epoch milliseconds at which all begin. */
  readonly startAt: number
  readonly collectors: ReadonlyMap<string, Collector>
  /** Lanes of which a process failed so far, and when (epoch milliseconds). */
  readonly died: ReadonlyMap<string, number>
  readonly ended: Promise<ReadonlyMap<string, readonly K6End[]>>
  /** Of the processes that could be started. */
  readonly pids: readonly number[]
  stop(): void
}

/** Time for k6 to start (0.5 s on an idle machine) before the common beginning, milliseconds. */
const usualLead = (processes: number): number => 800 + 150 * processes

/**
 * Starts them all. The caller removes the scratch folder when they have ended.
 * @param lead milliseconds until the common beginning; 0: each begins when it can.
 */
export async function startLanes(
  k6: K6,
  lanes: readonly Lane[],
  scratch: Scratch,
  lead?: number,
): Promise<RunningLanes> {
  const prepared = await Promise.all(
    lanes.map(async (lane) => ({ lane, files: await filesOf(lane, scratch), segments: segmentsFor(lane) })),
  )
  const processes = prepared.reduce((sum, { segments }) => sum + segments.length, 0)
  const startAt = Date.now() + (lead ?? usualLead(processes))
  const collectors = new Map<string, Collector>()
  const died = new Map<string, number>()
  const running = prepared.map(({ lane, files, segments }) => {
    const collector = new Collector()
    collectors.set(lane.id, collector)
    const env = {
      ...lane.env,
      ...files,
      ...rateEnv(lane.rate),
      LOAD_URL: lane.url,
      LOAD_CONNECT: lane.connect,
      LOAD_PROFILE: lane.profile,
      LOAD_START_AT: String(startAt),
    }
    const jobs = segments.map((segment, at) =>
      startK6({
        k6: k6.path,
        script: lane.script,
        env,
        cpus: lane.cpus,
        log: join(scratch.dir, `${lane.id}-${at}.log`),
        onSample: (sample) => collector.add(sample),
        ...(segment === undefined ? {} : { segment }),
      }),
    )
    for (const { ended } of jobs) {
      ended.then(({ error }) => {
        if (error !== undefined && !died.has(lane.id)) died.set(lane.id, Date.now())
      })
    }
    return { id: lane.id, jobs }
  })
  const finish = async (): Promise<Map<string, readonly K6End[]>> => {
    const ends = await Promise.all(
      running.map(async ({ id, jobs }) => [id, await Promise.all(jobs.map(({ ended }) => ended))] as const),
    )
    return new Map(ends)
  }
  return {
    startAt,
    collectors,
    died,
    ended: finish(),
    pids: running.flatMap(({ jobs }) => jobs.flatMap(({ pid }) => pid ?? [])),
    stop() {
      for (const { jobs } of running) for (const job of jobs) job.stop()
    },
  }
}

const segmentsFor = ({ processes = 1 }: Lane): (Segment | undefined)[] =>
  processes === 1 ? [undefined] : segmentsOf(processes)

async function filesOf(lane: Lane, scratch: Scratch): Promise<Record<string, string>> {
  const files = await scratch.identity(lane.id, lane.identity)
  for (const [variable, secret] of Object.entries(lane.secrets ?? {})) {
    files[variable] = await scratch.file(`${lane.id}-${variable}`, secret)
  }
  return files
}

/** The result of one lane, without the reasons to call it void. */
export function laneResult(
  lane: Lane,
  running: Pick<RunningLanes, 'collectors'>,
  ends: ReadonlyMap<string, readonly K6End[]>,
  proof: SendingProof | undefined,
): LaneResult {
  const collector = running.collectors.get(lane.id) ?? new Collector()
  const own = ends.get(lane.id) ?? []
  const error = own.find((end) => end.error !== undefined)?.error
  const known = own.every(({ cpuSeconds }) => cpuSeconds !== undefined)
  return {
    id: lane.id,
    profile: lane.profile,
    processes: lane.processes ?? 1,
    numbers: collector.numbers(),
    proof,
    serverSaw: notMeasurable,
    void: [],
    cpuSeconds: known ? own.reduce((sum, { cpuSeconds }) => sum + (cpuSeconds ?? 0), 0) : notMeasurable,
    ...(error === undefined ? {} : { error }),
  }
}

/** Attempts that ended so far, by profile. */
export const attemptsOf = (
  lanes: readonly Pick<Lane, 'id' | 'profile'>[],
  { collectors }: Pick<RunningLanes, 'collectors'>,
): ReadonlyMap<string, number> =>
  new Map(lanes.map(({ id, profile }) => [profile, collectors.get(id)?.total ?? 0]))

/**
 * Whether k6 was the limit, over all lanes.
 * @param seconds how long the lanes ran.
 * @param until drops count before this time, epoch milliseconds: a server that is known to be full makes k6 drop. Default: all do.
 */
export function generatorOf(
  ends: ReadonlyMap<string, readonly K6End[]>,
  { collectors }: Pick<RunningLanes, 'collectors'>,
  seconds: number,
  until = Number.POSITIVE_INFINITY,
): GeneratorVerdict {
  const cpu = [...ends.values()].flat().map(({ cpuSeconds }) => cpuSeconds)
  const lanes = [...collectors.values()]
  const dropped = lanes.reduce((sum, lane) => sum + lane.numbers({ from: 0, to: until }).dropped, 0)
  return generatorVerdict({ cpu, seconds, dropped })
}

/** What lanes ask for together. */
export function intentOf(lanes: readonly Lane[]): { rate: number; count: number; seconds: number } {
  const totals = lanes.map(({ rate }) => totalOf(rate))
  return {
    rate: totals.reduce((sum, { rate }) => sum + rate, 0),
    count: totals.reduce((sum, total) => sum + total.count, 0),
    seconds: Math.max(...totals.map(({ seconds }) => seconds)),
  }
}
