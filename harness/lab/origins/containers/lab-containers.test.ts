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

test('the edge’s certificate is required of everybody, of the operator’s own CA; faults make it what an operator got wrong', () => {
  const cases: [FaultId | undefined, mode: string, albMode: string, trust: string[], plain: string][] = [
    [undefined, 'required', 'verify', [material.pulls.ca], 'closed'],
    ['origin.open', 'off', 'off', [material.pulls.ca], 'closed'],
    ['origin.optional', 'optional', 'passthrough', [material.pulls.ca], 'closed'],
    ['origin.plain-open', 'required', 'verify', [material.pulls.ca], 'open'],
    ['origin.trusts-shared-ca', 'required', 'verify', [material.pulls.ca, material.sharedPull.ca], 'closed'],
    // No setting of a real server.
    ['origin.compares-issuer-name', 'required', 'verify', [material.pulls.ca], 'closed'],
  ]
  for (const [fault, mode, albMode, trust, plainPort] of cases)
    for (const name of containerNames) {
      const settings = labContainerSettings(name, material, new Set(fault === undefined ? [] : [fault]))
      assert.deepEqual(settings, {
        clientCertificates: name === 'alb' ? albMode : mode,
        trust: trust.join('\n'),
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
