/**
 * `/cdn-cgi/access/login/<host>` at the team domain: a live global session goes straight back, everybody else to an identity
 * provider.
 * @module
 */
import type { AccessIdentityProvider } from '../state/access-types.ts'
import { hashOf } from '../state/ids.ts'
import type { AccountState } from '../state/types.ts'
import { type Answer, denyUser, html, message, redirect } from './answers.ts'
import { readGlobalSession } from './app-token.ts'
import { orgAudience } from './claims.ts'
import type { AccessContext, Destination, Session } from './context.ts'
import { alwaysPrivate, cookieNames, cookieOf } from './cookies.ts'
import { allOf, type Coverage } from './directory.ts'
import { factsOf } from './facts.ts'
import { authorizationUrl, createLoginSecrets } from './oidc.ts'
import { loginPage } from './pages.ts'
import { edgeUrl, isLocalTarget, localTarget, queryOf } from './paths.ts'
import { loginParts, userDecision } from './policies.ts'
import { randomToken } from './random.ts'
import type { AccessRequest, Headers } from './types.ts'
import { verifyToken } from './verify.ts'

/** Where the team domain is. */
export interface Team {
  account: AccountState
  authDomain: string
}

const sessionLifetime = 4 * 3_600_000
const loginPatience = 10 * 60_000
const admissionPatience = 60_000

/** Answers the login URL. @param hostname the application's, from the path. */
export async function login(
  request: AccessRequest,
  hostname: string,
  team: Team,
  context: AccessContext,
): Promise<Answer> {
  const query = queryOf(request.target)
  const aud = query.get('kid') ?? ''
  const find = (): Coverage | undefined =>
    context.directory.on(hostname).find(({ application }) => application.aud === aud)
  if (find()?.account !== team.account)
    return message(404, 'Unknown application', 'Unable to find your Access application.')
  const asked = query.get('redirect_url') ?? '/'
  if (!isLocalTarget(asked) && !context.faults.has('access.open-redirect'))
    return message(400, 'Bad request', 'Invalid redirect URL.')
  const sent = await sentFrom(query.get('meta'), { aud, hostname }, team, context)
  const session = await readGlobalSession(
    request.headers,
    team.account,
    team.authDomain,
    orgAudience(team.account),
    context,
  )
  // Looked up again: it may have changed meanwhile.
  const coverage = find()
  if (coverage === undefined)
    return message(404, 'Unknown application', 'Unable to find your Access application.')
  // A login URL that no browser of ours was sent to: it starts where all logins start.
  if (sent === undefined) return redirect(edgeUrl(hostname, request.port, localTarget(asked)))
  const destination = { aud, hostname, redirectUrl: asked, ...sent }
  const headers: Headers = [['CF-Access-Domain', coverage.application.domains[0] ?? '']]
  const providers = providersOf(coverage)
  if (session !== undefined && isOffered(session.session, providers))
    return withHeaders(admit(request, coverage, destination, session, context), headers)
  return withHeaders(await choose(request, { coverage, providers, destination, team }, context), headers)
}

const withHeaders = (answer: Answer, headers: Headers): Answer => ({
  ...answer,
  headers: [...answer.headers, ...headers],
})

const isOffered = ({ identity }: Session, providers: readonly AccessIdentityProvider[]): boolean =>
  providers.some(({ id }) => id === identity.identityProviderId)

/** What `meta` says about the request at the application; undefined unless it was made for that and its hostname. */
async function sentFrom(
  meta: string | null,
  { aud, hostname }: { aud: string; hostname: string },
  { account, authDomain }: Team,
  context: AccessContext,
): Promise<Pick<Destination, 'appSessionHash' | 'certificate'> | undefined> {
  if (meta === null) return undefined
  const expectation = { account, authDomain, type: 'meta', audiences: [aud] } as const
  const claims = await verifyToken(meta, expectation, context)
  const { app_session_hash: appSessionHash, auth_status: status, common_name: name } = claims ?? {}
  if (claims?.hostname !== hostname || typeof appSessionHash !== 'string') return undefined
  const commonName = typeof name === 'string' && name !== '' ? name : undefined
  // The claims say no more of the certificate.
  const certificate = status === 'SUCCESS' ? { commonName, subject: '', alternative: [] } : undefined
  return { appSessionHash, certificate }
}

/** Identity providers people may log in with at an application: the listed ones, or all. One-time PINs are not sent. */
export function providersOf({ application, objects }: Coverage): AccessIdentityProvider[] {
  const { allowed_idps: allowed = [] } = application.settings
  return allOf(objects, 'identityProviders').filter(
    ({ id, type }) => type === 'oidc' && (allowed.length === 0 || allowed.includes(id)),
  )
}

interface Choice {
  coverage: Coverage
  providers: readonly AccessIdentityProvider[]
  destination: Destination
  team: Team
}

async function choose(request: AccessRequest, choice: Choice, context: AccessContext): Promise<Answer> {
  const { coverage, providers } = choice
  const [only, ...others] = providers
  if (only === undefined)
    return message(403, 'Unable to log in', 'No identity provider is set up for this application.')
  const chosen = queryOf(request.target).get('idp')
  const provider =
    chosen === null
      ? others.length === 0 && coverage.application.settings.auto_redirect_to_identity === true
        ? only
        : undefined
      : providers.find(({ id }) => id === chosen)
  if (provider !== undefined) return begin(request, choice, provider, context)
  if (chosen !== null) return message(400, 'Bad request', 'This identity provider is not available here.')
  const here = (id: string): string => {
    const query = queryOf(request.target)
    query.set('idp', id)
    return `${request.target.split('?', 1)[0]}?${query}`
  }
  const choices = providers.map(({ id, name }) => ({ name, url: here(id) }))
  return html(200, loginPage(coverage.application.name, choices))
}

async function begin(
  request: AccessRequest,
  { destination, team }: Choice,
  provider: AccessIdentityProvider,
  context: AccessContext,
): Promise<Answer> {
  const { store, logins } = context
  const secrets = await createLoginSecrets(provider, context.faults)
  const url = authorizationUrl(provider, secrets, callbackUrl(team, request.port))
  if (url === undefined) return providerFailure()
  const known = cookieOf(request.headers, cookieNames.session)
  // Kept where there is one: several logins may be under way in one browser.
  const session = known !== undefined && /^[A-Za-z0-9_-]{43}$/.test(known) ? known : randomToken()
  const now = store.now()
  logins.set(
    secrets.state,
    {
      ...destination,
      accountId: team.account.id,
      identityProviderId: provider.id,
      sessionHash: hashOf(session),
      nonce: secrets.nonce,
      codeVerifier: secrets.codeVerifier,
    },
    now + loginPatience,
  )
  return redirect(url, [alwaysPrivate(cookieNames.session, session, now + sessionLifetime)])
}

/** The redirect URI registered at identity providers. */
export const callbackUrl = ({ authDomain }: Team, port: number): string =>
  edgeUrl(authDomain, port, '/cdn-cgi/access/callback')

/** Whatever went wrong between Access and the identity provider. Its status on the real edge was not found. */
export const providerFailure = (): Answer =>
  message(400, 'Unable to log in', 'Failed to fetch user/group information from the identity provider')

/** Policies are asked; whoever passes fetches the token at the application. */
export function admit(
  request: AccessRequest,
  coverage: Coverage,
  destination: Destination,
  { nonce: orgNonce, session }: { nonce: string; session: Session },
  context: AccessContext,
): Answer {
  const { faults, admissions, store } = context
  const { certificate } = destination
  const facts = { ...factsOf(request, destination.hostname, undefined, context), certificate }
  const who = { kind: 'logging-in', identity: session.identity } as const
  const policy = userDecision(coverage, facts, who, faults)
  if (policy === undefined) return denyUser(request, coverage)
  const nonce = randomToken()
  const state = randomToken()
  const parts = loginParts(coverage, session.identity, faults)
  admissions.set(
    nonce,
    { ...destination, state, orgNonce, policyId: policy.id, parts },
    store.now() + admissionPatience,
  )
  const target = `/cdn-cgi/access/authorized?${new URLSearchParams({ nonce, state })}`
  return redirect(edgeUrl(destination.hostname, request.port, target))
}
