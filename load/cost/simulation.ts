/**
 * A server that is not there: known costs behind the interfaces of the generator and the CPU source, in simulated time. Tests
 * ask of the whole method that it finds these costs again.
 * @module
 */
import type { CpuSource } from '../cpu/types.ts'
import type { Generator } from '../engine/generator.ts'
import type { Block, BlockResult, Lane, LaneResult, Outcome } from '../engine/types.ts'
import { createHistogram, encodeHistogram, record } from '../stats/histogram.ts'
import { seededRandom } from '../stats/random.ts'
import type { Clock } from './types.ts'

/** What the simulated server does with one lane. */
export interface SimulatedLane {
  serverUsec: number
  clientUsec: number
  outcome: Outcome
  /** Bytes a client writes. */
  bytes?: number
  alert?: number
}

/** The world of one simulation. */
export interface Simulation {
  generator: Generator
  cpu: CpuSource
  clock: Clock
  /** Every block that was asked for. */
  asked: Block[]
}

/** How noisy and busy it is. */
export interface SimulationOptions {
  /** What a lane costs; changes of it take effect at once. */
  lane: (lane: Lane, block: number) => SimulatedLane
  /** Standard deviation of a block, share. */
  noise?: number
  /** Slow rise of all costs from block to block, share. */
  drift?: number
  idleUsecPerSecond?: number
  seed?: number
  /** Called with every block. */
  onBlock?: (block: number) => void
}

/** Makes a world. */
export function simulate(options: SimulationOptions): Simulation {
  const { lane: costOf, noise = 0, drift = 0, idleUsecPerSecond = 0 } = options
  const random = seededRandom(options.seed ?? 1)
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const asked: Block[] = []
  let [now, used] = [0, 1_000_000]
  const pass = (ms: number): void => {
    now += ms
    used += (idleUsecPerSecond * ms) / 1000
  }
  const block = async (work: Block, signal?: AbortSignal): Promise<BlockResult> => {
    asked.push(work)
    options.onBlock?.(asked.length)
    signal?.throwIfAborted()
    // The load of the moment is the same for server and client.
    const factor = Math.max(0.1, 1 + noise * normal()) * (1 + drift * asked.length)
    let [serverUsec, clientUsec] = [0, 0]
    const lanes = work.lanes.map((lane, at): LaneResult => {
      const attempts = work.attempts[at] ?? 0
      const known = costOf(lane, asked.length)
      serverUsec += attempts * known.serverUsec * factor
      clientUsec += attempts * known.clientUsec * factor
      const histogram = createHistogram()
      record(histogram, 1)
      return {
        id: lane.id,
        outcomes: { [known.outcome]: attempts },
        alerts: known.alert === undefined ? {} : { [known.alert]: attempts },
        latency: encodeHistogram(histogram),
        // A control lane asks for nothing.
        meanBytesWritten: known.bytes ?? (lane.identity === undefined || lane.id === 'control' ? 400 : 2000),
      }
    })
    used += serverUsec
    const wallMs = serverUsec / 1000
    pass(wallMs)
    return { lanes, wallMs, clientCpuUsec: clientUsec }
  }
  return {
    asked,
    generator: {
      describe: 'simulated',
      block,
      open: () => Promise.reject(new Error('the simulation has no open loop')),
      stop: () => Promise.resolve(),
    },
    cpu: {
      kind: 'simulated',
      describe: 'known costs',
      sample: () => Promise.resolve({ cpuUsec: used, resolutionUsec: 1, notes: [] }),
    },
    clock: {
      now: () => now,
      sleep: (ms) => {
        pass(ms)
        return Promise.resolve()
      },
    },
  }
}
