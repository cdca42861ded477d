/**
 * The steps of cloudflared, as its sources have them (token/token.go, token/jwks.go, token/transfer.go), with a browser beside.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLocalJWKSet, jwtVerify } from 'jose'
import nacl from 'tweetnacl'
import { type Idp, startIdp } from '../idp/idp.ts'
import { queryOf } from './paths.ts'
import { createBrowser, type Page } from './testing/browser.ts'
import { claimsIn, headerOf, loggedIn, outcome, passwordOf, redirectUri, url } from './testing/steps.ts'
import { createWorld, team, type World } from './testing/world.ts'

let idp: Idp
before(async () => {
  idp = await startIdp({ redirectUris: [redirectUri] })
})
after(() => idp.close())

const app = 'app.harness.test'
const agent = 'cloudflared/2026.8.2'

async function prepared(domains = [app]): Promise<World> {
  const world = await createWorld()
  world.identityProvider(idp)
  world.application({ domains, policies: [{ decision: 'allow' }] })
  return world
}

interface AppInfo {
  authDomain: string
  aud: string
  appHostname: string
}

/** GetAppInfo of 2026.8.0 and later. */
async function discover(world: World, hostname = app): Promise<AppInfo> {
  const decision = await world.ask({
    method: 'HEAD',
    hostname,
    headers: { 'cf-access-metadata-request': 'true', 'user-agent': agent },
  })
  const token =
    decision.kind === 'pass'
      ? decision.answerHeaders.find(([name]) => name === 'cf-access-metadata')?.[1]
      : headerOf(decision, 'cf-access-metadata')
  assert.ok(token, 'failed to find Access application')
  const { auth_domain: authDomain } = claimsIn(token)
  assert.match(String(authDomain), /^[a-z]+\.cloudflareaccess\.com$/)
  const certs = await world.ask({ hostname: String(authDomain), target: '/cdn-cgi/access/certs' })
  assert.ok(certs.kind === 'answer' && certs.status === 200)
  const keys = createLocalJWKSet(JSON.parse(certs.body.toString()) as { keys: [] })
  const { payload } = await jwtVerify<Record<string, unknown>>(token, keys, { algorithms: ['RS256'] })
  assert.equal(payload.type, 'match')
  assert.equal(payload.hostname, hostname)
  assert.equal(typeof payload.aud, 'string')
  const age = world.store.now() / 1000 - Number(payload.iat)
  assert.ok(age > -300 && age < 86_400)
  return {
    authDomain: String(authDomain),
    aud: String(payload.aud),
    appHostname: String(payload.app_hostname ?? payload.hostname),
  }
}

test('point 18: discovery by cf-access-metadata, whatever the answer is', async () => {
  const world = await prepared()
  const [application] = Object.values(world.account.access.applications)
  const expected = { authDomain: team, aud: application?.aud, appHostname: app }
  assert.deepEqual(await discover(world), expected)
  // Also where the request passes, and where it is refused.
  Object.values(world.account.access.policies).map((policy) => Object.assign(policy, { decision: 'bypass' }))
  world.store.changed()
  assert.deepEqual(await discover(world), expected)
  Object.values(world.account.access.policies).map((policy) => Object.assign(policy, { decision: 'deny' }))
  world.store.changed()
  assert.deepEqual(await discover(world), expected)
  const silent = await world.ask({ method: 'HEAD' })
  assert.equal(headerOf(silent, 'cf-access-metadata'), undefined)
  const other = await world.ask({ headers: { 'cf-access-metadata-request': 'false' } })
  assert.equal(headerOf(other, 'cf-access-metadata'), undefined)
})

test('app_hostname of an application with wildcard has the wildcard', async () => {
  const world = await prepared(['*.harness.test/x', 'app.harness.test'])
  const decision = await world.ask({
    hostname: 'other.harness.test',
    target: '/x',
    headers: { 'cf-access-metadata-request': 'true' },
  })
  const claims = claimsIn(headerOf(decision, 'cf-access-metadata') ?? '')
  assert.equal(claims.app_hostname, '*.harness.test')
  assert.equal(claims.hostname, 'other.harness.test')
  assert.equal(claims.auth_domain, team)
})

test('point 18: older versions find kid in the login URL and CF-Access-Domain in its answer', async () => {
  const world = await prepared()
  const [application] = Object.values(world.account.access.applications)
  const browser = createBrowser(world)
  const first = await browser.request(url(), { method: 'HEAD' })
  const location = first.headers.get('location') ?? ''
  assert.ok(new URL(location).pathname.startsWith('/cdn-cgi/access/login'))
  assert.equal(queryOf(location).get('kid'), application?.aud)
  const login = await browser.request(location, { method: 'HEAD' })
  assert.equal(login.headers.get('cf-access-domain'), app)
  assert.equal(new URL(location).hostname, team)
})

/** A key pair as NewEncrypter makes it. */
function encrypter() {
  const pair = nacl.box.keyPair()
  const publicKey = `${Buffer.from(pair.publicKey).toString('base64url')}=`
  const open = (body: string, senderKey: string): Record<string, string> => {
    const data = Buffer.from(body, 'base64')
    const sender = new Uint8Array(Buffer.from(senderKey, 'base64url'))
    const plain = nacl.box.open(
      new Uint8Array(data.subarray(24)),
      new Uint8Array(data.subarray(0, 24)),
      sender,
      pair.secretKey,
    )
    assert.ok(plain, 'failed to decrypt message')
    return JSON.parse(Buffer.from(plain).toString('utf8')) as Record<string, string>
  }
  return { publicKey, open }
}

/** buildRequestURL. */
function cliUrl(appUrl: string, aud: string, publicKey: string): string {
  const inner = new URL(appUrl)
  inner.searchParams.set('token', publicKey)
  inner.searchParams.set('aud', aud)
  const outer = new URL('/cdn-cgi/access/cli', appUrl)
  outer.search = inner.search
  outer.searchParams.set('redirect_url', inner.href)
  outer.searchParams.set('send_org_token', 'true')
  outer.searchParams.set('edge_token_transfer', 'true')
  return outer.href
}

/** transferRequest: at most ten polls without a pause. */
async function poll(world: World, publicKey: string): Promise<{ body: string; senderKey: string }> {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const decision = await world.ask({
      hostname: 'login.cloudflareaccess.org',
      target: `/transfer/${publicKey}`,
      headers: { 'user-agent': agent },
    })
    assert.ok(decision.kind === 'answer' && decision.status < 500)
    if (decision.status === 200)
      return {
        body: decision.body.toString(),
        senderKey: headerOf(decision, 'service-public-key') ?? '',
      }
  }
  throw new Error('Failed to fetch resource')
}

async function logInWithBrowser(world: World, start: string): Promise<Page> {
  const browser = createBrowser(world)
  const page = await browser.follow(start)
  const link = /href="([^"]+)"/.exec(page.body)?.[1]?.replaceAll('&amp;', '&') ?? ''
  const form = await browser.follow(new URL(link, page.url).href)
  return browser.logIn(form, 'alice', passwordOf(idp, 'alice'))
}

/** `access login`, up to the two tokens. */
async function accessLogin(world: World): Promise<{ app_token: string; org_token: string; info: AppInfo }> {
  const info = await discover(world)
  const { publicKey, open } = encrypter()
  const polled = poll(world, publicKey)
  const page = await logInWithBrowser(world, cliUrl(url(), info.aud, publicKey))
  assert.equal(page.status, 200, page.body)
  assert.match(page.body, /Success/)
  const { body, senderKey } = await polled
  const { app_token = '', org_token = '' } = open(body, senderKey)
  return { app_token, org_token, info }
}

/** The check before every use: invalid only if 302 whose Location path starts with the login’s. */
async function isStillGood(world: World, token: string): Promise<boolean> {
  const decision = await world.ask({
    target: '/?cloudflared_token_check=true',
    headers: { 'Cf-Access-Token': token, 'user-agent': agent },
  })
  const path = new URL(headerOf(decision, 'location') ?? 'https://x/').pathname
  return !(outcome(decision) === '302' && path.startsWith('/cdn-cgi/access/login'))
}

test('access login: discovery, browser, transfer, decryption, and the token works', async () => {
  const world = await prepared()
  const { app_token: token, org_token: org, info } = await accessLogin(world)
  const claims = claimsIn(token)
  assert.deepEqual(claims.aud, [info.aud])
  assert.ok(Number(claims.exp) > world.store.now() / 1000)
  assert.equal(claimsIn(org).type, 'org')
  assert.equal(outcome(await world.ask({ headers: { 'Cf-Access-Token': token } })), 'pass')
  assert.equal(await isStillGood(world, token), true)
  world.store.advance(25 * 3_600_000)
  assert.equal(await isStillGood(world, token), false)
})

test('a parcel is fetched once, and by nobody else’s key', async () => {
  const world = await createWorld([], { transferWait: 20 })
  world.identityProvider(idp)
  world.application({ policies: [{ decision: 'allow' }] })
  const { aud } = await discover(world)
  const { publicKey } = encrypter()
  await logInWithBrowser(world, cliUrl(url(), aud, publicKey))
  const ask = async (key: string): Promise<string> =>
    outcome(await world.ask({ hostname: 'login.cloudflareaccess.org', target: `/transfer/${key}` }))
  assert.equal(await ask(encrypter().publicKey), '204')
  assert.equal(await ask(publicKey.replace('=', '%3D')), '200')
  assert.equal(await ask(publicKey), '204')
})

test('the end of the lab ends the waiting', async () => {
  const world = await createWorld([], { transferWait: 600_000 })
  const waiting = world.ask({
    hostname: 'login.cloudflareaccess.org',
    target: `/transfer/${encrypter().publicKey}`,
  })
  await world.gate.close()
  assert.equal(outcome(await waiting), '204')
})

test('what is no key, or no application, gets nothing', async () => {
  const world = await prepared()
  const { browser } = await loggedIn(world, idp)
  const [application] = Object.values(world.account.access.applications)
  const bad = await browser.request(cliUrl(url(), application?.aud ?? '', 'not a key'))
  assert.equal(bad.status, 400)
  const unknown = await browser.request(cliUrl(url(), 'f'.repeat(64), encrypter().publicKey))
  assert.equal(unknown.status, 404)
})

/** exchangeOrgToken: redirects, with the global token at the login and CF_AppSession from an earlier answer at `authorized`. */
async function exchange(world: World, orgToken: string): Promise<string | undefined> {
  let target = url()
  let appSession: string | undefined
  for (let hops = 0; hops < 10; hops += 1) {
    const { hostname, pathname, search } = new URL(target)
    const cookie = pathname.includes('/cdn-cgi/access/login')
      ? `CF_Authorization=${orgToken}`
      : pathname.includes('/cdn-cgi/access/authorized') && appSession !== undefined
        ? `CF_AppSession=${appSession}`
        : undefined
    const decision = await world.ask({
      method: 'HEAD',
      hostname,
      target: `${pathname}${search}`,
      headers: { 'user-agent': agent, ...(cookie === undefined ? {} : { cookie }) },
    })
    if (decision.kind !== 'answer') return undefined
    const setCookies = decision.headers.filter(([name]) => name === 'set-cookie').map(([, value]) => value)
    appSession ??= setCookies.flatMap((line) => /^CF_AppSession=([^;]+)/.exec(line)?.[1] ?? [])[0]
    if (pathname.includes('/cdn-cgi/access/authorized')) {
      const [line = ''] = setCookies.filter((one) => one.startsWith('CF_Authorization='))
      const expires = Date.parse(/Expires=([^;]+)/.exec(line)?.[1] ?? '')
      return expires > world.store.now() ? /^CF_Authorization=([^;]+)/.exec(line)?.[1] : undefined
    }
    const location = headerOf(decision, 'location')
    if (location === undefined) return undefined
    target = new URL(location, target).href
  }
  return undefined
}

test('without a browser: a global token is exchanged for an application token', async () => {
  const world = await prepared()
  const { org_token: org } = await accessLogin(world)
  const token = await exchange(world, org)
  assert.ok(token)
  assert.equal(outcome(await world.ask({ headers: { 'Cf-Access-Token': token } })), 'pass')
  assert.equal(await exchange(world, token), undefined, 'an application token is no global one')
  assert.equal(await exchange(world, 'bad'), undefined)
  world.store.state.delays.sessionRevocation = 0
  await world.ask({ target: '/cdn-cgi/access/logout', headers: { 'cf-access-token': token } })
  assert.equal(await exchange(world, org), undefined, 'revoked')
})
