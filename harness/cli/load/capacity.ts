/**
 * `harness load capacity`: the highest rate of valid clients that keeps what users are promised, and whether the costs
 * predict the CPU on the way there.
 * @module
 */
import { availableParallelism } from 'node:os'
import { engineDriver } from '../../../load/capacity/driver.ts'
import { runCapacity } from '../../../load/capacity/search.ts'
import type { CapacityProgress } from '../../../load/capacity/types.ts'
import { costCategories } from '../../../load/cost/categories.ts'
import { checkValid, laneOf } from '../../../load/cost/preflight.ts'
import type { CostCategory, CostResult, CostTarget } from '../../../load/cost/types.ts'
import { canBind, startGenerator } from '../../../load/engine/generator.ts'
import type { TlsVersion } from '../../../load/engine/types.ts'
import { k6Driver } from '../../../load/k6/driver.ts'
import { findK6, type K6 } from '../../../load/k6/find.ts'
import type { CapacityRun } from '../../../load/results/types.ts'
import { canaryFor } from '../../../load/safety/canary.ts'
import { checkIntent } from '../../../load/safety/target.ts'
import { targetUrl } from '../../../load/safety/url.ts'
import { kneeSentence } from '../../../reports/load/words.ts'
import { plural } from '../../../reports/text.ts'
import { type ExitCode, HarnessError } from '../../errors.ts'
import { generatorCores, measureCost } from './cost.ts'
import type { LoadCapacityOptions } from './options.ts'
import { checkTime, eachPlace, loadSession, placesOf, type Session, timeWord } from './session.ts'
import type { LoadTarget } from './target.ts'

/** Milliseconds of a step that are left out at its beginning. */
const settleOf = (step: number): number => Math.min(2000, step / 2)

/** Share of a server's time for its costs, which the model is made of. */
const costShare = 0.25

/** Searches and writes the report. */
export async function loadCapacityCommand(
  target: string | undefined,
  options: LoadCapacityOptions,
): Promise<ExitCode> {
  const places = placesOf(target, options, ['edge'])
  const versions = options.tls.map((version): TlsVersion => `TLSv${version}`)
  // One step: its windows, k6, and before it a server and its first attempts.
  const leastMs = settleOf(options.step) + options.step + 4000
  checkTime(options.maxTime, places.length * versions.length, leastMs)
  const k6 = await k6For(options)
  return loadSession('capacity', options.out, async (session) => {
    const { progress, elapsed, signal } = session
    progress.say(
      `load capacity: ${plural(places.length * versions.length, 'search', 'searches')} by ${k6 === undefined ? 'the built-in generator' : `k6 ${k6.version}`}, at most ${timeWord(options.maxTime)} in all; Ctrl-C keeps what is complete`,
    )
    const generator = await startGenerator(generatorCores())
    const costs: CostResult[] = []
    const capacities: CapacityRun[] = []
    const left: { name: string; reason: string }[] = []
    try {
      const skipped = await eachPlace(places, options, session, async (place, placesLeft) => {
        for (const version of versions) await letIn(place, version, generator, signal)
        for (const [at, version] of versions.entries()) {
          if (signal.aborted) return
          const until =
            elapsed() +
            session.left(options.maxTime) / ((placesLeft - 1) * versions.length + (versions.length - at))
          if (place.cpu !== undefined && place.control !== undefined && place.allowed.loopback) {
            const cost = await measureCost(
              place,
              version,
              { categories: ['none', 'expired'] },
              {
                session,
                generator,
                maxDurationMs: Math.max(1000, Math.floor((until - elapsed()) * costShare)),
                left,
              },
            ).catch((error: unknown) => {
              // Too little time for its costs: the search goes on without a model.
              if (!(error instanceof HarnessError) || error.code !== 'ERR_UNREACHABLE') throw error
              left.push({ name: `${place.name}, costs`, reason: error.message })
              return undefined
            })
            if (cost !== undefined) costs.push(cost)
          }
          const run = await search(place, version, options, {
            session,
            generator,
            k6,
            maxDurationMs: Math.max(1000, Math.floor(until - elapsed())),
            left,
          })
          capacities.push(run)
          progress.say(kneeSentence(run))
        }
      })
      return { costs, capacities, skipped: [...skipped, ...left] }
    } finally {
      await generator.stop()
    }
  })
}

/**
 * k6 where it is there: it does not have to get every attempt through one event loop. Its CPU can be read on Linux only, and
 * without that nobody knows whether it was the limit.
 * @throws HarnessError ERR_PLATFORM when k6 was asked for and is not there.
 */
async function k6For({ generator }: LoadCapacityOptions): Promise<K6 | undefined> {
  if (generator === 'built-in') return undefined
  if (generator === 'k6') return findK6()
  return process.platform === 'linux' ? findK6().catch(() => undefined) : undefined
}

const boundTo = (cpus: string | undefined): { cpus: string; cores: number } | undefined =>
  cpus !== undefined && canBind(cpus) ? { cpus, cores: 1 } : undefined

interface Tools {
  session: Session
  generator: Awaited<ReturnType<typeof startGenerator>>
  /** Undefined: the built-in generator makes the load. */
  k6: K6 | undefined
  maxDurationMs: number
  /** Gets why a canary ended the search. */
  left: { name: string; reason: string }[]
}

/** @throws HarnessError ERR_UNREACHABLE when valid clients are not let in: no rate of them says anything then. */
async function letIn(
  place: LoadTarget,
  version: TlsVersion,
  generator: Tools['generator'],
  signal: AbortSignal,
): Promise<void> {
  const problem = await checkValid(costTarget(place, version), await validOf(place), generator, signal)
  if (problem !== undefined)
    throw new HarnessError('ERR_UNREACHABLE', `no load on ${place.name}: ${problem.message}`)
}

async function validOf({ source }: LoadTarget): Promise<CostCategory> {
  const { categories, missing } = await costCategories(source)
  const valid = categories.find(({ id }) => id === 'valid')
  if (valid !== undefined) return valid
  throw new HarnessError('ERR_USAGE', `a valid client is needed: ${missing[0]?.needs ?? 'give one'}`)
}

const costTarget = (place: LoadTarget, version: TlsVersion): CostTarget => ({
  name: place.name,
  host: place.address,
  port: place.port,
  controlPort: place.port,
  servername: place.host,
  version,
  ...(place.path === undefined ? {} : { path: place.path }),
  ...(place.marker === undefined ? {} : { marker: place.marker }),
})

async function search(
  place: LoadTarget,
  version: TlsVersion,
  options: LoadCapacityOptions,
  { session, generator, k6, maxDurationMs, left }: Tools,
): Promise<CapacityRun> {
  const { allowed, name, cpu } = place
  const valid = await validOf(place)
  const target = costTarget(place, version)
  const maxRate = Math.min(options.maxRate, allowed.caps.rate)
  checkIntent({ rate: maxRate, count: allowed.caps.count, seconds: maxDurationMs / 1000 }, allowed)
  const alarm = new AbortController()
  const url = targetUrl(place, place.path)
  const canary = canaryFor(allowed, url, valid.identity, (reason) => alarm.abort(reason))
  try {
    const result = await runCapacity({
      driver:
        k6 === undefined || valid.identity === undefined
          ? engineDriver({
              generator,
              lanes: [{ lane: laneOf(target, valid), share: 1, expected: 'allowed' }],
              ...(cpu === undefined ? {} : { cpu }),
            })
          : k6Driver({
              k6,
              target: allowed,
              path: place.path,
              identity: valid.identity,
              tls: version === 'TLSv1.2' ? '1.2' : '1.3',
              p99Ms: options.objective,
              cpu,
              bound: boundTo(generatorCores().cpus),
              cores: availableParallelism(),
            }),
      objective: { p99Ms: options.objective },
      startRate: options.startRate,
      maxRate,
      sustainMs: options.step,
      settleMs: settleOf(options.step),
      maxDurationMs,
      signal: AbortSignal.any([session.signal, alarm.signal]),
      onProgress: (progress) => session.progress.show(progressLine(`${name}, ${version}`, progress)),
    })
    if (alarm.signal.aborted) left.push({ name, reason: String(alarm.signal.reason) })
    return { target: `${name}, ${version.replace(/^TLSv/, 'TLS ')}`, result }
  } finally {
    await canary?.stop()
  }
}

function progressLine(
  name: string,
  { step, next, steps, elapsedMs, maxDurationMs }: CapacityProgress,
): string {
  const what =
    next !== undefined
      ? `trying ${next.toFixed(0)}/s`
      : step === undefined
        ? ''
        : `${step.rate.toFixed(0)}/s ${step.verdict}`
  return `${name}: ${what}, ${steps} steps, ${timeWord(elapsedMs)} of at most ${timeWord(maxDurationMs)}`
}
