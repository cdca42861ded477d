import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import type { Try } from '../../fixtures/environment.ts'
import { otherSibling, publicSibling } from '../../fixtures/needs.ts'
import { rawHttp2 } from '../../fixtures/raw-http2.ts'
import type { Target } from '../../harness/deployment/types.ts'
import type { Outcome } from '../../harness/probe/types.ts'
import type { Field } from '../../harness/wire/http2/hpack.ts'
import { bindNames } from '../remedies.ts'
import { likeUsual } from '../usual.ts'
import { cannotTell, doorOf, elsewhere, hostsSeen, type IsPage, pageBehind } from './elsewhere.ts'

const base = {
  severity: 'critical',
  kind: 'must',
  profile: 'default',
  remediation: bindNames,
} as const satisfies Partial<CheckMeta>

/** What answers are compared with. */
interface Known {
  control: Outcome | undefined
  /** The public sibling's page, asked for once, and only where an answer decides nothing by itself; undefined: no sibling. */
  page: () => Promise<IsPage> | undefined
}

function knownOf(run: CheckContext, control: Outcome | undefined): Known {
  const sibling = publicSibling(run.deployment)
  let asked: Promise<IsPage> | undefined
  const page = (): typeof asked => {
    if (sibling !== undefined) asked ??= pageBehind(run, doorOf(sibling))
    return asked
  }
  return { control, page }
}

/** The public sibling, and what is known around it: the good twin where there is one. */
async function around(run: CheckContext): Promise<{ sibling: Target; known: Known }> {
  const sibling = publicSibling(run.deployment) ?? run.skip('needs siblings')
  await run.onlyIfClosed()
  const twin = await run.validTwin()
  return { sibling, known: knownOf(run, twin === undefined ? undefined : await run.control(twin)) }
}

/** Only getting in counts: 421, any refusal and the sibling’s own content are answers. */
async function notIn(
  run: CheckContext,
  outcome: Outcome,
  { control, page }: Known,
  what: string,
): Promise<void> {
  const shown = `${what}: ${outcome.summary}`
  if (outcome.http !== undefined && elsewhere(run, control)(outcome)) {
    run.hold(`${what}: other content`)
    return
  }
  const isProven = outcome.verdict === 'allowed' && run.recognisable
  const isSiblings = outcome.verdict === 'refused' || isProven ? undefined : await page()
  if (isSiblings !== undefined) {
    const its = isSiblings(outcome)
    if (its === true) return run.hold(`${what}: the sibling’s own content`)
    if (its === undefined) run.inconclusive(shown, cannotTell, outcome)
  }
  if (outcome.verdict === 'inconclusive') run.inconclusive(shown, undefined, outcome)
  if (outcome.verdict === 'allowed') run.reached = true
  run.expect(outcome.verdict !== 'allowed', shown, shown, outcome)
}

for (const [alpn, http, faults] of [
  ['http/1.1', 'HTTP/1.1', ['edge.reuse-opens-http1']],
  ['h2', 'HTTP/2', ['edge.reuse-opens-http2', 'edge.routes-by-authority']],
] as const) {
  check(
    `tls.reuse-${alpn === 'h2' ? 'http2' : 'http1'}`,
    {
      ...base,
      title: `${http}: a connection to a public sibling does not open the protected hostname later`,
      needs: ['enforce', 'public-sibling', ...(alpn === 'h2' ? (['h2'] as const) : [])],
      grounds: ['RFC 9113 §9.1.1', 'RFC 9110 §7.4, §15.5.20 (421)', 'catalogue TLS-21'],
      killedBy: [...faults, 'edge.routes-by-host'],
      why: 'Browsers reuse a connection for every name its certificate covers. A server that asked for no certificate on that connection and looks at names on its first request only serves the protected hostname to whoever came for the public one.',
      sends: `A handshake and a request for the public sibling, no certificate; then, on the same ${http} connection, a request for the protected hostname.`,
      expects: '421 or any refusal, or the sibling’s own content.',
    },
    async (run) => {
      const { sibling, known } = await around(run)
      const wanted: Try = {
        servername: sibling.hostname,
        host: sibling.hostname,
        alpn,
        further: [{ host: run.target.hostname, path: '{canary}' }],
        label: `for ${sibling.hostname}, then for ${run.target.hostname}`,
      }
      const first = await run.attempt(wanted)
      const second = first.followUps[0] ?? (await run.attempt(wanted)).followUps[0]
      if (second === undefined) return run.inconclusive(first.summary, 'the sibling did not answer')
      await notIn(run, second, known, 'the second request')
    },
  )
}

check(
  'tls.authority-http2',
  {
    ...base,
    title: 'HTTP/2: the :authority of the protected hostname does not open it behind a public SNI',
    needs: ['enforce', 'public-sibling', 'h2'],
    grounds: ['RFC 9113 §8.3.1', 'RFC 9110 §15.5.20 (421)', 'catalogue TLS-20'],
    killedBy: ['edge.routes-by-authority', 'edge.routes-by-host'],
    why: 'Comparing SNI with Host is often written for the Host field. HTTP/2 has none: where the comparison finds nothing it is passed over, and :authority routes.',
    sends:
      'A handshake with the public sibling’s SNI and no certificate; one HTTP/2 request whose :authority is the protected hostname.',
    expects: '421 or any refusal, or the sibling’s own content.',
  },
  async (run) => {
    const { sibling, known } = await around(run)
    const wanted = { servername: sibling.hostname, host: run.target.hostname, alpn: 'h2' } as const
    await notIn(run, await run.attempt({ ...wanted, label: `SNI ${sibling.hostname}` }), known, 'the request')
  },
)

/** A GET with these names in place of `:authority`. */
const get = (...names: Field[]): Field[] => [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':path', '{canary}'],
  ...names,
]

check(
  'tls.authority-and-host',
  {
    ...base,
    title: 'HTTP/2: a host field that contradicts :authority opens nothing',
    severity: 'high',
    needs: ['enforce', 'public-sibling', 'h2'],
    grounds: ['RFC 9113 §8.3.1 (must not differ)', 'catalogue TLS-20'],
    killedBy: ['edge.routes-by-host-field'],
    why: 'Two names in one request, and two parts of a proxy that each read one: the policy goes by :authority, the route by host, or the other way round.',
    sends:
      'Written by hand, with the public sibling’s SNI and no certificate: :authority of the sibling with a host field of the protected hostname; the two exchanged; :authority twice.',
    expects: '400, 421, a stream error or any refusal, or the sibling’s own content.',
  },
  async (run) => {
    const { sibling, known } = await around(run)
    const [own, other]: [string, string] = [run.target.hostname, sibling.hostname]
    for (const [what, fields] of [
      ['host of the protected hostname', get([':authority', other], ['host', own])],
      [':authority of the protected hostname', get([':authority', own], ['host', other])],
      [':authority twice', get([':authority', other], [':authority', own])],
    ] as const) {
      const outcome = await rawHttp2(run, { servername: other, fields, label: what })
      await notIn(run, outcome, known, what)
    }
  },
)

check(
  'tls.without-authority',
  {
    ...base,
    title: 'HTTP/2: a request without :authority meets the same closed door',
    severity: 'high',
    needs: ['enforce', 'h2'],
    grounds: ['RFC 9113 §8.3.1 (host in place of :authority)', 'catalogue TLS-20'],
    killedBy: ['edge.open-without-authority', 'edge.h2-open'],
    why: 'A request may name its host in a host field alone. It is legal, no browser does it, and a policy that is looked up by :authority finds none to apply.',
    sends:
      'Written by hand, with the right SNI and no certificate: a host field and no :authority; neither of the two.',
    expects: 'Refused, as any request without a certificate; 400 for the one without a name.',
  },
  async (run) => {
    await run.onlyIfClosed()
    const twin = await run.validTwin()
    if (twin !== undefined) await run.control(twin)
    const known = knownOf(run, undefined)
    for (const [what, fields] of [
      ['a host field alone', get(['host', run.target.hostname])],
      ['no name at all', get()],
    ] as const) {
      const outcome = await rawHttp2(run, { fields, label: what })
      await likeUsual(run, outcome, `${what}: ${outcome.summary}`)
      await notIn(run, outcome, known, what)
    }
  },
)

check(
  'tls.host-of-other-ca',
  {
    ...base,
    severity: 'high',
    title: 'a certificate for this hostname does not open another one with another CA',
    needs: ['enforce', 'valid', 'other-sibling', 'canary'],
    grounds: ['CVE-2025-23419', 'CVE-2025-23048 (httpd)', 'catalogue TLS-16'],
    killedBy: ['edge.routes-between-mtls-hosts'],
    why: 'Verified is verified against the CA of the SNI. Where Host then routes to another tenant, one tenant’s clients are let in to the other.',
    sends:
      'A handshake with this hostname’s SNI and a certificate that is valid here, then a request whose Host is the sibling with another CA.',
    expects: '421 or any refusal, or this hostname’s own content.',
  },
  async (run) => {
    const sibling = otherSibling(run.deployment) ?? run.skip('needs siblings')
    const identity = await run.identity('valid')
    const control = await run.control({ identity, label: 'the good twin' })
    const theirs = await run.control({
      target: sibling,
      identity: await run.identity('valid', sibling),
      label: 'the good twin of the sibling',
    })
    if (hostsSeen(control) === hostsSeen(theirs))
      return run.skip('the origin is told the same Host for both: whose application answers cannot be seen')
    const outcome = await run.attempt({ identity, host: sibling.hostname, label: `Host ${sibling.hostname}` })
    if (outcome.verdict === 'inconclusive') return run.inconclusive(outcome.summary)
    const reached = outcome.verdict === 'allowed' && hostsSeen(outcome) === hostsSeen(theirs)
    run.reached = reached
    run.expect(!reached, outcome.summary, `${sibling.hostname}: ${outcome.summary}`)
  },
)
