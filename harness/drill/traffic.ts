/**
 * Steady traffic: one request per interval and lane, whatever becomes of the others, with bounds on what may be waiting
 * and on what is remembered.
 * @module
 */
import type { Lane, Shot } from './lanes.ts'

/** One request of a lane. Times in milliseconds since the traffic began. */
export interface Sample extends Shot {
  lane: string
  /** Sent. */
  from: number
  /** Answered. */
  to: number
}

/** Traffic that runs. */
export interface Traffic {
  readonly samples: readonly Sample[]
  /** Requests per lane that were due and not sent. */
  readonly skipped: Readonly<Record<string, number>>
  /** Milliseconds since it began. */
  now(): number
  /** Calls with every sample from now on. @returns the way to end that. */
  listen(listener: (sample: Sample) => void): () => void
  /** Sends nothing more, and waits for what is under way. */
  stop(): Promise<void>
}

/** Requests of one lane that may wait for their answers at the same time. */
const mostWaiting = 4
/** An hour of three lanes at ten requests per second. */
const mostSamples = 110_000

/** Starts the traffic of these lanes. The intervals of the lanes are staggered. */
export function startTraffic(lanes: readonly Lane[], interval: number): Traffic {
  const began = performance.now()
  const now = (): number => performance.now() - began
  const samples: Sample[] = []
  const skipped: Record<string, number> = Object.fromEntries(lanes.map(({ id }) => [id, 0]))
  const listeners = new Set<(sample: Sample) => void>()
  const control = new AbortController()
  const waiting = new Set<Promise<void>>()
  const perLane = new Map<string, number>()
  const timers: NodeJS.Timeout[] = []

  const shoot = async (lane: Lane): Promise<void> => {
    const from = now()
    const shot = await lane.shoot(control.signal)
    const sample = { lane: lane.id, from, to: now(), ...shot }
    if (samples.length < mostSamples) samples.push(sample)
    else skipped[lane.id] = (skipped[lane.id] ?? 0) + 1
    for (const listener of listeners) listener(sample)
  }
  const tick = (lane: Lane): void => {
    const count = perLane.get(lane.id) ?? 0
    if (count >= mostWaiting) {
      skipped[lane.id] = (skipped[lane.id] ?? 0) + 1
      return
    }
    perLane.set(lane.id, count + 1)
    const one: Promise<void> = shoot(lane).finally(() => {
      waiting.delete(one)
      perLane.set(lane.id, (perLane.get(lane.id) ?? 1) - 1)
    })
    waiting.add(one)
  }
  lanes.forEach((lane, at) => {
    timers.push(
      setTimeout(
        () => {
          tick(lane)
          timers.push(setInterval(() => tick(lane), interval))
        },
        (at * interval) / lanes.length,
      ),
    )
  })
  return {
    samples,
    skipped,
    now,
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async stop() {
      for (const timer of timers) clearTimeout(timer)
      await Promise.all(waiting)
      control.abort()
    },
  }
}
