import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { assertRefused, assertSdkRefused, type TestApi } from '../testing/start.ts'
import { ids } from '../testing/state.ts'
import { account, all, startAccessApi } from './testing/start.ts'

const staff = {
  name: 'staff',
  decision: 'allow' as const,
  include: [{ email_domain: { domain: 'example.test' } }],
}
const wrong = { status: 400, code: 12130 }

describe('reusable policies through the SDK', () => {
  let api: TestApi
  before(async () => {
    api = await startAccessApi()
  })
  after(() => api.close())
  const policies = () => api.sdk.zeroTrust.access.policies
  const path = `/accounts/${ids.account}/access/policies`

  it('answers 201, 200, 200 and 202', async () => {
    const { data, response } = await policies()
      .create({ ...account, ...staff })
      .withResponse()
    const id = data.id ?? ''
    assert.equal(response.status, 201)
    assert.deepEqual([data.reusable, data.app_count, data.exclude, data.require], [true, 0, [], []])
    const changed = await policies().update(id, {
      ...account,
      ...staff,
      decision: 'bypass',
      session_duration: '2h',
    })
    assert.deepEqual([changed.decision, changed.session_duration], ['bypass', '2h'])
    assert.deepEqual(await policies().get(id, account), changed)
    const gone = await policies().delete(id, account).withResponse()
    assert.deepEqual([gone.response.status, gone.data.id], [202, id])
    await assertSdkRefused(policies().get(id, account), { status: 404, code: 12135 })
  })

  it('an allow policy may name a service token', async () => {
    const token = await api.sdk.zeroTrust.access.serviceTokens.create({ ...account, name: 'robot' })
    const made = await policies().create({
      ...account,
      ...staff,
      include: [{ service_token: { token_id: token.id ?? '' } }],
    })
    await policies().delete(made.id ?? '', account)
  })

  it('refuses what is wrong, and conditions that the lab would not check', async () => {
    for (const change of [
      { name: '' },
      { name: undefined },
      { decision: 'maybe' },
      { include: [] },
      { include: undefined },
      { include: {} },
      { exclude: [{}] },
      { session_duration: 'long' },
      { approval_required: true },
      { isolation_required: true },
      { purpose_justification_required: true },
      { mfa_config: { allowed_authenticators: ['totp'] } },
    ])
      assertRefused(await api.request('POST', path, { body: { ...staff, ...change } }), wrong)
    assert.deepEqual(await all(policies().list(account)), [])
  })

  it('an account has room for 500', async () => {
    const { policies: stored } = api.store.state.accounts[ids.account]?.access ?? assert.fail()
    const { id = '' } = await policies().create({ ...account, ...staff })
    const [model] = Object.values(stored)
    assert.ok(model !== undefined)
    for (let count = 1; count < 500; count += 1) stored[`p${count}`] = { ...model, id: `p${count}` }
    await assertSdkRefused(policies().create({ ...account, ...staff }), wrong)
    assert.equal((await all(policies().list({ ...account, per_page: 100 }))).length, 500)
    await policies().delete(id, account)
    await policies().create({ ...account, ...staff })
  })
})
