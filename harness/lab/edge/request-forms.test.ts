import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import type { FaultId } from '../faults.ts'
import { createLabMaterial, type Lab, type LabMaterial, startLab } from '../lab.ts'
import { inWords, type Sent, send } from '../testing/client.ts'

let material: LabMaterial
let healthy: Lab

before(async () => {
  material = await createLabMaterial()
  healthy = await startLab({ material })
})
after(() => healthy.close())

async function shown(fault: FaultId, sent: readonly Sent[]): Promise<[healthy: string[], faulty: string[]]> {
  const faulty = await startLab({ material, faults: [fault] })
  try {
    const all = (lab: Lab): Promise<string[]> =>
      Promise.all(sent.map(async (one) => inWords(await send(lab, one))))
    return [await all(healthy), await all(faulty)]
  } finally {
    await faulty.close()
  }
}

test('fault edge.malformed-to-application: a Host that cannot be read, and no other', async () => {
  const sent: Sent[] = [{ host: 'a b' }, { host: '' }, {}, { host: 'other.test' }]
  const [before, now] = await shown('edge.malformed-to-application', sent)
  assert.ok(
    before.every((one) => /^40[03]$/.test(one)),
    before.join(),
  )
  assert.deepEqual(now.slice(0, 2), ['200 none', '200 none'])
  assert.deepEqual(now.slice(2), before.slice(2))
})

test('fault edge.forward-proxy: to this machine, and to no name', async () => {
  const elsewhere = createServer((_, response) => response.writeHead(204).end()).listen(0, '127.0.0.1')
  await once(elsewhere, 'listening')
  const { port } = elsewhere.address() as AddressInfo
  try {
    const paths = [`http://127.0.0.1:${port}/`, 'http://somewhere.invalid/', '/']
    const [before, now] = await shown(
      'edge.forward-proxy',
      paths.map((path) => ({ path })),
    )
    assert.deepEqual(before, ['403', '403', '403'])
    assert.deepEqual(now, ['204', '502', '403'])
  } finally {
    elsewhere.close()
  }
})

test('fault edge.opens-tunnels: CONNECT alone', async () => {
  const sent: Sent[] = [{ method: 'CONNECT', path: '127.0.0.1:1' }, { method: 'OPTIONS' }]
  const [before, now] = await shown('edge.opens-tunnels', sent)
  assert.deepEqual(before, ['400', '403'])
  assert.deepEqual(now, ['200', '403'])
})
