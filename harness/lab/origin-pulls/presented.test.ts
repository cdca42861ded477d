import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type FaultId, selectFaults } from '../faults.ts'
import type { SslMode, ZoneState } from '../state/types.ts'
import { nextPullChange, pullCertificateFor } from './presented.ts'
import { deployedFrom, emptyZone, pullAssociation, pullCertificate } from './testing/pulls.ts'

const hostname = 'api.example.test'
/** Nothing here looks into a PEM. */
const pem = (name: string): { cert: string; key: string } => ({ cert: `cert ${name}`, key: `key ${name}` })

/** What is presented at moment 1000, in a few words. */
function presented(zone: ZoneState, faults: readonly FaultId[] = [], now = 1000): string {
  const found = pullCertificateFor(zone, hostname, now, pem('shared'), selectFaults(faults))
  if (found !== undefined) assert.equal(found.key, found.cert.replace('cert', 'key'))
  return found === undefined ? 'nothing' : `${found.level}: ${found.cert.slice('cert '.length)}`
}

interface Levels {
  ssl?: SslMode
  /** `null`: no association. */
  hostname?: boolean | null
  zone?: boolean
  global?: boolean
}

/** Certificates at every level; which of them are on is said. */
function zoneWith({ ssl = 'full', hostname: own = null, zone = false, global = false }: Levels): ZoneState {
  const made = emptyZone(ssl, global ? 'on' : 'off')
  const { originPulls: pulls } = made
  pulls.enabled = zone
  pulls.zoneCertificates.z1 = pullCertificate('z1', pem('of the zone'))
  pulls.hostnameCertificates.h1 = pullCertificate('h1', pem('of the hostname'))
  if (own !== null) pulls.associations[hostname] = pullAssociation(hostname, 'h1', { enabled: own })
  return made
}

describe('precedence: per hostname, else zone, else global', () => {
  for (const [levels, expected] of [
    [{}, 'nothing'],
    [{ global: true }, 'global: shared'],
    [{ zone: true }, 'zone: of the zone'],
    [{ zone: true, global: true }, 'zone: of the zone'],
    [{ hostname: true }, 'hostname: of the hostname'],
    [{ hostname: true, zone: true }, 'hostname: of the hostname'],
    [{ hostname: true, zone: true, global: true }, 'hostname: of the hostname'],
    [{ hostname: true, global: true }, 'hostname: of the hostname'],
    [{ hostname: false, zone: true, global: true }, 'nothing'],
    [{ hostname: null, zone: true, global: true }, 'zone: of the zone'],
  ] as const)
    test(`${JSON.stringify(levels)} → ${expected}`, () => assert.equal(presented(zoneWith(levels)), expected))

  test('another hostname of the zone is not concerned', () => {
    const zone = zoneWith({ hostname: false, zone: true })
    const other = pullCertificateFor(zone, 'www.example.test', 0, pem('shared'), selectFaults([]))
    assert.equal(other?.level, 'zone')
  })

  test('a name that every object has is no association', () => {
    const zone = zoneWith({ zone: true })
    for (const name of ['constructor', '__proto__', 'toString'])
      assert.equal(pullCertificateFor(zone, name, 0, pem('shared'), selectFaults([]))?.level, 'zone')
  })
})

test('nothing is presented unless the mode is full or strict', () => {
  const all = { hostname: true, zone: true, global: true }
  const seen = (['off', 'flexible', 'full', 'strict'] as const).map((ssl) =>
    presented(zoneWith({ ssl, ...all })),
  )
  assert.deepEqual(seen, ['nothing', 'nothing', 'hostname: of the hostname', 'hostname: of the hostname'])
})

test('the latest deployed of several zone certificates is presented, whatever their order', () => {
  const zone = zoneWith({ zone: true })
  zone.originPulls.zoneCertificates = {
    late: pullCertificate('late', pem('late'), { deployedAt: 700 }),
    early: pullCertificate('early', pem('early'), { deployedAt: 300 }),
    later: pullCertificate('later', pem('later'), { deployedAt: 2000, lifecycle: deployedFrom(2000) }),
    gone: pullCertificate('gone', pem('gone'), {
      deployedAt: 900,
      lifecycle: { status: 'pending_deletion' },
    }),
  }
  assert.equal(presented(zone), 'zone: late')
  assert.equal(presented(zone, [], 2000), 'zone: later')
  assert.equal(presented(zone, ['edge.pulls-oldest-certificate']), 'zone: early')
})

test('the zone level without a certificate says nothing: the global level decides', () => {
  const zone = zoneWith({ zone: true, global: true })
  zone.originPulls.zoneCertificates = {}
  assert.equal(presented(zone), 'global: shared')
  zone.settings.tls_client_auth.value = 'off'
  assert.equal(presented(zone), 'nothing')
})

test('what is pending is not presented yet', () => {
  const zone = zoneWith({ hostname: true, zone: true })
  zone.originPulls.associations[hostname] = pullAssociation(hostname, 'h1', { lifecycle: deployedFrom(2000) })
  assert.equal(presented(zone), 'zone: of the zone')
  assert.equal(nextPullChange(zone.originPulls, 1000), 2000)
  assert.equal(presented(zone, [], 2000), 'hostname: of the hostname')
  assert.equal(nextPullChange(zone.originPulls, 2000), Number.POSITIVE_INFINITY)
  assert.equal(presented(zone, ['edge.pulls-pending-presented']), 'hostname: of the hostname')
})

test('until a replacement is deployed, what was there before holds', () => {
  const zone = zoneWith({ zone: true })
  zone.originPulls.hostnameCertificates.h2 = pullCertificate('h2', pem('new'), {
    lifecycle: deployedFrom(2000),
  })
  const replaced = pullAssociation(hostname, 'h2', {
    lifecycle: deployedFrom(2000),
    previous: { certId: 'h1', enabled: true },
  })
  zone.originPulls.associations[hostname] = replaced
  assert.equal(presented(zone), 'hostname: of the hostname')
  assert.equal(presented(zone, [], 2000), 'hostname: new')
  zone.originPulls.associations[hostname] = { ...replaced, previous: { certId: 'h1', enabled: false } }
  assert.equal(presented(zone), 'nothing')
})

test('an expired certificate is still presented', () => {
  const zone = zoneWith({ hostname: true })
  zone.originPulls.hostnameCertificates.h1 = pullCertificate('h1', pem('old'), {
    expiresOn: '1970-01-01T00:00:00.500Z',
  })
  assert.equal(presented(zone), 'hostname: old')
  assert.equal(presented(zone, ['edge.pulls-stop-when-expired']), 'nothing')
  assert.equal(presented(zone, ['edge.pulls-stop-when-expired'], 400), 'hostname: old')
})

describe('faults', () => {
  for (const [fault, levels, healthy, faulty] of [
    [
      'edge.pulls-zone-before-hostname',
      { hostname: true, zone: true },
      'hostname: of the hostname',
      'zone: of the zone',
    ],
    [
      'edge.pulls-zone-before-hostname',
      { hostname: true },
      'hostname: of the hostname',
      'hostname: of the hostname',
    ],
    ['edge.pulls-global-before-zone', { zone: true, global: true }, 'zone: of the zone', 'global: shared'],
    ['edge.pulls-global-before-zone', { zone: true }, 'zone: of the zone', 'zone: of the zone'],
    ['edge.pulls-shared-for-hostname', { hostname: true }, 'hostname: of the hostname', 'hostname: shared'],
    ['edge.pulls-shared-for-hostname', { zone: true }, 'zone: of the zone', 'zone: of the zone'],
    ['edge.pulls-false-falls-back', { hostname: false, zone: true }, 'nothing', 'zone: of the zone'],
    ['edge.pulls-false-falls-back', { hostname: false }, 'nothing', 'nothing'],
    ['edge.pulls-need-global-switch', { hostname: true }, 'hostname: of the hostname', 'nothing'],
    ['edge.pulls-need-global-switch', { zone: true, global: true }, 'zone: of the zone', 'zone: of the zone'],
    ['edge.pulls-in-flexible', { ssl: 'flexible', zone: true }, 'nothing', 'zone: of the zone'],
    ['edge.pulls-in-flexible', { ssl: 'off', zone: true }, 'nothing', 'nothing'],
  ] as const)
    test(`${fault}: ${JSON.stringify(levels)}`, () => {
      assert.equal(presented(zoneWith(levels)), healthy)
      assert.equal(presented(zoneWith(levels), [fault]), faulty)
    })
})
