import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FaultId } from '../../faults.ts'
import { createLabMaterial } from '../../lab.ts'
import { noDelays, seedState } from '../../state/seed.ts'
import { containerHostname, seedContainers } from '../../state/seed-containers.ts'
import { createStore } from '../../state/store.ts'
import { labContainerSettings } from './lab-containers.ts'
import { checkSettings, defaultContainerSettings } from './servers.ts'
import { containerNames } from './types.ts'

const material = await createLabMaterial()

test('the edge’s own certificate is required of everybody; faults make it what an operator got wrong', () => {
  const { ca, subject } = material.pulls
  type Case = [
    FaultId | undefined,
    mode: string,
    albMode: string,
    trust: string[],
    only: string,
    plain: string,
  ]
  const cases: Case[] = [
    [undefined, 'required', 'verify', [ca], subject, 'closed'],
    ['origin.open', 'off', 'off', [ca], subject, 'closed'],
    ['origin.optional', 'optional', 'passthrough', [ca], subject, 'closed'],
    ['origin.plain-open', 'required', 'verify', [ca], subject, 'open'],
    ['origin.trusts-shared-ca', 'required', 'verify', [ca, material.sharedPull.ca], '', 'closed'],
    ['origin.pins-nobody', 'required', 'verify', [ca], '', 'closed'],
    // No setting of a real server.
    ['origin.compares-issuer-name', 'required', 'verify', [ca], subject, 'closed'],
  ]
  for (const [fault, mode, albMode, trust, onlySubject, plainPort] of cases)
    for (const name of containerNames) {
      const settings = labContainerSettings(name, material, new Set(fault === undefined ? [] : [fault]))
      assert.deepEqual(settings, {
        clientCertificates: name === 'alb' ? albMode : mode,
        trust: trust.join('\n'),
        onlySubject,
        plainPort,
      })
      checkSettings(name, { ...defaultContainerSettings, ...settings })
    }
})

test('each has a hostname, behind which the edge presents the certificate; without containers nothing is added', () => {
  const store = createStore(seedState(material, new Date(), noDelays))
  const before = structuredClone(store.state)
  seedContainers(store, [])
  assert.deepEqual(store.state, before)
  seedContainers(store, [{ name: 'nginx', server: 'nginx 1.22.1' }])
  const hostname = store.hostname(containerHostname('nginx'))
  assert.ok(hostname)
  assert.equal(hostname.origin, 'nginx')
  const { associations, hostnameCertificates } = store.zoneOf(hostname).originPulls
  const association = associations['nginx.harness.test']
  assert.equal(association?.enabled, true)
  assert.equal(
    hostnameCertificates[association?.certId ?? '']?.certificate.trim(),
    material.pulls.cert.trim(),
  )
})

test('onlyFor is one hostname: nothing else gets into a configuration file, and a load balancer has none', () => {
  const settings = { ...defaultContainerSettings, onlyFor: 'nginx.harness.test' }
  for (const name of containerNames)
    if (name === 'alb') assert.throws(() => checkSettings(name, settings), { code: 'ERR_USAGE' })
    else checkSettings(name, settings)
  for (const onlyFor of ['*.harness.test', 'a.test; evil on', 'a.test\n}', 'A.test', 'localhost', '-a.test'])
    assert.throws(() => checkSettings('nginx', { ...settings, onlyFor }), {
      code: 'ERR_USAGE',
      message: /onlyFor/,
    })
})

test('onlySubject is a subject: nothing else gets into a configuration file', () => {
  const good = ['', 'CN=edge', material.pulls.subject]
  const bad = [
    'edge',
    'CN=',
    'CN=a"; evil on',
    "CN=a' || true",
    'CN=$host',
    'CN=`x`',
    'CN=a\\,b',
    'CN=a\nb',
    'CN={x}',
  ]
  for (const name of containerNames) {
    for (const onlySubject of good) checkSettings(name, { ...defaultContainerSettings, onlySubject })
    for (const onlySubject of bad)
      assert.throws(() => checkSettings(name, { ...defaultContainerSettings, onlySubject }), {
        code: 'ERR_USAGE',
        message: /onlySubject/,
      })
  }
})
