/**
 * Access as the edge sees it.
 * @module
 */
import { echoedSecret } from './admission-faults.ts'
import { type Answer, message } from './answers.ts'
import { matchClaims } from './claims.ts'
import { type AccessContext, type AccessGateOptions, createContext } from './context.ts'
import { type Coverage, transferHostname } from './directory.ts'
import { accessPath, applicationEndpoint, teamEndpoint, transferEndpoint } from './endpoints.ts'
import { onlyValueOf } from './headers.ts'
import { protect } from './protect.ts'
import { beginSession } from './seed-session.ts'
import { sign } from './signing.ts'
import type { AccessDecision, AccessGate, AccessRequest, Headers } from './types.ts'

/** Access with what only the lab itself may do. */
export interface LabAccessGate extends AccessGate {
  /**
   * Logs somebody in at the team domain, as if the account's first identity provider had said so.
   * @returns the global session, a JWT; undefined where the account has no identity provider or no team domain.
   */
  begin(accountId: string, email: string): Promise<string | undefined>
}

/** Access of one lab. */
export function createAccessGate(options: AccessGateOptions): LabAccessGate {
  const context = createContext(options)
  return {
    begin: (accountId, email) => beginSession(accountId, email, context),
    concerns: (hostname) => context.directory.concerns(hostname.toLowerCase()),
    async decide(request) {
      try {
        return await decide(request, context)
      } catch {
        // Closed, and without details: what failed may have been about somebody's token.
        return failure()
      }
    },
    async close() {
      context.transfers.close()
    },
  }
}

const failure = (): Answer => message(500, 'Internal error', 'Access could not decide about this request.')

async function decide(request: AccessRequest, context: AccessContext): Promise<AccessDecision> {
  const { directory } = context
  const { hostname, target } = request
  if (hostname === transferHostname) return transferEndpoint(request, context)
  const account = directory.team(hostname)
  if (account !== undefined) return teamEndpoint(request, account, context)
  const coverages = directory.on(hostname)
  if (coverages.length > 0 && target.startsWith(accessPath))
    return applicationEndpoint(request, coverages, context)
  const coverage = directory.covering(hostname, target)
  if (coverage === undefined) return { kind: 'not-covered' }
  const decision = await protect(request, coverage, context)
  const added = [...(await metadata(request, coverage, context)), ...echoedSecret(request, context.faults)]
  return withHeaders(decision, added)
}

/** What cloudflared from 2026.8.0 on asks for with any request; the status of the answer does not matter to it. */
async function metadata(
  { headers, hostname }: AccessRequest,
  { account, application, authDomain, pattern }: Coverage,
  { store }: AccessContext,
): Promise<Headers> {
  if (onlyValueOf(headers, 'cf-access-metadata-request') !== 'true' || authDomain === undefined) return []
  const claims = matchClaims(store.now(), {
    hostname,
    authDomain,
    aud: application.aud,
    appHostname: pattern.host,
  })
  return [['cf-access-metadata', await sign(account, claims, store)]]
}

function withHeaders(decision: AccessDecision, headers: Headers): AccessDecision {
  if (headers.length === 0 || decision.kind === 'not-covered') return decision
  return decision.kind === 'pass'
    ? { ...decision, answerHeaders: [...decision.answerHeaders, ...headers] }
    : { ...decision, headers: [...decision.headers, ...headers] }
}
