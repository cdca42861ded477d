/**
 * What is easily missed in a mock of the edge, as far as client certificates and headers go (see `harness lab behaviours`).
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { describeCertificate } from '../../pki/describe.ts'
import { partner, primary, staff, telemetry, www, zones } from '../hostnames.ts'
import { createLabMaterial, type Lab, type LabMaterial, startLab } from '../lab.ts'
import type { Rule, ZoneState } from '../state/types.ts'
import { certificateRequest } from '../testing/certificate-request.ts'
import { inWords, type Seen, type Sent, send } from '../testing/client.ts'
import { mintFor } from '../testing/mint.ts'

let material: LabMaterial
let lab: Lab

before(async () => {
  material = await createLabMaterial()
  lab = await startLab({ material })
})
after(() => lab.close())

const words = async (sent: Sent): Promise<string> => inWords(await send(lab, sent))
const versions = ['TLSv1.2', 'TLSv1.3'] as const
const iot = 'iot.harness.test'

function zone(): ZoneState {
  const found = lab.store.state.zones[zones.lab.id]
  assert.ok(found)
  return found
}

test('a certificate is asked for only where a CA is associated, chosen by SNI', async () => {
  assert.match(await certificateRequest(lab, primary.hostname, 'tls1_3'), /names/)
  assert.equal(await certificateRequest(lab, www.hostname, 'tls1_3'), 'not asked')
  assert.equal(await certificateRequest(lab, iot, 'tls1_3'), 'not asked')
  const { hostnameAssociations } = zone()
  const before = hostnameAssociations.managed ?? []
  hostnameAssociations.managed = [...before, iot]
  lab.store.changed()
  assert.match(await certificateRequest(lab, iot, 'tls1_3'), /names/)
  hostnameAssociations.managed = before
  lab.store.changed()
  assert.equal(await certificateRequest(lab, iot, 'tls1_3'), 'not asked')
})

test('a bad or absent certificate completes the handshake; the verdict falls at HTTP', async () => {
  const expired = await mintFor(material).get('expired-day')
  for (const version of versions) {
    for (const identity of [undefined, expired, material.identities['partner-001']]) {
      const seen = await send(lab, { version, ...(identity === undefined ? {} : { identity }) })
      assert.equal(seen.protocol, version)
      assert.equal(seen.status, 403)
    }
  }
})

test('without a rule nothing is blocked, whatever the certificate', async () => {
  const { rulesets } = zone()
  const kept = rulesets.http_request_firewall_custom
  delete rulesets.http_request_firewall_custom
  lab.store.changed()
  assert.equal(await words({}), '200 none')
  assert.match(await words({ identity: material.identities['partner-001'] }), /^200 invalid:/)
  if (kept !== undefined) rulesets.http_request_firewall_custom = kept
  lab.store.changed()
  assert.equal(await words({}), '403')
})

test('SNI and Host that differ get a bare 403', async () => {
  const identity = material.identities['sensor-001']
  assert.equal(await words({ identity }), '200 valid')
  for (const [sni, host] of [
    [www.hostname, primary.hostname],
    [primary.hostname, www.hostname],
    [primary.hostname, telemetry.hostname],
  ] as const) {
    const seen = await send(lab, { to: sni, host, identity })
    assert.equal(seen.status, 403)
    assert.equal(seen.body, 'Forbidden\n', 'no page of any configuration')
    assert.equal(seen.echo, undefined)
  }
})

test('a certificate of another account’s managed CA passes a rule that does not pin the issuer', async () => {
  const { 'sensor-001': own, 'neighbour-001': neighbour } = material.identities
  assert.equal(await words({ identity: own }), '200 valid')
  assert.equal(await words({ identity: neighbour }), '200 valid')
  const described = describeCertificate(material.clientCas.A.cert)
  assert.ok(described.ok)
  const unpinned = changeRule(primary.hostname, (expression) =>
    expression.replace(/\)\)$/, ` or not cf.tls_client_auth.cert_issuer_ski eq "${described.facts.ski}"))`),
  )
  assert.equal(await words({ identity: own }), '200 valid')
  assert.equal(await words({ identity: neighbour }), '403')
  changeRule(primary.hostname, () => unpinned)
  assert.equal(
    await words({ to: partner.hostname, identity: neighbour }),
    '403',
    'an uploaded CA is not shared',
  )
})

/** Replaces the expression of a hostname's rule; returns the one before. */
function changeRule(hostname: string, change: (expression: string) => string): string {
  const ruleset = zone().rulesets.http_request_firewall_custom
  assert.ok(ruleset)
  const old = ruleset.rules.find(({ expression }) => expression.includes(`"${hostname}"`))
  assert.ok(old)
  const changed: Rule = { ...old, expression: change(old.expression) }
  assert.notEqual(changed.expression, old.expression)
  ruleset.rules = ruleset.rules.map((rule) => (rule === old ? changed : rule))
  lab.store.changed()
  return old.expression
}

test('a revocation that is pending does not count yet; one that is done does; a reactivated certificate is good again', async () => {
  const identity = material.identities['sensor-002']
  const entry = Object.values(zone().clientCertificates).find(
    ({ certificate }) => certificate === identity.cert,
  )
  assert.ok(entry)
  assert.equal(await words({ identity }), '200 valid')
  entry.lifecycle = {
    status: 'pending_revocation',
    next: { status: 'revoked', at: lab.store.now() + 3_600_000 },
  }
  lab.store.changed()
  assert.equal(await words({ identity }), '200 valid')
  lab.store.advance(3_600_001)
  assert.equal(await words({ identity }), '403')
  entry.lifecycle = { status: 'active' }
  lab.store.changed()
  assert.equal(await words({ identity }), '200 valid')
})

const claims: [string, string][] = [
  ['Cf-Access-Jwt-Assertion', 'forged.forged.forged'],
  ['cf-access-authenticated-user-email', 'forged@harness.test'],
  ['Cf-Client-Cert-Der-Base64', 'Zm9yZ2Vk'],
  ['CF-Client-Cert-SHA256', 'forged'],
  ['cf-cert-verified', 'forged'],
  ['Cf_Cert_Verified', 'forged'],
  ['Client-Cert', ':Zm9yZ2Vk:'],
  ['cf-connecting-ip', '203.0.113.99'],
  ['X-Forwarded-Proto', 'forged'],
]

test('what a client claims about certificates or Access never reaches the origin', async () => {
  const { ci } = material.serviceTokens
  const token: [string, string][] = [
    ['CF-Access-Client-Id', ci.clientId],
    ['CF-Access-Client-Secret', ci.secret],
  ]
  for (const [to, more] of [
    [primary.hostname, []],
    [telemetry.hostname, []],
    [www.hostname, []],
    [staff.hostname, token],
  ] as const) {
    for (const http of [1, 2] as const) {
      const headers = [...claims, ...more].map(([name, value]): [string, string] => [
        http === 2 ? name.toLowerCase() : name,
        value,
      ])
      const seen = await send(lab, { to, http, headers, identity: material.identities['sensor-001'] })
      assert.equal(seen.status, 200, `${to} over HTTP/${http}`)
      assert.deepEqual(forgedIn(seen), [], `${to} over HTTP/${http}`)
      assert.ok(
        seen.echo?.headers.some(([name, value]) => name === 'cf-connecting-ip' && value === '127.0.0.1'),
      )
    }
  }
})

const forgedIn = ({ echo }: Seen): [string, string][] =>
  (echo?.headers ?? []).filter(([, value]) => /forged|Zm9yZ2Vk|203\.0\.113\.99/.test(value))

test('a state nobody should have ends the connections it is met on, and not the edge', async () => {
  const account = lab.store.state.accounts[zone().accountId]
  assert.ok(account)
  const { applications } = account.access
  const [id = ''] = Object.keys(applications)
  const kept = applications[id]
  const broken = null as unknown as NonNullable<typeof kept>
  account.mtlsCertificates.broken = broken as unknown as (typeof account.mtlsCertificates)[string]
  lab.store.changed()
  assert.equal((await send(lab, {})).status, 0)
  delete account.mtlsCertificates.broken
  applications[id] = broken
  lab.store.changed()
  for (const http of [1, 2] as const)
    assert.equal((await send(lab, { http, to: staff.hostname })).status, 500)
  if (kept !== undefined) applications[id] = kept
  lab.store.changed()
  assert.equal(await words({ identity: material.identities['sensor-001'] }), '200 valid')
  assert.equal((await send(lab, { to: staff.hostname })).status, 302)
})
