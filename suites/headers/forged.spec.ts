import { randomBytes } from 'node:crypto'
import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import type { Try } from '../../fixtures/environment.ts'
import { publicSibling } from '../../fixtures/needs.ts'
import { canonicalName, originHeader } from '../../harness/probe/canary.ts'
import type { CanaryReply } from '../../harness/probe/types.ts'
import { stripHeaders } from '../remedies.ts'

const base = {
  severity: 'critical',
  kind: 'must',
  profile: 'default',
  needs: ['mtls', 'valid', 'canary', 'forwarded:status'],
  remediation: stripHeaders,
} as const satisfies Partial<CheckMeta>

/** A value that nothing but this request can have put there. */
const forgedValue = (): string => `forged-${randomBytes(6).toString('hex')}`

const statusName = (run: CheckContext): string => run.target.mtls?.forwarded.status ?? ''

/** A canary that lists some headers only cannot show that one is absent. */
const partly = (run: CheckContext): never =>
  run.skip('needs a canary that lists every header: harness canary node, or worker')

/** The forged value must not have arrived under any name; the status must be the edge's own, once. */
function onlyTheEdges(run: CheckContext, canary: CanaryReply | undefined, forged: string): void {
  if (canary?.partial === true) partly(run)
  const headers = canary?.headers ?? []
  const leaked = headers.filter(([, value]) => value.includes(forged)).map(([name]) => name)
  run.expect(
    leaked.length === 0,
    'the forged value did not arrive',
    `the origin received the client’s own ${leaked.join(', ')}`,
  )
  const told = canary === undefined ? [] : originHeader(canary, statusName(run))
  run.expect(
    told.length === 1,
    `one ${statusName(run)}: “${told[0] ?? ''}”`,
    `the origin received ${statusName(run)} ${told.length} times`,
  )
}

interface Forgery {
  id: string
  title: string
  grounds: string[]
  why: string
  sends: string
  fault: string
  headers: (name: string, forged: string) => [string, string][]
  alpn?: 'h2'
}

const forgeries: Forgery[] = [
  {
    id: 'forged-status',
    title: 'the client’s own status header does not reach the origin',
    grounds: ['RFC 9440 §2.4 and §4 (does not fail safe)', 'CVE-2026-30851 (Caddy)', 'catalogue HDR-03'],
    why: 'The origin believes this header. If the client’s copy arrives, anybody is whoever they say.',
    sends: 'A valid certificate and the status header with a value of our own.',
    fault: 'edge.passes-client-status',
    headers: (name, forged) => [[name, forged]],
  },
  {
    id: 'underscore',
    title: 'a status header spelled with underscores does not reach the origin',
    grounds: [
      'CVE-2025-64484 (oauth2-proxy)',
      'CVE-2026-52845 (Caddy)',
      'CVE-2026-54763 (Traefik)',
      'catalogue HDR-06',
    ],
    why: 'CGI and many frameworks map - and _ to the same variable: the origin cannot tell the edge’s header from the client’s.',
    sends: 'Every forwarded header with _ in place of every -, and in place of each one alone.',
    fault: 'edge.passes-underscore',
    headers: (name, forged) => [
      [name.replaceAll('-', '_'), forged],
      ...[...name.matchAll(/-/g)].map(({ index }): [string, string] => [
        `${name.slice(0, index)}_${name.slice(index + 1)}`,
        forged,
      ]),
    ],
  },
  {
    id: 'case',
    title: 'a status header in another case does not reach the origin',
    grounds: ['RFC 9110 §5.1 (names are case-insensitive)', 'CVE-2026-33433 (Traefik)', 'catalogue HDR-07'],
    why: 'Header names are the same in every case; removal by exact text is not.',
    sends: 'The status header in upper case and in mixed case.',
    fault: 'edge.passes-upper-case',
    headers: (name, forged) => [
      [name.toUpperCase(), forged],
      [name.replace(/(^|-)\w/g, (part) => part.toUpperCase()), forged],
    ],
  },
  {
    id: 'duplicate',
    title: 'of a status header sent twice neither copy reaches the origin',
    grounds: [
      'CVE-2021-41130 (ESPv1 replaced only the first)',
      'RFC 9440 §2.2 (singleton)',
      'catalogue HDR-08',
    ],
    why: 'Replacing the first occurrence leaves the second; origins differ on which one counts.',
    sends: 'The status header twice.',
    fault: 'edge.passes-second-copy',
    headers: (name, forged) => [
      [name, forged],
      [name, forged],
    ],
  },
  {
    id: 'http2',
    title: 'HTTP/2: the client’s own status header does not reach the origin',
    grounds: ['RFC 9440 §2.4', 'catalogue HDR-05'],
    why: 'Another code path, another chance to forget.',
    sends: 'Over HTTP/2: a valid certificate and the status header with a value of our own.',
    fault: 'edge.passes-on-h2',
    headers: (name, forged) => [[name, forged]],
    alpn: 'h2',
  },
]

for (const { id, fault, headers, alpn, ...texts } of forgeries) {
  check(
    `headers.${id}`,
    {
      ...base,
      ...texts,
      needs: alpn === undefined ? base.needs : [...base.needs, 'h2'],
      killedBy: [fault],
      expects: 'The origin receives exactly one status header: the edge’s.',
    },
    async (run) => {
      const forged = forgedValue()
      const wanted: Try = {
        identity: await run.identity('valid'),
        headers: Object.values(run.target.mtls?.forwarded ?? {}).flatMap((name) => headers(name, forged)),
        ...(alpn === undefined ? {} : { alpn }),
      }
      const outcome = await run.attempt(wanted)
      // Refusing such a request outright is as good as cleaning it.
      if (outcome.verdict === 'refused' && outcome.http?.status === 400)
        return run.hold('refused with HTTP 400')
      if (outcome.verdict !== 'allowed') return run.inconclusive(outcome.summary)
      onlyTheEdges(run, outcome.canary, forged)
    },
  )
}

check(
  'headers.forged-later',
  {
    ...base,
    title: 'on a connection that was found good the status of a later request is the edge’s, too',
    severity: 'high',
    grounds: ['RFC 9440 §2.4', 'catalogue MOD-12', 'catalogue HDR-21'],
    killedBy: [
      'edge.passes-on-later-requests',
      'edge.passes-client-status',
      'edge.status-first-request-only',
    ],
    why: 'Where the verdict is worked out once per connection the requests behind it are passed on as they come, with whatever the client has written.',
    sends:
      'On one connection with a valid certificate: a plain request, then one with the status header and a value of our own.',
    expects: 'The origin receives exactly one status header with the second request: the edge’s.',
  },
  async (run) => {
    const forged = forgedValue()
    const identity = await run.identity('valid')
    const further = [{ headers: [[statusName(run), forged] as [string, string]] }]
    const first = await run.control({ identity, further, label: 'plain, then forged' })
    const [second] = first.followUps
    if (second?.http === undefined) return run.skip('the server closes after one request')
    if (second.verdict === 'refused' && second.http.status === 400) return run.hold('refused with HTTP 400')
    if (second.verdict !== 'allowed') return run.inconclusive(second.summary)
    onlyTheEdges(run, second.canary, forged)
  },
)

check(
  'headers.forged-without-certificate',
  {
    ...base,
    title: 'a forged status does not replace a certificate',
    needs: ['mtls', 'valid', 'forwarded:status'],
    grounds: ['RFC 9440 §4', 'catalogue HDR-03'],
    killedBy: ['edge.trusts-client-status'],
    why: 'An edge or origin that looks at the header before it looks at the connection can be talked into it.',
    sends: 'No certificate, and every forwarded header set to what a valid certificate would give.',
    expects: 'Refused as without the headers; in report mode passed with status none.',
  },
  async (run) => {
    await run.onlyIfClosed()
    const { forwarded, statusValues } = run.target.mtls ?? {}
    const headers = Object.entries(forwarded ?? {}).map(([field, name]): [string, string] => [
      name,
      field === 'status' ? (statusValues?.valid ?? 'valid') : 'forged',
    ])
    await run.rejected('none', { headers, label: 'forged headers' }, await run.validTwin())
  },
)

/** Names that origins of other products trust (RFC 9440, Envoy, nginx and AWS habits). */
const commonNames = [
  'Client-Cert',
  'Client-Cert-Chain',
  'X-Forwarded-Client-Cert',
  'Cf-Client-Cert-Der-Base64',
  'Cf-Client-Cert-Sha256',
]

check(
  'headers.certificate-headers',
  {
    ...base,
    severity: 'medium',
    kind: 'should',
    title: 'no other certificate header of the client reaches the origin',
    grounds: ['RFC 9440 §2.4', 'catalogue HDR-04'],
    killedBy: ['edge.passes-certificate-headers'],
    why: 'Frameworks read the standard names whether or not this deployment uses them.',
    sends: `A valid certificate and ${commonNames.join(', ')} with values of our own.`,
    expects: 'None of them arrives with our value.',
  },
  async (run) => {
    const forged = forgedValue()
    const headers = commonNames.map((name): [string, string] => [name, forged])
    const { canary } = await run.control({ identity: await run.identity('valid'), headers })
    if (canary?.partial === true) partly(run)
    const leaked = (canary?.headers ?? []).filter(([, value]) => value.includes(forged)).map(([name]) => name)
    run.expect(
      leaked.length === 0,
      'none arrived',
      `the origin received the client’s own ${leaked.join(', ')}`,
    )
  },
)

check(
  'headers.connection-listed',
  {
    ...base,
    severity: 'high',
    title: 'a Connection field cannot make the edge drop its own status header',
    grounds: [
      'RFC 9110 §7.6.1',
      'CVE-2024-45410 and CVE-2026-29054 (Traefik)',
      'CVE-2022-31813 (httpd)',
      'catalogue HDR-09',
    ],
    killedBy: ['edge.connection-strips-status'],
    why: 'Fields named in Connection are removed before forwarding. Where that happens after the edge has set its header, the client chooses that the origin hears nothing, and origins that treat “missing” as “internal” let it in.',
    sends: 'A valid certificate and `Connection: close, <status header>`.',
    expects: 'The origin still receives exactly one status header.',
  },
  async (run) => {
    const headers: [string, string][] = [['Connection', `close, ${statusName(run)}`]]
    const { canary } = await run.control({ identity: await run.identity('valid'), headers })
    const told = canary === undefined ? [] : originHeader(canary, statusName(run))
    run.expect(
      told.length === 1,
      `one ${statusName(run)}: “${told[0] ?? ''}”`,
      `the origin received ${statusName(run)} ${told.length} times`,
    )
  },
)

check(
  'headers.forged-on-public-sibling',
  {
    ...base,
    title: 'on a hostname without client certificates forged headers are removed too',
    needs: ['mtls', 'forwarded:status', 'public-sibling'],
    grounds: ['RFC 9440 §2.4 (also where client authentication was not negotiated)', 'catalogue HDR-05'],
    killedBy: ['edge.passes-client-status-on-public'],
    why: 'Two hostnames, one origin: the public one is the way in, if its edge does not clean what the protected one’s does.',
    sends: 'A request to the public sibling with every forwarded header set to a value of our own.',
    expects: 'None of them arrives at the origin.',
  },
  async (run) => {
    const target = publicSibling(run.deployment)
    if (target?.canary === undefined) return run.skip('needs the canary on the public sibling')
    const forged = forgedValue()
    const names = Object.values(run.target.mtls?.forwarded ?? {})
    const headers = names.map((name): [string, string] => [name, forged])
    const { canary } = await run.control({ target, headers })
    const wanted = new Set(names.map(canonicalName))
    if (canary?.partial === true) partly(run)
    const leaked = (canary?.headers ?? []).filter(
      ([name, value]) => wanted.has(canonicalName(name)) && value.includes(forged),
    )
    run.expect(
      leaked.length === 0,
      'none arrived',
      `the origin received the client’s own ${leaked.map(([name]) => name).join(', ')}`,
    )
  },
)
