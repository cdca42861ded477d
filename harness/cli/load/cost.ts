/**
 * `harness load cost`: what each kind of client costs a server.
 * @module
 */
import { availableParallelism } from 'node:os'
import { costCategories } from '../../../load/cost/categories.ts'
import { runCost } from '../../../load/cost/run.ts'
import type { CostOptions, CostProgress, CostResult } from '../../../load/cost/types.ts'
import { startYardstick } from '../../../load/cost/yardstick.ts'
import { type Generator, startGenerator } from '../../../load/engine/generator.ts'
import type { TlsVersion } from '../../../load/engine/types.ts'
import { nameOf } from '../../../load/results/compose.ts'
import { canaryFor } from '../../../load/safety/canary.ts'
import { checkIntent } from '../../../load/safety/target.ts'
import { targetUrl } from '../../../load/safety/url.ts'
import { plural } from '../../../reports/text.ts'
import { type ExitCode, HarnessError } from '../../errors.ts'
import { defaultServers } from './lab-servers.ts'
import type { LoadCostOptions } from './options.ts'
import { checkTime, eachPlace, loadSession, placesOf, type Session, timeWord } from './session.ts'
import type { LoadTarget } from './target.ts'

/** The last core is the generator's, where there is more than one. */
export const generatorCores = (): { cpus?: string } => {
  const cores = availableParallelism()
  return cores > 1 ? { cpus: String(cores - 1) } : {}
}

/** For a server to start, its first attempts, a warm-up and two rounds: what costs are made of. */
const leastMs = 10_000

/** Measures costs and writes the report. */
export async function loadCostCommand(
  target: string | undefined,
  options: LoadCostOptions,
): Promise<ExitCode> {
  const places = placesOf(target, options, defaultServers(options.containers === true))
  const versions = options.tls.map((version): TlsVersion => `TLSv${version}`)
  checkTime(options.maxTime, places.length * versions.length, leastMs)
  return loadSession('cost', options.out, async (session) => {
    const { progress, signal } = session
    progress.say(
      `load cost: ${plural(places.length * versions.length, 'measurement')}, at most ${timeWord(options.maxTime)} in all; Ctrl-C keeps what is complete`,
    )
    const generator = await startGenerator(generatorCores())
    const costs: CostResult[] = []
    const left: { name: string; reason: string }[] = []
    try {
      const skipped = await eachPlace(places, options, session, async (place, placesLeft) => {
        for (const [at, version] of versions.entries()) {
          if (signal.aborted) return
          const shares = (placesLeft - 1) * versions.length + (versions.length - at)
          // What others did not use is shared among those that are left.
          const maxDurationMs = Math.floor(Math.max(1000, session.left(options.maxTime) / shares))
          const result = await measureCost(place, version, options, {
            session,
            generator,
            maxDurationMs,
            left,
          })
          if (result === undefined) return
          costs.push(result)
          progress.say(oneLine(result))
        }
      })
      return { costs, skipped: [...skipped, ...left] }
    } finally {
      await generator.stop()
    }
  })
}

interface Tools {
  session: Session
  generator: Generator
  maxDurationMs: number
  /** Gets the kinds of client that cannot be made. */
  left: { name: string; reason: string }[]
}

/** Measures one server with one version; undefined: it was interrupted before anything was complete. */
export async function measureCost(
  place: LoadTarget,
  version: TlsVersion,
  options: Pick<LoadCostOptions, 'categories' | 'rounds'>,
  { session, generator, maxDurationMs, left }: Tools,
): Promise<CostResult | undefined> {
  const { control, cpu, name, allowed } = place
  if (control === undefined)
    throw new HarnessError(
      'ERR_USAGE',
      `${name}: verification is measured against the same server without mTLS`,
      {
        hint: 'give --control-port, or --control-name of a hostname there that asks for no certificate',
      },
    )
  if (cpu === undefined)
    throw new HarnessError('ERR_USAGE', `${name}: where is its CPU read?`, {
      hint: 'give --pid, --cgroup, or --prometheus with --query',
    })
  const { categories, skipped } = await categoriesOf(place, options.categories)
  left.push(...skipped.map(({ id, reason }) => ({ name: `${name}, ${id}`, reason })))
  const alarm = new AbortController()
  const canary = canaryFor(
    allowed,
    targetUrl(place, place.path),
    categories.find(({ id }) => id === 'valid')?.identity,
    (reason) => alarm.abort(reason),
  )
  const method: Partial<CostOptions> = {
    maxDurationMs,
    ...(options.rounds === undefined
      ? {}
      : { maxRounds: options.rounds, minRounds: Math.min(12, options.rounds) }),
    // One at a time on somebody else's machine: no more than some hundreds per second.
    ...(allowed.loopback ? {} : { concurrency: 1, maxRounds: Math.min(options.rounds ?? 30, 30) }),
  }
  if (!allowed.loopback) {
    const count = (categories.length + 3) * 25 * 31
    checkIntent({ rate: 400, count, seconds: maxDurationMs / 1000 }, allowed)
  }
  const yardstick = place.cpus === undefined ? undefined : startYardstick(place.cpus)
  try {
    const result = await runCost({
      target: {
        name,
        host: place.address,
        port: place.port,
        controlPort: control.port,
        servername: place.host,
        ...(control.servername === undefined ? {} : { controlServername: control.servername }),
        version,
        ...(place.path === undefined ? {} : { path: place.path }),
        ...(place.marker === undefined ? {} : { marker: place.marker }),
      },
      categories,
      cpu,
      generator,
      ...(yardstick === undefined ? {} : { yardstick }),
      ...(place.cgroup === undefined ? {} : { cgroup: place.cgroup }),
      ...method,
      signal: AbortSignal.any([session.signal, alarm.signal]),
      onProgress: (progress) => session.progress.show(progressLine(`${name}, ${version}`, progress)),
    })
    if (alarm.signal.aborted) left.push({ name, reason: String(alarm.signal.reason) })
    return result
  } catch (error) {
    if (alarm.signal.aborted) throw new HarnessError('ERR_UNREACHABLE', String(alarm.signal.reason))
    if (error instanceof HarnessError && error.code === 'ERR_INTERRUPTED') return undefined
    throw error
  } finally {
    await canary?.stop()
    await yardstick?.stop()
  }
}

async function categoriesOf(
  { source }: LoadTarget,
  wanted: readonly string[] | undefined,
): Promise<{ categories: CostOptions['categories']; skipped: { id: string; reason: string }[] }> {
  const { categories, missing } = await costCategories(source)
  const skipped = missing.map(({ id, needs }) => ({ id, reason: `it cannot be made without ${needs}` }))
  // Without a CRL it is a valid one under another name.
  const noCrl = source.crl === undefined
  const useful = categories.filter(({ id }) => !(id === 'revoked' && noCrl))
  if (wanted === undefined) return { categories: useful, skipped }
  if (noCrl) skipped.push({ id: 'revoked', reason: 'the server reads no CRL' })
  const stranger = wanted.find(
    (id) => !categories.some((one) => one.id === id) && !missing.some((one) => one.id === id),
  )
  if (stranger !== undefined)
    throw new HarnessError('ERR_USAGE', `there is no kind of client "${stranger}"`, {
      hint: `there are ${categories.map(({ id }) => id).join(', ')}`,
    })
  return {
    categories: useful.filter(({ id }) => id === 'valid' || wanted.includes(id)),
    skipped: skipped.filter(({ id }) => wanted.includes(id)),
  }
}

function progressLine(
  name: string,
  { phase, round, maxRounds, elapsedMs, maxDurationMs, halfWidth }: CostProgress,
): string {
  const width = halfWidth === undefined ? '' : `, widest interval ±${(100 * halfWidth).toFixed(1)} %`
  const where = phase === 'round' ? `round ${round} of at most ${maxRounds}` : phase
  return `${name}: ${where}${width}, ${timeWord(elapsedMs)} of at most ${timeWord(maxDurationMs)}`
}

const oneLine = (result: CostResult): string => {
  const valid = result.categories.find(({ id }) => id === result.valid)?.server
  const cost =
    valid === undefined ? 'nothing measured' : `a valid client costs ${Math.round(valid.estimate)} µs`
  return `${nameOf(result)}: ${cost}, ${result.method.rounds} rounds, ${result.ended}`
}
