/**
 * A person's browser: cookies by host and path, redirects one by one, the login form. Hostnames of the lab go to the edge,
 * 127.0.0.1 (the identity provider) is asked directly.
 * @module
 */
import { parseSetCookie } from 'cookie'
import { exchange, type Seen, type Sent } from './http.ts'

/** What it shows. */
export interface Page extends Seen {
  url: string
}

/** A browser. */
export interface Browser {
  /** Opens a URL and follows redirects until there is none. */
  open(url: string): Promise<Page>
  /** Fills in the form of a page, sends it, and follows. @throws Error where the page has no login form. */
  logIn(form: Page, username: string, password: string): Promise<Page>
}

interface StoredCookie {
  host: string
  path: string
  name: string
  value: string
}

const mostRedirects = 20

/** A browser without cookies; `visit` reaches the edge. */
export function createBrowser(visit: (hostname: string, sent: Sent) => Promise<Seen>): Browser {
  const cookies: StoredCookie[] = []
  const keep = (host: string, line: string): void => {
    const { name, value = '', path = '/', maxAge, expires } = parseSetCookie(line)
    const at = cookies.findIndex((one) => one.host === host && one.name === name && one.path === path)
    if (at >= 0) cookies.splice(at, 1)
    // The lab's clock may be ahead of ours, so that only cookies that are being deleted are told apart.
    const deleted = value === '' || (maxAge ?? 1) <= 0 || (expires?.getTime() ?? 1) <= 0
    if (!deleted) cookies.push({ host, path, name, value })
  }
  const cookiesFor = (host: string, pathname: string): string =>
    cookies
      .filter(({ host: own, path }) => own === host && isBelow(pathname, path))
      .toSorted((a, b) => b.path.length - a.path.length)
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ')
  const send = async (url: string, sent: Sent = {}): Promise<Page> => {
    const { hostname, port, pathname, search } = new URL(url)
    const cookie = cookiesFor(hostname, pathname)
    const headers = { ...(cookie === '' ? {} : { cookie }), ...sent.headers }
    const whole = { ...sent, path: `${pathname}${search}`, headers }
    const seen =
      hostname === '127.0.0.1'
        ? await exchange({ tls: false, host: hostname, port: Number(port) }, whole)
        : await visit(hostname, whole)
    for (const line of [seen.headers['set-cookie'] ?? []].flat()) keep(hostname, line)
    return { ...seen, url }
  }
  const follow = async (first: Page): Promise<Page> => {
    let page = first
    for (let hops = 0; hops < mostRedirects; hops += 1) {
      const location = page.headers.location
      if (typeof location !== 'string' || page.status < 300 || page.status > 399) return page
      page = await send(new URL(location, page.url).href)
    }
    throw new Error(`${mostRedirects} redirects, the last one to ${new URL(page.url).host}`)
  }
  return {
    open: async (url) => follow(await send(url)),
    async logIn(form, username, password) {
      if (!/<form method="post"/.test(form.body) || !/name="password"/.test(form.body))
        throw new Error(`no login form at ${new URL(form.url).host}, but status ${form.status}`)
      const body = new URLSearchParams({ username, password }).toString()
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      return follow(await send(form.url, { method: 'POST', headers, body }))
    },
  }
}

/** RFC 6265 §5.1.4. */
const isBelow = (pathname: string, path: string): boolean =>
  pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`)
