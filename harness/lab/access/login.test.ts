/**
 * Logging in: real HTTP to the identity provider, the rest through the gate.
 */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { type Idp, startIdp } from '../idp/idp.ts'
import { queryOf } from './paths.ts'
import { createBrowser, type Page } from './testing/browser.ts'
import {
  atForm,
  claimsIn,
  loggedIn,
  outcome,
  passwordOf,
  redirectUri,
  toOrigin,
  url,
} from './testing/steps.ts'
import { createWorld, team, type World } from './testing/world.ts'

let idp: Idp
before(async () => {
  idp = await startIdp({ redirectUris: [redirectUri] })
})
after(() => idp.close())

const app = 'app.harness.test'
const failed = 'Failed to fetch user/group information from the identity provider'
const invalid = 'Invalid session. Please try logging in again'

/** A world with one application for engineers. */
async function engineers(
  ...[faults, settings, config]: [
    Parameters<typeof createWorld>[0]?,
    Parameters<World['application']>[0]?,
    Parameters<World['identityProvider']>[1]?,
  ]
): Promise<World> {
  const world = await createWorld(faults)
  const provider = world.identityProvider(idp, config)
  const group = { claim_name: 'groups', claim_value: 'engineering', identity_provider_id: provider.id }
  world.application({ policies: [{ decision: 'allow', include: [{ oidc: group }] }], ...settings })
  return world
}

test('alice logs in and lands where she wanted to go', async () => {
  const world = await engineers()
  const { page, token, browser } = await loggedIn(world, idp, { start: url('/deep/page?a=b') })
  assert.equal(page.decision?.kind, 'pass', page.body)
  assert.equal(page.url, url('/deep/page?a=b'))
  assert.ok(page.decision)
  assert.equal(toOrigin(page.decision, 'cf-access-jwt-assertion'), token)
  assert.equal(toOrigin(page.decision, 'cf-access-authenticated-user-email'), 'alice@harness.test')
  assert.ok(browser.cookie(team, 'CF_Authorization'))
  assert.ok(browser.cookie(team, 'CF_Session'))
})

test('point 12: the claims of a user’s application token and of the global session token', async () => {
  const world = await engineers([], {}, { claims: ['preferred_username', 'not-there'] })
  const { token, browser } = await loggedIn(world, idp)
  const { iat, nbf, exp, identity_nonce: nonce, sub, aud, ...rest } = claimsIn(token)
  assert.deepEqual(rest, {
    email: 'alice@harness.test',
    iss: `https://${team}`,
    type: 'app',
    country: 'US',
    custom: { preferred_username: 'alice' },
  })
  const [application] = Object.values(world.account.access.applications)
  assert.deepEqual(aud, [application?.aud])
  assert.equal(nbf, iat)
  assert.equal(Number(exp) - Number(iat), 24 * 3600)
  assert.match(String(nonce), /^[A-Za-z0-9]{16}$/)
  assert.equal(Object.values(world.account.access.users)[0]?.id, sub)
  const org = claimsIn(browser.cookie(team, 'CF_Authorization') ?? '')
  assert.equal(org.type, 'org')
  assert.equal(org.sub, sub)
})

test('bob logs in and is not let in: 403 with the operator’s message, escaped', async () => {
  const world = await engineers([], { settings: { custom_deny_message: 'Ask <Ann>' } })
  const { page, token } = await loggedIn(world, idp, { username: 'bob' })
  assert.equal(page.status, 403)
  assert.match(page.body, /Ask &lt;Ann&gt;/)
  assert.match(page.body, /"message":"Ask \\u003cAnn>"/)
  assert.equal(token, '')
})

test('custom_deny_url is where people are sent who are not let in', async () => {
  const world = await engineers([], { settings: { custom_deny_url: 'https://help.example/ask' } })
  const browser = createBrowser(world)
  const form = await atForm(browser, url())
  const page = await browser.logIn(form, 'bob', passwordOf(idp, 'bob'), (at) =>
    (at.headers.get('location') ?? '').startsWith('https://help.example/'),
  )
  assert.equal(page.status, 302)
  assert.equal(page.headers.get('location'), 'https://help.example/ask')
})

test('mallory has no e-mail address: the documented sentence', async () => {
  const { page, token } = await loggedIn(await engineers(), idp, { username: 'mallory' })
  assert.equal(page.status, 400)
  assert.ok(page.body.includes(failed))
  assert.equal(token, '')
})

test('whatever else is wrong with the provider: the same sentence, and nobody gets in', async () => {
  const broken = createServer((_, response) => response.writeHead(500).end('{}'))
  await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve))
  const dead = `http://127.0.0.1:${(broken.address() as AddressInfo).port}/`
  const configs = {
    'a wrong secret': { client_secret: 'wrong' },
    'no secret': { client_secret: '' },
    'a failing token endpoint': { token_url: dead },
    'a token endpoint that is not there': { token_url: 'http://127.0.0.1:1/' },
    'a token endpoint outside': { token_url: 'http://203.0.113.1/token' },
    'failing keys': { certs_url: dead },
    'keys without address': { certs_url: '' },
    'another e-mail claim': { email_claim_name: 'mail' },
    'no scope for the e-mail address': { scopes: ['openid'] },
  }
  try {
    for (const [what, config] of Object.entries(configs)) {
      const { page, token } = await loggedIn(await engineers([], {}, config), idp)
      assert.equal(page.status, 400, what)
      assert.ok(page.body.includes(failed), what)
      assert.equal(token, '', what)
    }
  } finally {
    broken.close()
  }
})

test('the provider’s own refusal comes back as the same sentence', async () => {
  const world = await engineers()
  const browser = createBrowser(world)
  const form = await atForm(browser, url())
  const state = await stateOf(browser, form)
  const page = await browser.request(`${redirectUri}?error=access_denied&state=${state}`)
  assert.ok(page.body.includes(failed))
})

/** The state of the login that the form belongs to: the only one there is. */
async function stateOf(browser: ReturnType<typeof createBrowser>, _form: Page): Promise<string> {
  const page = await browser.follow(url(), (at) => (at.headers.get('location') ?? '').startsWith(idp.issuer))
  if (page.status === 302) return queryOf(page.headers.get('location') ?? '').get('state') ?? ''
  const link = /href="([^"]+)"/.exec(page.body)?.[1]?.replaceAll('&amp;', '&') ?? ''
  const begun = await browser.request(new URL(link, page.url).href)
  return queryOf(begun.headers.get('location') ?? '').get('state') ?? ''
}

test('PKCE is used where it is on, and only there', async () => {
  for (const pkce of [true, false]) {
    const world = await engineers(
      [],
      { settings: { auto_redirect_to_identity: true } },
      { pkce_enabled: pkce },
    )
    const browser = createBrowser(world)
    const page = await browser.follow(url(), (at) =>
      (at.headers.get('location') ?? '').startsWith(idp.issuer),
    )
    const query = queryOf(page.headers.get('location') ?? '')
    assert.equal(query.get('code_challenge_method'), pkce ? 'S256' : null)
    assert.equal(query.has('code_challenge'), pkce)
    assert.equal(query.get('redirect_uri'), redirectUri)
    assert.ok(query.get('state') && query.get('nonce'))
    const { page: landed } = await loggedIn(world, idp)
    assert.equal(landed.decision?.kind, 'pass')
  }
})

test('auto_redirect_to_identity skips the choice where there is one provider', async () => {
  const world = await engineers([], { settings: { auto_redirect_to_identity: true } })
  const first = await createBrowser(world).follow(url())
  assert.ok(first.url.startsWith(`http://127.0.0.1:${idp.port}/interaction/`), first.url)
  world.identityProvider(idp)
  const second = await createBrowser(world).follow(url())
  assert.equal(new URL(second.url).hostname, team)
  assert.equal(second.status, 200)
  assert.equal(second.body.match(/<a href=/g)?.length, 2)
})

test('allowed_idps: others are neither shown nor taken', async () => {
  const world = await createWorld()
  const [one, two] = [world.identityProvider(idp), world.identityProvider(idp)]
  world.application({ settings: { allowed_idps: [one.id] }, policies: [{ decision: 'allow' }] })
  const browser = createBrowser(world)
  const page = await browser.follow(url())
  assert.ok(page.body.includes(one.id))
  assert.ok(!page.body.includes(two.id))
  assert.equal((await browser.request(`${page.url}&idp=${two.id}`)).status, 400)
  assert.equal((await browser.request(`${page.url}&idp=${one.id}`)).status, 302)
})

test('without a provider nobody can log in', async () => {
  const world = await createWorld()
  world.application({ policies: [{ decision: 'allow' }] })
  const page = await createBrowser(world).follow(url())
  assert.equal(page.status, 403)
})

test('one login serves all applications; each asks its own policies', async () => {
  const world = await engineers()
  world.application({ domains: ['other.harness.test'], policies: [{ decision: 'allow' }] })
  world.application({
    domains: ['deep.app.harness.test'],
    policies: [{ decision: 'allow', include: [{ email: { email: 'bob@harness.test' } }] }],
  })
  const { browser } = await loggedIn(world, idp)
  const other = await browser.follow(url('/x', 'other.harness.test'))
  assert.equal(other.decision?.kind, 'pass')
  assert.notEqual(
    browser.cookie(app, 'CF_Authorization'),
    browser.cookie('other.harness.test', 'CF_Authorization'),
  )
  const deep = await browser.follow(url('/', 'deep.app.harness.test'))
  assert.equal(deep.status, 403)
})

test('point 17: an expired application token is renewed silently by a live global session', async () => {
  const world = await engineers([], { sessionDuration: '30m' })
  const { browser, token } = await loggedIn(world, idp)
  world.store.advance(31 * 60_000)
  assert.equal(outcome(await world.ask({ headers: { cookie: `CF_Authorization=${token}` } })), '302')
  const page = await browser.follow(url('/again'))
  assert.equal(page.decision?.kind, 'pass')
  assert.notEqual(browser.cookie(app, 'CF_Authorization'), token)
  // After policies have changed, the renewal asks them.
  const [policy] = Object.values(world.account.access.policies)
  Object.assign(policy ?? {}, { include: [{ email: { email: 'bob@harness.test' } }] })
  world.store.changed()
  world.store.advance(31 * 60_000)
  assert.equal((await browser.follow(url())).status, 403)
  // And when the global session is over too, one logs in again.
  world.store.advance(24 * 3_600_000)
  const login = await browser.follow(url())
  assert.equal(new URL(login.url).hostname, team)
  assert.match(login.body, /Choose how to sign in/)
})

test('durations: policy before application before 24 hours', async () => {
  const world = await engineers([], { sessionDuration: '2h' })
  const seconds = (token: string): number => Number(claimsIn(token).exp) - Number(claimsIn(token).iat)
  assert.equal(seconds((await loggedIn(world, idp)).token), 7200)
  const [policy] = Object.values(world.account.access.policies)
  Object.assign(policy ?? {}, { sessionDuration: '15m' })
  world.store.changed()
  assert.equal(seconds((await loggedIn(world, idp)).token), 900)
})

test('a callback needs the browser that began, its state, and counts once', async () => {
  const world = await engineers([], { settings: { auto_redirect_to_identity: true } })
  const browser = createBrowser(world)
  const form = await atForm(browser, url())
  const stopped = await browser.logIn(form, 'alice', passwordOf(idp, 'alice'), (at) =>
    (at.headers.get('location') ?? '').startsWith(redirectUri),
  )
  const callback = stopped.headers.get('location') ?? ''
  assert.ok(callback.startsWith(redirectUri), stopped.body)
  const other = await createBrowser(world).request(callback)
  assert.equal(other.status, 400)
  assert.ok(other.body.includes(invalid))
  const changed = await browser.request(callback.replace(/state=[^&]+/, 'state=other'))
  assert.ok(changed.body.includes(invalid))
  const landed = await browser.follow(callback)
  assert.equal(landed.decision?.kind, 'pass', landed.body)
  const again = await browser.request(callback)
  assert.ok(again.body.includes(invalid))
})

test('point 15: authorized: an unknown nonce is 400, CF_AppSession is needed, once, at one hostname', async () => {
  const world = await engineers([], { domains: [app, 'other.harness.test'] })
  const { browser } = await loggedIn(world, idp, { start: url('/', app) })
  const admitted = async (): Promise<string> => {
    const page = await browser.follow(url('/new', 'other.harness.test'), (at) =>
      (at.headers.get('location') ?? '').includes('/authorized'),
    )
    return page.headers.get('location') ?? ''
  }
  const refused = (page: Page): void => {
    assert.equal(page.status, 400)
    assert.match(page.body, /Invalid login session/)
    assert.equal(page.headers.getSetCookie().length, 0)
  }
  const invented = '/cdn-cgi/access/authorized?nonce=invented&state=x'
  refused(await browser.request(url(invented, 'other.harness.test')))
  refused(await createBrowser(world).request(await admitted()))
  const wrongState = await admitted()
  refused(await browser.request(wrongState.replace(/state=[^&]+/, 'state=x')))
  const elsewhere = await admitted()
  refused(await browser.request(elsewhere.replace('other.harness.test', app)))
  const location = await admitted()
  const good = await browser.request(location)
  assert.equal(good.status, 302)
  assert.equal(good.headers.get('location'), url('/new', 'other.harness.test'))
  const expires = /CF_Authorization=[^;]+;.*Expires=([^;]+)/.exec(good.headers.getSetCookie()[0] ?? '')?.[1]
  assert.ok(Date.parse(expires ?? '') > world.store.now())
  refused(await browser.request(location))
  const late = await admittedAgain(browser)
  world.store.advance(61_000)
  refused(await browser.request(late))
})

async function admittedAgain(browser: ReturnType<typeof createBrowser>): Promise<string> {
  const at = browser.cookies.findIndex(
    ({ host, name }) => host === 'other.harness.test' && name === 'CF_Authorization',
  )
  browser.cookies.splice(at, 1)
  const page = await browser.follow(url('/new', 'other.harness.test'), (one) =>
    (one.headers.get('location') ?? '').includes('/authorized'),
  )
  return page.headers.get('location') ?? ''
}

test('redirect_url stays at the application', async () => {
  const world = await engineers()
  const { aud } = Object.values(world.account.access.applications)[0] ?? {}
  const { browser } = await loggedIn(world, idp)
  const bad = [
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '\\evil',
    'javascript:x',
    '/a\r\nx: y',
    'HTTPS:evil',
  ]
  const login = (redirect: string): string => {
    const query = new URLSearchParams({ kid: aud ?? '', redirect_url: redirect })
    return `https://${team}:8443/cdn-cgi/access/login/${app}?${query}`
  }
  for (const target of bad) {
    const page = await browser.request(login(target))
    assert.equal(page.status, 400, target)
    assert.equal(page.headers.get('location'), null)
  }
  const good = await browser.follow(login('/good?x=y'))
  assert.equal(good.url, url('/good?x=y'))
  assert.equal(good.decision?.kind, 'pass')
})

test('a login URL with another application’s meta starts anew at its own', async () => {
  const world = await engineers()
  const other = world.application({ domains: ['other.harness.test'], policies: [{ decision: 'allow' }] })
  const browser = createBrowser(world)
  const first = await browser.request(url('/a'))
  const location = new URL(first.headers.get('location') ?? '')
  location.pathname = '/cdn-cgi/access/login/other.harness.test'
  location.searchParams.set('kid', other.aud)
  const page = await browser.request(location.href)
  assert.equal(page.status, 302)
  assert.equal(page.headers.get('location'), url('/a', 'other.harness.test'))
  location.searchParams.set('kid', 'f'.repeat(64))
  assert.equal((await browser.request(location.href)).status, 404)
})

test('two logins in one browser at once both arrive', async () => {
  const world = await engineers([], { settings: { auto_redirect_to_identity: true } })
  const browser = createBrowser(world)
  const stop = (at: Page): boolean => (at.headers.get('location') ?? '').startsWith(redirectUri)
  const first = await browser.logIn(
    await atForm(browser, url('/one')),
    'alice',
    passwordOf(idp, 'alice'),
    stop,
  )
  const second = await browser.follow(url('/two'), stop)
  const [one, two] = [first, second].map((page) => page.headers.get('location') ?? '')
  assert.equal((await browser.follow(two ?? '')).url, url('/two'))
  assert.equal((await browser.follow(one ?? '')).url, url('/one'))
})

test('people keep their id over logins, whatever the case of their address', async () => {
  const world = await engineers()
  const first = claimsIn((await loggedIn(world, idp)).token)
  const second = claimsIn((await loggedIn(world, idp)).token)
  assert.equal(first.sub, second.sub)
  assert.notEqual(first.identity_nonce, second.identity_nonce)
  assert.equal(Object.keys(world.account.access.users).length, 1)
})

for (const idTokenAlgorithm of ['RS512', 'PS512', 'ES256'] as const) {
  test(`ID tokens signed with ${idTokenAlgorithm} are taken`, async () => {
    const other = await startIdp({ redirectUris: [redirectUri], idTokenAlgorithm })
    try {
      const world = await createWorld()
      world.identityProvider(other)
      world.application({ policies: [{ decision: 'allow' }] })
      assert.equal((await loggedIn(world, other)).page.decision?.kind, 'pass')
    } finally {
      await other.close()
    }
  })
}

test('ID tokens signed with PS256 are not', async () => {
  const other = await startIdp({ redirectUris: [redirectUri], idTokenAlgorithm: 'PS256' })
  try {
    const world = await createWorld()
    world.identityProvider(other)
    world.application({ policies: [{ decision: 'allow' }] })
    const { page } = await loggedIn(world, other)
    assert.ok(page.body.includes(failed))
  } finally {
    await other.close()
  }
})

test('get-identity says who it is, at the application and the team domain', async () => {
  const world = await engineers()
  const { browser, token } = await loggedIn(world, idp)
  const target = '/cdn-cgi/access/get-identity'
  for (const page of [await browser.request(url(target)), await browser.request(url(target, team))]) {
    assert.equal(page.status, 200)
    const identity = JSON.parse(page.body) as Record<string, unknown>
    assert.equal(identity.email, 'alice@harness.test')
    assert.deepEqual(identity.groups, ['engineering'])
    assert.equal(identity.service_token_status, false)
    assert.equal(identity.account_id, world.account.id)
  }
  // As documented: the application token, sent to the team domain.
  const headers = { cookie: `CF_Authorization=${token}` }
  const asked = await world.ask({ hostname: team, target, headers })
  assert.equal(outcome(asked), '200')
})
