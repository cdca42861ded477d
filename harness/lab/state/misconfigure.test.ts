import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { loadAuthority } from '../../pki/authority.ts'
import { type ConfigFaultId, configFaults } from '../faults/config.ts'
import { accounts, meters, portal, staff, zones } from '../hostnames.ts'
import { createLabMaterial, type Lab, type LabMaterial, startLab } from '../lab.ts'
import { inWords, send } from '../testing/client.ts'
import type { AccessApplication } from './access-types.ts'
import { frontDoor } from './misconfigure.ts'
import type { AccountState, LabState, Rule, ZoneState } from './types.ts'

let material: LabMaterial
let healthy: Lab

before(async () => {
  material = await createLabMaterial()
  healthy = await startLab({ material })
})
after(() => healthy.close())

const zoneOf = ({ zones: all }: LabState): ZoneState => {
  const zone = all[zones.lab.id]
  assert.ok(zone)
  return zone
}
const accountOf = ({ accounts: all }: LabState): AccountState => {
  const account = all[accounts.lab.id]
  assert.ok(account)
  return account
}
const rule = (state: LabState, { hostname } = { hostname: portal.hostname as string }): Rule | undefined =>
  zoneOf(state).rulesets.http_request_firewall_custom?.rules.find(({ expression }) =>
    expression.includes(hostname),
  )
const says = (field: string, host?: { hostname: string }) => (state: LabState) =>
  rule(state, host)?.expression.includes(field)
const associated = (state: LabState): number =>
  Object.values(zoneOf(state).hostnameAssociations).filter((names) => names.includes(portal.hostname)).length
const daysLeft = (at: string | undefined): number | undefined =>
  at === undefined ? undefined : Math.round((Date.parse(at) - Date.now()) / 86_400_000)
const oldJob = (state: LabState): AccessApplication | undefined =>
  Object.values(accountOf(state).access.applications).find(({ domains }) =>
    domains.includes(`${staff.hostname}/old-job`),
  )
const policyOf = (state: LabState): string | undefined => {
  const [id = ''] = oldJob(state)?.policies ?? []
  const policy = accountOf(state).access.policies[id]
  return policy && `${policy.decision} ${Object.keys(policy.include[0] ?? {}).join()}`
}
const ci = (state: LabState) =>
  Object.values(accountOf(state).access.serviceTokens).find(({ name }) => name === 'ci')

/** Per fault: what is looked at, how it is, and how it is with the fault. */
const rows: Record<ConfigFaultId, [show: (state: LabState) => unknown, good: unknown, bad: unknown]> = {
  'config.rule-missing': [(state) => rule(state) !== undefined, true, false],
  'config.rule-disabled': [(state) => rule(state)?.enabled, true, false],
  'config.rule-limited': [says('http.request.uri.path'), false, true],
  'config.rule-presence-only': [says('cert_verified'), true, false],
  'config.rule-forgets-revoked': [says('cert_revoked'), true, false],
  'config.rule-any-issuer': [says('cert_issuer_ski'), true, false],
  'config.names-missing': [says('sensor-001', meters), true, false],
  'config.names-by-prefix': [says('starts_with', meters), false, true],
  'config.names-by-suffix': [says('ends_with', meters), false, true],
  'config.names-in-text': [says('contains', meters), false, true],
  'config.names-any-case': [says('lower(', meters), false, true],
  'config.association-missing': [associated, 2, 0],
  'config.unknown-ca': [associated, 2, 3],
  'config.front-door': [(state) => Object.hasOwn(state.hostnames, frontDoor), false, true],
  'config.ssl-full': [(state) => zoneOf(state).settings.ssl.value, 'strict', 'full'],
  'config.pull-association-missing': [
    (state) => Object.hasOwn(zoneOf(state).originPulls.associations, portal.hostname),
    true,
    false,
  ],
  'config.pulls-global': [(state) => zoneOf(state).settings.tls_client_auth.value, 'off', 'on'],
  'config.pull-expiring': [
    (state) =>
      Object.values(zoneOf(state).originPulls.hostnameCertificates).some(
        ({ expiresOn }) => daysLeft(expiresOn) === 10,
      ),
    false,
    true,
  ],
  'config.ca-expiring': [
    (state) =>
      Object.values(accountOf(state).mtlsCertificates).some(({ expiresOn }) => daysLeft(expiresOn) === 10),
    false,
    true,
  ],
  'config.token-expiring': [(state) => daysLeft(ci(state)?.expiresAt), 365, 5],
  'config.token-forever': [
    (state) => [ci(state)?.duration, ci(state)?.expiresAt === undefined],
    ['8760h', false],
    ['forever', true],
  ],
  'config.bypass-everyone': [policyOf, undefined, 'bypass everyone'],
  'config.service-auth-everyone': [policyOf, undefined, 'non_identity everyone'],
  'config.any-service-token': [policyOf, undefined, 'non_identity any_valid_service_token'],
  'config.any-certificate': [policyOf, undefined, 'non_identity certificate'],
  'config.token-under-allow': [policyOf, undefined, 'allow service_token'],
  'config.options-bypass': [(state) => oldJob(state)?.settings.options_preflight_bypass, undefined, true],
  'config.long-token-session': [(state) => oldJob(state)?.sessionDuration, undefined, '720h'],
  'config.worker-fails-open': [
    (state) => Object.values(zoneOf(state).workerRoutes ?? {}).map(({ failOpen }) => failOpen),
    [false],
    [true],
  ],
  'config.cookie-for-scripts': [
    (state) => oldJob(state)?.settings,
    undefined,
    { http_only_cookie_attribute: false, same_site_cookie_attribute: 'none' },
  ],
}

for (const { id } of configFaults) {
  test(`fault ${id}: set up so, and nothing of the kind without it`, async () => {
    const [show, good, bad] = rows[id]
    const lab = await startLab({ material, faults: [id] })
    try {
      assert.deepEqual(show(healthy.store.state), good)
      assert.deepEqual(show(lab.store.state), bad)
      // What the fault is not about works on.
      assert.equal(inWords(await send(lab, { identity: material.identities['sensor-001'] })), '200 valid')
      assert.equal(inWords(await send(lab)), '403')
    } finally {
      await lab.close()
    }
  })
}

test('the meters let in two certificates of the CA by their whole subject, with each fault more than that', async () => {
  const { cert, key } = material.clientCas.A
  const authority = await loadAuthority({ cert, key })
  const names = ['sensor-001', 'sensor-002', 'x', 'sensor-001x', 'xsensor-001', 'SENSOR-001'] as const
  const identities = await Promise.all(
    names.map((name) => authority.issue({ subject: `CN=${name},OU=Devices,O=Harness Lab` })),
  )
  const letIn = async (lab: Lab): Promise<string[]> => {
    const answers = await Promise.all(
      identities.map((identity) => send(lab, { to: meters.hostname, identity })),
    )
    return names.filter((_, index) => answers[index]?.status === 200)
  }
  const listed = names.slice(0, 2)
  assert.deepEqual(await letIn(healthy), listed)
  for (const [fault, more] of [
    ['config.names-missing', names.slice(2)],
    ['config.names-by-prefix', ['sensor-001x']],
    ['config.names-by-suffix', ['xsensor-001']],
    ['config.names-in-text', ['sensor-001x', 'xsensor-001']],
    ['config.names-any-case', ['SENSOR-001']],
  ] as const) {
    const lab = await startLab({ material, faults: [fault] })
    assert.deepEqual(await letIn(lab), [...listed, ...more], fault)
    await lab.close()
  }
})

test('the data plane follows: an open portal, a front door', async () => {
  const lab = await startLab({ material, faults: ['config.rule-missing', 'config.front-door'] })
  try {
    assert.match(inWords(await send(healthy, { to: portal.hostname })), /^403/)
    assert.equal(inWords(await send(lab, { to: portal.hostname })), '200 none')
    assert.match(inWords(await send(lab, { to: frontDoor })), /^200/)
    assert.notEqual((await send(healthy, { to: frontDoor })).status, 200)
  } finally {
    await lab.close()
  }
})
