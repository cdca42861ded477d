/**
 * `/cdn-cgi/access/cli`: the browser's half of `cloudflared access login` (cloudflared token/transfer.go).
 * @module
 */
import { type Answer, message, toLogin } from './answers.ts'
import { readLogin } from './app-token.ts'
import { orgAudience, userClaims } from './claims.ts'
import type { AccessContext } from './context.ts'
import type { Coverage } from './directory.ts'
import { queryOf } from './paths.ts'
import { sign } from './signing.ts'
import type { AccessRequest } from './types.ts'

/** Sends the tokens of whoever is logged in to the key in the URL; sends others to log in first. */
export async function cli(request: AccessRequest, context: AccessContext): Promise<Answer> {
  const query = queryOf(request.target)
  const aud = query.get('aud') ?? ''
  const coverage = context.directory.on(request.hostname).find(({ application }) => application.aud === aud)
  if (coverage === undefined)
    return message(404, 'Unknown application', 'Unable to find your Access application.')
  const login = await readLogin(request.headers, [coverage], context)
  if (login.kind !== 'user') return toLogin(request, coverage, context)
  const org =
    query.get('send_org_token') === 'true'
      ? await orgToken(login.session.app?.orgNonce, coverage, context)
      : undefined
  const content = { app_token: login.token, ...(org === undefined ? {} : { org_token: org }) }
  if (!context.transfers.put(query.get('token') ?? '', content))
    return message(400, 'Bad request', 'The token to transfer to is not a public key.')
  return message(200, 'Success', 'You are logged in. Close this window and return to your terminal.')
}

/** The global session's token once more: the application's hostname has no cookie of it. */
async function orgToken(
  nonce: string | undefined,
  { account, authDomain }: Coverage,
  { sessions, store }: AccessContext,
): Promise<string | undefined> {
  const session = nonce === undefined ? undefined : sessions.get(nonce)
  if (session === undefined || nonce === undefined || authDomain === undefined) return undefined
  const issue = { authDomain, now: store.now(), expiresAt: session.expiresAt }
  return sign(account, userClaims(issue, session, nonce, orgAudience(account)), store)
}
