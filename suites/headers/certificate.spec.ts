import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import { type Elsewhere, escapedName, namedIdentity } from '../../fixtures/named-identity.ts'
import { allowedNames } from '../../harness/deployment/allowed-names.ts'
import { commonNameIn } from '../../harness/pki/common-name.ts'
import type { Identity } from '../../harness/pki/types.ts'
import { originHeader } from '../../harness/probe/canary.ts'
import type { CanaryReply, Outcome } from '../../harness/probe/types.ts'
import { tellEveryRequest } from '../remedies.ts'

const base = {
  severity: 'high',
  kind: 'must',
  profile: 'default',
  needs: ['mtls', 'valid', 'canary', 'forwarded:status'],
  remediation: tellEveryRequest,
} as const satisfies Partial<CheckMeta>

const minted = ['mtls', 'valid-other', 'canary', 'forwarded:status'] as const

/** The origin was told one status, and that it is valid. */
function toldValid(run: CheckContext, canary: CanaryReply | undefined, which: string): void {
  const name = run.target.mtls?.forwarded.status ?? ''
  const told = canary === undefined ? [] : originHeader(canary, name)
  const valid = run.target.mtls?.statusValues.valid.toLowerCase() ?? 'valid'
  run.expect(
    told.length === 1 && told[0]?.toLowerCase().startsWith(valid) === true,
    `${which}: ${name} “${told[0] ?? ''}”`,
    `${which}: the origin received ${name} ${told.length} times (${told.join(', ') || 'nothing'})`,
  )
}

/** A valid certificate of our own making, tried; skips where the edge takes none of the kind. */
async function accepted(run: CheckContext, identity: Identity): Promise<Outcome> {
  const outcome = await run.attempt({ identity, label: identity.name })
  if (outcome.verdict === 'inconclusive') return run.inconclusive(outcome.summary)
  if (outcome.verdict === 'refused') {
    await run.control({ identity: await run.identity('valid'), label: 'the plain valid one' })
    return run.skip(`a certificate of this kind is refused, which is as good: ${outcome.summary}`)
  }
  return outcome
}

/** A certificate like the valid one, with more in it or another common name; skips where none can be made. */
async function likeValid(run: CheckContext, more: Elsewhere, name?: string): Promise<Identity> {
  const valid = await run.identity('valid')
  const made = await namedIdentity(run.target, valid, name ?? commonNameIn(valid) ?? '', more)
  return made ?? run.skip('needs mtls.ca.key')
}

check(
  'headers.every-request',
  {
    ...base,
    title: 'the origin is told about the certificate on every request of a connection',
    grounds: [
      'RFC 9440 §3.3',
      'Cloudflare forward-a-client-certificate (first request only)',
      'catalogue HDR-21',
    ],
    killedBy: ['edge.status-first-request-only'],
    why: 'Browsers and gateways keep connections. An origin that hears of the certificate once takes the second request for a stranger’s, or, worse, a missing header for “internal”.',
    sends: 'Three requests on one connection with the valid certificate.',
    expects: 'Each of them arrives with exactly one status header that says valid.',
  },
  async (run) => {
    const outcome = await run.control({ identity: await run.identity('valid'), further: [{}, {}] })
    const all = [outcome, ...outcome.followUps].filter(({ canary }) => canary !== undefined)
    if (all.length < 2) return run.skip('the edge does not keep connections')
    for (const [at, { canary }] of all.entries()) toldValid(run, canary, `request ${at + 1}`)
  },
)

check(
  'headers.large-certificate',
  {
    ...base,
    needs: minted,
    title: 'a large certificate is told of like any other, or refused',
    grounds: [
      'Cloudflare: encodings are left out over 10 KiB and 16 KiB',
      'RFC 9440 §3.2',
      'catalogue HDR-12',
    ],
    killedBy: ['edge.large-certificate-unreported'],
    why: 'Where header space runs out, edges leave the certificate’s headers away and pass the request on. An origin that takes “no header” for “not from outside” lets it in as anybody.',
    sends: 'A valid certificate of more than 10 KiB (many alternative names).',
    expects: 'Refused; or passed with exactly one status header that says valid.',
  },
  async (run) => {
    const label = 'a'.repeat(56)
    const dns = Array.from({ length: 190 }, (_, at) => `${label}${String(at).padStart(4, '0')}.invalid`)
    const identity = await likeValid(run, { san: { dns } })
    const { canary } = await accepted(run, { ...identity, name: 'large certificate' })
    toldValid(run, canary, 'a certificate of more than 10 KiB')
  },
)

const injected = 'X-Harness-Injected'

check(
  'headers.hostile-subject',
  {
    ...base,
    severity: 'critical',
    needs: minted,
    title: 'a subject cannot write headers',
    grounds: ['RFC 9110 §5.5', 'CVE-2026-33248 (NATS, DN matching)', 'catalogue HDR-16, IDM-08'],
    killedBy: ['edge.subject-breaks-line'],
    why: 'Whoever can have a certificate issued chooses text that the edge copies into headers: a line end, a quote or a separator there makes further headers, or a second element of a list, in the edge’s own name.',
    sends:
      'A valid certificate whose common name (its unit, where common names are listed) holds a line end with a header behind it, quotes, commas, semicolons and `By=`.',
    expects: 'Refused; or one status header, and nothing of the subject as a header of its own.',
  },
  async (run) => {
    const text = `sensor\r\n${injected}: yes\r\n",O=Admin;By=spiffe://admin`
    const identity = await (allowedNames(run.target) === undefined
      ? likeValid(run, {}, text)
      : likeValid(run, { attributes: [`OU=${escapedName(text)}`] }))
    const { canary } = await accepted(run, { ...identity, name: 'hostile subject' })
    const made = canary === undefined ? [] : originHeader(canary, injected)
    run.expect(
      made.length === 0,
      'no header was made',
      `the subject became a header: ${injected}: ${made.join()}`,
    )
    toldValid(run, canary, 'a hostile subject')
  },
)

check(
  'headers.access-identity',
  {
    ...base,
    needs: ['mtls', 'valid', 'canary'],
    severity: 'high',
    // Only an application that somewhere else is behind Access believes them.
    kind: 'should',
    title: 'the client’s own Access headers do not reach the origin',
    grounds: [
      'Cloudflare Access: validate the JWT, not the header',
      'CVE-2026-33495 (Oathkeeper)',
      'catalogue HDR-01, HDR-02',
    ],
    killedBy: ['edge.passes-access-headers'],
    why: 'An application that serves hostnames with and without Access believes Cf-Access-Authenticated-User-Email. Where Access does not cover the hostname, nobody but the client has written it.',
    sends:
      'A valid certificate, with Cf-Access-Jwt-Assertion and Cf-Access-Authenticated-User-Email of our own.',
    expects: 'Neither arrives with our value.',
    remediation:
      'Remove what only Access may say on every hostname that leads to the same origin, and let the application verify the JWT instead of believing a header.\n\nnginx:\n  proxy_set_header Cf-Access-Jwt-Assertion "";\n  proxy_set_header Cf-Access-Authenticated-User-Email "";\n\nHAProxy:\n  http-request del-header cf-access- -m beg\n\nhttpd:\n  RequestHeader unset Cf-Access-Jwt-Assertion early\n  RequestHeader unset Cf-Access-Authenticated-User-Email early\n\nCaddy:\n  request_header -Cf-Access-*',
  },
  async (run) => {
    const forged = `forged-${process.hrtime.bigint().toString(36)}`
    const outcome = await run.control({
      identity: await run.identity('valid'),
      headers: [
        ['Cf-Access-Authenticated-User-Email', `${forged}@harness.invalid`],
        ['Cf-Access-Jwt-Assertion', forged],
      ],
    })
    const { canary } = outcome
    if (canary?.partial === true)
      return run.skip('needs a canary that lists every header: harness canary node, or worker')
    const leaked = (canary?.headers ?? []).filter(([, value]) => value.includes(forged)).map(([name]) => name)
    run.expect(
      leaked.length === 0,
      'neither arrived',
      `the origin received the client’s own ${leaked.join(', ')}`,
    )
  },
)
