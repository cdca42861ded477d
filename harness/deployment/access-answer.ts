/**
 * Answers of Access, as anybody can tell them from those of an application.
 * @module
 */
import type { HttpAnswer, Outcome } from '../probe/types.ts'
import type { AccessExpectation } from './types.ts'

/** An answer that turns somebody away in the manner of Access. */
export interface AccessAnswer {
  /** `login`: sent to log in at a team domain. `denied`: 401 or 403. */
  kind: 'login' | 'denied'
  /** Only Access answers so. A bare 401 or 403 could be anybody's. */
  certain: boolean
  /** Team domain, lower case; known from a login. */
  team?: string
  /** Port of the login, 443 where the address names none. */
  port?: number
  /** The application's AUD tag, 64 lower-case hex digits. */
  audience?: string
}

/** A team domain: `<team>.cloudflareaccess.com`, or `<team>.fed.cloudflareaccess.com`. */
export const isTeamDomain = (hostname: string): boolean =>
  /^(?:[a-z0-9-]+\.)?[a-z0-9-]+\.cloudflareaccess\.com$/.test(hostname)

/** An AUD tag. */
export const isAudience = (text: string | null | undefined): text is string =>
  /^[0-9a-f]{64}$/.test(text ?? '')

/** Values of a header of an answer. @param name lower case */
export const answerHeader = ({ headers }: HttpAnswer, name: string): string[] =>
  headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value)

/**
 * Reads an answer as one of Access: a redirect to `/cdn-cgi/access/login` of a team domain, whose `kid` is the AUD tag
 * (cloudflare/pages-plugins), or 401 and 403, which are certain with `CF-Access-Aud`, `CF-Access-Domain` or
 * `WWW-Authenticate: Cloudflare-Access`. Undefined for everything else, redirects elsewhere among it.
 */
export function readAccessAnswer(http: HttpAnswer | undefined): AccessAnswer | undefined {
  if (http === undefined) return undefined
  if (http.status >= 300 && http.status < 400) return readLogin(answerHeader(http, 'location'))
  if (http.status !== 401 && http.status !== 403) return undefined
  const [audience] = answerHeader(http, 'cf-access-aud')
  const certain =
    audience !== undefined ||
    answerHeader(http, 'cf-access-domain').length > 0 ||
    answerHeader(http, 'www-authenticate').some((value) => /^\s*Cloudflare-Access\b/i.test(value))
  return { kind: 'denied', certain, ...(isAudience(audience) ? { audience } : {}) }
}

function readLogin([location, ...more]: readonly string[]): AccessAnswer | undefined {
  if (location === undefined || more.length > 0 || !URL.canParse(location)) return undefined
  const url = new URL(location)
  const team = url.hostname
  const isLogin = /^\/cdn-cgi\/access\/login(?:\/|$)/.test(url.pathname)
  if (url.protocol !== 'https:' || !isTeamDomain(team) || !isLogin) return undefined
  const audience = url.searchParams.get('kid')
  return {
    kind: 'login',
    certain: true,
    team,
    port: url.port === '' ? 443 : Number(url.port),
    ...(isAudience(audience) ? { audience } : {}),
  }
}

/**
 * An answer that turns somebody away as Access of this hostname does it, in words that say so. A login at another team is
 * none: whoever is sent there has not been refused by this one.
 */
export function asAccessRefusal(outcome: Outcome, access: AccessExpectation | undefined): Outcome {
  const { http, verdict, code } = outcome
  // A page of Access may name the application in the words that are declared as its own.
  const mayBe = verdict === 'refused' || (verdict === 'inconclusive' && code === 'http-unproven')
  if (access === undefined || http === undefined || !mayBe) return outcome
  const answer = readAccessAnswer(http)
  if (answer === undefined || !answer.certain) return outcome
  if (answer.kind === 'denied')
    return {
      ...outcome,
      verdict: 'refused',
      code: 'http-refused',
      attribution: 'explicit',
      summary: `refused by Access with HTTP ${http.status}`,
    }
  if (answer.team !== access.team) return outcome
  return {
    ...outcome,
    verdict: 'refused',
    code: 'http-redirect',
    attribution: 'explicit',
    summary: `HTTP ${http.status}: sent to log in at ${access.team}`,
  }
}
