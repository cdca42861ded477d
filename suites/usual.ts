/**
 * Whether a refusal that any status would do for is the refusal, or an answer of the application behind an open door.
 * @module
 */
import type { CheckContext } from '../fixtures/context.ts'
import type { Try } from '../fixtures/environment.ts'
import { proofOf } from '../harness/deployment/proof.ts'
import { hasDeclaredText } from '../harness/probe/behind-refusal.ts'
import type { Outcome } from '../harness/probe/types.ts'
import type { Version } from './scripted.ts'
import { pageBehind, type SideDoor } from './tls/elsewhere.ts'

/** What terminators of TLS answer by themselves: bad request, misdirected request, too early. */
const ofTheTerminator: ReadonlySet<number> = new Set([400, 421, 425, 495, 496])

/** How an answer is compared. */
export interface Likeness {
  version?: Version
  /** Statuses that servers give such a request by themselves, whoever asks. */
  also?: readonly number[]
}

/**
 * Whether an outcome is an HTTP answer that is neither the usual refusal of a request without a certificate nor what a terminator
 * of TLS says by itself: a 404 of the application behind an open door looks like this.
 */
export async function isUnusual(
  run: CheckContext,
  { http, verdict, attribution, code }: Outcome,
  { version, also = [] }: Likeness = {},
): Promise<Outcome | undefined> {
  if (verdict !== 'refused' || http === undefined || attribution === 'explicit') return undefined
  if (ofTheTerminator.has(http.status) || also.includes(http.status)) return undefined
  // From clear text to TLS: a door to the one that is verified, and no other.
  if (code === 'http-redirect' && toHttps(http.headers)) return undefined
  const plain = await run.usual(version === undefined ? {} : { version })
  return plain.http?.status === http.status ? undefined : plain
}

const toHttps = (headers: readonly (readonly [string, string])[]): boolean =>
  headers.some(([name, value]) => name.toLowerCase() === 'location' && /^https:/i.test(value))

/** Where a text is declared as the application's, an answer that has it is no refusal: a way in, or nothing that can be told. */
async function withoutText(run: CheckContext, outcome: Outcome, shown: string): Promise<void> {
  const { http, verdict } = outcome
  if (verdict === 'allowed' || http === undefined || !hasDeclaredText(http, proofOf(run.target))) return
  if (!(await run.isBehind({}, outcome, await run.validTwin(), shown))) return
  run.reached = true
  run.expect(false, '', `${shown}, and with what a valid certificate is given`, outcome)
}

/** What else tells whose answer it is. */
export interface Settling extends Likeness {
  /** A door beside this one: its own page, given here, is from there. */
  side?: SideDoor
  /** The same request, in the same way, with a valid certificate. Another one's answer would tell nothing of this. */
  twin?: Try | undefined
}

/**
 * Where a text proves the application, an answer that has it is no refusal.
 * Where nothing proves the application (no canary, no declared answer), an answer other than the usual refusal may be the
 * application's own. Then the check warns instead of passing, unless the page of a door beside it or the valid twin settles whose it
 * is: what a valid certificate gets otherwise was refused for the certificate. Connections: one with `twin`, two with `side`.
 */
export async function likeUsual(
  run: CheckContext,
  outcome: Outcome,
  shown: string,
  { side, twin, ...how }: Settling = {},
): Promise<void> {
  if (run.provable) return withoutText(run, outcome, shown)
  const plain = await isUnusual(run, outcome, how)
  if (plain === undefined) return
  if (plain.verdict !== 'refused') run.inconclusive(shown, `a plain request: ${plain.summary}`, outcome)
  if (side !== undefined && (await pageBehind(run, side))(outcome) === true)
    return run.hold(`${shown}: the page of ${side.host}`)
  const valid = twin === undefined ? undefined : (await run.attempt(twin)).http
  if (valid !== undefined && valid.status !== outcome.http?.status)
    return run.hold(`${shown}: not what a valid certificate gets (HTTP ${valid.status})`)
  const whose =
    valid === undefined
      ? 'a rule behind the handshake, which turns away as well, or the application itself, reached this way; give canary or requests to know'
      : 'the application, it seems: a valid certificate gets the same; give canary or requests to know'
  run.warn(
    shown,
    `whoever turns away a plain request without a certificate does it otherwise (${plain.summary}): this HTTP ${outcome.http?.status ?? ''} is from ${whose}`,
    outcome,
  )
}
