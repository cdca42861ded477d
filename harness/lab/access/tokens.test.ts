/**
 * Which tokens count.
 */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { AccessSigningKey } from '../state/access-types.ts'
import { createSigningKey, rotateKeys } from './keys.ts'
import { embedded, type Forgery, forge, hs256, type Service, service } from './testing/forge.ts'
import { claimsIn, outcome, toOrigin } from './testing/steps.ts'
import { createWorld, team } from './testing/world.ts'

let own: AccessSigningKey
let subject: Service
before(async () => {
  own = await createSigningKey(Date.now())
  subject = service(await createWorld())
})

const withCookie = async ({ world }: Service, token: string): Promise<string> =>
  outcome(await world.ask({ headers: { cookie: `CF_Authorization=${token}` } }))

test('point 12: a service token’s JWT has no nbf, no email, an empty sub and the Client ID as common_name', async () => {
  const { world, application, token, secret } = subject
  const decision = await world.ask({
    headers: { 'CF-Access-Client-Id': token.clientId, 'CF-Access-Client-Secret': secret },
  })
  const jwt = toOrigin(decision, 'cf-access-jwt-assertion') ?? ''
  const { iat, exp, ...rest } = claimsIn(jwt)
  assert.deepEqual(rest, {
    type: 'app',
    aud: [application.aud],
    iss: `https://${team}`,
    common_name: token.clientId,
    sub: '',
  })
  assert.equal(Number(exp) - Number(iat), 24 * 3600)
  const header = JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString()) as object
  assert.deepEqual(header, { alg: 'RS256', kid: world.account.access.keys.current.kid, typ: 'JWT' })
})

test('a good token passes, in the cookie and in the header', async () => {
  const token = forge(subject)
  assert.equal(await withCookie(subject, token), 'pass')
  const decision = await subject.world.ask({ headers: { 'Cf-Access-Token': token } })
  assert.equal(outcome(decision), 'pass')
  assert.equal(toOrigin(decision, 'cf-access-jwt-assertion'), token)
})

test('a token in the query, in Authorization or as assertion is none', async () => {
  const token = forge(subject)
  const { world } = subject
  for (const asking of [
    { target: `/?cf-access-token=${token}` },
    { headers: { authorization: `Bearer ${token}` } },
    { headers: { 'cf-access-jwt-assertion': token } },
    { headers: { cf_access_token: token } },
  ])
    assert.equal(outcome(await world.ask(asking)), '403')
})

const now = (): number => Math.floor(subject.world.store.now() / 1000)
const bad: Readonly<Record<string, () => Forgery>> = {
  'alg none': () => ({ header: { alg: 'none' }, signature: () => '' }),
  'alg NONE': () => ({ header: { alg: 'NONE' }, signature: () => '' }),
  'HS256 with the public key': () => hs256(subject),
  'an own key under the right kid': () => ({
    key: own,
    header: { kid: subject.world.account.access.keys.current.kid },
  }),
  'an own key in the header': () => embedded(own),
  'an own key by URL': () => ({
    key: own,
    header: { jku: 'http://127.0.0.1:1/jwks', x5u: 'http://127.0.0.1:1/' },
  }),
  'no kid': () => ({ header: { kid: undefined } }),
  'an unknown kid': () => ({ header: { kid: '0'.repeat(64) } }),
  'a kid that is no text': () => ({ header: { kid: [subject.world.account.access.keys.current.kid] } }),
  'an empty signature': () => ({ signature: () => '' }),
  'a short signature': () => ({ signature: () => 'AAAA' }),
  'critical headers': () => ({ header: { crit: ['unknown'], unknown: true } }),
  'an unencoded payload': () => ({ header: { crit: ['b64'], b64: false } }),
  'no aud': () => ({ claims: { aud: undefined } }),
  'another application': () => ({ claims: { aud: ['f'.repeat(64)] } }),
  'a part of the tag': () => ({ claims: { aud: [subject.application.aud.slice(0, 32)] } }),
  'a longer tag': () => ({ claims: { aud: [`${subject.application.aud}0`] } }),
  'the tag in capitals': () => ({ claims: { aud: [subject.application.aud.toUpperCase()] } }),
  'a nested array': () => ({ claims: { aud: [[subject.application.aud]] } }),
  'another issuer': () => ({ claims: { iss: 'https://foreign.cloudflareaccess.com' } }),
  'an issuer with a slash': () => ({ claims: { iss: `https://${team}/` } }),
  'issuers as array': () => ({ claims: { iss: [`https://${team}`] } }),
  'type org': () => ({ claims: { type: 'org' } }),
  'type meta': () => ({ claims: { type: 'meta' } }),
  'no type': () => ({ claims: { type: undefined } }),
  expired: () => ({ claims: { exp: now() } }),
  'no exp': () => ({ claims: { exp: undefined } }),
  'exp as text': () => ({ claims: { exp: String(now() + 600) } }),
  'exp as array': () => ({ claims: { exp: [now() + 600] } }),
  'nbf ahead': () => ({ claims: { nbf: now() + 60 } }),
  'nbf as text': () => ({ claims: { nbf: '1' } }),
  'iat ahead': () => ({ claims: { iat: now() + 3600 } }),
  'no iat': () => ({ claims: { iat: undefined } }),
  'a Client ID nobody has': () => ({ claims: { common_name: 'x.access' } }),
  'a subject without session': () => ({ claims: { sub: 'user', identity_nonce: 'x' } }),
}

for (const [what, forgery] of Object.entries(bad)) {
  test(`a token with ${what} does not count`, async () => {
    assert.equal(await withCookie(subject, forge(subject, forgery())), '403')
  })
}

test('broken and huge tokens do not count', async () => {
  const token = forge(subject)
  const [head = '', payload = '', signature = ''] = token.split('.')
  const flipped = `${signature.slice(0, 20)}${signature[20] === 'A' ? 'B' : 'A'}${signature.slice(21)}`
  const json = JSON.stringify({ payload, signatures: [{ protected: head, signature }] })
  const broken = [
    '',
    '...',
    'a.b.c',
    head,
    `${head}.${payload}`,
    `${head}.${payload}.${flipped}`,
    `${head}.${payload}.${signature}.`,
    ` ${payload}.${signature}`,
    '.'.repeat(7000),
    `${head}.${payload}.${'A'.repeat(1_000_000)}`,
    Buffer.from(json).toString('base64'),
  ]
  for (const text of broken) assert.equal(await withCookie(subject, text), '403', text.slice(0, 40))
})

test('a string as aud is as good as an array', async () => {
  assert.equal(
    await withCookie(subject, forge(subject, { claims: { aud: subject.application.aud } })),
    'pass',
  )
})

test('a foreign team’s key signs nothing here', async () => {
  const world = await createWorld()
  const foreign = Object.values(world.store.state.accounts).find(({ id }) => id !== world.account.id)
  const { current } = foreign?.access.keys ?? {}
  assert.ok(current)
  const here = service(world)
  assert.equal(await withCookie(here, forge(here, { key: current })), '403')
})

test('point 13: the JWKS holds two keys after a rotation; the previous one counts for seven days', async () => {
  const world = await createWorld()
  const here = service(world)
  const old = world.account.access.keys.current
  const certs = async (): Promise<{
    keys: { kid: string; kty: string; alg: string; use: string; n: string; e: string }[]
    public_cert: { kid: string; cert: string }
    public_certs: { kid: string; cert: string }[]
  }> => {
    const decision = await world.ask({ hostname: team, target: '/cdn-cgi/access/certs' })
    assert.equal(outcome(decision), '200')
    return JSON.parse(decision.kind === 'answer' ? decision.body.toString() : '')
  }
  const kids = async (): Promise<string[]> => (await certs()).keys.map(({ kid }) => kid)
  assert.deepEqual(await kids(), [old.kid])
  await rotateKeys(world.account.access, world.store.now())
  world.store.changed()
  const { kid } = world.account.access.keys.current
  const published = await certs()
  assert.deepEqual(
    published.keys.map((key) => key.kid),
    [kid, old.kid],
  )
  assert.deepEqual(
    published.keys.map(({ kty, alg, use }) => [kty, alg, use]),
    [
      ['RSA', 'RS256', 'sig'],
      ['RSA', 'RS256', 'sig'],
    ],
  )
  assert.equal(published.public_cert.kid, kid)
  assert.deepEqual(
    published.public_certs.map((cert) => cert.kid),
    [kid, old.kid],
  )
  assert.match(published.public_cert.cert, /^-----BEGIN CERTIFICATE-----/)
  const week = 7 * 24 * 3600
  const long = { exp: now() + 2 * week }
  const token = forge(here, { key: old, claims: long })
  assert.equal(await withCookie(here, token), 'pass')
  assert.equal(await withCookie(here, forge(here, { claims: long })), 'pass')
  world.store.advance((week - 1) * 1000)
  assert.equal(await withCookie(here, token), 'pass')
  world.store.advance(2000)
  assert.equal(await withCookie(here, token), '403')
  assert.deepEqual(await kids(), [kid])
})

test('keys rotate by themselves when their six weeks are over', async () => {
  const world = await createWorld()
  const here = service(world)
  const { kid } = world.account.access.keys.current
  world.store.advance(43 * 24 * 3600 * 1000)
  const decision = await world.ask({
    headers: { 'CF-Access-Client-Id': here.token.clientId, 'CF-Access-Client-Secret': here.secret },
  })
  assert.equal(outcome(decision), 'pass')
  assert.notEqual(world.account.access.keys.current.kid, kid)
  assert.equal(await withCookie(here, toOrigin(decision, 'cf-access-jwt-assertion') ?? ''), 'pass')
})

test('the header goes before the cookie, and a bad header is not made good by a cookie', async () => {
  const good = forge(subject)
  const expired = forge(subject, { claims: { exp: now() } })
  const ask = async (header: string | string[], cookie: string): Promise<string> =>
    outcome(
      await subject.world.ask({
        headers: { 'cf-access-token': header, cookie: `CF_Authorization=${cookie}` },
      }),
    )
  assert.equal(await ask(good, expired), 'pass')
  assert.equal(await ask(expired, good), '403')
  assert.equal(await ask([good, good], good), '403')
})

test('of two cookies the first counts', async () => {
  const good = forge(subject)
  const ask = async (cookie: string): Promise<string> =>
    outcome(await subject.world.ask({ headers: { cookie } }))
  assert.equal(await ask(`a=b; CF_Authorization=${good}; CF_Authorization=bad`), 'pass')
  assert.equal(await ask(`CF_Authorization=bad; CF_Authorization=${good}`), '403')
  assert.equal(await ask(`cf_authorization=${good}`), '403')
})

test('the verdict does not depend on what was asked before', async () => {
  const other = service(subject.world, { domains: ['other.harness.test'] })
  const token = forge(subject)
  const ask = async (hostname: string): Promise<string> =>
    outcome(await subject.world.ask({ hostname, headers: { cookie: `CF_Authorization=${token}` } }))
  const hostnames = ['app.harness.test', 'other.harness.test', 'app.harness.test', 'other.harness.test']
  assert.deepEqual(await Promise.all(hostnames.map(ask)), ['pass', '403', 'pass', '403'])
  assert.equal(other.application.aud === subject.application.aud, false)
})
