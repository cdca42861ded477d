/**
 * Team and application of a hostname behind Access, as it tells everybody who comes without credentials.
 * @module
 */
import type { AccessFacts } from '../../reports/types.ts'
import { answerHeader, isAudience, isTeamDomain, readAccessAnswer } from '../deployment/access-answer.ts'
import type { Deployment, Target } from '../deployment/types.ts'
import type { Attempt, HttpAnswer, Outcome } from '../probe/types.ts'

/**
 * Looks for Access in answers that were had anyway, and asks once more only where one of them turned somebody away without
 * naming a team. Null: no sign of Access.
 * @param probe makes one attempt on the hostname, with these changes.
 */
export async function observeAccess(
  target: Target,
  seen: readonly Outcome[],
  probe: (extra: Partial<Attempt>) => Promise<Outcome>,
): Promise<AccessFacts | null> {
  const answers = seen.flatMap(({ http }) => http ?? [])
  const told = tellsAccess(answers, target)
  if (told !== null) return told
  if (!answers.some((http) => readAccessAnswer(http)?.kind === 'denied')) return null
  const { http } = await probe({ method: 'HEAD', headers: [['cf-access-metadata-request', 'true']] })
  return http === undefined ? null : tellsAccess([http], target)
}

/** What answers tell: by a login, or by `cf-access-metadata`. Pure. */
export function tellsAccess(answers: readonly HttpAnswer[], target: Target): AccessFacts | null {
  for (const http of answers) {
    const { kind, team, port = 443, audience = null } = readAccessAnswer(http) ?? {}
    if (kind === 'login' && team !== undefined) {
      const because = `a request without credentials is sent to log in at ${team} (HTTP ${http.status})`
      return { team, port, audience, because }
    }
  }
  return answers.map((http) => readMetadata(http, target)).find((one) => one !== undefined) ?? null
}

/**
 * `cf-access-metadata` is a JWT about this hostname (cloudflared from 2026.8.0 on finds team and application in it). Its
 * signature is not verified here: it names whose keys will have to. It names no port: an edge that is reached at a given
 * address and port is taken to serve its teams there too.
 */
function readMetadata(http: HttpAnswer, { hostname, address, port }: Target): AccessFacts | undefined {
  const [token, ...more] = answerHeader(http, 'cf-access-metadata')
  const claims = token === undefined || more.length > 0 ? undefined : claimsOf(token)
  if (claims === undefined || claims.type !== 'match' || claims.hostname !== hostname) return undefined
  const { auth_domain: team, aud } = claims
  if (typeof team !== 'string' || !isTeamDomain(team)) return undefined
  const audience = typeof aud === 'string' && isAudience(aud) ? aud : null
  return {
    team,
    port: address === undefined ? 443 : port,
    audience,
    because: `its cf-access-metadata names ${team}`,
  }
}

function claimsOf(token: string): Record<string, unknown> | undefined {
  const [, payload] = token.split('.')
  try {
    const value: unknown = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/**
 * The deployment with the Access that was seen, where its file (or no file) says nothing about Access on its hostname. The
 * team domain is resolved, except where it has a port of its own: that is the edge which was asked.
 */
export function withObservedAccess(deployment: Deployment, seen: AccessFacts | null | undefined): Deployment {
  const { target } = deployment
  if (seen === null || seen === undefined || target.access !== undefined) return deployment
  const { team, port, audience } = seen
  const sameEdge = port !== 443 && port === target.port && target.address !== undefined
  const access: Target['access'] = {
    team,
    teamPort: port,
    ...(sameEdge && target.address !== undefined ? { teamAddress: target.address } : {}),
    ...(audience === null ? {} : { audience }),
    with: target.mtls?.mode === 'enforce' ? 'access-and-mtls' : 'access',
  }
  return { ...deployment, target: { ...target, access } }
}
