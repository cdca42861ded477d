/**
 * Faults of the API for origin pulls: each beside the healthy answer.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Identity } from '../../../pki/types.ts'
import type { FaultId } from '../../faults.ts'
import { pullCa, pullIdentity } from '../../origin-pulls/testing/pulls.ts'
import { ids, startTestApi, type TestApi } from '../testing/start.ts'

const base = `/zones/${ids.zone}/origin_tls_client_auth`
const certificates = `${base}/hostnames/certificates`
const hostname = 'api.example.test'

const upload = async (api: TestApi, { cert, key }: Pick<Identity, 'cert' | 'key'>) =>
  api.request('POST', certificates, { body: { certificate: cert, private_key: key } })
const idOf = ({ body }: Awaited<ReturnType<typeof upload>>): string => (body.result as { id: string }).id
const outcome = ({ status, body }: Awaited<ReturnType<typeof upload>>): string =>
  [status, ...(body.errors ?? []).map(({ code }) => code)].join(' ')
const put = (api: TestApi, cert_id: string, enabled: boolean | null) =>
  api.request('PUT', `${base}/hostnames`, { body: { config: [{ hostname, cert_id, enabled }] } })

interface Row {
  fault: FaultId
  show(api: TestApi): Promise<string>
  healthy: string
  faulty: string
}

const rows: readonly Row[] = [
  {
    fault: 'edge.pulls-api-returns-private-key',
    show: async (api) => String((await upload(api, await pullIdentity('a'))).text.includes('PRIVATE KEY')),
    healthy: 'false',
    faulty: 'true',
  },
  {
    fault: 'edge.pulls-tombstone-unreadable',
    show: async (api) => {
      const id = idOf(await upload(api, await pullIdentity('a')))
      const there = outcome(await api.request('GET', `${certificates}/${id}`))
      await api.request('DELETE', `${certificates}/${id}`)
      return `${there}, then ${outcome(await api.request('GET', `${certificates}/${id}`))}`
    },
    healthy: '200, then 200',
    faulty: '200, then 404 1551',
  },
  {
    fault: 'edge.pulls-new-id-after-deletion',
    show: async (api) => {
      const identity = await pullIdentity('a')
      const id = idOf(await upload(api, identity))
      await api.request('DELETE', `${certificates}/${id}`)
      return idOf(await upload(api, identity)) === id ? 'same id' : 'another id'
    },
    healthy: 'same id',
    faulty: 'another id',
  },
  {
    fault: 'edge.pulls-deletes-in-use',
    show: async (api) => {
      const id = idOf(await upload(api, await pullIdentity('a')))
      await put(api, id, false)
      return outcome(await api.request('DELETE', `${certificates}/${id}`))
    },
    healthy: '400 1433',
    faulty: '200',
  },
  {
    fault: 'edge.pulls-null-as-false',
    show: async (api) => {
      const id = idOf(await upload(api, await pullIdentity('a')))
      await put(api, id, true)
      const voided = (await put(api, id, null)).body.result as { enabled: boolean | null }[]
      const left = outcome(await api.request('GET', `${base}/hostnames/${hostname}`))
      return `${voided[0]?.enabled} ${left} ${outcome(await api.request('DELETE', `${certificates}/${id}`))}`
    },
    healthy: 'null 404 1553 200',
    faulty: 'false 200 400 1433',
  },
  {
    fault: 'edge.pulls-zone-off-disables-hostnames',
    show: async (api) => {
      const id = idOf(await upload(api, await pullIdentity('a')))
      await put(api, id, true)
      await api.request('PUT', `${base}/settings`, { body: { enabled: false } })
      const { result } = (await api.request('GET', `${base}/hostnames/${hostname}`)).body
      return String((result as { enabled: boolean }).enabled)
    },
    healthy: 'true',
    faulty: 'false',
  },
  {
    fault: 'edge.pulls-accepts-wrong-key',
    show: async (api) =>
      outcome(
        await upload(api, { cert: (await pullIdentity('a')).cert, key: (await pullIdentity('b')).key }),
      ),
    healthy: '400 2106',
    faulty: '200',
  },
  {
    fault: 'edge.pulls-accepts-ca',
    show: async (api) => outcome(await upload(api, await pullCa())),
    healthy: '400 2101',
    faulty: '200',
  },
]

for (const { fault, show, healthy, faulty } of rows)
  test(fault, async () => {
    const [good, bad] = await Promise.all([startTestApi(), startTestApi({ faults: [fault] })])
    try {
      assert.equal(await show(good), healthy)
      assert.equal(await show(bad), faulty)
    } finally {
      await Promise.all([good.close(), bad.close()])
    }
  })
