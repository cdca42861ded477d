import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Authority, createAuthority, loadAuthority } from '../../pki/authority.ts'
import { oid, primitive, sequence } from '../../pki/der/write.ts'
import { crlDistributionPoints } from '../../pki/extensions.ts'
import { extensionOids } from '../../pki/oids.ts'
import { certificatesIn } from '../../pki/pem.ts'
import type { Identity } from '../../pki/types.ts'
import type { certificateUseFaults } from '../faults/certificate-use.ts'
import { type FaultId, selectFaults } from '../faults.ts'
import { forwardedHeaders, www } from '../hostnames.ts'
import { createLabMaterial, type Lab, type LabMaterial, startLab } from '../lab.ts'
import { originSaw, type Sent, send } from '../testing/client.ts'
import { urlsIn } from './certificate-urls.ts'

let material: LabMaterial
let healthy: Lab
let trusted: Authority
let stranger: Authority

before(async () => {
  material = await createLabMaterial()
  ;[healthy, trusted, stranger] = await Promise.all([
    startLab({ material }),
    loadAuthority(material.clientCas.A),
    createAuthority({ name: 'CN=stranger' }),
  ])
})
after(() => healthy.close())

/** A certificate with the three kinds of URL. */
const withUrls = (authority: Authority, origin: string): Promise<Identity> =>
  authority.issue({
    extensions: [
      {
        oid: extensionOids.authorityInfoAccess,
        critical: false,
        value: sequence(
          sequence(oid('1.3.6.1.5.5.7.48.1'), primitive(6, Buffer.from(`${origin}/ocsp`))),
          sequence(oid('1.3.6.1.5.5.7.48.2'), primitive(6, Buffer.from(`${origin}/issuer`))),
        ),
      },
      crlDistributionPoints([`${origin}/crl`]),
    ],
  })

const fetches = {
  'edge.fetches-issuer': '/issuer',
  'edge.fetches-crl': '/crl',
  'edge.fetches-ocsp': '/ocsp',
} as const

for (const [fault, path] of Object.entries(fetches) as [keyof typeof fetches, string][]) {
  test(`fault ${fault}: that URL and no other, of a stranger too`, async () => {
    const { cert } = await withUrls(stranger, 'http://127.0.0.1:9')
    const [der = Buffer.alloc(0)] = certificatesIn(cert)
    assert.deepEqual(urlsIn(der, selectFaults([fault])), [`http://127.0.0.1:9${path}`])
    assert.deepEqual(urlsIn(der, new Set()), [])
    assert.deepEqual(urlsIn(Buffer.from('junk'), selectFaults([fault])), [])
  })
}

test('URLs are followed over the network with the faults, and not without', async () => {
  const hits: string[] = []
  const listener = createServer((request, response) => {
    hits.push(request.url ?? '')
    response.end()
  })
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  const faulty = await startLab({ material, faults: Object.keys(fetches) })
  try {
    const origin = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`
    const identity = await withUrls(stranger, origin)
    assert.equal((await send(healthy, { identity })).status, 403)
    assert.equal((await send(faulty, { identity })).status, 403)
    for (let left = 500; hits.length < 3 && left > 0; left -= 1) await wait(20)
    assert.deepEqual(hits.toSorted(), Object.values(fetches).toSorted(), 'by the faulty one only')
  } finally {
    await faulty.close()
    listener.close()
  }
})

test('addresses that are not loopback are never asked', async () => {
  const faulty = await startLab({ material, faults: Object.keys(fetches) })
  try {
    // Would be an error of the process if it were tried and not caught: the lab answers as ever.
    for (const origin of ['http://192.0.2.1', 'https://127.0.0.1:9', 'ldap://127.0.0.1', 'http://'])
      assert.equal((await send(faulty, { identity: await withUrls(stranger, origin) })).status, 403)
  } finally {
    await faulty.close()
  }
})

const status = forwardedHeaders.status
const forgedAccess: Sent = { headers: [['Cf-Access-Authenticated-User-Email', 'forged']] }

interface Row {
  sent: () => Promise<Sent>
  header: string
  healthy: string[]
  faulty: string[]
}
const valid =
  (more: Sent = {}) =>
  async (): Promise<Sent> => ({ identity: material.identities['sensor-001'], ...more })

const rows: Record<Exclude<(typeof certificateUseFaults)[number]['id'], keyof typeof fetches>, Row[]> = {
  'edge.status-first-request-only': [
    { sent: valid({ times: 2 }), header: status, healthy: ['valid'], faulty: [] },
    { sent: valid(), header: status, healthy: ['valid'], faulty: ['valid'] },
  ],
  'edge.large-certificate-unreported': [
    {
      sent: async () => ({
        identity: await trusted.issue({
          san: { dns: Array.from({ length: 190 }, (_, at) => `${'a'.repeat(56)}${at}.invalid`) },
        }),
      }),
      header: status,
      healthy: ['valid'],
      faulty: [],
    },
    { sent: valid(), header: status, healthy: ['valid'], faulty: ['valid'] },
  ],
  'edge.subject-breaks-line': [
    {
      sent: async () => ({ identity: await trusted.issue({ subject: 'CN=x\\0D\\0AX-Made: yes' }) }),
      header: 'x-made',
      healthy: [],
      faulty: ['yes'],
    },
    { sent: valid(), header: status, healthy: ['valid'], faulty: ['valid'] },
  ],
  'edge.passes-access-headers': [
    {
      sent: valid(forgedAccess),
      header: 'cf-access-authenticated-user-email',
      healthy: [],
      faulty: ['forged'],
    },
    {
      sent: async () => ({ ...forgedAccess, to: www.hostname }),
      header: 'cf-access-authenticated-user-email',
      healthy: [],
      faulty: [],
    },
  ],
}

for (const [fault, shown] of Object.entries(rows) as [FaultId, Row[]][]) {
  test(`fault ${fault}`, async () => {
    const lab = await startLab({ material, faults: [fault] })
    try {
      for (const { sent, header, healthy: good, faulty } of shown) {
        const before = await send(healthy, await sent())
        assert.ok(before.echo, 'let in')
        assert.deepEqual(originSaw(before, header), good)
        assert.deepEqual(originSaw(await send(lab, await sent()), header), faulty)
      }
    } finally {
      await lab.close()
    }
  })
}
