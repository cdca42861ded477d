/**
 * `harness load proof`: which certificates k6 really sends, and which of them the server says it saw. No load: some attempts of
 * every kind of client.
 * @module
 */
import { preflight } from '../../../load/flood/preflight.ts'
import { notMeasurable } from '../../../load/flood/types.ts'
import { findK6 } from '../../../load/k6/find.ts'
import { isProven } from '../../../load/results/outcome.ts'
import type { ProofRun } from '../../../load/results/types.ts'
import { plural } from '../../../reports/text.ts'
import type { ExitCode } from '../../errors.ts'
import { identitiesOf, observerFor } from './identities.ts'
import { defaultServers } from './lab-servers.ts'
import type { LoadProofOptions } from './options.ts'
import { eachPlace, loadSession, placesOf, timeWord } from './session.ts'

/** Longest that the attempts of one server and version take. */
const eachMs = 20_000

/** Makes the attempts and writes the report. */
export async function loadProofCommand(
  target: string | undefined,
  options: LoadProofOptions,
): Promise<ExitCode> {
  const places = placesOf(target, options, defaultServers(options.containers === true))
  const k6 = await findK6()
  return loadSession('proof', options.out, async (session) => {
    const { progress, signal } = session
    const count = places.length * options.tls.length
    progress.say(
      `load proof: ${plural(count, 'server and version', 'servers and versions')}, at most ${timeWord(count * eachMs)} in all; Ctrl-C keeps what is complete`,
    )
    const proofs: ProofRun[] = []
    const left: { name: string; reason: string }[] = []
    const counted = { ...options, counted: true as const }
    const skipped = await eachPlace(places, counted, session, async (place) => {
      const { valid, profiles } = await identitiesOf(place, options.profiles, left)
      for (const tls of options.tls) {
        if (signal.aborted) return
        const name = `${place.name}, TLS ${tls}`
        progress.show(`${name}: attempts of every kind of client`)
        const limit = AbortSignal.timeout(eachMs)
        const result = await preflight({
          k6,
          target: place.allowed,
          ...(place.path === undefined ? {} : { path: place.path }),
          profiles: [{ id: 'valid', identity: valid }, ...profiles.filter(({ id }) => id !== 'valid')],
          tls,
          ...observerFor(place, valid, profiles),
          signal: AbortSignal.any([signal, limit]),
        })
        if (signal.aborted) return
        const run: ProofRun = { target: name, k6: k6.version, preflight: result }
        proofs.push(run)
        progress.say(`${name}: ${isProven(run) ? 'shown' : 'NOT shown'}, ${sawWords(run)}`)
      }
    })
    return { proofs, skipped: [...skipped, ...left] }
  })
}

function sawWords({ preflight: { profiles } }: ProofRun): string {
  const told = profiles.filter(({ serverSaw }) => serverSaw !== notMeasurable)
  if (told.length === 0) return 'the server does not say what it saw'
  return `the server saw ${told.map(({ profile, serverSaw }) => `${profile} ${serverSaw}`).join(', ')}`
}
