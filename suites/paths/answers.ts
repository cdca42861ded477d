/**
 * Refusals of unusual requests that are not the usual refusal: the application's behind an open door, or a server's own.
 * @module
 */
import type { CheckContext } from '../../fixtures/context.ts'
import type { Try } from '../../fixtures/environment.ts'
import { nowhere } from '../../harness/probe/nowhere.ts'
import type { HttpAnswer, Outcome } from '../../harness/probe/types.ts'
import { isUnusual } from '../usual.ts'

/** A request that was tried. */
export interface Tried {
  what: string
  wanted: Try
  outcome: Outcome
}

/** Unusual answers that are compared with what a valid certificate gets. */
const mostCompared = 3

/** What servers answer by themselves to unusual methods and targets, whoever asks. */
const ofTheServer = [405, 414, 417, 426, 431, 501, 505]

/** An answer that is not the usual refusal. */
interface Unusual extends Tried {
  plain: Outcome
  /** What a valid certificate gets there; undefined: not asked, or there is none. */
  valid: Outcome | undefined
  /** With the same status. */
  same: boolean
  /** … and told to be the server's own. */
  own: boolean
}

/** The answers that are not the usual refusal, each beside it and, for the first few, beside what a valid certificate gets. */
async function* unusual(run: CheckContext, all: readonly Tried[]): AsyncGenerator<Unusual> {
  let compared = 0
  let unknown: Promise<Outcome> | undefined
  for (const one of all) {
    const { wanted, outcome } = one
    const plain = isContent(one) ? await run.usual() : await isUnusual(run, outcome, { also: ofTheServer })
    if (plain === undefined) continue
    const twin = compared < mostCompared ? await run.validTwin(wanted) : undefined
    compared += 1
    const valid = twin === undefined ? undefined : await run.attempt(twin)
    const same = valid?.http?.status === outcome.http?.status
    const mayBeOwn = same && isUnreadable(wanted.path ?? '') && isAlike(outcome, valid, plain)
    if (mayBeOwn)
      unknown ??= run.attempt({ ...twin, path: nowhere(), label: 'valid, where no application is' })
    const own = mayBeOwn && !isSameAnswer((await unknown)?.http, outcome.http)
    yield { ...one, plain, valid, same, own }
  }
}

/** A 2xx that proves nothing. */
export const isContent = ({ outcome }: Tried): boolean => {
  const status = outcome.http?.status ?? 0
  return status >= 200 && status < 300 && !isEcho(outcome)
}

/** What servers refuse to decode, or to look for: control characters, encoded slashes and backslashes, bytes that are no UTF-8. */
const isUnreadable = (path: string): boolean =>
  /\\|%(?:[01][0-9a-f]|2f|5c|7f|c[01]|f[5-9a-f])/i.test(path.split('?', 1)[0] ?? '')

/**
 * The same page whoever asks, with headers like those of the refusal: whoever refuses has written it. The application behind the
 * door has headers of its own, or the same page for every path that it does not know (which is asked for).
 */
const isAlike = ({ http }: Outcome, valid: Outcome | undefined, plain: Outcome): boolean =>
  isSameAnswer(http, valid?.http) &&
  http !== undefined &&
  plain.http !== undefined &&
  form(http) === form(plain.http)

const isSameAnswer = (one: HttpAnswer | undefined, other: HttpAnswer | undefined): boolean =>
  one !== undefined && other !== undefined && one.status === other.status && one.body.equals(other.body)

/** Names of the headers in their order, and who says to be the server, of what type the page is. */
const form = ({ headers }: HttpAnswer): string =>
  JSON.stringify(
    headers.map(([name, value]) => (/^(?:server|content-type|via)$/i.test(name) ? [name, value] : [name])),
  )

const ownWords = (own: readonly Unusual[]): string =>
  own.length === 0
    ? ''
    : `; ${own.map(({ what, outcome }) => `${what} (HTTP ${outcome.http?.status ?? 'none'})`).join(', ')} by the server itself, which does not read such paths, with a valid certificate either`

/** Warns of an answer that is not the usual refusal, and the same that a valid certificate gets there. */
export async function unlikeValid(run: CheckContext, outcomes: readonly Tried[]): Promise<void> {
  for await (const { what, outcome, plain, valid, same, own } of unusual(run, outcomes)) {
    if (valid !== undefined && same && !own)
      run.warn(
        `${what}: ${outcome.summary}`,
        `another answer than without a certificate elsewhere (${plain.summary}), the same as with a valid certificate; the canary counts at its own path only`,
        outcome,
      )
  }
}

/**
 * Without a count content is telling, and an answer other than the usual refusal: the same that a valid certificate gets there
 * is the application's, unless a server wrote it that does not read such paths; and so may be one that cannot be compared.
 */
export async function judgeByAnswers(run: CheckContext, outcomes: readonly Tried[]): Promise<void> {
  const ours: Unusual[] = []
  const answers = outcomes.filter(({ outcome }) => !isEcho(outcome))
  for (const one of answers) {
    const { what, outcome } = one
    const { summary, verdict } = outcome
    if (isContent(one))
      run.warn(`${what}: ${summary}`, 'content without a certificate, perhaps another site’s', outcome)
    if (verdict === 'inconclusive') run.inconclusive(`${what}: ${summary}`, undefined, outcome)
  }
  for await (const found of unusual(run, answers)) {
    const { what, outcome, plain, valid, same, own } = found
    if (own) ours.push(found)
    if (own || (valid !== undefined && !same)) continue
    const as = valid === undefined ? 'perhaps the application’s' : 'the same as with a valid certificate'
    run.warn(
      `${what}: ${outcome.summary}`,
      `another answer than without a certificate elsewhere (${plain.summary}), ${as}${run.target.canary === undefined ? '; give canary to know' : ''}`,
      outcome,
    )
  }
  run.hold(`each of ${outcomes.length} requests was refused${ownWords(ours)}`)
}

/** The server repeats the request, as TRACE has it (RFC 9110 §9.3.8): nothing of the application is in it. */
export const isEcho = ({ http }: Outcome): boolean =>
  http?.headers.some(
    ([name, value]) => name.toLowerCase() === 'content-type' && /^message\/http\b/i.test(value),
  ) === true
