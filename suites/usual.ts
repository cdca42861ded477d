/**
 * Whether a refusal that any status would do for is the refusal, or an answer of the application behind an open door.
 * @module
 */
import type { CheckContext } from '../fixtures/context.ts'
import type { Outcome } from '../harness/probe/types.ts'
import type { Version } from './scripted.ts'

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

/**
 * Where nothing proves the application (no canary, no declared answer), an answer other than the usual refusal may be the
 * application's own. Then the check warns instead of passing.
 */
export async function likeUsual(
  run: CheckContext,
  outcome: Outcome,
  shown: string,
  how: Likeness = {},
): Promise<void> {
  if (run.provable) return
  const plain = await isUnusual(run, outcome, how)
  if (plain === undefined) return
  if (plain.verdict !== 'refused') run.inconclusive(shown, `a plain request: ${plain.summary}`)
  run.warn(
    shown,
    `another answer than a plain request without a certificate gets (${plain.summary}): the application may have been reached; give canary or requests to know`,
  )
}
