/**
 * Sessions of users: what is checked again, how they end, which cookies they have.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Idp, startIdp } from '../idp/idp.ts'
import type { AccessApplicationSettings } from '../state/access-types.ts'
import { loggedIn, outcome, redirectUri, url } from './testing/steps.ts'
import { createCa, createWorld, type PolicyGiven, presented, team, type World } from './testing/world.ts'

let idp: Idp
before(async () => {
  idp = await startIdp({ redirectUris: [redirectUri] })
})
after(() => idp.close())

const app = 'app.harness.test'

async function worldWith(
  given: { policies?: PolicyGiven[]; settings?: AccessApplicationSettings; domains?: string[] } = {},
): Promise<World> {
  const world = await createWorld()
  world.identityProvider(idp)
  world.application({ policies: [{ decision: 'allow' }], ...given })
  return world
}

const withToken = async (
  world: World,
  token: string,
  asking: Parameters<World['ask']>[0] = {},
): Promise<string> =>
  outcome(await world.ask({ ...asking, headers: { cookie: `CF_Authorization=${token}` } }))

test('point 17: address and country are checked with every request', async () => {
  const world = await worldWith({
    policies: [
      { decision: 'deny', include: [{ geo: { country_code: 'RU' } }] },
      { decision: 'allow', exclude: [{ ip: { ip: '127.0.0.66' } }] },
    ],
  })
  const { token } = await loggedIn(world, idp)
  assert.equal(await withToken(world, token), 'pass')
  assert.equal(await withToken(world, token, { remoteAddress: '127.7.0.1' }), '403')
  assert.equal(await withToken(world, token, { remoteAddress: '127.49.0.1' }), 'pass')
  assert.equal(await withToken(world, token, { remoteAddress: '127.0.0.66' }), '403')
})

test('point 17: a certificate that an Allow policy requires is checked with every request', async () => {
  const ca = await createCa('Access CA')
  const world = await worldWith({ policies: [{ decision: 'allow', require: [{ certificate: {} }] }] })
  world.clientCa(ca, app)
  const certificate = await presented(ca, 'CN=laptop')
  assert.equal((await loggedIn(world, idp)).page.status, 403)
  // Shown at the application's hostname; the team domain asks for none.
  const { page, token: bound } = await loggedIn(world, idp, { certificate })
  assert.equal(page.decision?.kind, 'pass')
  assert.equal(await withToken(world, bound, { certificate }), 'pass')
  assert.equal(await withToken(world, bound), '403')
  const both = await worldWith({
    policies: [{ decision: 'allow', include: [{ everyone: {} }], exclude: [{ certificate: {} }] }],
  })
  both.clientCa(ca, app)
  const { token } = await loggedIn(both, idp)
  assert.equal(await withToken(both, token), 'pass')
  assert.equal(await withToken(both, token, { certificate }), '403')
})

test('point 17: a logout ends the sessions at all applications, after its lag; a new login waits a little', async () => {
  const world = await worldWith()
  world.application({ domains: ['other.harness.test'], policies: [{ decision: 'allow' }] })
  const { browser, token } = await loggedIn(world, idp)
  await browser.follow(url('/', 'other.harness.test'))
  const other = browser.cookie('other.harness.test', 'CF_Authorization') ?? ''
  const org = browser.cookie(team, 'CF_Authorization') ?? ''
  const page = await browser.request(url('/cdn-cgi/access/logout'))
  assert.equal(page.status, 200)
  assert.equal(browser.cookie(app, 'CF_Authorization'), undefined)
  const elsewhere = { hostname: 'other.harness.test' }
  assert.deepEqual(
    [await withToken(world, token), await withToken(world, other, elsewhere)],
    ['pass', 'pass'],
  )
  world.store.advance(25_000)
  assert.deepEqual([await withToken(world, token), await withToken(world, other, elsewhere)], ['302', '302'])
  // The global session is over as well.
  const renewed = await browser.follow(url())
  assert.match(renewed.body, /Choose how to sign in/)
  assert.ok(org)
  const tooSoon = await loggedIn(world, idp)
  assert.equal(tooSoon.page.status, 403)
  assert.match(tooSoon.page.body, /Please try again in a minute/)
  world.store.advance(25_000)
  const again = await loggedIn(world, idp)
  assert.equal(again.page.decision?.kind, 'pass')
  assert.equal(await withToken(world, token), '302')
})

test('a logout at the team domain does the same, and clears the cookie there', async () => {
  const world = await worldWith()
  world.store.state.delays.sessionRevocation = 0
  const { browser, token } = await loggedIn(world, idp)
  await browser.request(url('/cdn-cgi/access/logout', team))
  assert.equal(browser.cookie(team, 'CF_Authorization'), undefined)
  assert.equal(await withToken(world, token), '302')
  // Without a delay there is no waiting either.
  world.store.advance(1)
  assert.equal((await loggedIn(world, idp)).page.decision?.kind, 'pass')
})

test('a logout of nobody revokes nothing', async () => {
  const world = await worldWith()
  for (const hostname of [app, team])
    assert.equal(outcome(await world.ask({ hostname, target: '/cdn-cgi/access/logout' })), '200')
  assert.deepEqual(world.account.access.revocations, [])
})

test('one user’s logout is nobody else’s', async () => {
  const world = await worldWith()
  world.store.state.delays.sessionRevocation = 0
  const [alice, bob] = [await loggedIn(world, idp), await loggedIn(world, idp, { username: 'bob' })]
  await alice.browser.request(url('/cdn-cgi/access/logout'))
  assert.deepEqual([await withToken(world, alice.token), await withToken(world, bob.token)], ['302', 'pass'])
})

test('revoke_tokens of an application ends its sessions; the global session starts new ones', async () => {
  const world = await worldWith()
  const { browser, token } = await loggedIn(world, idp)
  const [application] = Object.values(world.account.access.applications)
  const now = world.store.now()
  world.account.access.revocations.push({
    who: { application: application?.aud ?? '' },
    issuedUntil: now,
    from: now,
  })
  world.store.changed()
  world.store.advance(1)
  assert.equal(await withToken(world, token), '302')
  assert.equal((await browser.follow(url())).decision?.kind, 'pass')
})

test('the binding cookie: needed where it is on, made for one token, never sent to the origin', async () => {
  const world = await worldWith({ settings: { enable_binding_cookie: true } })
  const { browser, token } = await loggedIn(world, idp)
  const binding = browser.cookie(app, 'CF_Binding') ?? ''
  assert.match(binding, /^[A-Za-z0-9_-]{43}$/)
  const ask = (cookie: string) => world.ask({ headers: { cookie } })
  const decision = await ask(`a=b; CF_Authorization=${token}; CF_Binding=${binding}`)
  assert.ok(decision.kind === 'pass')
  assert.equal(decision.cookie, `a=b; CF_Authorization=${token}`)
  assert.equal(outcome(await ask(`CF_Authorization=${token}`)), '302')
  assert.equal(outcome(await ask(`CF_Authorization=${token}; CF_Binding=`)), '302')
  assert.equal(outcome(await ask(`CF_Authorization=${token}; CF_Binding=${'A'.repeat(43)}`)), '302')
  const other = await loggedIn(world, idp)
  const theirs = other.browser.cookie(app, 'CF_Binding') ?? ''
  assert.equal(outcome(await ask(`CF_Authorization=${token}; CF_Binding=${theirs}`)), '302')
  const header = { 'cf-access-token': token }
  assert.equal(outcome(await world.ask({ headers: header })), '302')
  assert.equal(outcome(await world.ask({ headers: { ...header, cookie: `CF_Binding=${binding}` } })), 'pass')
})

test('cookie attributes are the application’s', async () => {
  const attributes = async (settings: AccessApplicationSettings, domains = [app]): Promise<string> => {
    const world = await worldWith({ settings, domains })
    const start = url(domains[0]?.slice(app.length) || '/')
    const { browser } = await loggedIn(world, idp, { start })
    const at = browser.cookies.findIndex(({ name, host }) => name === 'CF_Authorization' && host === app)
    browser.cookies.splice(at, 1)
    const page = await browser.follow(start, (one) => one.url.includes('/authorized'))
    const line = page.headers.getSetCookie().find((one) => one.startsWith('CF_Authorization='))
    return (line ?? '').replace(/^CF_Authorization=[^;]+; /, '').replace(/Expires=[^;]+; /, '')
  }
  assert.equal(await attributes({}), 'Path=/; HttpOnly; Secure; SameSite=None')
  assert.equal(await attributes({ http_only_cookie_attribute: false }), 'Path=/; Secure; SameSite=None')
  assert.equal(
    await attributes({ same_site_cookie_attribute: 'strict' }),
    'Path=/; HttpOnly; Secure; SameSite=Strict',
  )
  const path = await attributes({ path_cookie_attribute: true }, [`${app}/eng`])
  assert.equal(path, 'Path=/eng; HttpOnly; Secure; SameSite=None')
})

test('a token outlives neither its session nor a restart', async () => {
  const world = await worldWith()
  const { token } = await loggedIn(world, idp)
  const other = await createWorld()
  other.store.replace(world.store.state)
  assert.equal(outcome(await other.ask({ headers: { cookie: `CF_Authorization=${token}` } })), '302')
})

test('many requests at once are decided alike', async () => {
  const world = await worldWith()
  const logins = await Promise.all(
    ['alice', 'bob', 'alice', 'bob', 'alice'].map((username) => loggedIn(world, idp, { username })),
  )
  assert.deepEqual(
    await Promise.all(logins.map(({ token }) => withToken(world, token))),
    logins.map(() => 'pass'),
  )
  assert.equal(Object.keys(world.account.access.users).length, 2)
})
