/**
 * Service tokens: forms, life cycle, strict mode.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccessServiceToken } from '../state/access-types.ts'
import { hashOf, newTag } from '../state/ids.ts'
import { forge, type Service, service } from './testing/forge.ts'
import { headerOf, outcome, toOrigin } from './testing/steps.ts'
import { createWorld, type World } from './testing/world.ts'

const pair = (id: string, secret: string): Record<string, string> => ({
  'CF-Access-Client-Id': id,
  'CF-Access-Client-Secret': secret,
})
const of = ({ token, secret }: { token: AccessServiceToken; secret: string }): Record<string, string> =>
  pair(token.clientId, secret)
const ask = async ({ world }: Service, headers: Record<string, string | string[]>): Promise<string> =>
  outcome(await world.ask({ headers }))
const strict = (world: World): void => {
  const { organization } = world.account.access
  assert.ok(organization)
  organization.strictServiceTokenAuth = true
  world.store.changed()
}

test('the pair passes, and the answer brings a cookie that passes too', async () => {
  const here = service(await createWorld())
  const decision = await here.world.ask({ headers: of(here) })
  assert.equal(decision.kind, 'pass')
  assert.ok(decision.kind === 'pass')
  const [cookie = ''] = decision.setCookies
  assert.match(cookie, /^CF_Authorization=ey[^;]+; .*Path=\/.*; HttpOnly; Secure; SameSite=None$/)
  assert.equal(await ask(here, { cookie: cookie.split(';', 1)[0] ?? '' }), 'pass')
  assert.equal(toOrigin(decision, 'cf-access-authenticated-user-email'), undefined)
  assert.equal(here.token.lastSeenAt?.slice(0, 4), String(new Date().getFullYear()))
})

test('the secret goes no further than Access', async () => {
  const here = service(await createWorld(), {
    settings: { read_service_tokens_from_header: 'Authorization' },
  })
  const decision = await here.world.ask({ headers: { ...of(here), accept: '*/*' } })
  assert.ok(decision.kind === 'pass')
  assert.deepEqual(decision.removedHeaders, ['CF-Access-Client-Id', 'CF-Access-Client-Secret'])
  const single = await here.world.ask({ headers: { authorization: json(here.token.clientId, here.secret) } })
  assert.ok(single.kind === 'pass')
  assert.deepEqual(single.removedHeaders, ['authorization'])
})

const json = (id: string, secret: string): string =>
  JSON.stringify({ 'cf-access-client-id': id, 'cf-access-client-secret': secret })

test('what is no token: wrong, changed, swapped, mixed and empty values', async () => {
  const world = await createWorld()
  const here = service(world)
  const other = world.serviceToken()
  const { clientId } = here.token
  const values: [string, string][] = [
    [clientId, newTag()],
    [clientId, here.secret.slice(0, -1)],
    [clientId, `${here.secret}0`],
    [clientId, here.secret.toUpperCase()],
    [clientId, other.secret],
    [other.token.clientId, here.secret],
    [here.secret, clientId],
    [clientId.toUpperCase(), here.secret],
    ['', ''],
    [clientId, ''],
    ['', here.secret],
    ['*', '*'],
    ['null', 'undefined'],
    [clientId, hashOf(here.secret)],
  ]
  for (const [id, secret] of values) assert.equal(await ask(here, pair(id, secret)), '403', `${id} ${secret}`)
  assert.equal(await ask(here, { 'cf-access-client-id': clientId }), '403')
  assert.equal(await ask(here, { 'cf-access-client-secret': here.secret }), '403')
  assert.equal(
    await ask(here, { CF_Access_Client_Id: clientId, CF_Access_Client_Secret: here.secret }),
    '403',
  )
  const query = `/?cf-access-client-id=${clientId}&cf-access-client-secret=${here.secret}`
  assert.equal(outcome(await world.ask({ target: query })), '403')
  assert.equal(await ask(here, of(here)), 'pass')
})

test('a policy for one token is not satisfied by another; the selector for any is', async () => {
  const world = await createWorld()
  const here = service(world)
  const other = world.serviceToken()
  assert.equal(await ask(here, of(other)), '403')
  const any = service(await createWorld(), {
    policies: [{ decision: 'non_identity', include: [{ any_valid_service_token: {} }] }],
  })
  assert.equal(await ask(any, of(any.world.serviceToken())), 'pass')
  assert.equal(await ask(any, pair('x', 'y')), '403')
})

test('point 14: the single header takes the JSON form, and nothing else', async () => {
  const world = await createWorld()
  const here = service(world, { settings: { read_service_tokens_from_header: 'X-Service' } })
  const { clientId } = here.token
  assert.equal(await ask(here, { 'x-service': json(clientId, here.secret) }), 'pass')
  assert.equal(await ask(here, of(here)), 'pass')
  const bad = [
    json(clientId, 'wrong'),
    `Bearer ${json(clientId, here.secret)}`,
    `${clientId}:${here.secret}`,
    `[${json(clientId, here.secret)}]`,
    json(clientId, here.secret).replace('}', ',"more":1}'),
    `{"cf-access-client-id":"x",${json(clientId, here.secret).slice(1)}`,
    JSON.stringify({ 'cf-access-client-id': [clientId], 'cf-access-client-secret': here.secret }),
    `{"cf-access-client-id":"${clientId}"}`,
    '{',
    'null',
    `${' '.repeat(5000)}${json(clientId, here.secret)}`,
  ]
  for (const value of bad)
    assert.equal(await ask(here, { 'x-service': value }), '403', value.trim().slice(0, 60))
  const elsewhere = service(await createWorld())
  assert.equal(await ask(elsewhere, { 'x-service': json(elsewhere.token.clientId, elsewhere.secret) }), '403')
})

test('point 14: the old secret is good until previous_client_secret_expires_at', async () => {
  const here = service(await createWorld())
  const { world, token } = here
  const fresh = newTag()
  token.previous = {
    secretHash: token.secretHash,
    until: new Date(world.store.now() + 3_600_000).toISOString(),
  }
  token.secretHash = hashOf(fresh)
  world.store.changed()
  assert.deepEqual(
    [await ask(here, of(here)), await ask(here, pair(token.clientId, fresh))],
    ['pass', 'pass'],
  )
  world.store.advance(3_600_001)
  assert.deepEqual([await ask(here, of(here)), await ask(here, pair(token.clientId, fresh))], ['403', 'pass'])
})

test('a disabled token is refused, its old secret and its cookie too', async () => {
  const here = service(await createWorld())
  const { world, token } = here
  const old = newTag()
  const cookie = { cookie: `CF_Authorization=${forge(here)}` }
  token.previous = { secretHash: hashOf(old), until: new Date(world.store.now() + 3_600_000).toISOString() }
  const all = async (): Promise<string[]> => [
    await ask(here, of(here)),
    await ask(here, pair(token.clientId, old)),
    await ask(here, cookie),
  ]
  assert.deepEqual(await all(), ['pass', 'pass', 'pass'])
  token.enabled = false
  world.store.changed()
  assert.deepEqual(await all(), ['403', '403', '403'])
  token.enabled = true
  world.store.changed()
  assert.deepEqual(await all(), ['pass', 'pass', 'pass'])
})

test('an expired and a deleted token are refused, their cookies too', async () => {
  const here = service(await createWorld())
  const { world, token } = here
  const cookie = { cookie: `CF_Authorization=${forge(here)}` }
  token.expiresAt = new Date(world.store.now() + 60_000).toISOString()
  world.store.changed()
  assert.deepEqual([await ask(here, of(here)), await ask(here, cookie)], ['pass', 'pass'])
  world.store.advance(60_000)
  assert.deepEqual([await ask(here, of(here)), await ask(here, cookie)], ['403', '403'])
  token.expiresAt = undefined
  assert.equal(await ask(here, of(here)), 'pass')
  delete world.account.access.serviceTokens[token.id]
  world.store.changed()
  assert.deepEqual([await ask(here, of(here)), await ask(here, cookie)], ['403', '403'])
})

test('point 14: with an Allow policy only, a service token gets the login redirect', async () => {
  const world = await createWorld()
  const { token, secret } = world.serviceToken()
  world.application({
    policies: [
      {
        decision: 'allow',
        include: [{ service_token: { token_id: token.id } }, { any_valid_service_token: {} }],
      },
    ],
  })
  const decision = await world.ask({ headers: pair(token.clientId, secret) })
  assert.equal(outcome(decision), '302')
  assert.match(headerOf(decision, 'location') ?? '', /\/cdn-cgi\/access\/login\//)
})

test('point 14: service_auth_401_redirect makes the refusal a 401', async () => {
  const plain = service(await createWorld())
  assert.equal(await ask(plain, {}), '403')
  const world = await createWorld()
  const here = service(world, { settings: { service_auth_401_redirect: true } })
  assert.equal(await ask(here, {}), '401')
  assert.equal(await ask(here, pair('x', 'y')), '401')
  assert.equal(await ask(here, of(here)), 'pass')
})

test('where an Allow policy is there too, 401 is for those who came with a service token', async () => {
  const world = await createWorld()
  const { token } = world.serviceToken()
  world.application({
    settings: { service_auth_401_redirect: true },
    policies: [
      { decision: 'non_identity', include: [{ service_token: { token_id: token.id } }] },
      { decision: 'allow' },
    ],
  })
  assert.equal(outcome(await world.ask({ headers: pair(token.clientId, 'wrong') })), '401')
  assert.equal(outcome(await world.ask()), '302')
})

test('without strict mode a bad token falls back to the session', async () => {
  const here = service(await createWorld())
  const cookie = `CF_Authorization=${forge(here)}`
  assert.equal(await ask(here, { ...pair('x', 'y'), cookie }), 'pass')
})

test('point 14: strict mode: 401, 403, no cookie in either direction', async () => {
  const here = service(await createWorld())
  const { world } = here
  const other = world.serviceToken()
  strict(world)
  const cookie = `CF_Authorization=${forge(here)}`
  assert.equal(await ask(here, pair('x', 'y')), '401')
  assert.equal(await ask(here, { ...pair('x', 'y'), cookie }), '401')
  assert.equal(await ask(here, of(other)), '403')
  assert.equal(await ask(here, { ...of(other), cookie }), '403')
  const decision = await world.ask({ headers: of(here) })
  assert.ok(decision.kind === 'pass')
  assert.deepEqual(decision.setCookies, [])
  // Without credentials of a service token, strict mode is not about the request.
  assert.equal(await ask(here, { cookie }), 'pass')
})

test('strict mode refuses duplicate and incomplete headers, and both forms at once', async () => {
  const world = await createWorld()
  const here = service(world, { settings: { read_service_tokens_from_header: 'x-service' } })
  strict(world)
  const { clientId } = here.token
  const bad: Record<string, string | string[]>[] = [
    { 'cf-access-client-id': clientId },
    { 'cf-access-client-secret': here.secret },
    { 'cf-access-client-id': [clientId, clientId], 'cf-access-client-secret': here.secret },
    { 'cf-access-client-id': clientId, 'cf-access-client-secret': [here.secret, 'x'] },
    { ...of(here), 'x-service': json(clientId, here.secret) },
    { 'x-service': [json(clientId, here.secret), json(clientId, here.secret)] },
    { 'x-service': `{"cf-access-client-id":"${clientId}"}` },
  ]
  for (const headers of bad)
    assert.equal(await ask(here, headers), '401', JSON.stringify(Object.keys(headers)))
  assert.equal(await ask(here, of(here)), 'pass')
  assert.equal(await ask(here, { 'x-service': json(clientId, here.secret) }), 'pass')
})

test('strict mode: Allow policies do not count, Bypass policies do', async () => {
  const world = await createWorld()
  const { token, secret } = world.serviceToken()
  const application = world.application({ policies: [{ decision: 'allow' }] })
  strict(world)
  assert.equal(outcome(await world.ask({ headers: pair(token.clientId, secret) })), '403')
  application.policies.push(world.policy({ decision: 'bypass' }).id)
  world.store.changed()
  assert.equal(outcome(await world.ask({ headers: pair(token.clientId, secret) })), 'pass')
})

test('revoke_tokens ends the cookie, not the token', async () => {
  const here = service(await createWorld())
  const { world, application } = here
  const cookie = { cookie: `CF_Authorization=${forge(here)}` }
  const now = world.store.now()
  world.account.access.revocations.push({
    who: { application: application.aud },
    issuedUntil: now,
    from: now + 20_000,
  })
  world.store.changed()
  assert.equal(await ask(here, cookie), 'pass')
  world.store.advance(20_000)
  assert.deepEqual([await ask(here, cookie), await ask(here, of(here))], ['403', 'pass'])
  assert.equal(await ask(here, { cookie: `CF_Authorization=${forge(here)}` }), 'pass')
})

test('a token for one hostname of an application with two is good at both', async () => {
  const here = service(await createWorld(), { domains: ['app.harness.test', 'other.harness.test'] })
  const headers = { cookie: `CF_Authorization=${forge(here)}` }
  assert.equal(outcome(await here.world.ask({ hostname: 'other.harness.test', headers })), 'pass')
})

test('with the binding cookie on, a service gets one too, and its session needs it', async () => {
  const here = service(await createWorld(), { settings: { enable_binding_cookie: true } })
  const decision = await here.world.ask({ headers: of(here) })
  assert.ok(decision.kind === 'pass')
  const [token = '', binding = ''] = decision.setCookies.map((line) => line.split(';', 1)[0] ?? '')
  assert.match(binding, /^CF_Binding=/)
  assert.equal(await ask(here, { cookie: `${token}; ${binding}` }), 'pass')
  assert.equal(await ask(here, { cookie: token }), '403')
})

test('last_seen_at moves once a minute, so that requests do not change the state', async () => {
  const here = service(await createWorld())
  const { world } = here
  await ask(here, of(here))
  const { revision } = world.store
  await ask(here, of(here))
  assert.equal(world.store.revision, revision)
  world.store.advance(61_000)
  const seen = here.token.lastSeenAt
  await ask(here, of(here))
  assert.notEqual(here.token.lastSeenAt, seen)
})
