import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { LabState } from '../state/types.ts'
import { assertRefused, ids, secrets, startTestApi, type TestApi } from './testing/start.ts'

describe('the lab’s own routes', () => {
  let t: TestApi
  before(async () => {
    t = await startTestApi()
  })
  after(() => t.close())

  const exported = async (): Promise<LabState> =>
    (await t.request('GET', '/lab/v1/state')).body.result as LabState

  test('a state that was exported, changed and imported again is what it was', async () => {
    const before = await exported()
    await t.sdk.zones.settings.edit('ssl', { zone_id: ids.zone, value: 'strict' })
    assert.notDeepEqual(await exported(), before)
    const answer = await t.request('PUT', '/lab/v1/state', { body: before })
    assert.equal(answer.status, 200, answer.text)
    assert.deepEqual(await exported(), before)
    assert.equal((await t.request('GET', `/zones/${ids.zone}/settings/ssl`)).status, 200)
  })

  test('what is no state is refused with what is wrong, and changes nothing', async () => {
    const before = await exported()
    const { revision } = t.store
    type Loose = Record<string, Record<string, Record<string, unknown>>>
    const broken = (change: (state: Loose) => void): unknown => {
      const state = structuredClone(before)
      change(state as unknown as Loose)
      return state
    }
    const anAccount = (state: Loose) => Object.values(state.accounts ?? {})[0] ?? {}
    const applicationsOf = (state: Loose): object =>
      (anAccount(state).access as { applications?: object } | undefined)?.applications ?? {}
    const cases: [unknown, RegExp][] = [
      [[], /not an object/],
      ['null', /not an object/],
      [{ schemaVersion: 2 }, /schemaVersion is not 1; accounts is not an object/],
      [broken((state) => Object.assign(state, { zones: [] })), /zones is not an object/],
      [broken((state) => delete state.delays), /delays is not an object/],
      [broken((state) => Object.assign(state, { credentials: {} })), /nobody could use the lab/],
      [broken((state) => Object.assign(state, { accounts: {} })), /accountId refers to nothing/],
      [broken((state) => Object.assign(state.delays ?? {}, { deletion: -1 })), /delays\.deletion/],
      [broken((state) => delete state.zones?.[ids.zone]), /hostnames\.api\.example\.test\.zoneId/],
      [
        broken((state) => delete state.zones?.[ids.zone]?.managedRequestHeaders),
        /managedRequestHeaders is not a list/,
      ],
      [
        broken((state) => Object.assign(Object.values(state.credentials ?? {})[0] ?? {}, { hash: 1 })),
        /no SHA-256 as hash/,
      ],
      [
        broken((state) => delete state.zones?.[ids.zone]?.clientCertificates),
        /clientCertificates is not an object/,
      ],
      [
        broken((state) => Object.assign(anAccount(state).mtlsCertificates ?? {}, { x: null })),
        /mtlsCertificates\.x is not an object/,
      ],
      [
        broken((state) => Object.assign(applicationsOf(state), { x: null })),
        /access\.applications\.x is not an object/,
      ],
      [
        broken((state) =>
          Object.assign(applicationsOf(state), { x: { domains: ['\0bogus'], settings: {}, policies: [] } }),
        ),
        /access\.applications\.x lacks domains/,
      ],
      [
        broken((state) => {
          for (const credential of Object.values(state.credentials ?? {})) credential.hash = 'f'.repeat(64)
        }),
        /This state is of another lab/,
      ],
    ]
    for (const [body, why] of cases) {
      const answer = await t.request('PUT', '/lab/v1/state', { body })
      assertRefused(answer, { status: 400, code: 10_001 })
      assert.match(answer.body.errors?.[0]?.message ?? '', why)
    }
    assert.equal(t.store.revision, revision)
    assert.deepEqual(await exported(), before)
  })

  test('a state larger than other bodies may be is taken', async () => {
    const state = await exported()
    const [host] = Object.values(state.hostnames)
    assert.ok(host !== undefined)
    for (let index = 0; index < 10_000; index += 1) {
      const hostname = `h${index}.${'x'.repeat(60)}.example.test`
      state.hostnames[hostname] = { ...host, hostname }
    }
    const body = JSON.stringify(state)
    assert.ok(body.length > t.context.limits.bodyBytes)
    assert.equal((await t.request('PUT', '/lab/v1/state', { body })).status, 200)
  })

  test('the clock goes forward only', async () => {
    const before = t.store.now()
    assert.equal((await t.request('POST', '/lab/v1/clock', { body: { advanceSeconds: 3600 } })).status, 200)
    const after = t.store.now()
    assert.ok(after >= before + 3_600_000)
    for (const advanceSeconds of [-1, '60', null, 1e12, undefined])
      assertRefused(await t.request('POST', '/lab/v1/clock', { body: { advanceSeconds } }), {
        status: 400,
        code: 10_001,
      })
    assert.ok(t.store.now() < after + 3_600_000)
  })

  test('delays are changed by name, all of a request or none', async () => {
    const answer = await t.request('PATCH', '/lab/v1/delays', { body: { deployment: 5, deletion: 6 } })
    assert.deepEqual(answer.body.result, {
      deployment: 5,
      deletion: 6,
      revocation: 0,
      sessionRevocation: 0,
      certificateSettings: 0,
    })
    for (const body of [
      { deployment: 7, other: 1 },
      { deployment: '1' },
      { deployment: 1.5 },
      [],
      'null',
      { toString: 1 },
    ])
      assertRefused(await t.request('PATCH', '/lab/v1/delays', { body }), { status: 400, code: 10_001 })
    assert.equal(t.store.state.delays.deployment, 5)
  })

  test('they ask for a credential, for writes and for the secrets of the state one that may edit', async () => {
    const body = await exported()
    for (const [method, path] of [
      ['GET', '/lab/v1/state'],
      ['PUT', '/lab/v1/state'],
      ['POST', '/lab/v1/clock'],
      ['PATCH', '/lab/v1/delays'],
    ] as const) {
      const sent = method === 'GET' ? {} : { body }
      assertRefused(await t.request(method, path, { ...sent, token: null }), { status: 400, code: 9106 })
      assertRefused(await t.request(method, path, { ...sent, token: secrets.read }), {
        status: 403,
        code: 10_000,
      })
    }
    assert.equal((await t.request('GET', '/lab/v1/unknown-routes', { token: secrets.read })).status, 200)
  })
})
