import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createMint, type Mint } from '../../pki/mint.ts'
import type { originFaults } from '../faults/origins.ts'
import { type FaultId, selectFaults } from '../faults.ts'
import { primary, www } from '../hostnames.ts'
import { createLabMaterial, type LabMaterial } from '../material.ts'
import { type Origins, startOrigins } from './origins.ts'
import { type Asked, ask } from './testing.ts'

type OriginFaultId = (typeof originFaults)[number]['id']

let material: LabMaterial
let mint: Mint
let healthy: Origins

before(async () => {
  material = await createLabMaterial()
  mint = createMint({ caNames: [], caCert: material.pulls.ca })
  healthy = await startOrigins(material)
})
after(() => healthy.close())

const own = { host: primary.hostname }
const sni = { servername: primary.hostname }
type Question = Asked | (() => Promise<Asked>)
const nobody: Asked = { headers: own, tls: sni }

/** Per fault: what is served, and what stands next to it and is not. */
const rows: Record<OriginFaultId, { served: Question; still?: Question }> = {
  'origin.open': { served: nobody },
  'origin.allow-list-only': { served: nobody, still: { ...nobody, from: '127.0.0.2' } },
  'origin.optional': { served: nobody, still: selfSigned },
  'origin.open-in-1.2': {
    served: { headers: own, tls: { ...sni, maxVersion: 'TLSv1.2' } },
    still: nobody,
  },
  'origin.open-for-other-names': {
    served: { headers: { host: 'other.invalid' }, tls: sni },
    still: { headers: { host: `${www.hostname}:443` }, tls: { servername: www.hostname } },
  },
  'origin.trusts-edge-headers': {
    served: { headers: { ...own, 'cf-connecting-ip': '192.0.2.1' }, tls: sni },
    still: nobody,
  },
  'origin.accepts-self-signed': { served: selfSigned, still: impostor },
  'origin.compares-issuer-name': { served: impostor, still: selfSigned },
  'origin.trusts-shared-ca': {
    served: () => Promise.resolve({ headers: own, tls: { ...sni, ...pairOf(material.sharedPull) } }),
    still: nobody,
  },
  'origin.trusts-client-ca': {
    served: () => Promise.resolve(as(material.identities['sensor-001'])),
    still: () => Promise.resolve(as(material.identities['partner-001'])),
  },
  'origin.pins-nobody': {
    served: () => Promise.resolve(as(material.pulls.other)),
    still: () => Promise.resolve(as(material.sharedPull)),
  },
  'origin.plain-open': { served: { headers: own }, still: nobody },
  'origin.names-itself': { served: () => Promise.resolve(as(material.pulls)), still: nobody },
}

const pairOf = ({ cert, key }: { cert: string; key: string }): { cert: string; key: string } => ({
  cert,
  key,
})
const as = (one: { cert: string; key: string }): Asked => ({ headers: own, tls: { ...sni, ...pairOf(one) } })
async function selfSigned(): Promise<Asked> {
  return as(await mint.get('self-signed'))
}
async function impostor(): Promise<Asked> {
  return as(await mint.get('impostor-ca'))
}
const made = (question: Question): Promise<Asked> =>
  typeof question === 'function' ? question() : Promise.resolve(question)

const start = (fault: FaultId): Promise<Origins> => startOrigins(material, Date.now, selectFaults([fault]))

for (const [fault, { served, still }] of Object.entries(rows) as [
  OriginFaultId,
  (typeof rows)[OriginFaultId],
][]) {
  test(`fault ${fault}`, async () => {
    const faulty = await start(fault)
    try {
      const [before, behind] = [
        await ask(healthy.guarded, await made(served)),
        await ask(faulty.guarded, await made(served)),
      ]
      if (fault !== 'origin.names-itself') assert.notEqual(before.status, 200, 'without the fault')
      assert.equal(behind.status, 200)
      if (still !== undefined) assert.notEqual((await ask(faulty.guarded, await made(still))).status, 200)
      assert.equal((await ask(faulty.guarded, as(material.pulls))).status, 200, 'the edge is served')
    } finally {
      await faulty.close()
    }
  })
}

test('the guarded origin serves listed addresses only, the edge’s certificate or not', {
  skip: process.platform === 'linux' ? false : '127.0.0.2 is an address of this machine on Linux only',
}, async () => {
  const elsewhere = { ...as(material.pulls), from: '127.0.0.2' }
  const { status, body } = await ask(healthy.guarded, elsewhere)
  assert.deepEqual([status, /SSL certificate/.test(body)], [403, false])
  healthy.guarded.configure({ addresses: ['127.0.0.1', '127.0.0.2'] })
  assert.equal((await ask(healthy.guarded, elsewhere)).status, 200)
  healthy.guarded.configure({ addresses: ['127.0.0.1'] })
  assert.equal((await ask(healthy.guarded, elsewhere)).status, 403)
})

test('origin.names-itself: the address stands in every answer, and otherwise in none', async () => {
  const faulty = await start('origin.names-itself')
  try {
    const { tlsPort } = faulty.guarded
    const asked = as(material.pulls)
    assert.equal((await ask(faulty.guarded, asked)).headers['x-backend-server'], `127.0.0.1:${tlsPort}`)
    assert.equal((await ask(healthy.guarded, asked)).headers['x-backend-server'], undefined)
  } finally {
    await faulty.close()
  }
})
