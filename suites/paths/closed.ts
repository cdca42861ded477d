/**
 * Many spellings of one closed door: each is tried without a certificate, and the canary counts what came through.
 * @module
 */
import { randomBytes } from 'node:crypto'
import type { CheckContext } from '../../fixtures/context.ts'
import type { Try } from '../../fixtures/environment.ts'
import type { Identity } from '../../harness/pki/types.ts'
import { asWayIn, hasDeclaredText } from '../../harness/probe/behind-refusal.ts'
import { isEcho, judgeByAnswers, type Tried, unlikeValid } from './answers.ts'
import { tunnelOpen, upgraded, whoSwitched } from './upgrade.ts'

/** One request that must not get through, by the path of something protected. */
export interface Variant extends Pick<Try, 'method' | 'host' | 'headers' | 'body' | 'httpVersion'> {
  /** Path as written, without query. */
  path: string
  /** Query beside the challenge and the marker. */
  query?: string
  /** Edges and servers often answer such a request themselves: without proof of the application a 2xx is a warning only. */
  mayBeAnswered?: true
  /** What its headers say together; which one opened is found out afterwards. */
  together?: string
}

/** What requests may say of the place where they go. */
export interface Site {
  hostname: string
  /** Another hostname beside it. */
  sibling: string
  /** Whose certificate is let in; undefined: nobody's is known. */
  valid: Identity | undefined
}

/** Of the deployment: the first sibling that is declared, else `www` beside the hostname. */
export async function siteOf(run: CheckContext): Promise<Site> {
  const { hostname } = run.target
  const sibling = run.deployment.siblings[0]?.hostname ?? hostname.replace(/^[^.]+/, 'www')
  return { hostname, sibling, valid: await run.valid() }
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

/**
 * None of the requests gets through without a certificate. Proof that one did: its answer, or the canary's count of requests
 * with the marker, which a valid request asks for at the end. Connections: the variants and two, where some came through four;
 * without a count the variants and six. Headers that open together take up to six more to tell which it was.
 */
export async function closed(run: CheckContext, variants: readonly Variant[]): Promise<void> {
  await run.onlyIfClosed()
  const marker = randomBytes(8).toString('hex')
  const outcomes: Tried[] = []
  for (const variant of variants) {
    const { path, query, mayBeAnswered, together, ...rest } = variant
    const written = `${path}?challenge={challenge}&marker=${marker}${query === undefined ? '' : `&${query}`}`
    const what = inWords(variant)
    const wanted: Try = { ...rest, path: written }
    const outcome = await run.attempt({ ...wanted, label: what })
    // Upgrade and the like do not exist in HTTP/2: where nothing else is spoken, neither does this way.
    if (run.onlyHttp2 && outcome.code === 'client-error') continue
    const one: Tried = { what, wanted, outcome }
    const proven = outcome.verdict === 'allowed' && !isEcho(outcome)
    if (proven && mayBeAnswered === true && !run.provable)
      run.warn(
        `${what}: ${outcome.summary}`,
        'perhaps the server’s own answer: give canary or requests to know',
        outcome,
      )
    const isTunnel = upgraded(wanted.headers ?? [], outcome.http) === 'open'
    const open = proven || isTunnel || (await isWayIn(run, one))
    run.reached = open
    if (open) {
      const { summary } = proven ? outcome : isTunnel ? { summary: tunnelOpen } : asWayIn(outcome)
      const by = together === undefined ? '' : ` (${await openedBy(run, one)})`
      run.expect(false, '', `${what}: ${summary}${by}`, outcome)
    }
    outcomes.push(one)
  }
  if (outcomes.length === 0) run.skip('cannot be written in HTTP/2, and nothing else is spoken')
  const came = await countMarked(run, marker)
  const counts = came !== undefined && (came === 1 || !(await refusedReachOrigin(run)))
  if (counts) {
    run.reached = came > 1
    const answers = outcomes.map(({ what, outcome }) => `${what}: HTTP ${outcome.http?.status ?? 'none'}`)
    const plain = await run.usual()
    run.expect(
      came === 1,
      `none of ${outcomes.length} requests reached the origin`,
      `${came - 1} of ${outcomes.length} requests without a certificate reached the origin (${answers.join(', ')})`,
      // Most likely that one: it is answered otherwise than a plain request.
      outcomes.find(({ outcome }) => outcome.http?.status !== plain.http?.status)?.outcome,
    )
  }
  for (const { what, wanted, outcome } of outcomes)
    if (upgraded(wanted.headers ?? [], outcome.http) === 'unclear')
      run.inconclusive(`${what}: HTTP 101`, whoSwitched, outcome)
  if (!counts) return judgeByAnswers(run, outcomes)
  // A canary counts at its own path; what an application answers elsewhere it has not seen.
  const canary = run.target.canary ?? ''
  await unlikeValid(
    run,
    outcomes.filter(({ wanted: { path = '' } }) => !path.startsWith(canary)),
  )
}

/** What is asked for; a header that stands alone is what matters. */
function inWords({ path, query, together, host, method = 'GET', headers = [] }: Variant): string {
  const [only, ...more] = headers
  const apart = host !== undefined ? ['Host', host] : more.length === 0 ? only : undefined
  const said = together ?? (apart === undefined ? undefined : `with ${cut(apart.join(': '))}`)
  return `${method} ${cut(query === undefined ? path : `${path}?${query}`)}${said === undefined ? '' : ` ${said}`}`
}

const cut = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text)

/** Requests with the marker that the origin has seen, the valid one that asks included; undefined: it does not count. */
export async function countMarked(run: CheckContext, marker: string): Promise<number | undefined> {
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

/** An answer that carries the application's under another status. Compared only where a declared text is in it. */
async function isWayIn(run: CheckContext, { what, wanted, outcome }: Tried): Promise<boolean> {
  const { http } = outcome
  if (http === undefined || isEcho(outcome)) return false
  const request = run.target.requests.find((one) => hasDeclaredText(http, { request: one }))
  if (request === undefined) return false
  const asked: Try = { method: 'GET', ...wanted, proof: { request } }
  const shown = `${what}: ${outcome.summary}`
  return run.isBehind({ ...asked, label: what }, outcome, await run.validTwin(asked), shown)
}

/** Which of the headers tried together it was: halved until one is left. */
async function openedBy(run: CheckContext, { wanted, what }: Tried): Promise<string> {
  let left = wanted.headers ?? []
  const opens = async (headers: [string, string][]): Promise<boolean> => {
    const label = `${what}, ${headers.length} of them`
    return (await run.attempt({ ...wanted, headers, label })).verdict === 'allowed'
  }
  while (left.length > 1) {
    const half = left.slice(0, Math.ceil(left.length / 2))
    left = (await opens(half)) ? half : left.slice(half.length)
  }
  const [only] = left
  if (only === undefined || !(await opens([only]))) return 'several of the headers together'
  return `it was ${cut(only.join(': '))}`
}
