/**
 * Steps that many tests take.
 * @module
 */
import assert from 'node:assert/strict'
import type { Idp } from '../../idp/idp.ts'
import type { AccessDecision, PresentedCertificate } from '../types.ts'
import { type Browser, createBrowser, type Page } from './browser.ts'
import { port, team, type World } from './world.ts'

/** The redirect URI of the tests' team. */
export const redirectUri = `https://${team}:${port}/cdn-cgi/access/callback`

/** URL of an application's hostname. */
export const url = (target = '/', hostname = 'app.harness.test'): string =>
  `https://${hostname}:${port}${target}`

/** Password of a user. */
export const passwordOf = (idp: Idp, username: string): string =>
  idp.users.find((user) => user.username === username)?.password ?? ''

/** A browser that has logged in, and where it landed. */
export async function loggedIn(
  world: World,
  idp: Idp,
  {
    username = 'alice',
    start = url(),
    address = '127.0.0.1',
    certificate,
  }: { username?: string; start?: string; address?: string; certificate?: PresentedCertificate } = {},
): Promise<{ browser: Browser; page: Page; token: string }> {
  const browser = createBrowser(world, address, certificate)
  const form = await atForm(browser, start)
  const page = await browser.logIn(form, username, passwordOf(idp, username))
  return { browser, page, token: browser.cookie(new URL(start).hostname, 'CF_Authorization') ?? '' }
}

/** Goes to the identity provider's form, through the page where one chooses. */
export async function atForm(browser: Browser, start: string): Promise<Page> {
  const page = await browser.follow(start)
  if (page.url.startsWith('http://127.0.0.1:')) return page
  const link = /href="([^"]+)"/.exec(page.body)?.[1]?.replaceAll('&amp;', '&')
  assert.ok(link, `no identity provider to choose on ${page.url}: ${page.status} ${page.body}`)
  return browser.follow(new URL(link, page.url).href)
}

/** `pass`, `not-covered`, or the status of an answer, in one word. */
export function outcome(decision: AccessDecision): string {
  return decision.kind === 'answer' ? String(decision.status) : decision.kind
}

/** Header of an answer. */
export const headerOf = (decision: AccessDecision, name: string): string | undefined =>
  decision.kind === 'answer' ? decision.headers.find(([key]) => key.toLowerCase() === name)?.[1] : undefined

/** What the origin gets. */
export const toOrigin = (decision: AccessDecision, name: string): string | undefined =>
  decision.kind === 'pass'
    ? decision.originHeaders.find(([key]) => key.toLowerCase() === name)?.[1]
    : undefined

/** Claims of a JWT, unverified. */
export const claimsIn = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>
