import { check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import { publicSiblings } from '../../fixtures/targets.ts'
import type { Target } from '../../harness/deployment/types.ts'
import type { Outcome } from '../../harness/probe/types.ts'
import { thisHostOnly } from '../remedies.ts'

/** Siblings that are asked: one connection each. */
const most = 10

/** Statuses that turn somebody away for who they are, and what nginx says of certificates. */
const refusing: ReadonlySet<number> = new Set([401, 403, 421, 495, 496])

/** Turned away: by TLS, in words about certificates, by a status for it, or with the very page of the protected hostname. */
function isTurnedAway({ verdict, http, attribution, code }: Outcome, usual: Outcome): boolean {
  if (http === undefined) return verdict === 'refused'
  if (verdict !== 'refused' || code === 'http-redirect') return false
  if (attribution === 'explicit' || refusing.has(http.status)) return true
  return http.body.length > 0 && usual.http?.status === http.status && usual.http.body.equals(http.body)
}

check(
  'reach.public-siblings',
  {
    title: 'public siblings answer without a certificate',
    severity: 'high',
    kind: 'must',
    profile: 'quick',
    needs: ['enforce', 'public-sibling'],
    grounds: ['HAProxy configuration manual: http-request in a frontend holds for all it serves'],
    killedBy: ['edge.public-refused', 'edge.handshake-fails', 'edge.not-listening'],
    why: 'A rule for one hostname that stands where several are served turns away the visitors of the others. The protected one looks perfect then, and the site is down.',
    sends: `One request without a certificate to each sibling (the first ${most}) that has no client certificates and no Access.`,
    expects:
      'Any answer in HTTP that is not a refusal. Where `mtls.mode` of a sibling is not given, a refusal decides nothing.',
    remediation: thisHostOnly,
  },
  async (run) => {
    const siblings = publicSiblings(run.deployment).slice(0, most)
    if (siblings.length === 0) return run.skip('needs siblings: a hostname without client certificates')
    for (const sibling of siblings) await answersEverybody(run, sibling)
  },
)

async function answersEverybody(run: CheckContext, sibling: Target): Promise<void> {
  const { hostname, mtls } = sibling
  const alpn = run.onlyHttp2 ? { alpn: 'h2' as const } : {}
  const outcome = await run.attempt({ target: sibling, ...alpn, label: `nobody, ${hostname}` })
  const shown = `${hostname}: ${outcome.summary}`
  const isAway = isTurnedAway(outcome, await run.usual())
  if (isAway && mtls === undefined)
    run.inconclusive(
      shown,
      'is it public, and turned away with the rest, or protected as well? Say so: siblings: [{ hostname, mtls: { mode: off } }], or enforce',
      outcome,
    )
  const status = outcome.http?.status
  if (!isAway && (status === undefined || status >= 500)) run.inconclusive(shown, '', outcome)
  run.expect(!isAway, `${hostname}: HTTP ${status ?? 'none'}`, shown, outcome)
}
