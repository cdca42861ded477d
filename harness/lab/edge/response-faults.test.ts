/**
 * Every fault of answers: what the healthy edge does, and what this one does instead.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { responseFaults } from '../faults/responses.ts'
import { canaryPath, primary, staff } from '../hostnames.ts'
import { createLabMaterial, type Lab, type LabMaterial, startLab } from '../lab.ts'
import { type Sent, send } from '../testing/client.ts'

type FaultId = (typeof responseFaults)[number]['id']
type Show = (lab: Lab) => Promise<string>

let material: LabMaterial
let healthy: Lab
before(async () => {
  material = await createLabMaterial()
  healthy = await startLab({ material })
})
after(() => healthy.close())

const identified = (): Pick<Sent, 'identity'> => {
  const identity = material.identities['sensor-001']
  assert.ok(identity)
  return { identity }
}

/** What a stranger gets for a URL that somebody good has asked for. */
const afterGood =
  (path: string, good: () => Sent, to: string): Show =>
  async (lab) => {
    await send(lab, { ...good(), to, path })
    return String((await send(lab, { to, path })).status)
  }

const header =
  (name: string, sent: () => Sent): Show =>
  async (lab) => {
    const { headers } = await send(lab, sent())
    return headers.find(([key]) => key.toLowerCase() === name)?.[1] ?? 'absent'
  }

const query = `${canaryPath}?challenge=${'0'.repeat(32)}`
const serviceToken = (): Sent => {
  const { clientId, secret } = material.serviceTokens.ci
  return {
    headers: [
      ['CF-Access-Client-Id', clientId],
      ['CF-Access-Client-Secret', secret],
    ],
  }
}

const rows: Record<FaultId, { show: Show; healthy: string; faulty: string }[]> = {
  'edge.caches-for-everybody': [
    { show: afterGood(query, identified, primary.hostname), healthy: '403', faulty: '200' },
    { show: afterGood(query, serviceToken, staff.hostname), healthy: '302', faulty: '200' },
    { show: afterGood('/temps', identified, primary.hostname), healthy: '403', faulty: '403' },
  ],
  'edge.caches-static-names': [
    { show: afterGood('/temps/a.css', identified, primary.hostname), healthy: '403', faulty: '404' },
    { show: afterGood(query, identified, primary.hostname), healthy: '403', faulty: '403' },
  ],
  'edge.answers-cacheable': [
    {
      show: header('cache-control', () => ({ path: '/temps', ...identified() })),
      healthy: 'absent',
      faulty: 'public, max-age=14400',
    },
    { show: header('cache-control', () => ({})), healthy: 'no-store', faulty: 'no-store' },
  ],
  'edge.reflects-origin': [
    {
      show: header('access-control-allow-origin', () => ({
        headers: [['Origin', 'https://page.example']],
        ...identified(),
      })),
      healthy: 'absent',
      faulty: 'https://page.example',
    },
  ],
  'edge.refusal-names-origin': [
    { show: header('x-upstream', () => ({})), healthy: 'absent', faulty: '10.1.2.3:8443' },
  ],
  'edge.no-hsts': [
    {
      show: header('strict-transport-security', () => ({})),
      healthy: 'max-age=31536000',
      faulty: 'absent',
    },
    {
      show: header('strict-transport-security', identified),
      healthy: 'max-age=31536000',
      faulty: 'absent',
    },
    {
      show: header('strict-transport-security', () => ({ to: staff.hostname })),
      healthy: 'max-age=31536000',
      faulty: 'absent',
    },
    {
      show: header('strict-transport-security', () => ({ clear: 'plain-port' })),
      healthy: 'absent',
      faulty: 'absent',
    },
  ],
}

for (const { id } of responseFaults) {
  test(id, async () => {
    const faulty = await startLab({ material, faults: [id] })
    try {
      for (const row of rows[id]) {
        assert.equal(await row.show(healthy), row.healthy, 'healthy')
        assert.equal(await row.show(faulty), row.faulty, 'faulty')
      }
    } finally {
      await faulty.close()
    }
  })
}
