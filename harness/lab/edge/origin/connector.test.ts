/**
 * The way to a real origin on loopback: what it sees of the edge, and what a visitor sees of it.
 */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { createAuthority } from '../../../pki/authority.ts'
import type { Identity } from '../../../pki/types.ts'
import type { FaultId } from '../../faults.ts'
import { deployedFrom, pullAssociation, pullCertificate } from '../../origin-pulls/testing/pulls.ts'
import type { OriginMaterial } from '../../origins/material.ts'
import { type Origin, startOrigin } from '../../origins/origin.ts'
import { defaultSettings } from '../../origins/settings.ts'
import { originMaterial } from '../../origins/testing.ts'
import type { SslMode } from '../../state/types.ts'
import {
  type Answer,
  hostname,
  otherHostname,
  type SmallEdge,
  startRelay,
  startSmallEdge,
} from './testing.ts'

let material: OriginMaterial
let origin: Origin
let own: Identity
let newer: Identity
let stranger: Identity
/** The origin trusts the operator's CA and the shared one. */
let trust: string

before(async () => {
  material = await originMaterial()
  const [ca, foreign] = await Promise.all([
    createAuthority({ name: 'CN=Operator Root' }),
    createAuthority({ name: 'CN=Foreign' }),
  ])
  ;[own, newer, stranger] = await Promise.all([
    ca.issue({ subject: 'CN=own' }),
    ca.issue({ subject: 'CN=newer' }),
    foreign.issue({ subject: 'CN=stranger' }),
  ])
  trust = `${ca.cert}${material.sharedPull.ca}`
  origin = await startOrigin({ certificates: material.origin })
})
after(() => origin.close())
beforeEach(() => origin.configure({ ...defaultSettings, clientCertificates: 'optional', trust }))

async function withEdge(
  options: { ssl?: SslMode; faults?: readonly FaultId[] },
  use: (edge: SmallEdge) => Promise<void>,
): Promise<void> {
  const edge = await startSmallEdge({ material, origin, ...options })
  try {
    await use(edge)
  } finally {
    await edge.close()
  }
}

/** In a few words: status, and the subject the origin saw. */
const words = ({ status, seen }: Answer): string => {
  if (status !== 200) return `${status}`
  if (seen === undefined) return '200 without TLS'
  return `200 ${seen.presented ? seen.subject : 'no certificate'}${seen.presented && !seen.verified ? ' (bad)' : ''}`
}
const look = async (edge: SmallEdge, host = hostname): Promise<string> => words(await edge.ask({ host }))

describe('mode', () => {
  for (const [ssl, expected] of [
    ['off', '200 without TLS'],
    ['flexible', '200 without TLS'],
    ['full', '200 CN=own'],
    ['strict', '200 CN=own'],
  ] as const)
    test(`${ssl}: ${expected}`, () =>
      withEdge({ ssl }, async (edge) => {
        edge.present('zone', own)
        assert.equal(await look(edge), expected)
      }))

  test('a change of the mode shows with the next request', () =>
    withEdge({ ssl: 'flexible' }, async (edge) => {
      edge.present('zone', own)
      const seen: string[] = []
      for (const mode of ['flexible', 'full', 'strict', 'off', 'full'] as const) {
        edge.zone.settings.ssl.value = mode
        edge.store.changed()
        seen.push(await look(edge))
      }
      assert.deepEqual(seen, [
        ...['200 without TLS', '200 CN=own', '200 CN=own', '200 without TLS', '200 CN=own'],
      ])
    }))

  test('a hostname that the state does not know goes to main by plain HTTP', () =>
    withEdge({ ssl: 'full' }, async (edge) => {
      assert.equal(await look(edge, 'unknown.example.test'), '200 without TLS')
      delete edge.store.state.hostnames[otherHostname]
      assert.equal(await look(edge), '200 no certificate')
    }))
})

test('the levels switched one by one: the origin sees the certificate that is due', () =>
  withEdge({}, async (edge) => {
    const { originPulls: pulls, settings } = edge.zone
    const seen: string[] = []
    const step = async (change: () => void): Promise<void> => {
      change()
      edge.store.changed()
      seen.push(await look(edge))
    }
    await step(() => {})
    await step(() => {
      settings.tls_client_auth.value = 'on'
    })
    await step(() => edge.present('zone', own))
    await step(() => edge.present('hostname', newer, 'h1'))
    await step(() => {
      pulls.associations[hostname] = pullAssociation(hostname, 'h1', { enabled: false })
    })
    await step(() => {
      delete pulls.associations[hostname]
    })
    await step(() => {
      pulls.enabled = false
    })
    await step(() => {
      settings.tls_client_auth.value = 'off'
    })
    const shared = '200 CN=origin-pull.harness.invalid,O=Harness Lab Edge'
    assert.deepEqual(seen, [
      '200 no certificate',
      shared,
      '200 CN=own',
      '200 CN=newer',
      '200 no certificate',
      '200 CN=own',
      shared,
      '200 no certificate',
    ])
  }))

test('a key that does not belong to its certificate presents nothing, and breaks nothing', () =>
  withEdge({}, async (edge) => {
    edge.present('zone', { cert: own.cert, key: newer.key })
    assert.equal(await look(edge), '200 no certificate')
    edge.present('zone', { cert: 'no PEM', key: '' }, 'c2')
    assert.equal(await look(edge), '200 no certificate')
  }))

test('two hostnames of one origin never share a connection', () =>
  withEdge({}, async (edge) => {
    edge.present('zone', own)
    edge.present('hostname', newer, 'h1')
    const seen = []
    for (const host of [hostname, otherHostname, hostname, otherHostname]) seen.push(await look(edge, host))
    assert.deepEqual(seen, ['200 CN=newer', '200 CN=own', '200 CN=newer', '200 CN=own'])
  }))

test('a certificate that is deployed later is presented from that moment', () =>
  withEdge({}, async (edge) => {
    const at = edge.store.now() + 3_600_000
    edge.present('zone', own)
    edge.zone.originPulls.zoneCertificates.c2 = pullCertificate('c2', newer, {
      deployedAt: at,
      lifecycle: deployedFrom(at),
    })
    edge.store.changed()
    assert.equal(await look(edge), '200 CN=own')
    edge.store.advance(3_600_000)
    assert.equal(await look(edge), '200 CN=newer')
  }))

test('requests at once while the certificate changes see the one before or the one after, later ones the one after', () =>
  withEdge({}, async (edge) => {
    edge.present('zone', own)
    const first = Array.from({ length: 20 }, () => look(edge))
    await Promise.all(first.slice(0, 5))
    edge.present('zone', newer, 'c2')
    const seen = new Set(await Promise.all(first))
    assert.ok([...seen].every((one) => one === '200 CN=own' || one === '200 CN=newer'))
    const then = await Promise.all(Array.from({ length: 20 }, () => look(edge)))
    assert.deepEqual([...new Set(then)], ['200 CN=newer'])
  }))

test('connections are kept as long as nothing changes that concerns them', async () => {
  const relay = await startRelay(origin.tlsPort)
  const edge = await startSmallEdge({ material, origin: { ...origin, tlsPort: relay.port }, ssl: 'strict' })
  try {
    edge.present('zone', own)
    const connections: number[] = []
    const five = async (between: () => void): Promise<void> => {
      for (let at = 0; at < 5; at++) {
        assert.equal(await look(edge), '200 CN=own')
        between()
      }
      connections.push(relay.connections())
    }
    await five(() => {})
    await five(() => edge.store.changed())
    edge.present('zone', newer, 'c2')
    assert.equal(await look(edge), '200 CN=newer')
    edge.present('zone', own)
    await five(() => {})
    assert.deepEqual(connections, [1, 1, 3])
  } finally {
    await edge.close()
    relay.close()
  }
})

describe('refusals of the origin', () => {
  test('a refusal in the handshake is 525 in TLS 1.2 and 520 in TLS 1.3, one by HTTP is the origin’s own 400', async () => {
    for (const [maxVersion, refusal, expected] of [
      ['TLSv1.2', 'alert', '525'],
      ['TLSv1.3', 'alert', '520'],
      ['TLSv1.2', 'http-400', '400'],
      ['TLSv1.3', 'http-400', '400'],
    ] as const)
      await withEdge({}, async (edge) => {
        origin.configure({ clientCertificates: 'required', maxVersion, refusal })
        assert.equal(await look(edge), expected, 'without certificate')
        edge.present('zone', stranger)
        assert.equal(await look(edge), expected, 'with a bad one')
        edge.present('zone', own, 'c2')
        assert.equal(await look(edge), '200 CN=own', 'with a good one')
      })
  })

  test('the origin’s own 400 reaches the visitor as it is', () =>
    withEdge({}, async (edge) => {
      origin.configure({ clientCertificates: 'required' })
      const { status, body, headers } = await edge.ask()
      assert.equal(status, 400)
      assert.match(body, /No required SSL certificate was sent/)
      assert.equal(headers['cf-error-type'], undefined)
    }))

  test('an origin that enforces is out of reach without the edge’s certificate, and back with it', () =>
    withEdge({}, async (edge) => {
      edge.present('hostname', own, 'h1')
      origin.configure({ clientCertificates: 'required' })
      assert.equal(await look(edge), '200 CN=own')
      edge.zone.originPulls.associations = {}
      edge.store.changed()
      assert.equal(await look(edge), '400')
      edge.present('hostname', own, 'h1')
      assert.equal(await look(edge), '200 CN=own')
    }))

  test('an expired certificate is presented, and the origin refuses it', () =>
    withEdge({}, async (edge) => {
      const day = 86_400_000
      const old = await (await createAuthority({ name: 'CN=Old Root' })).issue({
        subject: 'CN=old',
        notBefore: new Date(Date.now() - 9 * day),
        notAfter: new Date(Date.now() - day),
      })
      edge.present('zone', old)
      edge.zone.originPulls.zoneCertificates.c1 = pullCertificate('c1', old, {
        expiresOn: new Date(Date.now() - day).toISOString(),
      })
      edge.store.changed()
      const { status, body } = await edge.ask()
      assert.deepEqual([status, /The SSL certificate error/.test(body)], [400, true])
    }))
})

describe('the origin’s certificate', () => {
  for (const [serverCertificate, strict] of [
    ['good', '200 no certificate'],
    ['self-signed', '526'],
    ['expired', '526'],
    ['other-name', '526'],
  ] as const)
    test(`${serverCertificate}: full 200, strict ${strict}`, async () => {
      origin.configure({ serverCertificate })
      await withEdge({ ssl: 'full' }, async (edge) => assert.equal(await look(edge), '200 no certificate'))
      await withEdge({ ssl: 'strict' }, async (edge) => assert.equal(await look(edge), strict))
    })

  test('a connection made in mode full is not used in mode strict', () =>
    withEdge({ ssl: 'full' }, async (edge) => {
      origin.configure({ serverCertificate: 'self-signed' })
      assert.equal(await look(edge), '200 no certificate')
      edge.zone.settings.ssl.value = 'strict'
      edge.store.changed()
      assert.equal(await look(edge), '526')
    }))

  test('it expires by the lab’s clock', () =>
    withEdge({ ssl: 'strict' }, async (edge) => {
      edge.store.advance(100 * 86_400_000)
      assert.equal(await look(edge), '526')
    }))
})

describe('faults', () => {
  interface Row {
    fault: FaultId
    ssl: SslMode
    prepare?: (edge: SmallEdge) => void
    show?: (edge: SmallEdge) => Promise<string>
    healthy: string
    faulty: string
  }
  const server = (serverCertificate: 'self-signed' | 'expired' | 'other-name') => () =>
    origin.configure({ serverCertificate })
  const rows: readonly Row[] = [
    {
      fault: 'edge.strict-ignores-name',
      ssl: 'strict',
      prepare: server('other-name'),
      healthy: '526',
      faulty: '200 no certificate',
    },
    {
      fault: 'edge.strict-ignores-name',
      ssl: 'strict',
      prepare: server('expired'),
      healthy: '526',
      faulty: '526',
    },
    {
      fault: 'edge.strict-ignores-dates',
      ssl: 'strict',
      prepare: server('expired'),
      healthy: '526',
      faulty: '200 no certificate',
    },
    {
      fault: 'edge.strict-ignores-dates',
      ssl: 'strict',
      prepare: server('self-signed'),
      healthy: '526',
      faulty: '526',
    },
    {
      fault: 'edge.strict-ignores-chain',
      ssl: 'strict',
      prepare: server('self-signed'),
      healthy: '526',
      faulty: '200 no certificate',
    },
    {
      fault: 'edge.strict-ignores-chain',
      ssl: 'strict',
      prepare: server('other-name'),
      healthy: '526',
      faulty: '526',
    },
    {
      fault: 'edge.full-verifies-origin',
      ssl: 'full',
      prepare: server('expired'),
      healthy: '200 no certificate',
      faulty: '526',
    },
    {
      fault: 'edge.full-verifies-origin',
      ssl: 'full',
      healthy: '200 no certificate',
      faulty: '200 no certificate',
    },
    {
      fault: 'edge.origin-falls-back-to-plain',
      ssl: 'strict',
      prepare: server('expired'),
      healthy: '526',
      faulty: '200 without TLS',
    },
    {
      fault: 'edge.origin-falls-back-to-plain',
      ssl: 'strict',
      healthy: '200 no certificate',
      faulty: '200 no certificate',
    },
    {
      fault: 'edge.origin-errors-as-200',
      ssl: 'strict',
      prepare: server('expired'),
      show: async (edge) => {
        const { status, body } = await edge.ask()
        return `${status} ${body.slice(0, 15)}`
      },
      healthy: '526 error code: 526',
      faulty: '200 error code: 526',
    },
    {
      fault: 'edge.origin-error-tells-address',
      ssl: 'strict',
      prepare: server('expired'),
      show: async (edge) => String((await edge.ask()).body.includes(`127.0.0.1:${origin.tlsPort}`)),
      healthy: 'false',
      faulty: 'true',
    },
    {
      fault: 'edge.pulls-in-flexible',
      ssl: 'flexible',
      prepare: (edge) => edge.present('zone', own),
      healthy: '200 without TLS',
      faulty: '200 CN=own',
    },
    {
      fault: 'edge.pulls-false-fails',
      ssl: 'full',
      show: async (edge) => {
        const without = await look(edge)
        edge.present('hostname', own)
        const on = await look(edge)
        for (const one of Object.values(edge.zone.originPulls.associations)) one.enabled = false
        edge.store.changed()
        return [without, on, await look(edge)].join(', ')
      },
      healthy: '200 no certificate, 200 CN=own, 200 no certificate',
      faulty: '200 no certificate, 200 CN=own, 520',
    },
    {
      fault: 'edge.pulls-keeps-connections',
      ssl: 'full',
      show: async (edge) => {
        edge.present('zone', own)
        const before = await look(edge)
        edge.present('zone', newer, 'c2')
        const replaced = await look(edge)
        edge.zone.originPulls.enabled = false
        edge.store.changed()
        return [before, replaced, await look(edge)].join(', ')
      },
      healthy: '200 CN=own, 200 CN=newer, 200 no certificate',
      faulty: '200 CN=own, 200 CN=own, 200 CN=own',
    },
  ]
  for (const { fault, ssl, prepare = () => {}, show = look, healthy, faulty } of rows)
    test(`${fault}: ${healthy} → ${faulty}`, async () => {
      for (const [faults, expected] of [
        [[], healthy],
        [[fault], faulty],
      ] as const)
        await withEdge({ ssl, faults }, async (edge) => {
          prepare(edge)
          assert.equal(await show(edge), expected)
        })
    })
})
