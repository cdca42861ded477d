/**
 * `harness load flood`: valid users beside a flood of bad clients; or the same as resources for a Kubernetes cluster.
 * @module
 */
import { chmod, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { type FloodProgress, runFlood } from '../../../load/flood/run.ts'
import { shares, sweepOf, tooFew } from '../../../load/flood/steps.ts'
import { type FloodResult, notMeasurable, type PreflightResult } from '../../../load/flood/types.ts'
import { findK6 } from '../../../load/k6/find.ts'
import { emitTestRun, type OperatorLane } from '../../../load/k6/operator.ts'
import { checkIntent } from '../../../load/safety/target.ts'
import { type ExitCode, exitCodes, HarnessError } from '../../errors.ts'
import { ensureFolder } from '../folder.ts'
import { identitiesOf, observerFor } from './identities.ts'
import type { LoadFloodOptions } from './options.ts'
import { eachPlace, loadSession, placesOf, timeWord } from './session.ts'
import { type LoadTarget, ownTarget } from './target.ts'

/** Longest that the first attempts of every identity take, and k6 to start and to end: three seconds, usually. */
const aroundMs = 20_000
/** For a server to start, and for the report. */
const startMs = 10_000

/** Floods and writes the report, or writes the resources. */
export async function loadFloodCommand(
  target: string | undefined,
  options: LoadFloodOptions,
): Promise<ExitCode> {
  if (options.emit !== undefined) return emit(target, options)
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
  target: `https://${place.host}:${place.port}${place.path ?? '/'}`,
  complete: false,
  stoppedBy,
  objective: { p99: options.objective, accepted: 0.999 },
  victimRate: options.victims,
  profiles: options.profiles.filter((id) => id !== 'valid'),
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
    const { rate, why } = one.step
    progress.say(`${name}: step ${one.index + 1} of ${one.steps}, ${rate}/s: ${why}`)
  }
  if (one.stage === 'attempts' && one.seconds > 0) {
    const all = Object.values(one.attempts).reduce((sum, count) => sum + count, 0)
    progress.show(`${name}: ${one.seconds.toFixed(0)} s, ${all} attempts`)
  }
}

/** Writes resources for the k6-operator, and the certificates that its Secrets are made of (keys: mode 0600). */
async function emit(text: string | undefined, options: LoadFloodOptions): Promise<ExitCode> {
  if (text === undefined)
    throw new HarnessError('ERR_USAGE', '--emit needs a target: the lab ends with this command', {
      hint: 'harness load flood origin.example.com:443 --emit k6-operator …',
    })
  const place = await ownTarget(text, options)
  const left: { name: string; reason: string }[] = []
  const { valid, profiles } = await identitiesOf(place, options.profiles, left)
  const sweep = sweepOf(options.rates)
  const seconds = options.step / 1000
  const total =
    sweep.reduce((sum, rate) => sum + rate * seconds, 0) + options.victims * sweep.length * seconds
  checkIntent(
    { rate: Math.max(...sweep) + options.victims, count: total, seconds: sweep.length * seconds },
    place.allowed,
  )
  const env = options.tls === undefined ? {} : { env: { LOAD_TLS: options.tls } }
  const lanes: OperatorLane[] = [
    {
      id: 'victims',
      profile: 'valid',
      script: 'valid',
      rate: { rate: options.victims, seconds: sweep.length * seconds },
      certificate: true,
      ...env,
    },
    ...profiles.map(
      ({ id, identity }, at): OperatorLane => ({
        id: `flood-${id}`,
        profile: id,
        script: 'flood',
        rate: {
          stages: sweep.map((rate) => ({ rate: shares(rate, profiles.length)[at] ?? 0, seconds })),
        },
        certificate: identity !== undefined,
        ...env,
      }),
    ),
  ]
  const yaml = emitTestRun({
    name: options.name,
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    url: `https://${place.host}:${place.port}${place.path ?? '/'}`,
    parallelism: options.parallelism,
    lanes,
  })
  await ensureFolder(options.out)
  const written: string[] = []
  const write = async (name: string, content: string): Promise<void> => {
    const path = join(options.out, name)
    await writeFile(path, content, { mode: 0o600 })
    // The mode above is for new files only.
    await chmod(path, 0o600)
    written.push(path)
  }
  await write(`${options.name}.yaml`, yaml)
  const identities = [
    { id: 'victims', identity: valid },
    ...profiles.map((one) => ({ ...one, id: `flood-${one.id}` })),
  ]
  for (const { id, identity } of identities) {
    if (identity === undefined) continue
    await write(`${id}.pem`, identity.cert)
    await write(`${id}-key.pem`, identity.key)
  }
  process.stdout.write(`${written.join('\n')}\n`)
  for (const { name, reason } of left) process.stderr.write(`harness: ${name} is left out: ${reason}\n`)
  return exitCodes.ok
}
