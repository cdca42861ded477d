/**
 * Results for tests, made by the method itself on a simulated server, and a flood and a search of known numbers.
 * @module
 */
import type { CapacityResult, CapacityStep } from '../capacity/types.ts'
import { runCost } from '../cost/run.ts'
import { type SimulatedLane, simulate } from '../cost/simulation.ts'
import type { CostCategory, CostOptions, CostResult } from '../cost/types.ts'
import type { FloodResult, LaneNumbers, LaneResult, OutcomeKind } from '../flood/types.ts'
import { composeLoad, type Measurements } from './compose.ts'
import type { LoadResults } from './types.ts'

/** Costs as HAProxy had them where they were measured (load-anchors 3.5). */
export const likeHaproxy: Readonly<Record<string, SimulatedLane>> = {
  control: { serverUsec: 460, clientUsec: 800, outcome: 'allowed' },
  valid: { serverUsec: 920, clientUsec: 1225, outcome: 'allowed' },
  none: { serverUsec: 411, clientUsec: 907, outcome: 'alert', alert: 116 },
  expired: { serverUsec: 760, clientUsec: 1200, outcome: 'alert', alert: 45 },
  'unknown-ca': { serverUsec: 665, clientUsec: 1200, outcome: 'alert', alert: 48 },
  'forged-chain': { serverUsec: 1921, clientUsec: 1303, outcome: 'alert', alert: 51 },
  'long-chain': { serverUsec: 2510, clientUsec: 1400, outcome: 'allowed' },
}

/** The same with refusals as nginx has them. */
export const likeNginx: Readonly<Record<string, SimulatedLane>> = {
  control: { serverUsec: 359, clientUsec: 800, outcome: 'allowed' },
  valid: { serverUsec: 721, clientUsec: 1225, outcome: 'allowed' },
  none: { serverUsec: 366, clientUsec: 907, outcome: 'http-400' },
  expired: { serverUsec: 686, clientUsec: 1200, outcome: 'http-400' },
  'unknown-ca': { serverUsec: 633, clientUsec: 1200, outcome: 'http-400' },
  'forged-chain': { serverUsec: 700, clientUsec: 1303, outcome: 'http-400' },
}

/** Measures a simulated server. */
export async function sampleCost(
  name: string,
  lanes: Readonly<Record<string, SimulatedLane>>,
  options: Partial<CostOptions> & { noise?: number } = {},
): Promise<CostResult> {
  const { noise = 0.03, ...rest } = options
  const { generator, cpu, clock } = simulate({
    noise,
    lane: ({ id, port }) =>
      lanes[port === 2 ? 'control' : id] ?? { serverUsec: 1, clientUsec: 1, outcome: 'local' },
  })
  const categories = Object.keys(lanes)
    .filter((id) => id !== 'control')
    .map(
      (id): CostCategory => ({
        id,
        title: `a client of the kind ${id}`,
        expect: id === 'valid' ? 'allowed' : id === 'long-chain' ? 'either' : 'refused',
      }),
    )
  return runCost({
    target: { name, host: '127.0.0.1', port: 1, controlPort: 2, servername: 'mtls.test', version: 'TLSv1.3' },
    categories,
    generator,
    cpu,
    clock,
    ...rest,
  })
}

const step = (rate: number, p99Ms: number, verdict: CapacityStep['verdict']): CapacityStep => ({
  rate,
  offered: rate * 8,
  achieved: rate * 8,
  unexpected: 0,
  timeouts: 0,
  dropped: 0,
  p99Ms,
  p50Ms: p99Ms / 4,
  perSecond: [rate],
  serverBusyPerSecond: [],
  serverBusy: (rate * 930) / 1e6,
  clientBusy: 0.4,
  clientCores: 1,
  startLagMs: 1,
  verdict,
  reason:
    verdict === 'holds'
      ? `99th percentile ${p99Ms} ms, 100 % achieved`
      : `the 99th percentile is ${p99Ms} ms`,
  sustainMs: 8000,
})

/** A search that found its knee. */
export const sampleCapacity = (): CapacityResult => ({
  schemaVersion: '1.0',
  kind: 'capacity',
  startedAt: '2026-11-25T12:00:00.000Z',
  durationMs: 61_000,
  ended: 'found',
  driver: 'simulated',
  objective: { p99Ms: 100, achievedShare: 0.99 },
  knee: { holds: 480, breaks: 500 },
  tolerance: 0.05,
  steps: [
    step(100, 4, 'holds'),
    step(200, 6, 'holds'),
    step(400, 19, 'holds'),
    step(800, 4100, 'breaks'),
    step(480, 71, 'holds'),
    step(500, 160, 'breaks'),
  ],
})

const numbers = (rate: number, kind: OutcomeKind, p99?: number): LaneNumbers => ({
  attempts: { total: rate * 8, byKind: { [kind]: rate * 8 }, alerts: {}, statuses: {}, other: {} },
  achieved: rate,
  dropped: 0,
  latency: 'not measurable',
  acceptedLatency:
    p99 === undefined
      ? 'not measurable'
      : { count: rate * 8, min: 1, mean: 2, p50: p99 / 3, p90: p99 / 2, p95: p99 / 1.5, p99, max: p99 * 2 },
  handshake: 'not measurable',
  handshakesWithoutTime: 0,
})

const proof = (connections: number): NonNullable<LaneResult['proof']> => ({
  by: 'every connection',
  connections,
  sent: connections,
  empty: 0,
  notAsked: 0,
  other: 0,
  unread: 0,
  limits: 'what a tap sees',
})

/** A flood that breaks what valid users are promised at 240/s. */
export function sampleFlood(): FloodResult {
  const lane = (id: string, profile: string, kind: OutcomeKind): LaneResult => ({
    id,
    profile,
    processes: 1,
    numbers: numbers(20, kind, kind === 'accepted' ? 20 : undefined),
    proof: proof(160),
    serverSaw: id === 'victims' ? 160 : 'not measurable',
    void: [],
    cpuSeconds: 1,
  })
  const one = (rate: number, p99: number, holds: boolean): FloodResult['steps'][number] => ({
    rate,
    delivered: rate,
    from: 0,
    to: 8000,
    victims: numbers(15, 'accepted', p99),
    flood: { expired: numbers(rate, 'http-400') },
    holds,
    why: `p99 of valid users ${p99} ms${holds ? ' of 100 ms' : ', 100 ms is promised'}`,
  })
  return {
    kind: 'flood',
    startedAt: '2026-11-25T12:00:00.000Z',
    target: 'https://mtls.test:8443/',
    complete: false,
    stoppedBy: 'the objective broke at 240/s: p99 of valid users 900 ms, 100 ms is promised',
    objective: { p99: 100, accepted: 0.999 },
    victimRate: 15,
    profiles: ['expired'],
    preflight: {
      style: 'http-400',
      tlsVersion: 'TLSv1.3',
      caNames: ['CN=Client CA'],
      profiles: [
        {
          profile: 'expired',
          outcomes: numbers(5, 'http-400').attempts,
          proof: proof(5),
          serverSaw: 5,
          void: [],
        },
      ],
    },
    steps: [one(0, 12, true), one(60, 18, true), one(120, 41, true), one(240, 900, false)],
    brokenAt: 240,
    heldAt: 120,
    lanes: [lane('victims', 'valid', 'accepted'), lane('flood-expired', 'expired', 'http-400')],
    generator: { limited: false, coresUsed: 0.4, cores: 2, reasons: [] },
    k6: '2.2.0',
  }
}

/** Results of a command. */
export const sampleLoad = (made: Partial<Measurements> = {}): LoadResults =>
  composeLoad({
    command: 'cost',
    started: '2026-11-25T12:00:00.000Z',
    durationMs: 90_000,
    interrupted: false,
    tool: { name: 'mtls-access-harness', version: '0.1.0' },
    machine: { cores: 2, model: 'a model', system: 'Linux 6', node: '24.0.0' },
    ...made,
  })
