/**
 * The identity provider by itself: what a careful relying party meets.
 */
import assert from 'node:assert/strict'
import { after, before, mock, test } from 'node:test'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretBasic,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  randomPKCECodeVerifier,
} from 'openid-client'
import { createBrowser, type Page } from '../access/testing/browser.ts'
import { passwordOf, redirectUri } from '../access/testing/steps.ts'
import { createWorld } from '../access/testing/world.ts'
import { type Idp, startIdp } from './idp.ts'

let idp: Idp
before(async () => {
  idp = await startIdp({ redirectUris: [redirectUri] })
})
after(() => idp.close())

const discovered = (secret = idp.clientSecret, id = idp.clientId): Promise<Configuration> =>
  discovery(new URL(idp.issuer), id, {}, ClientSecretBasic(secret), { execute: [allowInsecureRequests] })

interface Attempt {
  username?: string
  scope?: string
  parameters?: Record<string, string>
}

/** The callback URL after logging in, and the verifier. */
async function logIn({
  username = 'alice',
  scope = 'openid email profile groups',
  parameters = {},
}: Attempt = {}) {
  const configuration = await discovered()
  const verifier = randomPKCECodeVerifier()
  const start = buildAuthorizationUrl(configuration, {
    redirect_uri: redirectUri,
    scope,
    state: 'state',
    nonce: 'nonce',
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...parameters,
  })
  const browser = createBrowser(await createWorld())
  const form = await browser.follow(start.href)
  const page = await browser.logIn(form, username, passwordOf(idp, username), (at) =>
    (at.headers.get('location') ?? '').startsWith('https://'),
  )
  return { configuration, verifier, browser, form, callback: new URL(page.headers.get('location') ?? '') }
}

const checks = (verifier: string) => ({
  expectedState: 'state',
  expectedNonce: 'nonce',
  pkceCodeVerifier: verifier,
})

test('discovery, login form, code, and an ID token with e-mail address and groups', async () => {
  const { configuration, verifier, callback } = await logIn()
  const tokens = await authorizationCodeGrant(configuration, callback, checks(verifier))
  const { payload } = await jwtVerify(tokens.id_token ?? '', createRemoteJWKSet(new URL(idp.certsUrl)), {
    issuer: idp.issuer,
    audience: idp.clientId,
  })
  assert.equal(payload.email, 'alice@harness.test')
  assert.deepEqual(payload.groups, ['engineering'])
  assert.equal(payload.sub, idp.users.find(({ username }) => username === 'alice')?.sub)
  const metadata = configuration.serverMetadata()
  assert.equal(metadata.issuer, idp.issuer)
  assert.equal(metadata.authorization_endpoint, idp.authUrl)
  assert.equal(metadata.token_endpoint, idp.tokenUrl)
  assert.equal(metadata.jwks_uri, idp.certsUrl)
})

test('claims go with the scopes that were asked for', async () => {
  const { configuration, verifier, callback } = await logIn({ scope: 'openid' })
  const claims = (await authorizationCodeGrant(configuration, callback, checks(verifier))).claims()
  assert.equal(claims?.email, undefined)
  assert.equal(claims?.groups, undefined)
})

test('bob is in sales; mallory has no e-mail address', async () => {
  const claimsOf = async (username: string) => {
    const { configuration, verifier, callback } = await logIn({ username })
    return (await authorizationCodeGrant(configuration, callback, checks(verifier))).claims()
  }
  assert.deepEqual((await claimsOf('bob'))?.groups, ['sales'])
  const mallory = await claimsOf('mallory')
  assert.equal(mallory?.email, undefined)
  assert.deepEqual(mallory?.groups, ['engineering'])
})

test('a code is good once, with its verifier, its redirect URI and the client’s secret', async () => {
  const bad = async (
    change: (given: Awaited<ReturnType<typeof logIn>>) => Promise<unknown>,
  ): Promise<void> => {
    await assert.rejects(change(await logIn()), (error: { code?: string }) => error.code !== undefined)
  }
  await bad(async ({ configuration, callback }) =>
    authorizationCodeGrant(configuration, callback, checks(randomPKCECodeVerifier())),
  )
  await bad(async ({ configuration, callback }) =>
    authorizationCodeGrant(configuration, callback, { expectedState: 'state', expectedNonce: 'nonce' }),
  )
  await bad(async ({ callback, verifier }) =>
    authorizationCodeGrant(await discovered('wrong'), callback, checks(verifier)),
  )
  await bad(async ({ configuration, callback, verifier }) => {
    await authorizationCodeGrant(configuration, callback, checks(verifier))
    return authorizationCodeGrant(configuration, callback, checks(verifier))
  })
})

test('a redirect URI that was not allowed gets nobody anywhere', async () => {
  const configuration = await discovered()
  const page = await startWith(configuration, { redirect_uri: 'https://evil.example/callback' })
  assert.equal(page.status, 400)
  assert.equal(page.headers.get('location'), null)
  const added = 'https://lab.cloudflareaccess.com:9443/cdn-cgi/access/callback'
  assert.equal((await startWith(configuration, { redirect_uri: added })).status, 400)
  idp.allowRedirect(added)
  assert.equal((await startWith(configuration, { redirect_uri: added })).status, 303)
})

async function startWith(configuration: Configuration, parameters: Record<string, string>): Promise<Page> {
  const browser = createBrowser(await createWorld())
  const url = buildAuthorizationUrl(configuration, { scope: 'openid', state: 's', ...parameters })
  return browser.request(url.href)
}

test('an unknown client is refused', async () => {
  const page = await startWith(await discovered('x', '<b>unknown</b>'), { redirect_uri: redirectUri })
  assert.equal(page.status, 400)
  assert.ok(!page.body.includes('<b>unknown'))
})

test('a wrong password shows the form again, what was typed escaped, and the right one still works', async () => {
  const browser = createBrowser(await createWorld())
  const configuration = await discovered()
  const url = buildAuthorizationUrl(configuration, { scope: 'openid', state: 's', redirect_uri: redirectUri })
  const form = await browser.follow(url.href)
  assert.equal(form.status, 200)
  assert.match(form.body, /<form method="post">/)
  const password = passwordOf(idp, 'alice')
  for (const [name, word] of [
    ['alice', 'wrong'],
    ['alice', ''],
    ['', ''],
    ['nobody', password],
    ['alice', passwordOf(idp, 'bob')],
    ['"><script>x</script>', password],
  ] as const) {
    const page = await browser.logIn(form, name, word)
    assert.equal(page.status, 401, name)
    assert.match(page.body, /User name or password is wrong/)
    assert.ok(!page.body.includes('<script>'))
    assert.ok(!page.body.includes(password))
  }
  const landed = await browser.logIn(form, 'alice', password, (at) =>
    (at.headers.get('location') ?? '').startsWith('https://'),
  )
  assert.ok((landed.headers.get('location') ?? '').startsWith(redirectUri))
})

test('the form belongs to the browser that was sent to it', async () => {
  const { form } = await logIn()
  const other = createBrowser(await createWorld())
  assert.equal((await other.request(form.url)).status, 400)
  assert.equal((await other.logIn(form, 'alice', passwordOf(idp, 'alice'))).status, 400)
})

test('huge forms, other methods and unknown paths', async () => {
  const browser = createBrowser(await createWorld())
  const configuration = await discovered()
  const url = buildAuthorizationUrl(configuration, { scope: 'openid', state: 's', redirect_uri: redirectUri })
  const form = await browser.follow(url.href)
  assert.equal((await browser.logIn(form, 'a'.repeat(10_000), 'x')).status, 413)
  assert.equal((await browser.request(form.url, { method: 'DELETE' })).status, 405)
  const origin = `http://127.0.0.1:${idp.port}`
  for (const path of ['/', '/application/o/other/', '/interaction/', '/interaction/a/b'])
    assert.equal((await browser.request(`${origin}${path}`)).status, 404, path)
})

test('two starts have nothing in common, and nothing is printed', async () => {
  const printed = [mock.method(console, 'info'), mock.method(console, 'warn'), mock.method(console, 'log')]
  const other = await startIdp()
  try {
    assert.notEqual(other.clientSecret, idp.clientSecret)
    const passwords = [...other.users, ...idp.users].map(({ password }) => password)
    assert.equal(new Set(passwords).size, passwords.length)
    await logIn()
    assert.deepEqual(
      printed.map(({ mock: calls }) => calls.callCount()),
      [0, 0, 0],
    )
  } finally {
    for (const one of printed) one.mock.restore()
    await other.close()
  }
})
