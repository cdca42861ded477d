import { randomBytes } from 'node:crypto'
import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import type { Try } from '../../fixtures/environment.ts'
import type { HttpAnswer } from '../../harness/probe/types.ts'
import { declareRefusal, requireCertificate } from '../remedies.ts'
import { likeUsual } from '../usual.ts'

const base = {
  kind: 'must',
  profile: 'default',
  severity: 'medium',
  needs: ['enforce', 'refusal'],
  remediation: declareRefusal,
} as const satisfies Partial<CheckMeta>

const header = (answer: HttpAnswer, name: string): string | undefined =>
  answer.headers.find(([key]) => key.toLowerCase() === name)?.[1]

/** The answer to a request that must be refused over HTTP; skips where TLS itself refuses: there is no answer to look at. */
async function refusal(run: CheckContext, wanted: Try): Promise<HttpAnswer> {
  await run.onlyIfClosed()
  const outcome = await run.attempt(wanted)
  run.reached = outcome.verdict === 'allowed'
  if (outcome.verdict === 'allowed') run.expect(false, '', `not refused: ${outcome.summary}`)
  if (outcome.http !== undefined) return outcome.http
  return outcome.verdict === 'refused' && outcome.layer === 'tls'
    ? run.skip('refused in TLS: there is no answer to look at')
    : run.inconclusive(outcome.summary, 'no HTTP answer to compare')
}

/** Compares an answer with the declared refusal, byte for byte as far as it is declared. */
function asDeclared(run: CheckContext, answer: HttpAnswer, parts: { body: boolean }): void {
  const { status, contentType, body } = run.target.mtls?.refusal ?? {}
  if (status !== undefined)
    run.expect(
      answer.status === status,
      `HTTP ${answer.status}`,
      `HTTP ${answer.status} instead of ${status}`,
    )
  const type = header(answer, 'content-type') ?? '(none)'
  if (contentType !== undefined) {
    const same = type.split(';')[0]?.trim().toLowerCase() === contentType.split(';')[0]?.trim().toLowerCase()
    run.expect(same, `HTTP ${answer.status}, ${type}`, `Content-Type ${type} instead of ${contentType}`)
  }
  if (parts.body && body !== undefined) {
    run.expect(
      answer.body.equals(body),
      `HTTP ${answer.status}, ${type}, ${body.length} bytes as declared`,
      `the body differs from the declared one: ${answer.body.length} bytes instead of ${body.length}`,
    )
  }
}

check(
  'mode.refusal',
  {
    ...base,
    title: 'the refusal is the declared one, byte for byte',
    grounds: ['cloudflare-docs waf/custom-rules (custom response)', 'catalogue MOD-01'],
    killedBy: ['edge.refusal-status', 'edge.refusal-body', 'edge.refusal-content-type'],
    why: 'Clients read it: a phone app shows the JSON, a gateway retries on 5xx, a monitor counts 403. A refusal that looks otherwise is often a refusal by something else.',
    sends: 'A request without a certificate.',
    expects: 'Status, content type and body as declared under mtls.refusal.',
  },
  async (run) => asDeclared(run, await refusal(run, {}), { body: true }),
)

check(
  'mode.refusal-invalid',
  {
    ...base,
    title: 'the refusal of a bad certificate is the same, and tells nothing',
    needs: ['enforce', 'refusal', 'defect:unknown-ca'],
    grounds: ['catalogue MOD-02'],
    killedBy: [
      'edge.refusal-leaks-reason',
      'edge.accepts-unknown-ca',
      'edge.invalid-accepted-in-1.3',
      'edge.refusal-status',
      'edge.refusal-body',
      'edge.refusal-content-type',
    ],
    why: 'A refusal that says why (expired, unknown CA, revoked) helps whoever is trying certificates.',
    sends: 'A request with a certificate of an unknown CA.',
    expects: 'The same status, content type and body as without a certificate.',
  },
  async (run) =>
    asDeclared(run, await refusal(run, { identity: await run.identity('unknown-ca') }), { body: true }),
)

check(
  'mode.refusal-http2',
  {
    ...base,
    title: 'HTTP/2: the refusal is the declared one',
    needs: ['enforce', 'refusal', 'h2'],
    grounds: ['catalogue MOD-13'],
    killedBy: ['edge.h2-open', 'edge.refusal-status', 'edge.refusal-body', 'edge.refusal-content-type'],
    why: 'A second code path that must say the same.',
    sends: 'A request without a certificate over HTTP/2.',
    expects: 'Status, content type and body as declared.',
  },
  async (run) => asDeclared(run, await refusal(run, { alpn: 'h2' }), { body: true }),
)

interface Variant {
  id: string
  what: string
  fault: string
  why: string
  wanted: () => Try
  body: boolean
  grounds: string[]
}

const variants: Variant[] = [
  {
    id: 'head',
    what: 'HEAD',
    fault: 'edge.head-open',
    why: 'Rules written for GET and POST forget HEAD; its headers alone tell what is there.',
    wanted: () => ({ method: 'HEAD' }),
    body: false,
    grounds: ['RFC 9110 §9.3.2', 'catalogue PTH-15'],
  },
  {
    id: 'range',
    what: 'a Range request',
    fault: 'edge.range-open',
    why: 'Partial content is served from another code path (and cache) in many edges.',
    wanted: () => ({ headers: [['Range', 'bytes=0-10']] }),
    body: true,
    grounds: ['RFC 9110 §14.2'],
  },
  {
    id: 'large-post',
    what: 'a large POST',
    fault: 'edge.large-post-open',
    why: 'Bodies beyond a buffer are streamed through before rules run in some proxies, and a refusal must not cost the upload.',
    wanted: () => ({
      method: 'POST',
      body: Buffer.alloc(256 * 1024, 'x'),
      headers: [['Content-Type', 'application/octet-stream']],
    }),
    body: true,
    grounds: ['RFC 9110 §9.3.3'],
  },
]

/** A refusal as declared; where none is declared: no success, and not what a valid certificate gets for the same request. */
async function looksRefused(
  run: CheckContext,
  answer: HttpAnswer,
  wanted: Try,
  body: boolean,
): Promise<void> {
  if (run.target.mtls?.refusal?.status !== undefined) {
    asDeclared(run, answer, { body })
    return
  }
  const identity = await run.valid()
  const letIn =
    identity === undefined ? undefined : (await run.attempt({ ...wanted, identity, label: 'valid' })).http
  const success = answer.status < 300 && (letIn === undefined || letIn.status === answer.status)
  run.reached = success
  run.expect(!success, `HTTP ${answer.status}`, `HTTP ${answer.status}, as with a valid certificate`)
}

for (const { id, what, fault, why, wanted, body, grounds } of variants) {
  check(
    `mode.refusal-${id}`,
    {
      ...base,
      severity: 'critical',
      needs: ['enforce'],
      title: `${what} without a certificate is refused in the same way`,
      grounds: [...grounds, 'catalogue MOD-13'],
      killedBy: [
        fault,
        'edge.refusal-status',
        'edge.refusal-content-type',
        ...(body ? ['edge.refusal-body'] : []),
      ],
      why,
      sends: `${what}, without a certificate.`,
      expects: 'The declared refusal; never the application.',
      remediation: requireCertificate,
    },
    async (run) => {
      await run.onlyIfClosed()
      const twin = await run.validTwin()
      const outcome = await run.attempt(wanted())
      run.reached = outcome.verdict === 'allowed'
      if (outcome.verdict === 'allowed') run.expect(false, '', `not refused: ${outcome.summary}`)
      if (outcome.http !== undefined) await looksRefused(run, outcome.http, wanted(), body)
      else if (outcome.verdict !== 'refused') run.inconclusive(outcome.summary)
      // The declared refusal may be a 200; then its body, which HEAD has none of, would tell it from the application.
      const isDeclared = outcome.http?.status === run.target.mtls?.refusal?.status
      if (twin !== undefined && !(outcome.verdict === 'inconclusive' && isDeclared))
        await run.refused(wanted(), twin, { any: true })
      // Method not allowed, too large, range not satisfiable: servers say so to whoever asks.
      await likeUsual(run, outcome, outcome.summary, { also: [405, 413, 416] })
      run.hold(outcome.summary)
    },
  )
}

/** Statuses that a cache may keep without being told so (RFC 9110 §15.1). */
const heuristicallyCacheable = new Set([200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501])

check(
  'mode.refusal-not-cached',
  {
    ...base,
    severity: 'medium',
    title: 'the refusal may not be cached',
    needs: ['enforce', 'refusal'],
    grounds: ['RFC 9440 §2.4', 'RFC 9111 §5.2.2.5', 'catalogue MOD-13'],
    killedBy: ['edge.refusal-cacheable'],
    why: 'The certificate is not part of a cache key. A cached refusal locks good clients out; the twin mistake, a cached answer, lets bad ones in.',
    sends: 'A request without a certificate; the cache directives of the refusal are read.',
    expects:
      'Cache-Control: no-store, private or no-cache; or a status that caches keep only when told to, and no freshness.',
    remediation:
      'Send `Cache-Control: no-store` with every refusal and every answer that depended on the certificate.',
  },
  async (run) => {
    const answer = await refusal(run, {})
    const control = header(answer, 'cache-control') ?? ''
    const forbidden = /\b(no-store|private|no-cache)\b/i.test(control)
    const fresh =
      /\b(s-maxage|max-age)=0*[1-9]|\bpublic\b/i.test(control) || header(answer, 'expires') !== undefined
    const cacheable = fresh || heuristicallyCacheable.has(answer.status)
    const seen = `HTTP ${answer.status}, Cache-Control: ${control || '(none)'}`
    run.expect(forbidden || !cacheable, seen, `${seen}: a cache may keep it`)
  },
)

check(
  'mode.refusal-before-origin',
  {
    ...base,
    severity: 'high',
    title: 'a refused request never reaches the origin',
    needs: ['enforce', 'valid', 'canary'],
    grounds: ['catalogue MOD-01 (origin hit counter 0)'],
    killedBy: ['edge.refusal-contacts-origin'],
    why: 'If the origin works on the request before the edge says no, a POST has its effect, and a flood of bad requests is the origin’s load.',
    sends:
      'Three requests without a certificate and a valid one, all with the same marker; the canary tells how many with that marker it received.',
    expects: 'One.',
    remediation: 'Decide before the request is forwarded (access phase), not on the way back.',
  },
  async (run) => {
    const path = `{canary}&marker=${randomBytes(8).toString('hex')}`
    await run.onlyIfClosed()
    for (let n = 0; n < 3; n += 1) await run.attempt({ path, label: 'no certificate' })
    const { canary } = await run.control({
      path,
      identity: await run.identity('valid'),
      label: 'valid, same marker',
    })
    if (canary?.marked === undefined) return run.skip('the canary does not count marked requests')
    run.expect(
      canary.marked === 1,
      'the origin saw only the valid request',
      `the origin saw ${canary.marked} requests with the marker where 1 was let through`,
    )
  },
)
