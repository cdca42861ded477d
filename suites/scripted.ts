/**
 * What checks with the scripted TLS client have in common: the honest twin, and judging who must not get in.
 * @module
 */
import type { CheckContext } from '../fixtures/context.ts'
import type { ScriptedTry } from '../fixtures/environment.ts'
import { judgeRefusal } from '../fixtures/refusal.ts'
import type { Outcome } from '../harness/probe/types.ts'
import { likeUsual } from './usual.ts'

/** A version that the scripted client speaks. */
export type Version = 'TLSv1.2' | 'TLSv1.3'

/** `TLS 1.2`, for people. */
export const inWords = (version: Version): string => `TLS ${version.slice(-3)}`

/**
 * The honest scripted handshake with the valid certificate; or why this host cannot be told anything by script. `like` is
 * what the attack has besides its one defect.
 */
export async function honest(
  run: CheckContext,
  version: Version,
  like: Pick<ScriptedTry, 'hello' | 'delivery'> = {},
): Promise<Outcome | string> {
  const identity = await run.identity('valid')
  const wanted = { ...like, version, identity, what: 'an honest handshake', label: 'the good twin' }
  const outcome = await decided(run, wanted)
  if (outcome.verdict === 'allowed') return outcome
  // Refused with an ordinary client too: then it is not the script that keeps it out.
  await run.control({ version, identity, label: 'the same with an ordinary client' })
  return `the scripted client does not come through even with a valid certificate: ${outcome.summary}`
}

/** States that an attempt is turned away; where it gets in, says how often. `wasSent`: the attack really left us. */
export async function turnedAway(
  run: CheckContext,
  wanted: ScriptedTry,
  twin: Outcome | undefined,
  wasSent: (outcome: Outcome) => boolean,
): Promise<void> {
  const outcome = await decided(run, wanted)
  const shown = `${inWords(wanted.version)}, ${wanted.what}: ${outcome.summary}`
  const seen = gotIn(run, outcome)
  if (outcome.verdict === 'inconclusive') run.inconclusive(shown)
  if (seen === undefined) run.inconclusive(shown, 'the status that the origin was told cannot be seen')
  if (seen) {
    if (run.mode() === 'report') run.expect(false, '', `${shown}; the origin was told that it is valid`)
    await run.onlyIfClosed(run.target, wanted.version)
    run.reached = true
    const again = [
      await run.scripted({ ...wanted, label: 'again' }),
      await run.scripted({ ...wanted, label: 'again' }),
    ]
    const times = 1 + again.filter(({ verdict }) => verdict === 'allowed').length
    const rate = times === 3 ? '' : ` (${times} of 3 tries: not always, which is a finding too)`
    run.expect(false, '', `${shown}${rate}`)
  }
  if (outcome.verdict === 'refused' && !wasSent(outcome)) {
    run.inconclusive(shown, 'refused before the malformed message was sent: the server did not ask for it')
  }
  // Its twin differs in the one defect alone: whatever the refusal says, it is about that.
  const { verdict, reason } = outcome.verdict === 'allowed' ? passed : judgeRefusal(outcome, twin, 'any')
  if (verdict !== 'pass') run.blocked(shown, reason)
  await likeUsual(run, outcome, shown, { version: wanted.version })
  run.hold(shown)
}

const passed = { verdict: 'pass', reason: '' } as const

/** The server asked for a certificate, so the client's flight was awaited. */
export const asked = ({ transcript }: Outcome): boolean => transcript?.certificateRequest !== undefined

/** Whether the client was taken for a valid one; undefined where that cannot be seen (report mode without a canary). */
export function gotIn(run: CheckContext, outcome: Outcome): boolean | undefined {
  if (outcome.verdict !== 'allowed') return false
  if (run.mode() === 'enforce') return true
  if (outcome.canary === undefined || run.target.mtls?.forwarded.status === undefined) return undefined
  return run.status(outcome) === 'valid'
}

/** As it is, once more where the first was inconclusive. */
export async function decided(run: CheckContext, wanted: ScriptedTry): Promise<Outcome> {
  const first = await run.scripted(wanted)
  if (first.verdict !== 'inconclusive' || first.code === 'aborted') return first
  return run.scripted({ ...wanted, label: `${wanted.label ?? ''} (again)`.trim() })
}
