import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { assertRefused, assertSdkRefused, ids, secrets, startTestApi, type TestApi } from './testing/start.ts'

describe('credentials of the control plane', () => {
  let t: TestApi
  before(async () => {
    t = await startTestApi()
  })
  after(() => t.close())

  test('a token and a key with its mail address are both good', async () => {
    const byToken = await t.sdk.zones.list()
    const byKey = await t.sdkAs({ apiEmail: secrets.email, apiKey: secrets.key }).zones.list()
    assert.deepEqual(
      byToken.result.map(({ name }) => name),
      [ids.zoneName, ids.otherZoneName],
    )
    assert.deepEqual(byKey.result, byToken.result)
  })

  test('no credential: 400 / 9106', async () => {
    assertRefused(await t.request('GET', '/zones', { token: null }), { status: 400, code: 9106 })
  })

  test('malformed headers: 400 / 6003 and which one in error_chain', async () => {
    const cases: [Record<string, string>, number[]][] = [
      [{ authorization: 'Bearer' }, [6111]],
      [{ authorization: 'Bearer two words' }, [6111]],
      [{ authorization: `Basic ${secrets.edit}` }, [6111]],
      [{ 'x-auth-key': secrets.key }, [6102]],
      [{ 'x-auth-email': secrets.email }, [6103]],
      [{ 'x-auth-email': 'nobody', 'x-auth-key': 'short' }, [6102, 6103]],
    ]
    for (const [headers, chain] of cases) {
      const answer = await t.request('GET', '/zones', { token: null, headers })
      assertRefused(answer, { status: 400, code: 6003 })
      assert.deepEqual(
        answer.body.errors?.[0]?.error_chain?.map(({ code }) => code),
        chain,
        JSON.stringify(Object.keys(headers)),
      )
    }
  })

  test('an unknown token, a key with another mail address, a key as token and a token as key: 401 / 10000', async () => {
    const expected = { status: 401, code: 10_000 }
    await assertSdkRefused(t.sdkAs({ apiToken: 'nobody-has-this-token' }).zones.list(), expected)
    await assertSdkRefused(
      t.sdkAs({ apiEmail: 'other@example.test', apiKey: secrets.key }).zones.list(),
      expected,
    )
    await assertSdkRefused(t.sdkAs({ apiToken: secrets.key }).zones.list(), expected)
    await assertSdkRefused(t.sdkAs({ apiEmail: secrets.email, apiKey: secrets.edit }).zones.list(), expected)
  })

  test('a disabled or expired token is refused everywhere but where it is asked about', async () => {
    for (const status of ['disabled', 'expired'] as const) {
      const sdk = t.sdkAs({ apiToken: secrets[status] })
      await assertSdkRefused(sdk.zones.list(), { status: 401, code: 10_000 })
      assert.equal((await sdk.user.tokens.verify()).status, status)
    }
  })

  test('a good token is told so, a key is not a token, an unknown token is none', async () => {
    const answer = await t.request('GET', '/user/tokens/verify')
    assert.deepEqual((answer.body.result as { status: string }).status, 'active')
    assert.deepEqual(answer.body.messages, [
      { code: 10_000, message: 'This API Token is valid and active', type: null },
    ])
    await assertSdkRefused(t.sdkAs({ apiEmail: secrets.email, apiKey: secrets.key }).user.tokens.verify(), {
      status: 400,
      code: 1001,
    })
    await assertSdkRefused(t.sdkAs({ apiToken: 'nobody-has-this-token' }).user.tokens.verify(), {
      status: 401,
      code: 10_000,
    })
  })

  test('a credential that may only look cannot write: 403 / 10000, and nothing changes', async () => {
    const reader = t.sdkAs({ apiToken: secrets.read })
    assert.equal((await reader.zones.get({ zone_id: ids.zone })).name, ids.zoneName)
    const revision = t.store.revision
    await assertSdkRefused(reader.zones.settings.edit('ssl', { zone_id: ids.zone, value: 'off' }), {
      status: 403,
      code: 10_000,
    })
    assert.equal(t.store.revision, revision)
  })

  test('a credential of one account sees neither the other account nor its zone', async () => {
    const sdk = t.sdkAs({ apiToken: secrets.oneAccount })
    assert.deepEqual(
      (await sdk.accounts.list()).result.map(({ id }) => id),
      [ids.account],
    )
    assert.deepEqual(
      (await sdk.zones.list()).result.map(({ id }) => id),
      [ids.zone],
    )
    assert.equal((await sdk.zones.get({ zone_id: ids.zone })).id, ids.zone)
    const expected = { status: 403, code: 10_000 }
    await assertSdkRefused(sdk.zones.get({ zone_id: ids.otherZone }), expected)
    await assertSdkRefused(sdk.accounts.get({ account_id: ids.otherAccount }), expected)
    await assertSdkRefused(sdk.mtlsCertificates.list({ account_id: ids.otherAccount }), expected)
    // Written otherwise, it is the same account.
    const escaped = `%${ids.otherAccount.charCodeAt(0).toString(16)}${ids.otherAccount.slice(1)}`
    assertRefused(await t.request('GET', `/accounts/${escaped}`, { token: secrets.oneAccount }), expected)
    assertRefused(await t.request('GET', '/lab/v1/state', { token: secrets.oneAccount }), expected)
  })

  test('no refusal repeats what was sent', async () => {
    const token = 'this-token-must-not-come-back'
    for (const headers of [{ authorization: `Bearer ${token}` }, { authorization: `Token ${token}` }]) {
      const { text } = await t.request('GET', '/zones', { token: null, headers })
      assert.ok(!text.includes(token), text)
    }
  })
})
