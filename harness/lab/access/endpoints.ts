/**
 * What is below `/cdn-cgi/access/`: at applications, at team domains, and where transfers are fetched.
 * @module
 */
import type { AccountState } from '../state/types.ts'
import { type Answer, answer, json, message } from './answers.ts'
import { type Login, readGlobalSession, readLogin } from './app-token.ts'
import { authorized } from './authorized.ts'
import { callback } from './callback.ts'
import { orgAudience } from './claims.ts'
import { cli } from './cli.ts'
import type { AccessContext } from './context.ts'
import { clearedAuthorization, clearedCookie, cookieNames } from './cookies.ts'
import { type Coverage, lookUp } from './directory.ts'
import { identityAnswer } from './identity-view.ts'
import { login } from './login.ts'
import { logout } from './logout.ts'
import { pathOf } from './paths.ts'
import { parsePattern } from './patterns.ts'
import { publishedKeys } from './signing.ts'
import type { AccessRequest } from './types.ts'

/** Everything below belongs to Access, at whatever hostname. */
export const accessPath = '/cdn-cgi/access/'

const notFound = (): Answer => message(404, 'Not found', 'There is nothing here.')

const readOnly = ({ method }: AccessRequest): boolean => method === 'GET' || method === 'HEAD'
const notAllowed = (): Answer => answer(405, [['allow', 'GET, HEAD']])

type Endpoint<Where> = (
  request: AccessRequest,
  where: Where,
  context: AccessContext,
) => Answer | Promise<Answer>

const atApplication: Readonly<Record<string, Endpoint<readonly Coverage[]>>> = {
  authorized: (request, _, context) => authorized(request, context),
  cli: (request, _, context) => cli(request, context),
  async 'get-identity'(request, coverages, context) {
    const account = coverages[0]?.account
    const known = await readLogin(request.headers, coverages, context)
    return account === undefined ? notFound() : identityAnswer(account, known)
  },
  async logout(request, coverages, context) {
    const [coverage] = coverages
    const known = await readLogin(request.headers, coverages, context)
    if (coverage === undefined) return notFound()
    const { faults } = context
    const cleared = coverages.map(({ application, pattern }) =>
      clearedAuthorization({ application, pattern, faults }),
    )
    return logout(coverage.account, userOf(known), [...new Set(cleared)], context)
  },
}

const userOf = (known: Login): string | undefined =>
  known.kind === 'user' ? known.session.userId : undefined

/** Answers a path below `/cdn-cgi/access/` at an application's hostname. */
export async function applicationEndpoint(
  request: AccessRequest,
  coverages: readonly Coverage[],
  context: AccessContext,
): Promise<Answer> {
  const name = pathOf(request.target).slice(accessPath.length)
  const endpoint = Object.hasOwn(atApplication, name) ? atApplication[name] : undefined
  if (endpoint === undefined) return notFound()
  return readOnly(request) ? endpoint(request, coverages, context) : notAllowed()
}

type Team = { account: AccountState; authDomain: string }

const atTeam: Readonly<Record<string, Endpoint<Team>>> = {
  callback,
  certs: (_, { account }, { store, faults }) =>
    json(200, publishedKeys(account.access.keys, store.now(), faults), [
      ['access-control-allow-origin', '*'],
    ]),
  async 'get-identity'(request, team, context) {
    const org = await globalSession(request, team, context)
    const known = org === undefined ? await anyLogin(request, team, context) : ({ kind: 'none' } as const)
    return identityAnswer(team.account, known, org)
  },
  async logout(request, team, context) {
    const org = await globalSession(request, team, context)
    const cleared = [clearedCookie(cookieNames.authorization)]
    return logout(team.account, org?.userId, cleared, context)
  },
}

async function globalSession(request: AccessRequest, { account, authDomain }: Team, context: AccessContext) {
  const audience = orgAudience(account)
  return (await readGlobalSession(request.headers, account, authDomain, audience, context))?.session
}

/** A token of any application of the account. */
function anyLogin(
  request: AccessRequest,
  { account, authDomain }: Team,
  context: AccessContext,
): Promise<Login> {
  const zones = Object.values(context.store.state.zones).filter(({ accountId }) => accountId === account.id)
  const objects = [account.access, ...zones.map(({ access }) => access)]
  const coverages = objects
    .flatMap(({ applications }) => Object.keys(applications))
    .flatMap((id) => lookUp(objects, 'applications', id) ?? [])
    .map(
      (application): Coverage => ({
        account,
        authDomain,
        application,
        pattern: parsePattern(application.domains[0] ?? ''),
        objects,
      }),
    )
  return readLogin(request.headers, coverages, context)
}

/** Answers a request to a team domain. */
export async function teamEndpoint(
  request: AccessRequest,
  account: AccountState,
  context: AccessContext,
): Promise<Answer> {
  const team = { account, authDomain: request.hostname }
  const path = pathOf(request.target)
  const name = path.startsWith(accessPath) ? path.slice(accessPath.length) : ''
  const hostname = /^login\/([A-Za-z0-9.*-]{1,253})$/.exec(name)?.[1]
  const endpoint = Object.hasOwn(atTeam, name) ? atTeam[name] : undefined
  if (hostname === undefined && endpoint === undefined) return notFound()
  if (!readOnly(request)) return notAllowed()
  if (hostname !== undefined) return login(request, hostname.toLowerCase(), team, context)
  return endpoint === undefined ? notFound() : endpoint(request, team, context)
}

/** `login.cloudflareaccess.org/transfer/<public key>`: held until the browser is done. */
export async function transferEndpoint(
  request: AccessRequest,
  { transfers }: AccessContext,
): Promise<Answer> {
  const key = /^\/transfer\/([A-Za-z0-9_-]{43}(?:=|%3[Dd]))$/.exec(pathOf(request.target))?.[1]
  if (key === undefined) return notFound()
  if (request.method !== 'GET') return answer(405, [['allow', 'GET']])
  const parcel = await transfers.wait(key.replace(/%3d$/i, '='))
  if (parcel === 'busy') return answer(429, [['retry-after', '1']])
  // Nobody has logged in yet: anything but 200 and 5xx makes cloudflared ask again.
  if (parcel === 'none') return answer(204, [])
  return answer(
    200,
    [
      ['content-type', 'text/plain'],
      ['service-public-key', parcel.senderKey],
    ],
    parcel.body,
  )
}
