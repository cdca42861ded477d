/**
 * Every fault of admission: what the healthy lab does, and what this one does instead.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { SubjectAltNames } from '../../pki/extensions.ts'
import type { admissionFaults } from '../faults/admission.ts'
import { vault } from '../hostnames.ts'
import type { Idp } from '../idp/idp.ts'
import { createLabMaterial, type Lab, type LabMaterial, startLab } from '../lab.ts'
import { send } from '../testing/client.ts'
import { forge, service } from './testing/forge.ts'
import type { Row } from './testing/row.ts'
import { headerOf, outcome } from './testing/steps.ts'
import { createCa, createWorld, presented, team, type World } from './testing/world.ts'

type FaultId = (typeof admissionFaults)[number]['id']
type Asking = Parameters<World['ask']>[0]
type Here = ReturnType<typeof service>

const refused = { healthy: '403', faulty: 'pass' } as const

const pair = (id: string, secret: string): Record<string, string> => ({
  'CF-Access-Client-Id': id,
  'CF-Access-Client-Secret': secret,
})

/** What a request gets at an application for one service token. */
const asService =
  (asking: (here: Here) => Asking | Promise<Asking>): Row['show'] =>
  async (world) =>
    outcome(await world.ask(await asking(service(world))))

const certificate = async () => presented(await createCa('Client CA'), 'CN=sensor-001')

const cookieOf = async (world: World): Promise<string> => {
  const { token, secret } = service(world)
  const decision = await world.ask({ headers: pair(token.clientId, secret) })
  return decision.kind === 'pass' ? (decision.setCookies[0] ?? 'no cookie') : outcome(decision)
}

/** What a certificate of that name gets where the policy wants sensor-001. */
function named(name: string, san?: SubjectAltNames): Row {
  return {
    async show(world) {
      const ca = await createCa('Access CA')
      world.clientCa(ca, 'app.harness.test')
      const include = [{ common_name: { common_name: 'sensor-001' } }]
      world.application({ policies: [{ decision: 'non_identity', include }] })
      return outcome(await world.ask({ certificate: await presented(ca, `CN=${name}`, {}, san) }))
    },
    ...refused,
  }
}

const rows: Record<Exclude<FaultId, 'edge.token-excuses-certificate'>, Row> = {
  'access.passes-without-credentials': { show: asService(() => ({})), ...refused },
  'access.open-path': { show: asService(() => ({ target: '/temps?a=b' })), ...refused },
  'access.login-fails-open': {
    async show(world) {
      const down = 'http://127.0.0.1:1/down'
      const idp = { clientId: 'c', clientSecret: 's', authUrl: down, tokenUrl: down, certsUrl: down }
      world.identityProvider(idp as Idp)
      const settings = { auto_redirect_to_identity: true }
      world.application({ settings, policies: [{ decision: 'allow' }] })
      const first = await world.ask({ headers: { cookie: 'a=b' } })
      const login = new URL(headerOf(first, 'location') ?? '')
      const page = await world.ask({ hostname: team, target: `${login.pathname}${login.search}` })
      const state = new URL(headerOf(page, 'location') ?? '').searchParams.get('state')
      const cookie = headerOf(page, 'set-cookie')?.split(';', 1)[0] ?? ''
      const target = `/cdn-cgi/access/callback?state=${state}&code=x`
      const answer = await world.ask({ hostname: team, target, headers: { cookie } })
      return /\/authorized\?/.test(headerOf(answer, 'location') ?? '') ? 'logged in' : 'refused'
    },
    healthy: 'refused',
    faulty: 'logged in',
  },
  'access.refuses-service-tokens': {
    show: asService(({ token, secret }) => ({ headers: pair(token.clientId, secret) })),
    healthy: 'pass',
    faulty: '403',
  },
  'access.secret-is-enough': {
    show: asService(({ secret }) => ({ headers: { 'CF-Access-Client-Secret': secret } })),
    ...refused,
  },
  'access.takes-swapped-token': {
    show: asService(({ token, secret }) => ({ headers: pair(secret, token.clientId) })),
    ...refused,
  },
  'access.takes-unknown-token': {
    show: asService(() => ({ headers: pair(`${'0'.repeat(32)}.access`, 'x') })),
    ...refused,
  },
  'access.takes-placeholder-token': {
    show: asService(() => ({ headers: pair('undefined', 'undefined') })),
    ...refused,
  },
  'access.secret-cut-to-length': {
    show: asService(({ token, secret }) => ({ headers: pair(token.clientId, `${secret}A`) })),
    ...refused,
  },
  'access.decodes-token-headers': {
    show: asService(({ token, secret }) => ({
      headers: pair(token.clientId.replace('.', '%2E'), `"${secret}"`),
    })),
    ...refused,
  },
  'access.token-headers-by-spelling': {
    show: asService(({ token, secret }) => ({
      headers: { 'cf-access-client-id': token.clientId, 'CF-ACCESS-CLIENT-SECRET': secret },
    })),
    healthy: 'pass',
    faulty: '403',
  },
  'access.strict-by-half': {
    show: async (world) => (/^CF_Authorization=/.test(await cookieOf(world)) ? 'cookie' : 'no cookie'),
    healthy: 'cookie',
    faulty: 'no cookie',
  },
  'access.answers-echo-secret': {
    async show(world) {
      service(world)
      return headerOf(await world.ask({ headers: pair('x', 'y') }), 'x-debug-secret') ?? 'none'
    },
    healthy: 'none',
    faulty: 'y',
  },
  'access.cookie-for-domain': {
    show: async (world) => /Domain=[^;]+/.exec(await cookieOf(world))?.[0] ?? 'host only',
    healthy: 'host only',
    faulty: 'Domain=harness.test',
  },
  'access.ignores-common-name': named('sensor-002'),
  'access.common-name-by-suffix': named('x-sensor-001'),
  'access.common-name-folded': named('Sensor-001.'),
  'access.common-name-from-san': named('x', { email: ['sensor-001'] }),
  'access.common-name-by-text': named('x,O=a\\,CN=sensor-001'),
  'access.common-name-until-nul': named('sensor-001\\00.x'),
  'access.certificate-is-enough': {
    show: asService(async () => ({ certificate: await certificate() })),
    ...refused,
  },
  'access.certificate-excuses-bad-token': {
    show: asService(async () => ({ certificate: await certificate(), headers: pair('x', 'y') })),
    ...refused,
  },
}

for (const [id, { show, healthy, faulty }] of Object.entries(rows) as [FaultId, Row][]) {
  test(id, async () => {
    assert.equal(await show(await createWorld(), undefined as never), healthy, 'healthy')
    assert.equal(await show(await createWorld([id]), undefined as never), faulty, 'faulty')
  })
}

/** Faults of which one includes the other. */
const names = [
  'access.common-name-by-suffix',
  'access.common-name-folded',
  'access.common-name-from-san',
  'access.common-name-by-text',
  'access.common-name-until-nul',
]
const includes: Readonly<Record<string, readonly string[]>> = {
  'access.passes-without-credentials': ['access.open-path'],
  'access.ignores-common-name': names,
  // Valid is valid to it, whatever the policy says of names.
  'access.certificate-is-enough': ['access.ignores-common-name', ...names],
}

test('each changes its own attempts and no other', async () => {
  const unexpected: string[] = []
  for (const id of Object.keys(rows) as FaultId[]) {
    // Without good tokens nothing else of them can be seen.
    if (id === 'access.refuses-service-tokens') continue
    for (const [other, { show, healthy }] of Object.entries(rows)) {
      if (other === id || includes[id]?.includes(other)) continue
      const seen = await show(await createWorld([id]), undefined as never)
      if (seen !== healthy) unexpected.push(`${id} changes ${other}: ${seen} instead of ${healthy}`)
    }
  }
  assert.deepEqual(unexpected, [])
})

test('beside the path that stands open everything is closed', async () => {
  const world = await createWorld(['access.open-path'])
  service(world)
  for (const target of ['/', '/temps/', '/temps2', '/a/temps', '/?/temps'])
    assert.equal(outcome(await world.ask({ target })), '403', target)
})

test('half of a pair, an invalid certificate and a bad cookie stay refused where a fault is about another half', async () => {
  const world = await createWorld(['access.secret-is-enough', 'access.certificate-is-enough'])
  const { token, ...here } = service(world)
  const idOnly = { headers: { 'CF-Access-Client-Id': token.clientId } }
  assert.equal(outcome(await world.ask(idOnly)), '403')
  const expired = { ...(await certificate()), valid: false }
  assert.equal(outcome(await world.ask({ certificate: expired })), '403')
  const cookie = `CF_Authorization=${forge({ ...here, token }, { claims: { aud: ['other'] } })}`
  assert.equal(outcome(await world.ask({ headers: { cookie } })), '403')
})

let material: LabMaterial
let healthy: Lab
before(async () => {
  material = await createLabMaterial()
  healthy = await startLab({ material })
})
after(() => healthy.close())

test('edge.token-excuses-certificate', async () => {
  const faulty = await startLab({ material, faults: ['edge.token-excuses-certificate'] })
  try {
    const { clientId, secret } = material.serviceTokens.vault
    const headers = Object.entries(pair(clientId, secret))
    const asked = { to: vault.hostname, headers }
    const statusOf = async (lab: Lab, sent: Parameters<typeof send>[1]): Promise<number> =>
      (await send(lab, sent)).status
    assert.equal(await statusOf(healthy, asked), 403)
    assert.equal(await statusOf(healthy, { ...asked, identity: material.identities['sensor-001'] }), 200)
    assert.equal(await statusOf(faulty, asked), 200)
    assert.equal(await statusOf(faulty, { to: vault.hostname }), 403)
  } finally {
    await faulty.close()
  }
})
