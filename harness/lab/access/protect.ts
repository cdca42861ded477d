/**
 * The decision for a request that an application covers.
 * @module
 */
import type { AccessServiceToken } from '../state/access-types.ts'
import { lenientAdmission } from './admission-faults.ts'
import { denyService, denyUser, refuse, toLogin } from './answers.ts'
import { type Login, readLogin } from './app-token.ts'
import type { AccessContext } from './context.ts'
import type { Coverage } from './directory.ts'
import { factsOf } from './facts.ts'
import { headersWithToken, passesAnyway } from './forged-faults.ts'
import { valuesOf } from './headers.ts'
import { pass, passService } from './pass.ts'
import { policiesOf, serviceDecision, userDecision } from './policies.ts'
import { isPreflight, preflight } from './preflight.ts'
import type { Facts } from './selectors.ts'
import { authenticate, type Credentials, readCredentials } from './service-credentials.ts'
import type { AccessDecision, AccessRequest } from './types.ts'

/** Bypass, preflight, service, user, login: in this order. */
export async function protect(
  request: AccessRequest,
  coverage: Coverage,
  context: AccessContext,
): Promise<AccessDecision> {
  const { faults, store } = context
  const { application, account, objects } = coverage
  if (passesAnyway(request, faults)) return pass(request, coverage, context, undefined)
  const credentials = readCredentials(request, application, faults)
  const strict =
    credentials.kind !== 'none' &&
    account.access.organization?.strictServiceTokenAuth === true &&
    !faults.has('access.ignores-strict-mode')
  const login: Login = strict
    ? { kind: 'none' }
    : await readLogin(headersWithToken(request, faults), [coverage], context)
  const token =
    credentials.kind === 'pair' ? authenticate(credentials, objects, store.now(), faults) : undefined
  const presented = token ?? (login.kind === 'service' ? login.serviceToken : undefined)
  const facts = factsOf(request, request.hostname, presented, context)
  const service = serviceDecision(coverage, facts, faults)
  if (service?.decision === 'bypass') return pass(request, coverage, context, undefined)
  if (isPreflight(request) || bypassesOptions(request, coverage, context)) {
    const outcome = preflight(request, application.settings, faults)
    if (outcome === 'forward') return pass(request, coverage, context, undefined)
    return outcome === 'refuse' ? refuse(403, request, coverage) : outcome
  }
  if (service === undefined && lenientAdmission(request, { credentials, login, token }, faults))
    return pass(request, coverage, context, undefined)
  if (strict && token === undefined) return refuse(401, request, coverage)
  if (service !== undefined) {
    if (token !== undefined) noteUse(token, context)
    const withCookie = !strict && !faults.has('access.strict-by-half')
    return passService(request, coverage, context, { policy: service, facts, login, withCookie })
  }
  if (strict) return denyService(strictStatus(context), request, coverage)
  if (login.kind === 'user') return user(request, coverage, context, login, facts)
  return unauthenticated(request, coverage, context, credentials)
}

const strictStatus = ({ faults }: AccessContext): 401 | 403 =>
  faults.has('access.strict-answers-401-always') ? 401 : 403

/** Only under its fault: the bypass for preflight requests taken for all OPTIONS. */
const bypassesOptions = (
  request: AccessRequest,
  { application }: Coverage,
  { faults }: AccessContext,
): boolean =>
  request.method === 'OPTIONS' &&
  application.settings.options_preflight_bypass === true &&
  faults.has('access.forwards-every-options')

/** Somebody logged in: address, country and certificate are looked at again. */
function user(
  request: AccessRequest,
  coverage: Coverage,
  context: AccessContext,
  { session, token }: Login & { kind: 'user' },
  facts: Facts,
): AccessDecision {
  const who = { kind: 'logged-in', parts: session.app?.parts ?? {} } as const
  const unchecked =
    context.faults.has('access.checks-at-login-only') ||
    (session.app?.aud !== coverage.application.aud && takesForeignTokens(context))
  if (!unchecked && userDecision(coverage, facts, who, context.faults) === undefined)
    return denyUser(request, coverage)
  return pass(request, coverage, context, { token, email: session.identity.email })
}

/** Only under a fault does a token come here that was not made for this application. */
const takesForeignTokens = ({ faults }: AccessContext): boolean =>
  (
    ['access.takes-org-token', 'access.takes-other-application', 'access.remembers-good-tokens'] as const
  ).some((fault) => faults.has(fault))

async function unauthenticated(
  request: AccessRequest,
  coverage: Coverage,
  context: AccessContext,
  credentials: Credentials,
): Promise<AccessDecision> {
  const decisions = new Set(policiesOf(coverage).map(({ decision }) => decision))
  const script = valuesOf(request.headers, 'x-requested-with').some((value) => value === 'XMLHttpRequest')
  const asks401 =
    coverage.application.settings.service_auth_401_redirect === true && decisions.has('non_identity')
  if (!decisions.has('allow')) return denyService(asks401 ? 401 : 403, request, coverage)
  // With an Allow policy beside it, a Service Auth policy has blocked those who came with a service token (our choice).
  if (asks401 && credentials.kind !== 'none') return denyService(401, request, coverage)
  if (script && !context.faults.has('access.redirects-scripts')) return refuse(401, request, coverage)
  return toLogin(request, coverage, context)
}

const notedEvery = 60_000

/** `last_seen_at`, to the minute: every change of the state makes everybody look things up anew. */
function noteUse(token: AccessServiceToken, { store }: AccessContext): void {
  const seen = token.lastSeenAt === undefined ? Number.NEGATIVE_INFINITY : Date.parse(token.lastSeenAt)
  if (store.now() - seen < notedEvery) return
  token.lastSeenAt = store.timestamp()
  store.changed()
}
