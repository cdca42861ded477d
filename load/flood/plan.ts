/**
 * The lanes of a flood: valid users at a steady rate, and the bad clients whose rate goes up step by step.
 * @module
 */
import type { Identity } from '../../harness/pki/types.ts'
import type { Lane } from '../k6/lanes.ts'
import type { PlannedLane } from '../k6/run.ts'
import { expectedOutcomes } from '../profiles/table.ts'
import { type Sweep, victims } from './judge.ts'
import type { ReadyProfile } from './preflight.ts'
import { shares } from './steps.ts'
import { type Measured, notMeasurable, type Style } from './types.ts'

/** What lanes are made of. */
export interface FloodPlan extends Pick<Sweep, 'sweep' | 'stepSeconds' | 'victimRate' | 'processes'> {
  valid: Identity
  /** Bad clients; the rate is shared among them. */
  flood: readonly ReadyProfile[]
  /** How the server refuses: from it follows which outcomes are right. */
  style: Measured<Style>
  tls?: '1.2' | '1.3' | undefined
  everyConnection: boolean
}

/** Plans them. */
export function floodLanes(plan: FloodPlan): PlannedLane[] {
  const { sweep, stepSeconds, victimRate, valid, flood, style, tls, everyConnection, processes } = plan
  const env: { env?: Record<string, string> } = tls === undefined ? {} : { env: { LOAD_TLS: tls } }
  const lane: PlannedLane = {
    id: victims,
    profile: 'valid',
    script: 'valid',
    rate: { rate: victimRate, seconds: sweep.length * stepSeconds },
    identity: valid,
    processes,
    // Enough for stays of two seconds: their slowness is what is looked for, and must not make k6 drop them.
    env: { ...env.env, LOAD_VUS: String(Math.max(2 * processes, Math.min(400, victimRate * 2))) },
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
        processes,
        tapped: everyConnection,
        ...(style === notMeasurable ? {} : { expected: expectedOutcomes(id, style) }),
        ...env,
      }),
    ),
  ]
}

/** A planned lane where nothing connects: for what it asks for. */
export const unconnected = (lane: PlannedLane): Lane => ({ ...lane, connect: '', url: '' })
