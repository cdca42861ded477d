/**
 * Many spellings of one closed door: each is tried without a certificate, and the canary counts what came through.
 * @module
 */
import { randomBytes } from 'node:crypto'
import type { CheckContext } from '../../fixtures/context.ts'
import type { Try } from '../../fixtures/environment.ts'
import type { Outcome } from '../../harness/probe/types.ts'
import { isUnusual } from '../usual.ts'

/** One request that must not get through, by the path of something protected. */
export interface Variant extends Pick<Try, 'method' | 'headers' | 'body' | 'httpVersion'> {
  /** Path as written, without query. */
  path: string
  /** Query beside the challenge and the marker. */
  query?: string
  /** Edges and servers often answer such a request themselves: without proof of the application a 2xx is a warning only. */
  mayBeAnswered?: true
}

/** Paths known to be protected: the canary's, and the first other one that was declared. At least one. */
export function protectedPaths({ target }: CheckContext): string[] {
  const declared = target.requests.map(({ path }) => path.split('?', 1)[0] ?? '/')
  const paths = [...(target.canary === undefined ? [] : [target.canary]), ...declared].filter(
    (path) => path !== '/',
  )
  return paths.length === 0 ? ['/'] : [...new Set(paths)].slice(0, 2)
}

/** The first declared path of the application but the root, without a slash at its end; '' where none is declared. */
export const declaredPath = ({ target }: CheckContext): string =>
  target.requests.map(({ path }) => path.replace(/\/*(?:\?.*)?$/, '')).find((path) => path !== '') ?? ''

/** A variant that was tried. */
interface Tried {
  what: string
  wanted: Try
  outcome: Outcome
}

/** A path that no application has. */
export const nowhere = (): string => `/harness-${randomBytes(6).toString('hex')}`

/**
 * None of the requests gets through without a certificate. Proof that one did: its answer, or the canary's count of requests
 * with the marker, which a valid request asks for at the end. Connections: the variants and two, where some came through four;
 * without a count the variants and {@link mostCompared} and one.
 */
export async function closed(run: CheckContext, variants: readonly Variant[]): Promise<void> {
  await run.onlyIfClosed()
  const marker = randomBytes(8).toString('hex')
  const outcomes: Tried[] = []
  for (const { path, query, mayBeAnswered, ...rest } of variants) {
    const written = `${path}?challenge={challenge}&marker=${marker}${query === undefined ? '' : `&${query}`}`
    const what = `${rest.method ?? 'GET'} ${path}`
    const wanted: Try = { ...rest, path: written }
    const outcome = await run.attempt({ ...wanted, label: what })
    // Upgrade and the like do not exist in HTTP/2: where nothing else is spoken, neither does this way.
    if (run.onlyHttp2 && outcome.code === 'client-error') continue
    const open = outcome.verdict === 'allowed' && !isEcho(outcome)
    if (open && mayBeAnswered === true && !run.provable)
      run.warn(
        `${what}: ${outcome.summary}`,
        'perhaps the server’s own answer: give canary or requests to know',
        outcome,
      )
    run.reached = open
    if (open) run.expect(false, '', `${what}: ${outcome.summary}`, outcome)
    outcomes.push({ what, wanted, outcome })
  }
  if (outcomes.length === 0) run.skip('cannot be written in HTTP/2, and nothing else is spoken')
  const came = await countMarked(run, marker)
  if (came === undefined || (came > 1 && (await refusedReachOrigin(run))))
    return judgeByAnswers(run, outcomes)
  run.reached = came > 1
  const answers = outcomes.map(({ what, outcome }) => `${what}: HTTP ${outcome.http?.status ?? 'none'}`)
  run.expect(
    came === 1,
    `none of ${outcomes.length} requests reached the origin`,
    `${came - 1} of ${outcomes.length} requests without a certificate reached the origin (${answers.join(', ')})`,
  )
  // A canary counts at its own path; what an application answers elsewhere it has not seen.
  const canary = run.target.canary ?? ''
  await unlikeValid(
    run,
    outcomes.filter(({ wanted: { path = '' } }) => !path.startsWith(canary)),
  )
}

/** The server repeats the request, as TRACE has it (RFC 9110 §9.3.8): nothing of the application is in it. */
const isEcho = ({ http }: Outcome): boolean =>
  http?.headers.some(
    ([name, value]) => name.toLowerCase() === 'content-type' && /^message\/http\b/i.test(value),
  ) === true

/** Requests with the marker that the origin has seen, the valid one that asks included; undefined: it does not count. */
async function countMarked(run: CheckContext, marker: string): Promise<number | undefined> {
  const twin = await run.validTwin({ path: `{canary}&marker=${marker}` })
  if (run.target.canary === undefined || twin === undefined) return undefined
  return (await run.control(twin)).canary?.marked
}

/** Refused requests get to the origin anyway, before they are refused (mode.refusal-before-origin): a count tells nothing then. */
async function refusedReachOrigin(run: CheckContext): Promise<boolean> {
  const marker = randomBytes(8).toString('hex')
  const plain = await run.attempt({ path: `{canary}&marker=${marker}`, label: 'the plain request' })
  return plain.verdict === 'refused' && (await countMarked(run, marker)) === 2
}

/** Unusual answers that are compared with what a valid certificate gets. */
const mostCompared = 3

/** What servers answer by themselves to unusual methods and targets, whoever asks. */
const ofTheServer = [405, 414, 417, 426, 431, 501, 505]

/** An answer that is not the usual refusal: beside it, and beside what a valid certificate gets there, where that is `asked`. */
async function unusual(
  run: CheckContext,
  { wanted, outcome }: Tried,
  asked: boolean,
): Promise<{ plain: Outcome; valid: Outcome | undefined; same: boolean } | undefined> {
  const plain = await isUnusual(run, outcome, { also: ofTheServer })
  if (plain === undefined) return undefined
  const twin = asked ? await run.validTwin(wanted) : undefined
  const valid = twin === undefined ? undefined : await run.attempt(twin)
  return { plain, valid, same: valid?.http?.status === outcome.http?.status }
}

/** Warns of an answer that is not the usual refusal, and the same that a valid certificate gets there. */
async function unlikeValid(run: CheckContext, outcomes: readonly Tried[]): Promise<void> {
  let compared = 0
  for (const one of outcomes) {
    const found = await unusual(run, one, compared < mostCompared)
    if (found === undefined) continue
    compared += 1
    if (found.valid !== undefined && found.same)
      run.warn(
        `${one.what}: ${one.outcome.summary}`,
        `another answer than without a certificate elsewhere (${found.plain.summary}), the same as with a valid certificate; the canary counts at its own path only`,
        one.outcome,
      )
  }
}

/**
 * Without a count content is telling, and an answer other than the usual refusal: the same that a valid certificate gets there
 * is the application's, and so may be one that cannot be compared.
 */
async function judgeByAnswers(run: CheckContext, outcomes: readonly Tried[]): Promise<void> {
  let compared = 0
  for (const one of outcomes) {
    const { what, outcome } = one
    const { http, summary, verdict } = outcome
    if (isEcho(outcome)) continue
    if (http !== undefined && http.status >= 200 && http.status < 300)
      run.warn(`${what}: ${summary}`, 'content without a certificate, perhaps another site’s', outcome)
    if (verdict === 'inconclusive') run.inconclusive(`${what}: ${summary}`, undefined, outcome)
    const found = await unusual(run, one, compared < mostCompared)
    if (found === undefined) continue
    const { plain, valid, same } = found
    compared += 1
    if (valid !== undefined && !same) continue
    const as = valid === undefined ? 'perhaps the application’s' : 'the same as with a valid certificate'
    run.warn(
      `${what}: ${summary}`,
      `another answer than without a certificate elsewhere (${plain.summary}), ${as}${run.target.canary === undefined ? '; give canary to know' : ''}`,
      outcome,
    )
  }
  run.hold(`each of ${outcomes.length} requests was refused`)
}
