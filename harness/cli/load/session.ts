/**
 * What every load command has around its measurement: interrupts, time, servers one after the other, the results file.
 * @module
 */
import { composeLoad, type Measurements } from '../../../load/results/compose.ts'
import { validateLoad } from '../../../load/results/read.ts'
import type { LoadResults } from '../../../load/results/types.ts'
import { renderLoadMarkdown } from '../../../reports/load/markdown.ts'
import { loadVerdict } from '../../../reports/load/verdict.ts'
import { writeLoadReports } from '../../../reports/load/write.ts'
import { plural } from '../../../reports/text.ts'
import { type ExitCode, HarnessError } from '../../errors.ts'
import { version } from '../../version.ts'
import { ensureFolder } from '../folder.ts'
import { onInterrupt } from '../interrupt.ts'
import { startLabServer } from './lab-servers.ts'
import type { LabServer, LoadTargetOptions } from './options.ts'
import { LoadProgress } from './progress.ts'
import { type LoadTarget, ownTarget } from './target.ts'

/** What a measurement works with. */
export interface Session {
  /** Ctrl-C. */
  signal: AbortSignal
  progress: LoadProgress
  /** Milliseconds since the command began. */
  elapsed(): number
  /** Of this time what is left for measuring: the report takes some too. */
  left(maxTime: number): number
}

/** Of a time limit this is kept for intervals and reports: a fifth, six seconds at most. */
const kept = (maxTime: number): number => Math.min(6000, maxTime / 5)

/**
 * @param each milliseconds that one measurement needs at least: its server, its first attempts, what it takes to say anything.
 * @throws HarnessError ERR_USAGE where the time that was given is less: it could not be kept.
 */
export function checkTime(maxTime: number, measurements: number, each: number): void {
  const needed = startMs + measurements * each
  // Of a longer time more is kept, up to a fifth.
  const least = Math.ceil((needed + kept(needed / 0.8)) / 1000) * 1000
  if (maxTime >= least) return
  throw new HarnessError(
    'ERR_USAGE',
    `--max-time ${maxTime / 1000}s is too short: ${plural(measurements, 'measurement')} of this kind cannot be made in less than ${least / 1000}s`,
    { hint: `--max-time ${least / 1000}s, or fewer of --servers and --tls` },
  )
}

/** For this command and the generator to start. */
const startMs = 2000

type Measured = Pick<Measurements, 'costs' | 'capacities' | 'floods' | 'proofs' | 'skipped'>

/** How people read a time. */
export function timeWord(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  // Rounded up: a time that is stated is kept.
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 6) / 10} min`
}

/**
 * Runs a measurement, writes its results and prints what they say. What was complete when it was interrupted is written too.
 * @throws HarnessError as the measurement does; nothing is written then.
 */
export async function loadSession(
  command: LoadResults['command'],
  out: string,
  measure: (session: Session) => Promise<Measured>,
): Promise<ExitCode> {
  await ensureFolder(out)
  const started = new Date().toISOString()
  const begin = performance.now()
  const interrupt = onInterrupt()
  const progress = new LoadProgress(process.stderr)
  const elapsed = (): number => performance.now() - begin
  let measured: Measured
  try {
    measured = await measure({
      signal: interrupt.signal,
      progress,
      elapsed,
      left: (maxTime) => maxTime - kept(maxTime) - elapsed(),
    })
  } finally {
    progress.end()
    interrupt.done()
  }
  const results = composeLoad({
    command,
    started,
    durationMs: elapsed(),
    interrupted: interrupt.signal.aborted,
    tool: { name: 'mtls-access-harness', version },
    ...measured,
  })
  return finish(results, out)
}

/** Checks, writes and prints results. */
export async function finish(results: LoadResults, out: string): Promise<ExitCode> {
  // As a reader will see them: what JSON cannot hold would be lost silently.
  const problems = validateLoad(JSON.parse(JSON.stringify(results)))
  if (problems.length > 0)
    throw new HarnessError('ERR_INTERNAL', `the results of this run are not valid: ${problems.join('; ')}`)
  const written = await writeLoadReports(results, out)
  const { word, sentence } = loadVerdict(results)
  process.stdout.write(`${renderLoadMarkdown(results)}\n${written.join('\n')}\n\n${word}: ${sentence}\n`)
  return results.exitCode
}

/** Where load goes: servers of the lab, or a target. @throws HarnessError ERR_USAGE for both or neither. */
export function placesOf(
  target: string | undefined,
  options: LoadTargetOptions & { servers?: LabServer[]; containers?: true },
  byDefault: readonly LabServer[],
): readonly (LabServer | { target: string })[] {
  const { lab, servers, containers } = options
  if (target === undefined && lab === undefined)
    throw new HarnessError('ERR_USAGE', 'what is to be loaded? --lab, or host:port of a server of yours', {
      hint: 'harness load cost --lab',
    })
  if (target === undefined) {
    const places = servers ?? byDefault
    if (containers === true && places.every((place) => place === 'edge'))
      throw new HarnessError('ERR_USAGE', '--containers is for real servers: the edge is a process of ours', {
        hint: '--servers nginx,haproxy',
      })
    return places
  }
  if (lab !== undefined || servers !== undefined || containers !== undefined)
    throw new HarnessError(
      'ERR_USAGE',
      'a target and the lab (--lab, --servers, --containers) exclude each other',
    )
  return [{ target }]
}

/**
 * Measures places one after the other, each on a server that runs for it alone. A server of the lab that cannot be had is
 * told in `skipped`; an error about a target of one's own is thrown.
 */
export async function eachPlace(
  places: readonly (LabServer | { target: string })[],
  options: LoadTargetOptions & { containers?: true; counted?: true },
  { signal, progress }: Session,
  work: (target: LoadTarget, left: number) => Promise<void>,
): Promise<{ name: string; reason: string }[]> {
  const skipped: { name: string; reason: string }[] = []
  for (const [at, place] of places.entries()) {
    if (signal.aborted) break
    const name = typeof place === 'string' ? place : place.target
    const say = (text: string): void => progress.say(text)
    let target: LoadTarget | undefined
    try {
      target =
        typeof place === 'string'
          ? await startLabServer(place, {
              containers: options.containers === true,
              counted: options.counted === true,
              signal,
              say,
            })
          : await ownTarget(place.target, options)
      await work(target, places.length - at)
    } catch (error) {
      if (signal.aborted) break
      if (!(error instanceof HarnessError) || typeof place !== 'string') throw error
      if (error.code === 'ERR_USAGE') throw error
      skipped.push({ name, reason: error.message })
      progress.say(`${name} is left out: ${error.message}`)
    } finally {
      await target?.stop()
    }
  }
  return skipped
}
