import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import Cloudflare from 'cloudflare'
import { portal, primary, zones } from '../hostnames.ts'
import { createLabMaterial, type Lab, type LabMaterial, startLab } from '../lab.ts'

let material: LabMaterial
let lab: Lab
let client: Cloudflare

before(async () => {
  material = await createLabMaterial()
  lab = await startLab({ material, parts: 'control-plane' })
  client = new Cloudflare({
    apiToken: material.credentials.readToken,
    baseURL: lab.api?.baseURL ?? '',
    maxRetries: 0,
  })
})
after(() => lab.close())

const zone = { zone_id: zones.lab.id }

test('every hostname of the zone, by the address of its origin', async () => {
  const records: { name: string; content: string; proxied: boolean; id: string }[] = []
  for await (const record of client.dns.records.list({ ...zone, per_page: 5 }))
    records.push({
      name: record.name,
      content: record.content ?? '',
      proxied: record.proxied === true,
      id: record.id,
    })
  const expected = Object.values(lab.store.state.hostnames).filter(({ zoneId }) => zoneId === zones.lab.id)
  assert.deepEqual(records.map(({ name }) => name).sort(), expected.map(({ hostname }) => hostname).sort())
  const contentOf = (name: string): string | undefined => records.find((one) => one.name === name)?.content
  assert.equal(contentOf(primary.hostname), contentOf(portal.hostname), 'the same origin')
  assert.notEqual(contentOf(primary.hostname), contentOf('app.harness.test'), 'another one')
  assert.ok(records.every(({ proxied }) => proxied))
  const [first] = records
  assert.ok(first)
  assert.equal((await client.dns.records.get(first.id, zone)).name, first.name)
})

test('filters, and what is not there', async () => {
  const by = async (query: object): Promise<number> => {
    let found = 0
    for await (const _ of client.dns.records.list({ ...zone, ...query })) found += 1
    return found
  }
  assert.equal(await by({ name: { exact: primary.hostname } }), 1)
  assert.equal(await by({ name: { exact: 'nowhere.harness.test' } }), 0)
  assert.equal(await by({ type: 'MX' }), 0)
  await assert.rejects(client.dns.records.get('0'.repeat(32), zone), { status: 404 })
  await assert.rejects(Promise.resolve(client.dns.records.list({ zone_id: '0'.repeat(32) })), { status: 404 })
})

test('the control plane is there where it was asked for', async () => {
  assert.ok(lab.api)
  const without = await startLab({ material })
  await without.close()
  assert.equal(without.api, undefined)
})
