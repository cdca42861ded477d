/**
 * The way of a browser to the identity provider: a redirect, or a page with links.
 * @module
 */
import type { CheckContext } from '../../fixtures/context.ts'
import { type AccessTarget, teamTarget } from '../../fixtures/targets.ts'
import type { Outcome } from '../../harness/probe/types.ts'
import { cookiesOf, locationOf } from '../access-session/log-in.ts'

/** A login that has been handed to an identity provider. */
export interface HandedOver {
  /** Path of the team domain to which the provider sends browsers back. */
  callback: string
  state: string
  /** Set at the team domain, as a Cookie header sends them. */
  cookies: string
}

/** Links followed at most. */
const most = 3

/** Goes from the login page of the team to an identity provider that answers with a code; undefined where none is offered. */
export async function handOver(
  run: CheckContext,
  target: AccessTarget,
  login: URL,
): Promise<HandedOver | undefined> {
  const team = teamTarget(target)
  const ask = ({ pathname, search }: URL, label: string): Promise<Outcome> =>
    run.attempt({ target: team, path: `${pathname}${search}`, label })
  const page = await ask(login, 'the login page of the team')
  const found = handed(locationOf(page, login.href), team.hostname, cookiesOf(page))
  if (found !== undefined) return found
  const links = linksIn(page, login)
  const direct = links.map((url) => handed(url, team.hostname, cookiesOf(page))).find(Boolean)
  if (direct !== undefined) return direct
  const ours = links.filter(
    ({ hostname, pathname }) => hostname === team.hostname && pathname.startsWith('/cdn-cgi/access/'),
  )
  for (const url of ours.slice(0, most)) {
    const next = await ask(url, 'a way to log in')
    const cookies = [cookiesOf(page), cookiesOf(next)].filter(Boolean).join('; ')
    const through = handed(locationOf(next, url.href), team.hostname, cookies)
    if (through !== undefined) return through
  }
  return undefined
}

/** Reads an authorization request (RFC 6749 §4.1.1) that sends browsers back to the team. */
function handed(url: URL | undefined, team: string, cookies: string): HandedOver | undefined {
  const [state, back] = [url?.searchParams.get('state'), url?.searchParams.get('redirect_uri')]
  if (!state || !back || !URL.canParse(back)) return undefined
  const { hostname, pathname } = new URL(back)
  return hostname === team ? { callback: pathname, state, cookies } : undefined
}

function linksIn({ http }: Outcome, base: URL): URL[] {
  const text = http?.body.toString('utf8') ?? ''
  return [...text.matchAll(/href="([^"]{1,4000})"/g)]
    .map(([, link = '']) => link.replaceAll('&amp;', '&'))
    .filter((link) => URL.canParse(link, base.href))
    .map((link) => new URL(link, base))
}
