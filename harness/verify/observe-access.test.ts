import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { blackBoxDeployment } from '../deployment/blackbox.ts'
import type { Target } from '../deployment/types.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import type { HttpAnswer } from '../probe/types.ts'
import { observe } from './observe.ts'
import { tellsAccess, withObservedAccess } from './observe-access.ts'

const team = 'harness-lab.cloudflareaccess.com'
const aud = 'ab'.repeat(32)
const target: Target = { hostname: 'app.example', port: 443, requests: [] }

const answer = (status: number, ...headers: [string, string][]): HttpAnswer => ({
  version: '1.1',
  status,
  headers,
  body: Buffer.alloc(0),
  bodyHash: '',
  truncated: false,
})
const login = (url: string): HttpAnswer => answer(302, ['Location', url])
const metadata = (claims: object): HttpAnswer =>
  answer(403, ['cf-access-metadata', `x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.y`])

test('a redirect to a login at a team domain names team, port and audience', () => {
  const url = `https://${team}/cdn-cgi/access/login/app.example?kid=${aud}&meta=x&redirect_url=%2F`
  assert.deepEqual(tellsAccess([answer(200), login(url)], target), {
    team,
    port: 443,
    audience: aud,
    because: `a request without credentials is sent to log in at ${team} (HTTP 302)`,
  })
  const odd = tellsAccess([login(`https://${team}:8443/cdn-cgi/access/login/a?kid=short`)], target)
  assert.deepEqual([odd?.port, odd?.audience], [8443, null])
})

test('what only looks like it names nothing', () => {
  for (const url of [
    '/cdn-cgi/access/login/app.example',
    `http://${team}/cdn-cgi/access/login/app.example`,
    `https://${team}.evil.example/cdn-cgi/access/login/app.example`,
    'https://cloudflareaccess.com/cdn-cgi/access/login/app.example',
    `https://${team}/elsewhere?to=/cdn-cgi/access/login`,
    `https://${team}/cdn-cgi/access/login-of-mine`,
  ])
    assert.equal(tellsAccess([login(url)], target), null, url)
  const url = `https://${team}/cdn-cgi/access/login/a`
  assert.equal(tellsAccess([answer(302, ['location', url], ['location', url])], target), null, 'two places')
  assert.equal(tellsAccess([answer(200, ['location', url])], target), null, 'no redirect')
})

test('cf-access-metadata names them where it is about this hostname', () => {
  const claims = { type: 'match', hostname: 'app.example', auth_domain: team, aud }
  assert.deepEqual(tellsAccess([metadata(claims)], target), {
    team,
    port: 443,
    audience: aud,
    because: `its cf-access-metadata names ${team}`,
  })
  for (const wrong of [
    { ...claims, type: 'app' },
    { ...claims, hostname: 'other.example' },
    { ...claims, auth_domain: 'evil.example' },
    null,
  ])
    assert.equal(tellsAccess([metadata(wrong ?? [])], target), null)
  assert.equal(tellsAccess([answer(403, ['cf-access-metadata', 'no token'])], target), null)
})

test('what the file says is kept; what it leaves out is filled in', () => {
  const deployment = blackBoxDeployment('app.example', { connectTo: '192.0.2.1:8443' })
  const seen = { team, port: 8443, audience: aud, because: '' }
  assert.deepEqual(withObservedAccess(deployment, seen).target.access, {
    team,
    teamAddress: '192.0.2.1',
    teamPort: 8443,
    audience: aud,
    with: 'access',
  })
  const elsewhere = withObservedAccess(deployment, { ...seen, port: 443, audience: null }).target.access
  assert.deepEqual(elsewhere, { team, teamPort: 443, with: 'access' })
  for (const nothing of [null, undefined]) assert.equal(withObservedAccess(deployment, nothing), deployment)
  const declared = withObservedAccess(deployment, seen)
  assert.equal(withObservedAccess(declared, { ...seen, team: 'other.cloudflareaccess.com' }), declared)
})

let lab: Lab
before(async () => {
  lab = await startLab()
})
after(() => lab.close())

const factsOf = async (hostname: string) => {
  const deployment = blackBoxDeployment(hostname, { connectTo: `127.0.0.1:${lab.edge.port}` })
  return (await observe(deployment)).facts.access
}
const audienceOf = (hostname: string): string | undefined =>
  Object.values(lab.store.state.accounts)
    .flatMap(({ access }) => Object.values(access.applications))
    .find(({ domains }) => domains.includes(hostname))?.aud

test('with nothing but a hostname team and audience of the lab are found, and none where there is none', async () => {
  const hostname = 'staff.harness.test'
  const { because: _, ...seen } = (await factsOf(hostname)) ?? { because: '' }
  assert.deepEqual(seen, { team, port: lab.edge.port, audience: audienceOf(hostname) })
  assert.equal(await factsOf('www.harness.test'), null)
  assert.equal(await factsOf('api.harness.test'), null)
})

test('an application that refuses instead of redirecting is asked for its metadata', async () => {
  const hostname = 'payroll.harness.test'
  const { access } =
    Object.values(lab.store.state.accounts).find(
      ({ access: one }) => Object.keys(one.applications).length > 0,
    ) ?? {}
  assert(access !== undefined)
  for (const policy of Object.values(access.policies))
    if (policy.name === 'alice only') policy.decision = 'non_identity'
  lab.store.changed()
  const seen = await factsOf(hostname)
  assert.deepEqual([seen?.team, seen?.port, seen?.audience], [team, lab.edge.port, audienceOf(hostname)])
  assert.match(seen?.because ?? '', /cf-access-metadata/)
})
