import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import Cloudflare from 'cloudflare'
import { primary, zones } from '../hostnames.ts'
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

test('the routes of the zone, with what becomes of requests over the limit', async () => {
  const routes: unknown[] = []
  for await (const route of client.workers.routes.list(zone)) routes.push(route)
  const [route] = routes as { id: string }[]
  assert.ok(route)
  assert.deepEqual(routes, [
    {
      id: route.id,
      pattern: `${primary.hostname}/reports/*`,
      script: 'reports',
      request_limit_fail_open: false,
    },
  ])
  assert.deepEqual(await client.workers.routes.get(route.id, zone), route)
})

test('an unknown route is 404, and another zone has none', async () => {
  await assert.rejects(
    client.workers.routes.get('f'.repeat(32), zone),
    ({ status }: { status?: number }) => status === 404,
  )
  const there = await client.workers.routes.list({ zone_id: zones.neighbour.id })
  assert.equal(there.result.length, 0)
})
