import { randomBytes } from 'node:crypto'
import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import type { Try } from '../../fixtures/environment.ts'
import { answerHeader } from '../../harness/deployment/access-answer.ts'
import type { Target } from '../../harness/deployment/types.ts'
import type { HttpAnswer, Outcome } from '../../harness/probe/types.ts'
import { keepPrivate } from './remedy.ts'

const base = {
  severity: 'critical',
  kind: 'must',
  profile: 'default',
  needs: ['enforce', 'valid'],
  remediation: keepPrivate,
} as const satisfies Partial<CheckMeta>

/** A path that the application is known to answer, without query. */
const known = (target: Target): string =>
  (target.canary ?? target.requests[0]?.path ?? '/').split('?', 1)[0] ?? '/'

/** Every answer counts here: only who gets it is the question. */
const anyAnswer = (path: string): Pick<Try, 'path' | 'proof'> => ({
  path,
  proof: { request: { method: 'GET', path, allowed: { status: [200, 203, 204, 206, 404] } } },
})

/** Also the challenge that a canary wants. */
const unique = (): string => randomBytes(16).toString('hex')

/**
 * The good client asks twice for a URL nobody has asked for before, then somebody without credentials asks for the same one:
 * who must get what strangers get elsewhere, and nothing of what the good client got.
 */
async function notShared(run: CheckContext, path: string, good: Try, stranger: Try): Promise<void> {
  const target = good.target ?? run.target
  await run.onlyIfClosed(target)
  const asked = anyAnswer(path)
  const first = await run.control({ ...good, ...asked, label: 'the good twin, first' })
  await run.control({ ...good, ...asked, label: 'the good twin, second' })
  const outcome = await run.attempt({ ...stranger, ...asked, label: 'the same URL without credentials' })
  const got = outcome.http
  if (got === undefined && outcome.verdict !== 'refused') run.inconclusive(outcome.summary)
  // A refusal may have status 200, where it is declared.
  const served =
    got !== undefined && ((got.status < 300 && outcome.verdict !== 'refused') || sameAnswer(got, first))
  // Two empty answers are the same, and may be so by chance: nothing of the application is in them.
  if (!served && outcome.verdict !== 'refused' && sameEmpty(got, first))
    run.inconclusive(`both got an empty HTTP ${got?.status}: whose answer that is cannot be told`)
  run.reached = served
  run.expect(
    !served,
    `refused: ${outcome.summary}`,
    `somebody without credentials got the answer of the good client (HTTP ${got?.status}${ageOf(got)})`,
  )
}

const sameAnswer = (got: HttpAnswer, { http }: Outcome): boolean =>
  http !== undefined && got.status === http.status && got.body.length > 0 && got.bodyHash === http.bodyHash

const sameEmpty = (got: HttpAnswer | undefined, { http }: Outcome): boolean =>
  got !== undefined && got.status === http?.status && got.body.length === 0 && http.body.length === 0

function ageOf(got: HttpAnswer | undefined): string {
  const seen = ['age', 'cf-cache-status', 'x-cache'].flatMap((name) =>
    got === undefined ? [] : answerHeader(got, name).map((value) => `${name}: ${value}`),
  )
  return seen.length === 0 ? '' : `, ${seen.join(', ')}`
}

check(
  'responses.not-shared',
  {
    ...base,
    title: 'what a valid certificate was answered is not given to clients without one',
    grounds: ['RFC 9440 §2.4', 'RFC 9111 §4', 'catalogue RSP-01'],
    killedBy: ['edge.caches-for-everybody'],
    why: 'A cache in front of the rule that asks for the certificate keeps the answer by its URL, and the certificate is not part of it: one good client opens the page for everybody.',
    sends: 'A URL with a fresh query twice with the valid certificate, then once without.',
    expects: 'The third request is refused.',
  },
  async (run) => {
    const path = `${known(run.target)}?challenge=${unique()}`
    await notShared(run, path, { identity: await run.identity('valid') }, {})
  },
)

check(
  'responses.not-shared-access',
  {
    ...base,
    needs: ['access.service-token'],
    title: 'what a service token was answered is not given to clients without one',
    grounds: ['RFC 9111 §4', 'catalogue RSP-01'],
    killedBy: ['edge.caches-for-everybody'],
    why: 'A Worker or a cache in front of Access answers before anybody asks who is there.',
    sends: 'A URL with a fresh query twice with the service token, then once without.',
    expects: 'The third request is refused.',
  },
  async (run) => {
    const target = run.accessTarget()
    const good = (await run.accessTwin()) ?? run.skip('needs access.serviceToken')
    await notShared(run, `${known(target)}?challenge=${unique()}`, good, { target })
  },
)

check(
  'responses.cache-deception',
  {
    ...base,
    title: 'a name that looks like a static file does not make a protected answer public',
    grounds: [
      'Cloudflare default cached file extensions',
      'web cache deception (Gil, 2017)',
      'catalogue RSP-02',
    ],
    // Below the path of the application nothing may be open either: the answer would be anybody's without any cache.
    killedBy: ['edge.caches-static-names', 'edge.open-below', 'edge.open-static-suffix'],
    why: 'Edges keep .css and .js without being told to. Where the application ignores what follows the path, its answer to one good client is kept under a name anybody can ask for.',
    sends: 'PATH/<random>.css?challenge=<random> twice with the valid certificate, then once without.',
    expects: 'The third request is refused.',
  },
  async (run) => {
    // A canary that is mounted by prefix answers here too, and only to a challenge.
    const path = `${known(run.target).replace(/\/$/, '')}/${unique()}.css?challenge=${unique()}`
    await notShared(run, path, { identity: await run.identity('valid') }, {})
  },
)

check(
  'responses.cache-headers',
  {
    ...base,
    severity: 'high',
    kind: 'should',
    title: 'answers to certificate holders are not declared fit for shared caches',
    grounds: ['RFC 9440 §2.4', 'RFC 9111 §5.2.2', 'catalogue RSP-01'],
    killedBy: ['edge.answers-cacheable'],
    why: 'Every cache on the way believes the header: the edge’s, a company proxy’s, a CDN that is put in front next year.',
    sends: 'A declared request, or the canary, with the valid certificate.',
    expects:
      'Neither public, s-maxage nor max-age for shared caches, unless private, no-store or a Vary on the certificate stands beside it.',
  },
  async (run) => {
    const [request] = run.target.requests
    const wanted: Try =
      request === undefined
        ? {}
        : {
            method: request.method,
            path: request.path,
            proof: { request },
          }
    const { http, summary } = await run.control({ ...wanted, identity: await run.identity('valid') })
    if (http === undefined) return run.inconclusive(summary)
    const control = answerHeader(http, 'cache-control').join(', ')
    const vary = answerHeader(http, 'vary').join(', ')
    const fresh = /\bpublic\b|\b(?:s-maxage|max-age)=0*[1-9]/i.test(control)
    const confined = /\b(?:private|no-store|no-cache)\b/i.test(control) || /\*|client-cert/i.test(vary)
    const seen = `HTTP ${http.status}, Cache-Control: ${control || '(none)'}`
    run.expect(!fresh || confined, seen, `${seen}: a shared cache may keep it`)
  },
)
