/**
 * Faults of sessions, shown.
 * @module
 */
import type { sessionFaults } from '../../faults/access.ts'
import type { Idp } from '../../idp/idp.ts'
import type { AccessApplicationSettings } from '../../state/access-types.ts'
import { queryOf } from '../paths.ts'
import type { AccessDecision } from '../types.ts'
import { type Browser, createBrowser, type Page } from './browser.ts'
import { forge, service } from './forge.ts'
import type { Row } from './row.ts'
import { atForm, loggedIn, outcome, passwordOf, redirectUri, toOrigin, url } from './steps.ts'
import type { World } from './world.ts'

const app = 'app.harness.test'

/** An application for everybody who logs in. */
function open(world: World, idp: Idp, settings: AccessApplicationSettings = {}): void {
  world.identityProvider(idp)
  world.application({ settings, policies: [{ decision: 'allow' }], domains: [app, 'other.harness.test'] })
}

const withToken = (world: World, token: string): Promise<AccessDecision> =>
  world.ask({ headers: { cookie: `CF_Authorization=${token}` } })

/** Up to the provider's answer, which is not asked for yet. */
async function callbackOf(browser: Browser, idp: Idp): Promise<string> {
  const form = await atForm(browser, url())
  const page = await browser.logIn(form, 'alice', passwordOf(idp, 'alice'), (at) =>
    (at.headers.get('location') ?? '').startsWith(redirectUri),
  )
  return page.headers.get('location') ?? ''
}

/** Up to `authorized`, which is not asked for yet. */
async function authorizedOf(browser: Browser, idp: Idp): Promise<string> {
  const page = await browser.follow(await callbackOf(browser, idp), (at) =>
    (at.headers.get('location') ?? '').includes('/authorized'),
  )
  return page.headers.get('location') ?? ''
}

const said = ({ status, headers }: Page): string =>
  `${status}${headers.getSetCookie().some((line) => line.startsWith('CF_Authorization=')) ? ' with a token' : ''}`

async function cookieWith(attribute: string, world: World, idp: Idp): Promise<string> {
  const browser = createBrowser(world)
  const page = await browser.request(await authorizedOf(browser, idp))
  const line = page.headers.getSetCookie().find((one) => one.startsWith('CF_Authorization=')) ?? ''
  return line.split('; ').includes(attribute) ? attribute : `not ${attribute}`
}

/** One row per fault. */
export const sessionRows: Record<(typeof sessionFaults)[number]['id'], Row> = {
  'access.forgets-logout': {
    async show(world, idp) {
      open(world, idp)
      const { browser, token } = await loggedIn(world, idp)
      await browser.request(url('/cdn-cgi/access/logout'))
      world.store.advance(60_000)
      return outcome(await withToken(world, token))
    },
    healthy: '302',
    faulty: 'pass',
  },
  'access.forgets-revoked-application': {
    async show(world, idp) {
      open(world, idp)
      const { token } = await loggedIn(world, idp)
      const now = world.store.now()
      const aud = Object.values(world.account.access.applications)[0]?.aud ?? ''
      world.account.access.revocations.push({ who: { application: aud }, issuedUntil: now, from: now })
      world.store.changed()
      return outcome(await withToken(world, token))
    },
    healthy: '302',
    faulty: 'pass',
  },
  'access.ignores-binding-cookie': {
    async show(world, idp) {
      open(world, idp, { enable_binding_cookie: true })
      const { token } = await loggedIn(world, idp)
      return outcome(await withToken(world, token))
    },
    healthy: '302',
    faulty: 'pass',
  },
  'access.binding-reaches-origin': {
    async show(world, idp) {
      open(world, idp, { enable_binding_cookie: true })
      const { page } = await loggedIn(world, idp)
      const { decision } = page
      const cookie = decision?.kind === 'pass' ? (decision.cookie ?? '') : ''
      return cookie.includes('CF_Binding=') ? 'with CF_Binding' : 'without'
    },
    healthy: 'without',
    faulty: 'with CF_Binding',
  },
  'access.cookie-not-secure': {
    async show(world, idp) {
      open(world, idp)
      return cookieWith('Secure', world, idp)
    },
    healthy: 'Secure',
    faulty: 'not Secure',
  },
  'access.cookie-not-http-only': {
    async show(world, idp) {
      open(world, idp)
      return cookieWith('HttpOnly', world, idp)
    },
    healthy: 'HttpOnly',
    faulty: 'not HttpOnly',
  },
  'access.passes-client-assertion': {
    async show(world) {
      const headers = {
        cookie: `CF_Authorization=${forge(service(world))}`,
        'Cf-Access-Jwt-Assertion': 'forged',
      }
      const decision = await world.ask({ headers })
      const kept = decision.kind === 'pass' && !decision.removedHeaders.includes('Cf-Access-Jwt-Assertion')
      return kept ? 'the client’s' : toOrigin(decision, 'cf-access-jwt-assertion') ? 'the edge’s' : 'none'
    },
    healthy: 'the edge’s',
    faulty: 'the client’s',
  },
  'access.passes-underscore-assertion': {
    async show(world) {
      const headers = {
        cookie: `CF_Authorization=${forge(service(world))}`,
        Cf_Access_Jwt_Assertion: 'forged',
      }
      const decision = await world.ask({ headers })
      return decision.kind === 'pass' && decision.removedHeaders.length > 0 ? 'removed' : 'kept'
    },
    healthy: 'removed',
    faulty: 'kept',
  },
  'access.open-redirect': {
    async show(world, idp) {
      open(world, idp)
      const browser = createBrowser(world)
      const first = await browser.request(url())
      const login = new URL(first.headers.get('location') ?? '')
      login.searchParams.set('redirect_url', 'https://evil.example/')
      const start = await browser.request(login.href)
      if (start.status === 400) return '400'
      const link = /href="([^"]+)"/.exec(start.body)?.[1]?.replaceAll('&amp;', '&') ?? ''
      const form = await browser.follow(new URL(link, start.url).href)
      const page = await browser.logIn(form, 'alice', passwordOf(idp, 'alice'), (at) =>
        (at.headers.get('location') ?? '').startsWith('https://evil.example/'),
      )
      return page.headers.get('location') ?? ''
    },
    healthy: '400',
    faulty: 'https://evil.example/',
  },
  'access.ignores-login-session': {
    async show(world, idp) {
      open(world, idp)
      const callback = await callbackOf(createBrowser(world), idp)
      return said(await createBrowser(world).request(callback))
    },
    healthy: '400',
    faulty: '302 with a token',
  },
  'access.ignores-id-token-nonce': {
    async show(world, idp) {
      open(world, idp)
      const browser = createBrowser(world)
      const page = await browser.follow(url())
      const link = /href="([^"]+)"/.exec(page.body)?.[1]?.replaceAll('&amp;', '&') ?? ''
      const begun = await browser.request(new URL(link, page.url).href)
      const changed = new URL(begun.headers.get('location') ?? '')
      changed.searchParams.set('nonce', 'another')
      const form = await browser.follow(changed.href)
      return said(await browser.logIn(form, 'alice', passwordOf(idp, 'alice')))
    },
    healthy: '400',
    faulty: '200',
  },
  'access.drops-pkce': {
    async show(world, idp) {
      open(world, idp, { auto_redirect_to_identity: true })
      const page = await createBrowser(world).follow(url(), (at) =>
        (at.headers.get('location') ?? '').startsWith(idp.issuer),
      )
      return queryOf(page.headers.get('location') ?? '').get('code_challenge_method') ?? 'no PKCE'
    },
    healthy: 'S256',
    faulty: 'no PKCE',
  },
  'access.callback-again': {
    async show(world, idp) {
      open(world, idp)
      const browser = createBrowser(world)
      const callback = await callbackOf(browser, idp)
      await browser.request(callback)
      // The provider refuses a code that was used; what counts is that Access asks it again.
      return (await browser.request(callback)).body.includes('Invalid session') ? 'refused' : 'asked again'
    },
    healthy: 'refused',
    faulty: 'asked again',
  },
  'access.authorizes-again': {
    async show(world, idp) {
      open(world, idp)
      const browser = createBrowser(world)
      const location = await authorizedOf(browser, idp)
      await browser.request(location)
      return said(await browser.request(location))
    },
    healthy: '400',
    faulty: '302 with a token',
  },
  'access.ignores-login-state': {
    async show(world, idp) {
      open(world, idp)
      const browser = createBrowser(world)
      const location = new URL(await authorizedOf(browser, idp))
      location.searchParams.set('state', 'another')
      return said(await browser.request(location.href))
    },
    healthy: '400',
    faulty: '302 with a token',
  },
  'access.authorizes-other-hostname': {
    async show(world, idp) {
      open(world, idp)
      const browser = createBrowser(world)
      const location = await authorizedOf(browser, idp)
      const session = browser.cookie(app, 'CF_AppSession') ?? ''
      const headers = { cookie: `CF_AppSession=${session}` }
      return said(
        await createBrowser(world).request(location.replace(app, 'other.harness.test'), { headers }),
      )
    },
    healthy: '400',
    faulty: '302 with a token',
  },
  'access.ignores-app-session': {
    async show(world, idp) {
      open(world, idp)
      const location = await authorizedOf(createBrowser(world), idp)
      return said(await createBrowser(world).request(location))
    },
    healthy: '400',
    faulty: '302 with a token',
  },
  'access.redirects-scripts': {
    async show(world, idp) {
      open(world, idp)
      return outcome(await world.ask({ headers: { 'x-requested-with': 'XMLHttpRequest' } }))
    },
    healthy: '401',
    faulty: '302',
  },
}
