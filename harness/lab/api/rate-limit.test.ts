import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertRefused, secrets, startTestApi } from './testing/start.ts'

test('every answer says where the credential stands', async () => {
  await using t = await startTestApi({ clock: () => 1_000_000 })
  const first = await t.request('GET', '/zones')
  const second = await t.request('GET', '/nothing')
  const other = await t.request('GET', '/zones', { token: secrets.read })
  assert.equal(first.headers.get('ratelimit'), '"default";r=1199;t=300')
  assert.equal(first.headers.get('ratelimit-policy'), '"default";q=1200;w=300')
  assert.equal(second.headers.get('x-ratelimit-remaining'), '1198')
  assert.equal(other.headers.get('x-ratelimit-remaining'), '1199', 'each credential has its own count')
  assert.equal(first.headers.get('x-ratelimit-limit'), '1200')
  assert.equal(first.headers.get('x-ratelimit-reset'), '300')
  assert.equal(first.headers.get('retry-after'), null)
})

test('over the limit: 429 with retry-after until five minutes have passed since, others go on', async () => {
  let now = 1_000_000
  await using t = await startTestApi({ clock: () => now, limits: { requests: 3 } })
  for (let request = 0; request < 3; request += 1)
    assert.equal((await t.request('GET', '/zones')).status, 200)
  now += 100_000
  const refused = await t.request('GET', '/zones')
  assertRefused(refused, { status: 429, code: 10_500 })
  assert.equal(refused.headers.get('retry-after'), '300')
  assert.equal(refused.headers.get('x-ratelimit-remaining'), '0')
  assert.equal((await t.request('GET', '/zones', { token: secrets.read })).status, 200)
  assert.equal(
    (await t.request('GET', '/lab/v1/unknown-routes')).status,
    200,
    'the lab’s own are not counted',
  )
  // The window of the first request is over, the pause is not.
  now += 299_000
  const still = await t.request('GET', '/zones')
  assertRefused(still, { status: 429, code: 10_500 })
  assert.equal(still.headers.get('retry-after'), '1')
  now += 1_000
  assert.equal((await t.request('GET', '/zones')).status, 200)
})

test('the count begins again with the next window', async () => {
  let now = 1_000_000
  await using t = await startTestApi({ clock: () => now, limits: { requests: 2, windowSeconds: 10 } })
  await t.request('GET', '/zones')
  await t.request('GET', '/zones')
  now += 10_000
  const answer = await t.request('GET', '/zones')
  assert.equal(answer.status, 200)
  assert.equal(answer.headers.get('x-ratelimit-remaining'), '1')
})

test('requests without a good credential are limited too', async () => {
  await using t = await startTestApi({ limits: { requests: 1 } })
  assertRefused(await t.request('GET', '/zones', { token: null }), { status: 400, code: 9106 })
  assertRefused(await t.request('GET', '/zones', { token: 'guessed-token' }), { status: 429, code: 10_500 })
  assert.equal((await t.request('GET', '/zones')).status, 200)
})
