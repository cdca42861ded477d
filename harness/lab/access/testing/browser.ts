/**
 * A browser for tests: cookies per host, redirects one by one. Hostnames of the lab are asked of the gate, 127.0.0.1 is asked
 * for real.
 * @module
 */
import { parseSetCookie } from 'cookie'
import type { AccessDecision, PresentedCertificate } from '../types.ts'
import { requestOf, type World } from './world.ts'

/** What came back. */
export interface Page {
  url: string
  status: number
  headers: Headers
  body: string
  /** The decision, where the gate answered. */
  decision: AccessDecision | undefined
}

interface Cookie {
  host: string
  path: string
  name: string
  value: string
  expires: number
}

/** A browser. */
export interface Browser {
  cookies: Cookie[]
  /** One request; cookies are kept. */
  request(url: string, given?: Given): Promise<Page>
  /** Requests until something is no redirect, or `until` says so. */
  follow(url: string, until?: (page: Page) => boolean): Promise<Page>
  /** Logs in at the form a page shows, and follows. */
  logIn(form: Page, username: string, password: string, until?: (page: Page) => boolean): Promise<Page>
  cookie(host: string, name: string): string | undefined
}

/** Beside the URL. */
export interface Given {
  method?: string
  headers?: Record<string, string>
  body?: string
}

/** @param remoteAddress where it is. @param certificate shown at every hostname but the team's. */
export function createBrowser(
  world: World,
  remoteAddress = '127.0.0.1',
  certificate?: PresentedCertificate,
): Browser {
  const cookies: Cookie[] = []
  const keep = (host: string, line: string): void => {
    const { name, value = '', path = '/', expires } = parseSetCookie(line)
    const at = cookies.findIndex((one) => one.host === host && one.name === name && one.path === path)
    if (at >= 0) cookies.splice(at, 1)
    const until = expires?.getTime() ?? Number.POSITIVE_INFINITY
    if (until > world.store.now()) cookies.push({ host, path, name, value, expires: until })
  }
  const cookieHeader = (host: string, path: string): string =>
    cookies
      .filter((one) => one.host === host && path.startsWith(one.path) && one.expires > world.store.now())
      .toSorted((a, b) => b.path.length - a.path.length)
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ')
  const request: Browser['request'] = async (url, given = {}) => {
    const { hostname, pathname, search, host } = new URL(url)
    const own = cookieHeader(hostname, pathname)
    const headers = { ...(own === '' ? {} : { cookie: own }), ...given.headers }
    const page =
      hostname === '127.0.0.1'
        ? await overHttp(url, { ...given, headers })
        : await throughGate(world, url, {
            hostname,
            target: `${pathname}${search}`,
            method: given.method ?? 'GET',
            headers,
            remoteAddress,
            certificate: hostname.endsWith('.harness.test') ? certificate : undefined,
            port: Number(new URL(`https://${host}`).port || 443),
          })
    for (const line of page.headers.getSetCookie()) keep(hostname, line)
    return page
  }
  const follow: Browser['follow'] = async (url, until = () => false) => {
    let page = await request(url)
    for (let hops = 0; hops < 20; hops += 1) {
      const location = page.headers.get('location')
      if (location === null || until(page)) return page
      page = await request(new URL(location, page.url).href)
    }
    throw new Error(`too many redirects, the last one to ${page.url}`)
  }
  return {
    cookies,
    request,
    follow,
    async logIn(form, username, password, until) {
      const body = new URLSearchParams({ username, password }).toString()
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const answer = await request(form.url, { method: 'POST', headers, body })
      const location = answer.headers.get('location')
      return location === null ? answer : follow(new URL(location, form.url).href, until)
    },
    cookie: (host, name) => cookies.find((one) => one.host === host && one.name === name)?.value,
  }
}

async function overHttp(url: string, { method = 'GET', headers = {}, body }: Given): Promise<Page> {
  const answer = await fetch(url, {
    method,
    headers,
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
  })
  return {
    url,
    status: answer.status,
    headers: answer.headers,
    body: await answer.text(),
    decision: undefined,
  }
}

async function throughGate(
  world: World,
  url: string,
  asking: Parameters<typeof requestOf>[0],
): Promise<Page> {
  const decision = await world.gate.decide(requestOf(asking))
  const headers = new Headers()
  switch (decision.kind) {
    case 'not-covered':
      return { url, status: 200, headers, body: 'origin', decision }
    case 'pass':
      for (const line of decision.setCookies) headers.append('set-cookie', line)
      for (const [name, value] of decision.answerHeaders) headers.append(name, value)
      return { url, status: 200, headers, body: 'origin', decision }
    case 'answer':
      for (const [name, value] of decision.headers) headers.append(name, value)
      return { url, status: decision.status, headers, body: decision.body.toString(), decision }
  }
}
