/**
 * `harness load flood`: valid users beside a flood of bad clients; or the same as resources for a Kubernetes cluster.
 * @module
 */
import { availableParallelism } from 'node:os'
import { type FloodProgress, runFlood } from '../../../load/flood/run.ts'
import { sweepOf, tooFew } from '../../../load/flood/steps.ts'
import { type FloodResult, notMeasurable, type PreflightResult } from '../../../load/flood/types.ts'
import { findK6 } from '../../../load/k6/find.ts'
import { targetUrl } from '../../../load/safety/url.ts'
import { type ExitCode, HarnessError } from '../../errors.ts'
import { emitFlood } from './emit.ts'
import { identitiesOf, observerFor } from './identities.ts'
import type { LoadFloodOptions } from './options.ts'
import { eachPlace, loadSession, placesOf, timeWord } from './session.ts'
import type { LoadTarget } from './target.ts'

/** Longest that the first attempts of every identity take, and k6 to start and to end: three seconds, usually. */
const aroundMs = 20_000
/** For a server to start, and for the report. */
const startMs = 10_000

/** Floods and writes the report, or writes the resources. */
export async function loadFloodCommand(
  target: string | undefined,
  options: LoadFloodOptions,
): Promise<ExitCode> {
  if (options.emit !== undefined) return emitFlood(target, options)
  const places = placesOf(target, options, ['edge'])
  const k6 = await findK6()
  const sweep = sweepOf(options.rates)
  const seconds = options.step / 1000
  return loadSession('flood', options.out, async (session) => {
    const { progress, signal } = session
    const each = aroundMs + sweep.length * options.step
    progress.say(
      `load flood: ${options.profiles.join(', ')} at ${sweep.join(', ')} per second beside ${options.victims} valid ones, at most ${timeWord(places.length * (each + startMs))}; it ends when the objective breaks; Ctrl-C keeps what is complete`,
    )
    const few = tooFew(options.victims, seconds)
    if (few !== undefined) progress.say(`load flood: no step will hold or break: ${few}`)
    const floods: FloodResult[] = []
    const left: { name: string; reason: string }[] = []
    const counted = { ...options, counted: true as const }
    const skipped = await eachPlace(places, counted, session, async (place) => {
      const { valid, profiles } = await identitiesOf(place, options.profiles, left)
      let before: PreflightResult | undefined
      const limit = new AbortController()
      const timer = setTimeout(() => limit.abort('its time was over'), each)
      const flooding = runFlood({
        k6,
        target: place.allowed,
        ...(place.path === undefined ? {} : { path: place.path }),
        valid,
        profiles,
        victimRate: options.victims,
        rates: options.rates,
        stepSeconds: seconds,
        objective: { p99: options.objective },
        ...(options.tls === undefined ? {} : { tls: options.tls }),
        ...observerFor(place, valid, profiles),
        keepGoing: options.keepGoing === true,
        processes: options.processes,
        signal: AbortSignal.any([signal, limit.signal]),
        onProgress: (one) => {
          if (one.stage === 'ready') before = one.preflight
          show(place.name, one, progress)
        },
      }).finally(() => clearTimeout(timer))
      const result = await flooding.catch((error: unknown) => {
        // Nothing was left to flood with because bad certificates get in: that is what has to be told.
        const letIn = before?.profiles.some(
          ({ profile, finding }) => profile !== 'valid' && finding !== undefined,
        )
        const validIn = before?.profiles.every(
          ({ profile, finding }) => profile !== 'valid' || finding === undefined,
        )
        if (before === undefined || letIn !== true || validIn !== true || !(error instanceof HarnessError))
          throw error
        return unflooded(place, options, before, error.message, k6.version)
      })
      floods.push({ ...result, target: `${place.name} (${result.target})` })
    })
    return { floods, skipped: [...skipped, ...left] }
  })
}

/** A flood that ended before it began. */
const unflooded = (
  place: LoadTarget,
  options: LoadFloodOptions,
  preflight: PreflightResult,
  stoppedBy: string,
  k6: string,
): FloodResult => ({
  kind: 'flood',
  startedAt: new Date().toISOString(),
  target: targetUrl(place, place.path),
  complete: false,
  stoppedBy,
  objective: { p99: options.objective, accepted: 0.999 },
  victimRate: options.victims,
  profiles: [],
  preflight,
  steps: [],
  lanes: [],
  generator: { limited: notMeasurable, coresUsed: notMeasurable, cores: availableParallelism(), reasons: [] },
  k6,
})

function show(
  name: string,
  one: FloodProgress,
  progress: { show(line: string): void; say(line: string): void },
): void {
  if (one.stage === 'preflight') progress.show(`${name}: first attempts of every identity`)
  if (one.stage === 'ready')
    progress.say(`${name}: refuses by ${one.preflight.style}, ${one.preflight.tlsVersion}`)
  if (one.stage === 'step') {
    const { delivered, why } = one.step
    progress.say(`${name}: step ${one.index + 1} of ${one.steps}, ${delivered}/s: ${why}`)
  }
  if (one.stage === 'attempts' && one.seconds > 0) {
    const all = Object.values(one.attempts).reduce((sum, count) => sum + count, 0)
    progress.show(`${name}: ${one.seconds.toFixed(0)} s, ${all} attempts`)
  }
}
