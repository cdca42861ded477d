/**
 * Answers Access gives itself.
 * @module
 */

import { hashOf } from '../state/ids.ts'
import { metaClaims } from './claims.ts'
import type { AccessContext, Destination } from './context.ts'
import { alwaysPrivate, cookieNames, cookieOf } from './cookies.ts'
import type { Coverage } from './directory.ts'
import { factsOf } from './facts.ts'
import { forbiddenPage, messagePage } from './pages.ts'
import { edgeUrl, localTarget } from './paths.ts'
import { randomToken } from './random.ts'
import { sign } from './signing.ts'
import type { AccessDecision, AccessRequest, Headers } from './types.ts'

/** An answer of Access itself. */
export type Answer = AccessDecision & { kind: 'answer' }

const uncached: Headers = [['cache-control', 'private, no-store']]

/** Any answer. None of them may be stored by caches. */
export const answer = (status: number, headers: Headers, body: string | Buffer = ''): Answer => ({
  kind: 'answer',
  status,
  headers: [...headers, ...uncached],
  body: Buffer.from(body),
})

/** HTML that may not run scripts, be framed, or tell other sites where it came from. */
export const html = (status: number, body: string, headers: Headers = []): Answer =>
  answer(
    status,
    [
      ['content-type', 'text/html; charset=utf-8'],
      ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
      ['referrer-policy', 'no-referrer'],
      ['x-content-type-options', 'nosniff'],
      ...headers,
    ],
    body,
  )

/** JSON. */
export const json = (status: number, body: object, headers: Headers = []): Answer =>
  answer(status, [['content-type', 'application/json'], ...headers], JSON.stringify(body))

/** 302 to elsewhere. */
export const redirect = (location: string, cookies: readonly string[] = [], headers: Headers = []): Answer =>
  answer(302, [['location', location], ...headers, ...cookies.map((one) => ['set-cookie', one] as const)])

/** A page with one sentence. */
export const message = (status: number, title: string, text: string, headers: Headers = []): Answer =>
  html(status, messagePage(title, text), headers)

/** What older versions of cloudflared read. */
const olderDiscovery = ({ application }: Coverage): Headers => [
  ['CF-Access-Aud', application.aud],
  ['CF-Access-Domain', application.domains[0] ?? ''],
]

const usual = 'Forbidden. You don’t have permission to view this. Please contact your system administrator.'

/** 401 or 403 at the application. */
export function refuse(status: 401 | 403, request: AccessRequest, coverage: Coverage): Answer {
  const { aud } = coverage.application
  const text = status === 401 ? 'Unauthorized.' : usual
  return html(
    status,
    forbiddenPage({ message: text, status, aud, ray: request.ray }),
    olderDiscovery(coverage),
  )
}

/** Nobody of a Service Auth policy: the operator's page, or 403. */
export function denyService(status: 401 | 403, request: AccessRequest, coverage: Coverage): Answer {
  const url = coverage.application.settings.custom_non_identity_deny_url
  return status === 403 && isWebUrl(url) ? redirect(url) : refuse(status, request, coverage)
}

/** Somebody who logged in and is not let in: the operator's page, or 403 with the operator's message. */
export function denyUser(request: AccessRequest, coverage: Coverage): Answer {
  const { aud, settings } = coverage.application
  if (isWebUrl(settings.custom_deny_url)) return redirect(settings.custom_deny_url)
  const said = settings.custom_deny_message
  const text = said === undefined || said === '' ? usual : said
  return html(
    403,
    forbiddenPage({ message: text, status: 403, aud, ray: request.ray }),
    olderDiscovery(coverage),
  )
}

const isWebUrl = (url: string | undefined): url is string =>
  url !== undefined && URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol)

const dayLong = 86_400_000

/** The cookie that ties a login to the browser it began in. A browser that has one keeps it: it may load several pages at once. */
export function appSessionOf(request: AccessRequest): string {
  const known = cookieOf(request.headers, cookieNames.appSession)
  return known !== undefined && /^[A-Za-z0-9_-]{43}$/.test(known) ? known : randomToken()
}

/** Sets it. */
export const appSessionCookie = (value: string, { store }: AccessContext): string =>
  alwaysPrivate(cookieNames.appSession, value, store.now() + dayLong)

/** 302 to the login at the team domain, with `kid`, `meta` and `redirect_url` (path and query only). */
export async function toLogin(
  request: AccessRequest,
  coverage: Coverage,
  context: AccessContext,
): Promise<Answer> {
  const { account, application, authDomain } = coverage
  if (authDomain === undefined) return refuse(403, request, coverage)
  const session = appSessionOf(request)
  const now = context.store.now()
  const destination: Destination = {
    aud: application.aud,
    hostname: request.hostname,
    redirectUrl: localTarget(request.target),
    appSessionHash: hashOf(session),
    certificate: factsOf(request, request.hostname, undefined, context).certificate,
  }
  const meta = await sign(
    account,
    metaClaims({ authDomain, now, expiresAt: now + dayLong }, destination),
    context.store,
  )
  const query = new URLSearchParams({ kid: application.aud, meta, redirect_url: destination.redirectUrl })
  const url = edgeUrl(authDomain, request.port, `/cdn-cgi/access/login/${request.hostname}?${query}`)
  return redirect(url, [appSessionCookie(session, context)], [['www-authenticate', 'Cloudflare-Access']])
}
