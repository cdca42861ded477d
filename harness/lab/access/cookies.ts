/**
 * The cookies of Access (developers.cloudflare.com cloudflare-one, "Authorization cookie").
 * @module
 */
import { stringifySetCookie } from 'cookie'
import type { Faults } from '../faults.ts'
import type { AccessApplication } from '../state/access-types.ts'
import { valuesOf } from './headers.ts'
import type { Pattern } from './patterns.ts'
import type { Headers } from './types.ts'

/** Names, as documented. */
export const cookieNames = {
  authorization: 'CF_Authorization',
  appSession: 'CF_AppSession',
  session: 'CF_Session',
  binding: 'CF_Binding',
} as const

interface Pair {
  name: string
  value: string
  /** As it stood in the header. */
  text: string
}

function pairsOf(headers: Headers): Pair[] {
  return valuesOf(headers, 'cookie')
    .flatMap((line) => line.split(';'))
    .map((part) => part.trim())
    .filter((text) => text !== '')
    .map((text) => {
      const at = text.indexOf('=')
      const value = at < 0 ? '' : text.slice(at + 1).trim()
      return { name: at < 0 ? text : text.slice(0, at).trim(), value: value.replace(/^"(.*)"$/, '$1'), text }
    })
}

/** The first cookie of a name: browsers send the one with the longest path first (RFC 6265 §5.4). */
export const cookieOf = (headers: Headers, name: string): string | undefined =>
  pairsOf(headers).find((pair) => pair.name === name)?.value

/** The Cookie header for the origin: everything but the binding cookie, which is Access's alone. */
export function cookieForOrigin(headers: Headers, faults: Faults): string | undefined {
  const kept = pairsOf(headers).filter(
    ({ name }) => name !== cookieNames.binding || faults.has('access.binding-reaches-origin'),
  )
  return kept.length === 0 ? undefined : kept.map(({ text }) => text).join('; ')
}

/** Where the cookies of an application are set. */
export interface CookieScope {
  application: AccessApplication
  pattern: Pattern
  faults: Faults
}

/** Without Domain: the cookie is the hostname's alone. */
function pathFor({ application, pattern }: CookieScope): string {
  if (application.settings.path_cookie_attribute !== true || pattern.path === undefined) return '/'
  const star = pattern.path.indexOf('*')
  if (star < 0) return pattern.path
  return pattern.path.slice(0, pattern.path.lastIndexOf('/', star)) || '/'
}

/** The application token. @param expires epoch milliseconds: cloudflared takes a cookie with a future Expires only. */
export function authorizationCookie(token: string, expires: number, scope: CookieScope): string {
  const { application, faults } = scope
  const { http_only_cookie_attribute: httpOnly = true, same_site_cookie_attribute: sameSite = 'none' } =
    application.settings
  return stringifySetCookie({
    name: cookieNames.authorization,
    value: token,
    expires: new Date(expires),
    path: pathFor(scope),
    secure: !faults.has('access.cookie-not-secure'),
    httpOnly: httpOnly && !faults.has('access.cookie-not-http-only'),
    sameSite,
    ...(faults.has('access.cookie-for-domain') ? { domain: parentOf(scope.pattern.host) } : {}),
  })
}

const parentOf = (hostname: string): string => hostname.slice(hostname.indexOf('.') + 1)

/** The binding cookie that goes with it. */
export const bindingCookie = (value: string, expires: number, scope: CookieScope): string =>
  alwaysPrivate(cookieNames.binding, value, expires, pathFor(scope))

/** Cookies of one host that pages never see. */
export const alwaysPrivate = (name: string, value: string, expires: number, path = '/'): string =>
  stringifySetCookie({
    name,
    value,
    expires: new Date(expires),
    path,
    secure: true,
    httpOnly: true,
    sameSite: 'none',
  })

/** Takes a cookie away. */
export const clearedCookie = (name: string, path = '/'): string =>
  stringifySetCookie({
    name,
    value: '',
    expires: new Date(0),
    path,
    secure: true,
    httpOnly: true,
    sameSite: 'none',
  })

/** Takes the application token away, wherever on the host it may have been set. */
export const clearedAuthorization = (scope: CookieScope): string =>
  clearedCookie(cookieNames.authorization, pathFor(scope))
