import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import type { Try } from '../../fixtures/environment.ts'
import { otherSibling, publicSibling, reportTarget } from '../../fixtures/needs.ts'
import type { Target } from '../../harness/deployment/types.ts'
import { originHeader } from '../../harness/probe/canary.ts'
import { confineSessions } from '../remedies.ts'
import { doorOf } from '../tls/elsewhere.ts'
import { likeUsual, type Settling } from '../usual.ts'
import { mustBeOffered, sessionOf } from './sessions.ts'

const base = {
  severity: 'critical',
  kind: 'must',
  profile: 'default',
  remediation: confineSessions,
} as const satisfies Partial<CheckMeta>

type Version = 'TLSv1.2' | 'TLSv1.3'

for (const version of ['TLSv1.2', 'TLSv1.3'] as const satisfies Version[]) {
  const n = version.slice(-3)

  check(
    `resumption.without-certificate-${n}`,
    {
      ...base,
      title: `TLS ${n}: a session begun without a certificate stays without one`,
      needs: ['mtls', version],
      grounds: ['nodejs/node#35317', 'nodejs/node PR 64677', 'catalogue RES-01'],
      killedBy:
        version === 'TLSv1.3'
          ? ['edge.resumes-without-certificate']
          : ['edge.resumes-without-certificate-1.2'],
      why: 'A resumed handshake has no Certificate message. Node reports “authorized” for such a session in TLS 1.3, although nobody ever presented anything: an application that trusts the flag lets the second connection in.',
      sends:
        'A connection without a certificate; its session, if one was issued, is resumed on a second connection.',
      expects: 'Both refused; in report mode status none both times.',
    },
    async (run) => {
      const targets = [run.target, reportTarget(run.deployment)].filter((one) => one !== undefined)
      for (const target of new Set(targets)) await resumedWithout(run, target, version)
      if (run.held === 0) run.hold('no session is issued: nothing to resume')
    },
  )

  check(
    `resumption.from-another-host-${n}`,
    {
      ...base,
      title: `TLS ${n}: a session of another hostname with another CA does not open this one`,
      needs: ['enforce', 'other-sibling', version],
      grounds: [
        'CVE-2025-23419',
        'CVE-2025-23048 (httpd)',
        'Cloudflare blog, 7 February 2025',
        'catalogue RES-03',
      ],
      killedBy: [version === 'TLSv1.3' ? 'edge.ticket-across-hosts' : 'edge.ticket-across-hosts-1.2'],
      why: 'The session carries the client’s certificate along. A server that shares ticket keys between hostnames and verifies only in full handshakes accepts tenant A’s client on tenant B.',
      sends:
        'A full handshake on the sibling with a certificate that is valid there; its session is then offered to this hostname, without presenting a certificate.',
      expects:
        'A TLS alert, 421, or a full handshake and the refusal that any request without a certificate gets.',
    },
    async (run) => {
      const sibling = otherSibling(run.deployment)
      if (sibling === undefined) return run.skip('needs siblings')
      await resumedFrom(
        run,
        sibling,
        { target: sibling, version, identity: await run.identity('valid', sibling) },
        { version },
      )
    },
  )
}

async function resumedWithout(run: CheckContext, target: Target, version: Version): Promise<void> {
  const session = await sessionOf(run, { target, version })
  if (session === undefined) return
  const resumed: Try = { target, version, session, label: 'resumed' }
  if (run.mode(target) === 'report') {
    mustBeOffered(run, await run.reported('none', resumed))
    return
  }
  await run.onlyIfClosed(target, version)
  await resumedRefused(run, resumed, await run.validTwin({ target, version }), { version })
}

async function resumedFrom(
  run: CheckContext,
  from: Target,
  wanted: Try,
  { version, ...settling }: Settling & { version: Version },
): Promise<void> {
  await run.onlyIfClosed(run.target, version)
  const session = await sessionOf(run, wanted)
  if (session === undefined) return run.hold(`${from.hostname} issues no session: nothing to resume`)
  const resumed: Try = { version, session, label: `session of ${from.hostname}` }
  await resumedRefused(run, resumed, await run.validTwin({ version }), { version, ...settling })
}

async function resumedRefused(
  run: CheckContext,
  resumed: Try,
  twin: Try | undefined,
  how: Settling,
): Promise<void> {
  const outcome = await run.refused(resumed, twin, { any: true })
  mustBeOffered(run, outcome)
  await likeUsual(run, outcome, `${resumed.label ?? ''}: ${outcome.summary}`, { ...how, twin })
}

check(
  'resumption.from-public-sibling',
  {
    ...base,
    title: 'a session of a public sibling does not open the protected hostname',
    needs: ['enforce', 'public-sibling'],
    grounds: [
      'CVE-2025-23419',
      'cloudflare-docs mtls-app-security/related-features',
      'measured: HAProxy with verify none and required in one crt-list',
      'catalogue RES-02',
    ],
    killedBy: ['edge.ticket-from-public-host'],
    why: 'With one certificate for both names a session of the public host is acceptable for the protected one, and a resumed handshake asks for nothing.',
    sends:
      'A handshake with the public sibling; its session is then offered to the protected hostname, in each TLS version.',
    expects:
      'A TLS alert, 421, or a full handshake with a CertificateRequest and the refusal that any request without a certificate gets.',
  },
  async (run) => {
    const sibling = publicSibling(run.deployment)
    if (sibling === undefined) return run.skip('needs siblings')
    for (const version of run.versions())
      await resumedFrom(run, sibling, { target: sibling, version }, { version, side: doorOf(sibling) })
  },
)

check(
  'resumption.identity',
  {
    ...base,
    severity: 'high',
    title: 'a resumed session has the identity of its own full handshake',
    needs: ['mtls', 'valid', 'valid-other', 'canary', 'forwarded:fingerprint'],
    grounds: ['RFC 8446 §4.6.1', 'httpwg/http-extensions#1992', 'catalogue RES-06', 'catalogue RES-07'],
    killedBy: ['edge.resumed-identity-of-another'],
    why: 'On a resumed connection the server must find out who this is from the session. Stacks differ in what they still know then, and a mix-up serves one client’s data to another.',
    sends:
      'A full handshake as A; one as B; then A’s session is resumed while B’s certificate is configured.',
    expects: 'The origin is told A (resumed) or B (full handshake), in agreement with what really happened.',
  },
  async (run) => {
    const name = run.target.mtls?.forwarded.fingerprint ?? ''
    const [a, b] = [await run.identity('valid'), await run.identity('valid-other')]
    const session = await sessionOf(run, { identity: a })
    if (session === undefined) return run.hold('no session is issued: nothing to mix up')
    await run.control({ identity: b, label: 'full handshake as B' })
    const again = await run.control({ session, identity: b, label: 'A’s session, B’s certificate' })
    mustBeOffered(run, again)
    const expected = again.tls?.resumed === true ? a : b
    const told = again.canary === undefined ? [] : originHeader(again.canary, name)
    run.expect(
      told.length === 1 && told[0]?.toLowerCase() === expected.fingerprint256,
      `${again.tls?.resumed === true ? 'resumed as A' : 'full handshake as B'}, and the origin was told so`,
      `${again.tls?.resumed === true ? 'resumed A’s session' : 'full handshake as B'}, but the origin was told ${told.join(', ') || 'nothing'}`,
    )
  },
)

check(
  'resumption.tickets',
  {
    ...base,
    severity: 'info',
    kind: 'observe',
    title: 'the protected hostname issues no sessions to resume',
    needs: ['mtls', 'valid'],
    grounds: ['Cloudflare blog, 7 February 2025 (resumption switched off for mTLS)', 'catalogue RES-10'],
    killedBy: [
      'edge.issues-tickets',
      'edge.long-ticket-lifetime',
      'edge.offers-early-data',
      'edge.resumes-without-certificate',
      'edge.resumes-without-certificate-1.2',
      'edge.resumed-identity-of-another',
      'edge.resumes-revoked',
    ],
    why: 'Without sessions none of the resumption flaws can exist. With them, revocation and expiry take effect only when the session ends.',
    sends: 'A connection with a valid certificate in each TLS version.',
    expects:
      'No session ticket and no session id to resume. Sessions are not a flaw by themselves: this is a note.',
  },
  async (run) => {
    for (const version of run.versions()) {
      const session = await sessionOf(run, { version, identity: await run.identity('valid') })
      run.expect(
        session === undefined,
        'no sessions are issued',
        `TLS ${version.slice(-3)} sessions are issued`,
      )
    }
  },
)
