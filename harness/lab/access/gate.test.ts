/**
 * What is covered, what Access answers itself, and what reaches the origin.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { queryOf } from './paths.ts'
import { forge, service } from './testing/forge.ts'
import { claimsIn, headerOf, outcome, toOrigin } from './testing/steps.ts'
import { createCa, createWorld, presented, team } from './testing/world.ts'

test('a hostname without application is none of Access’s business', async () => {
  const world = await createWorld()
  assert.equal(world.gate.concerns('app.harness.test', '/'), false)
  assert.equal(outcome(await world.ask()), 'not-covered')
  world.application()
  assert.equal(world.gate.concerns('app.harness.test', '/'), true)
  assert.equal(world.gate.concerns(team, '/'), true)
  assert.equal(world.gate.concerns('login.cloudflareaccess.org', '/'), true)
  assert.equal(world.gate.concerns('elsewhere.test', '/'), false)
  assert.equal(outcome(await world.ask()), '403')
  assert.equal(outcome(await world.ask({ hostname: 'other.harness.test' })), 'not-covered')
})

test('an application of the zone counts like one of the account', async () => {
  const world = await createWorld()
  world.application({ in: world.zone.access, policies: [{ decision: 'allow' }] })
  assert.equal(outcome(await world.ask()), '302')
})

test('an application of another account covers nothing here', async () => {
  const world = await createWorld()
  const foreign = Object.values(world.store.state.accounts).find(({ id }) => id !== world.account.id)
  assert.ok(foreign)
  world.application({ in: foreign.access })
  assert.equal(outcome(await world.ask()), 'not-covered')
})

test('the most specific application decides, however its path is written', async () => {
  const world = await createWorld()
  world.application({ policies: [{ decision: 'bypass' }] })
  world.application({ domains: ['app.harness.test/admin'], policies: [{ decision: 'deny' }] })
  world.application({ domains: ['*.harness.test'], policies: [{ decision: 'allow' }] })
  const at = async (target: string, hostname = 'app.harness.test'): Promise<string> =>
    outcome(await world.ask({ target, hostname }))
  assert.equal(await at('/'), 'pass')
  assert.equal(await at('/administrator'), 'pass')
  assert.equal(await at('/public?/admin'), 'pass')
  for (const path of ['/admin', '/admin/x', '/admin?x', '/%61dmin', '/x/../admin', '//admin', '/./admin'])
    assert.equal(await at(path), '403', path)
  assert.equal(await at('/', 'other.harness.test'), '302')
  assert.equal(await at('/', 'deep.app.harness.test'), 'not-covered')
  assert.equal(await at('/', 'harness.test'), 'not-covered')
})

test('/.well-known is protected like everything else', async () => {
  const world = await createWorld()
  world.application({ policies: [{ decision: 'allow' }] })
  for (const target of ['/.well-known/acme-challenge/x', '/.well-known/', '/favicon.ico', '/robots.txt'])
    assert.equal(outcome(await world.ask({ target })), '302', target)
})

test('point 15: the login redirect has kid, meta, redirect_url and www-authenticate', async () => {
  const world = await createWorld()
  const { aud } = world.application({ policies: [{ decision: 'allow' }] })
  const decision = await world.ask({ target: '/a/b?c=d&e=f' })
  assert.equal(outcome(decision), '302')
  const location = new URL(headerOf(decision, 'location') ?? '')
  assert.equal(location.origin, `https://${team}:8443`)
  assert.equal(location.pathname, '/cdn-cgi/access/login/app.harness.test')
  const query = queryOf(location.href)
  assert.deepEqual([...query.keys()], ['kid', 'meta', 'redirect_url'])
  assert.equal(query.get('kid'), aud)
  assert.equal(query.get('redirect_url'), '/a/b?c=d&e=f')
  const meta = claimsIn(query.get('meta') ?? '')
  assert.equal(meta.type, 'meta')
  assert.equal(meta.auth_status, 'NONE')
  assert.equal(meta.service_token_status, false)
  assert.equal(headerOf(decision, 'www-authenticate'), 'Cloudflare-Access')
  assert.match(
    headerOf(decision, 'set-cookie') ?? '',
    /^CF_AppSession=[^;]+; .*HttpOnly; Secure; SameSite=None$/,
  )
  const onDefaultPort = await world.ask({ port: 443 })
  assert.ok((headerOf(onDefaultPort, 'location') ?? '').startsWith(`https://${team}/cdn-cgi/`))
})

test('a target that is no path leads back to the start page', async () => {
  const world = await createWorld()
  world.application({ policies: [{ decision: 'allow' }] })
  for (const target of ['//evil.example/x', '/\\evil.example']) {
    const location = headerOf(await world.ask({ target }), 'location') ?? ''
    assert.equal(queryOf(location).get('redirect_url'), '/', target)
  }
})

test('a script gets 401 instead of the redirect', async () => {
  const world = await createWorld()
  const { aud } = world.application({ policies: [{ decision: 'allow' }] })
  const decision = await world.ask({ headers: { 'X-Requested-With': 'XMLHttpRequest' } })
  assert.equal(outcome(decision), '401')
  assert.equal(headerOf(decision, 'cf-access-aud'), aud)
  assert.equal(headerOf(decision, 'cf-access-domain'), 'app.harness.test')
  assert.equal(outcome(await world.ask({ headers: { 'X-Requested-With': 'other' } })), '302')
})

test('a refusal is a page with the same as JSON, escaped, and never stored', async () => {
  const world = await createWorld()
  const { aud } = world.application()
  const decision = await world.ask({ ray: '</script><b>' })
  assert.ok(decision.kind === 'answer')
  assert.equal(decision.status, 403)
  const body = decision.body.toString()
  assert.ok(!body.includes('</script><b>'))
  const [, json = ''] = /<script type="application\/json" id="error">(.*)<\/script>/.exec(body) ?? []
  const { message, ...rest } = JSON.parse(json) as Record<string, unknown>
  assert.match(String(message), /^Forbidden/)
  assert.deepEqual(rest, { status_code: 403, aud, ray_id: '</script><b>' })
  assert.equal(headerOf(decision, 'cf-access-aud'), aud)
  assert.match(headerOf(decision, 'cache-control') ?? '', /no-store/)
})

test('custom_non_identity_deny_url is where refused services are sent', async () => {
  const world = await createWorld()
  service(world, { settings: { custom_non_identity_deny_url: 'https://help.example/denied' } })
  const decision = await world.ask()
  assert.equal(outcome(decision), '302')
  assert.equal(headerOf(decision, 'location'), 'https://help.example/denied')
  const odd = await createWorld()
  service(odd, { settings: { custom_non_identity_deny_url: 'javascript:alert(1)' } })
  assert.equal(outcome(await odd.ask()), '403')
})

test('point 22: bypass skips identity, adds no assertion, and removes a client’s own', async () => {
  const world = await createWorld()
  world.application({
    policies: [{ decision: 'deny' }, { decision: 'bypass', include: [{ ip: { ip: '127.0.0.0/30' } }] }],
  })
  const headers = {
    'Cf-Access-Jwt-Assertion': 'forged',
    CF_ACCESS_JWT_ASSERTION: 'forged',
    'cf-access-authenticated-user-email': 'admin@harness.test',
    cookie: 'a=b; CF_Binding=x; CF_Authorization=mine; c="d e"',
  }
  const decision = await world.ask({ headers })
  assert.ok(decision.kind === 'pass')
  assert.deepEqual(decision.originHeaders, [])
  assert.deepEqual(decision.removedHeaders, [
    'Cf-Access-Jwt-Assertion',
    'CF_ACCESS_JWT_ASSERTION',
    'cf-access-authenticated-user-email',
  ])
  assert.equal(decision.cookie, 'a=b; CF_Authorization=mine; c="d e"')
  assert.equal(outcome(await world.ask({ remoteAddress: '127.0.0.9' })), '403')
})

test('point 10: a client’s own assertion is replaced', async () => {
  const here = service(await createWorld())
  const token = forge(here)
  const decision = await here.world.ask({
    headers: { cookie: `CF_Authorization=${token}`, 'cf-access-jwt-assertion': 'forged' },
  })
  assert.ok(decision.kind === 'pass')
  assert.deepEqual(decision.removedHeaders, ['cf-access-jwt-assertion'])
  assert.equal(toOrigin(decision, 'cf-access-jwt-assertion'), token)
})

test('a Service Auth policy by address passes without any credentials', async () => {
  const world = await createWorld()
  world.application({ policies: [{ decision: 'non_identity', include: [{ ip: { ip: '127.0.0.1' } }] }] })
  const claims = claimsIn(toOrigin(await world.ask(), 'cf-access-jwt-assertion') ?? '')
  assert.equal(claims.sub, '')
  assert.equal('common_name' in claims, false)
  assert.equal(outcome(await world.ask({ remoteAddress: '127.0.0.2' })), '403')
})

test('point 17: a certificate is asked for with every request; CA, hostname and validity count', async () => {
  const world = await createWorld()
  const [ca, foreign] = await Promise.all([createCa('Access CA'), createCa('Foreign CA')])
  world.clientCa(ca, 'app.harness.test')
  world.application({
    domains: ['app.harness.test', 'other.harness.test'],
    policies: [{ decision: 'non_identity', include: [{ certificate: {} }] }],
  })
  const certificate = await presented(ca, 'CN=sensor-001,O=Example')
  const decision = await world.ask({ certificate })
  assert.ok(decision.kind === 'pass')
  const claims = claimsIn(toOrigin(decision, 'cf-access-jwt-assertion') ?? '')
  assert.equal(claims.common_name, 'sensor-001')
  assert.equal(claims.sub, '')
  assert.match(decision.setCookies[0] ?? '', /^CF_Authorization=/)
  const cookie = decision.setCookies[0]?.split(';', 1)[0] ?? ''
  const refused = {
    'the cookie alone': await world.ask({ headers: { cookie } }),
    nothing: await world.ask(),
    invalid: await world.ask({ certificate: { ...certificate, valid: false } }),
    revoked: await world.ask({ certificate: { ...certificate, revoked: true } }),
    'another CA': await world.ask({ certificate: await presented(foreign, 'CN=sensor-001') }),
    'no CA': await world.ask({ certificate: { ...certificate, anchor: undefined } }),
    'another hostname': await world.ask({ certificate, hostname: 'other.harness.test' }),
  }
  for (const [what, one] of Object.entries(refused)) assert.equal(outcome(one), '403', what)
})

test('a common name has to be the same, character by character', async () => {
  const world = await createWorld()
  const ca = await createCa('Access CA')
  world.clientCa(ca, 'app.harness.test')
  world.application({
    policies: [{ decision: 'non_identity', include: [{ common_name: { common_name: 'sensor-001' } }] }],
  })
  const by = async (name: string): Promise<string> =>
    outcome(await world.ask({ certificate: await presented(ca, name) }))
  assert.equal(await by('CN=sensor-001,O=Example'), 'pass')
  for (const name of ['CN=sensor-0011', 'CN=sensor-00', 'CN=Sensor-001', 'CN=sensor-001.', 'O=sensor-001'])
    assert.equal(await by(name), '403', name)
})

test('a certificate whose name is a Client ID is no service token', async () => {
  const world = await createWorld()
  const ca = await createCa('Access CA')
  world.clientCa(ca, 'app.harness.test')
  const { token } = world.serviceToken()
  const application = world.application({
    policies: [{ decision: 'non_identity', include: [{ certificate: {} }] }],
  })
  const certificate = await presented(ca, `CN=${token.clientId}`)
  const decision = await world.ask({ certificate })
  assert.ok(decision.kind === 'pass')
  application.policies = [
    world.policy({ decision: 'non_identity', include: [{ any_valid_service_token: {} }] }).id,
  ]
  world.store.changed()
  const cookie = decision.setCookies[0]?.split(';', 1)[0] ?? ''
  assert.equal(outcome(await world.ask({ headers: { cookie }, certificate })), '403')
})

const preflight = {
  method: 'OPTIONS',
  headers: { origin: 'https://page.example', 'access-control-request-method': 'PUT' },
}

test('point 16: preflight is 403 by default, even logged in', async () => {
  const here = service(await createWorld())
  assert.equal(outcome(await here.world.ask(preflight)), '403')
  const headers = { ...preflight.headers, cookie: `CF_Authorization=${forge(here)}` }
  assert.equal(outcome(await here.world.ask({ ...preflight, headers })), '403')
  // OPTIONS that is no preflight is an ordinary request.
  const plain = { method: 'OPTIONS', headers: { cookie: headers.cookie } }
  assert.equal(outcome(await here.world.ask(plain)), 'pass')
})

test('preflight bypass forwards preflight, and no other OPTIONS', async () => {
  const here = service(await createWorld(), { settings: { options_preflight_bypass: true } })
  assert.equal(outcome(await here.world.ask(preflight)), 'pass')
  assert.equal(outcome(await here.world.ask({ method: 'OPTIONS' })), '403')
  assert.equal(outcome(await here.world.ask({ ...preflight, method: 'GET' })), '403')
})

test('with cors_headers the edge answers preflight itself', async () => {
  const here = service(await createWorld(), {
    settings: {
      cors_headers: {
        allowed_origins: ['https://page.example'],
        allowed_methods: ['GET', 'PUT'],
        allowed_headers: ['x-custom'],
        allow_credentials: true,
        max_age: 600,
      },
    },
  })
  const decision = await here.world.ask(preflight)
  assert.equal(outcome(decision), '200')
  assert.equal(headerOf(decision, 'access-control-allow-origin'), 'https://page.example')
  assert.equal(headerOf(decision, 'access-control-allow-methods'), 'GET, PUT')
  assert.equal(headerOf(decision, 'access-control-allow-headers'), 'x-custom')
  assert.equal(headerOf(decision, 'access-control-allow-credentials'), 'true')
  assert.equal(headerOf(decision, 'access-control-max-age'), '600')
  const headers = { ...preflight.headers, origin: 'https://evil.example' }
  const other = await here.world.ask({ ...preflight, headers })
  assert.equal(outcome(other), '200')
  assert.equal(headerOf(other, 'access-control-allow-origin'), undefined)
  assert.equal(headerOf(other, 'access-control-allow-credentials'), undefined)
})

test('cors_headers for all: a star, or the origin where credentials are allowed', async () => {
  const all = { allow_all_origins: true, allow_all_methods: true, allow_all_headers: true }
  const here = service(await createWorld(), { settings: { cors_headers: all } })
  const headers = { ...preflight.headers, 'access-control-request-headers': 'x-a, x-b' }
  const decision = await here.world.ask({ ...preflight, headers })
  assert.equal(headerOf(decision, 'access-control-allow-origin'), '*')
  assert.equal(headerOf(decision, 'access-control-allow-methods'), 'PUT')
  assert.equal(headerOf(decision, 'access-control-allow-headers'), 'x-a, x-b')
  const credentials = service(await createWorld(), {
    settings: { cors_headers: { ...all, allow_credentials: true } },
  })
  const named = await credentials.world.ask(preflight)
  assert.equal(headerOf(named, 'access-control-allow-origin'), 'https://page.example')
})

test('paths of Access that there are not, and methods that it does not take', async () => {
  const world = await createWorld()
  world.application({ policies: [{ decision: 'allow' }] })
  const at = async (target: string, hostname = 'app.harness.test', method = 'GET'): Promise<string> =>
    outcome(await world.ask({ target, hostname, method }))
  assert.equal(await at('/cdn-cgi/access/nothing'), '404')
  assert.equal(await at('/cdn-cgi/access/__proto__'), '404')
  assert.equal(await at('/cdn-cgi/access/logout', 'app.harness.test', 'POST'), '405')
  assert.equal(await at('/', team), '404')
  assert.equal(await at('/cdn-cgi/access/constructor', team), '404')
  assert.equal(await at('/cdn-cgi/access/certs', team, 'POST'), '405')
  assert.equal(await at('/cdn-cgi/access/login/app.harness.test', team), '404')
  assert.equal(await at('/transfer/short', 'login.cloudflareaccess.org'), '404')
  assert.equal(await at('/', 'login.cloudflareaccess.org'), '404')
})

test('get-identity: 401 without a good token; a service token’s own', async () => {
  const here = service(await createWorld())
  const target = '/cdn-cgi/access/get-identity'
  const headers = { cookie: `CF_Authorization=${forge(here)}` }
  for (const hostname of ['app.harness.test', team]) {
    assert.equal(outcome(await here.world.ask({ hostname, target })), '401')
    const decision = await here.world.ask({ hostname, target, headers })
    assert.ok(decision.kind === 'answer')
    const identity = JSON.parse(decision.body.toString()) as Record<string, unknown>
    assert.equal(identity.service_token_status, true)
    assert.equal(identity.service_token_id, here.token.clientId)
  }
})

test('a failure inside closes the way', async () => {
  const here = service(await createWorld())
  here.world.account.access.keys.current = { ...here.world.account.access.keys.current, privateKey: 'broken' }
  const { token, secret } = here
  const headers = { 'cf-access-client-id': token.clientId, 'cf-access-client-secret': secret }
  const decision = await here.world.ask({ headers })
  assert.equal(outcome(decision), '500')
  assert.ok(decision.kind === 'answer' && !decision.body.toString().includes(secret))
})
