/**
 * Before the load: k6 itself makes a few attempts with each identity, through a tap, with a key log. Learns how the server
 * refuses, whether it names its CAs, and proves by decryption which certificate k6 really sends.
 * @module
 */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Identity } from '../../harness/pki/types.ts'
import type { K6 } from '../k6/find.ts'
import { attemptsOf, laneResult, startLanes } from '../k6/lanes.ts'
import { shareOf } from '../k6/outcome.ts'
import { readProof } from '../k6/proof/decrypted.ts'
import { countFrom, type Observer } from '../k6/proof/observer.ts'
import { closeTaps, type PlannedLane, withTaps } from '../k6/run.ts'
import { makeScratch } from '../k6/scratch.ts'
import { reasonsToVoid } from '../k6/void.ts'
import { expectedOutcomes, type ProfileId, profiles } from '../profiles/table.ts'
import type { AllowedTarget } from '../safety/target.ts'
import {
  type Measured,
  notMeasurable,
  type OutcomeKind,
  type Outcomes,
  type PreflightProfile,
  type PreflightResult,
  type SendingProof,
  type Style,
} from './types.ts'

/** A profile with its identity; undefined for `none`. */
export interface ReadyProfile {
  id: ProfileId
  identity: Identity | undefined
}

/** What to look at. */
export interface PreflightOptions {
  k6: K6
  target: AllowedTarget
  path?: string
  profiles: readonly ReadyProfile[]
  /** `1.2` or `1.3`: the only version offered. */
  tls?: '1.2' | '1.3'
  /** The server's own count, where it can be had. */
  observer?: Observer
  signal?: AbortSignal
}

/** Attempts per profile. */
export const preflightAttempts = 5

interface Seen {
  id: ProfileId
  outcomes: Outcomes
  proof: SendingProof
  serverSaw: Measured
}

/** Makes the attempts, all profiles side by side. About three seconds. */
export async function preflight(options: PreflightOptions): Promise<PreflightResult> {
  const { k6, target, path, profiles: ready, tls, observer, signal } = options
  const scratch = await makeScratch()
  const keys = join(scratch.dir, 'keys')
  await mkdir(keys, { mode: 0o700 })
  const planned = ready.map(
    ({ id, identity }): PlannedLane => ({
      id,
      profile: id,
      script: 'flood',
      rate: { rate: preflightAttempts, seconds: 1 },
      identity,
      env: { SSLKEYLOGFILE: join(keys, id), ...(tls === undefined ? {} : { LOAD_TLS: tls }) },
      tapped: true,
    }),
  )
  const { lanes, taps } = await withTaps(planned, target, {
    path,
    record: preflightAttempts * 2,
    observer,
  })
  try {
    const counter = await countFrom(
      observer,
      ready.map(({ id }) => id),
    )
    const running = await startLanes(k6, lanes, scratch, 0)
    const stop = (): void => running.stop()
    signal?.addEventListener('abort', stop, { once: true })
    if (signal?.aborted === true) stop()
    const ends = await running.ended
    signal?.removeEventListener('abort', stop)
    const saw = await counter(attemptsOf(lanes, running))
    const versions = new Set<string>()
    const caNames = new Map<string, string>()
    const seen: Seen[] = []
    for (const lane of lanes) {
      const tap = taps.get(lane.id)
      const keylog = await linesOf(join(keys, lane.id))
      const { proof, caNames: names } = readProof(tap?.recorded ?? [], lane.identity?.cert, keylog)
      for (const version of tap?.versions() ?? []) versions.add(version)
      for (const { der, text } of names) caNames.set(der, text)
      const { numbers } = laneResult(lane, running, ends, undefined)
      const id = ready.find((one) => one.id === lane.id)?.id
      const serverSaw = saw.get(lane.id) ?? notMeasurable
      if (id !== undefined) seen.push({ id, outcomes: numbers.attempts, proof, serverSaw })
    }
    const style = styleOf(seen)
    return {
      style,
      tlsVersion: versions.size === 0 ? notMeasurable : [...versions].sort().join(', '),
      caNames: [...caNames.values()],
      profiles: seen.map((one) => judge(one, style)),
      ...(observer === undefined ? {} : { counted: observer.what }),
    }
  } finally {
    await closeTaps(taps)
    scratch.remove()
  }
}

async function linesOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.split('\n').filter((line) => line !== '')
}

/** Kinds of refusal, and the style each shows. An alert first: some of them are lost to a reset. */
const tells: readonly (readonly [OutcomeKind, Style])[] = [
  ['alert', 'alert'],
  ['http-400', 'http-400'],
  ['http-403', 'http-403'],
  ['closed', 'closed'],
]

/** How bad certificates are refused. A missing one is not asked: servers that close silently still send an alert for it. */
export function styleOf(seen: readonly { id: ProfileId; outcomes: Outcomes }[]): Measured<Style> {
  const refused = seen.filter(({ id }) => profiles[id].verdict === 'refuse')
  const bad = refused.filter(({ id }) => profiles[id].certificate)
  for (const group of [bad, refused]) {
    for (const [kind, style] of tells) {
      if (group.some(({ outcomes }) => (outcomes.byKind[kind] ?? 0) > 0)) return style
    }
  }
  return notMeasurable
}

function judge({ id, outcomes, proof, serverSaw }: Seen, style: Measured<Style>): PreflightProfile {
  const { certificate, verdict } = profiles[id]
  const expected = style === notMeasurable ? undefined : expectedOutcomes(id, style)
  const reasons = reasonsToVoid({ certificate, attempts: outcomes, expected, proof, serverSaw })
  const accepted = shareOf(outcomes, ['accepted']) ?? 0
  const finding =
    verdict === 'refuse' && accepted > 0
      ? `${profiles[id].what} was let in`
      : verdict === 'accept' && outcomes.total > 0 && accepted < 1
        ? `${profiles[id].what} was turned away`
        : undefined
  return {
    profile: id,
    outcomes,
    proof,
    serverSaw,
    void: finding === undefined || reasons.length > 0 ? reasons : [finding],
    ...(finding === undefined ? {} : { finding }),
  }
}
