import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { failure } from './envelope.ts'
import { assertRefused, ids, secrets, startTestApi, type TestApi } from './testing/start.ts'
import { routePattern } from './unknown-routes.ts'

describe('what no route answers', () => {
  let t: TestApi
  before(async () => {
    t = await startTestApi({ limits: { requests: 100_000, bodyBytes: 10_000 } })
  })
  after(() => t.close())
  const settings = `/zones/${ids.zone}/settings/ssl`

  test('an unknown path or method is 404 / 7003 and counted by its pattern', async () => {
    assertRefused(await t.request('GET', `/zones/${ids.zone}/page_shield?name=x`), {
      status: 404,
      code: 7003,
    })
    assertRefused(await t.request('GET', `/zones/${ids.otherZone}/page_shield`), { status: 404, code: 7003 })
    assertRefused(
      await t.request('POST', '/zones', { body: 'x', headers: { 'content-type': 'text/plain' } }),
      {
        status: 404,
        code: 7003,
      },
    )
    assert.equal(t.context.unknown.get('GET /client/v4/zones/{id}/page_shield'), 2)
    assert.equal(t.context.unknown.get('POST /client/v4/zones'), 1)
    const { body } = await t.request('GET', '/lab/v1/unknown-routes')
    assert.deepEqual(body.result, Object.fromEntries(t.context.unknown))
  })

  test('the message of 7003 names the path as the real one does', async () => {
    const { body } = await t.request('GET', '/zones/nobody.example')
    assert.equal(
      body.errors?.[0]?.message,
      'Could not route to /client/v4/zones/nobody.example, perhaps your object identifier is invalid?',
    )
  })

  test('an unknown id is 404 / 7003 and not counted as a missing route', async () => {
    const before = t.context.unknown.size
    for (const id of ['__proto__', 'constructor', 'toString', '%00', 'f'.repeat(32), `${ids.zone}x`, 'ä']) {
      assertRefused(await t.request('GET', `/zones/${id}`), { status: 404, code: 7003 })
      assertRefused(await t.request('GET', `/accounts/${id}/mtls_certificates`), { status: 404, code: 7003 })
    }
    assert.equal(t.context.unknown.size, before)
  })

  test('a path that is no URL, and an endless one, are refused in the envelope', async () => {
    assertRefused(await t.request('GET', '/zones/%zz'), { status: 400, code: 7003 })
    assertRefused(await t.request('GET', `/zones/${'a'.repeat(3000)}`), { status: 404, code: 7003 })
  })

  test('bodies that are no JSON object are refused, and change nothing', async () => {
    const revision = t.store.revision
    const json = { 'content-type': 'application/json' }
    const cases: [string, Record<string, string>, { status: number; code: number }][] = [
      ['{', json, { status: 400, code: 6007 }],
      ['{"value":"off"', json, { status: 400, code: 6007 }],
      ['{"__proto__":{"value":"off"}}', json, { status: 400, code: 6007 }],
      ['{"constructor":{"prototype":{}}}', json, { status: 400, code: 6007 }],
      ['value=off', { 'content-type': 'application/x-www-form-urlencoded' }, { status: 415, code: 10_415 }],
      ['{"value":"off"}', { 'content-type': 'text/plain' }, { status: 415, code: 10_415 }],
      [JSON.stringify({ value: 'x'.repeat(10_000) }), json, { status: 413, code: 10_413 }],
      ['[]', json, { status: 400, code: 1007 }],
      ['null', json, { status: 400, code: 1007 }],
      ['"off"', json, { status: 400, code: 1007 }],
      ['', json, { status: 400, code: 1007 }],
      ['{"value":["off"]}', json, { status: 400, code: 1007 }],
    ]
    for (const [body, headers, expected] of cases)
      assertRefused(await t.request('PATCH', settings, { body, headers }), expected)
    assert.equal(t.store.revision, revision)
    assert.equal(
      (await t.request('PATCH', settings, { body: { value: 'off', further: 1 } })).status,
      200,
      'the good twin',
    )
  })

  test('DELETE with the content type of JSON and no body is an ordinary DELETE', async () => {
    const answer = await t.request('DELETE', `/zones/${ids.zone}/client_certificates/${'0'.repeat(32)}`, {
      headers: { 'content-type': 'application/json' },
    })
    assertRefused(answer, { status: 404, code: 1415 })
  })

  test('HEAD, OPTIONS and methods of other protocols are answered by the API', async () => {
    const head = await t.request('HEAD', '/zones')
    assert.equal(head.status, 404)
    assert.match(head.headers.get('content-type') ?? '', /^application\/json/)
    assertRefused(await t.request('OPTIONS', '/zones'), { status: 404, code: 7003 })
    assertRefused(await t.request('OPTIONS', '/zones', { token: null }), { status: 400, code: 9106 })
    assertRefused(await t.request('PROPFIND', '/zones'), { status: 404, code: 7003 })
  })

  test('a trailing slash is the same route', async () => {
    assert.equal((await t.request('GET', '/zones/')).status, 200)
  })

  test('what is not HTTP, too many headers and unknown expectations get the envelope as well', async () => {
    const cases: [string, number][] = [
      ['HELLO\r\n\r\n', 400],
      [`GET /client/v4/zones HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
      [
        `GET /client/v4/zones HTTP/1.1\r\nHost: x\r\nExpect: a-miracle\r\nConnection: close\r\nAuthorization: Bearer ${secrets.edit}\r\n\r\n`,
        417,
      ],
    ]
    for (const [bytes, status] of cases) {
      const answer = await exchange(t.api.port, bytes)
      assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `))
      assert.deepEqual(
        JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))),
        failure(6003, 'Invalid request headers'),
      )
    }
  })
})

test('a handler that fails is a 500 in the envelope that says nothing, and is told to the owner', async () => {
  await using t = await startTestApi()
  const told: unknown[] = []
  t.context.onInternalError = (error) => told.push(error)
  t.context.managedCa = () => Promise.reject(new Error('secret detail'))
  const answer = await t.request('POST', `/zones/${ids.zone}/client_certificates`, {
    body: { csr: 'x', validity_days: 1 },
  })
  assertRefused(answer, { status: 500, code: 10_501 })
  assert.ok(!answer.text.includes('secret detail'))
  assert.deepEqual(told.map(String), ['Error: secret detail'])
})

test('patterns of unknown routes', () => {
  const cases: [string, string][] = [
    [`/client/v4/zones/${'a'.repeat(32)}/x/${'1'.repeat(64)}?y=1`, 'GET /client/v4/zones/{id}/x/{id}'],
    ['/client/v4/accounts/anything/x', 'GET /client/v4/accounts/{id}/x'],
    ['/client/v4/a/2458ce5a-0c35-4c7f-82c7-8e9487d3ff60/12', 'GET /client/v4/a/{id}/{id}'],
    [`/client/v4/${'z'.repeat(65)}`, 'GET /client/v4/{long}'],
    ['/', 'GET /'],
  ]
  for (const [url, pattern] of cases) assert.equal(routePattern('GET', url), pattern)
})

test('the table of unknown routes does not grow without end', async () => {
  await using t = await startTestApi({ limits: { requests: 100_000 } })
  for (let index = 0; index < 510; index += 1) await t.request('GET', `/no-${index}`)
  assert.equal(t.context.unknown.size, 501)
  assert.equal(t.context.unknown.get('others'), 10)
})

function exchange(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    let text = ''
    socket.setTimeout(20_000, () => socket.destroy(new Error('no answer')))
    socket.on('data', (data) => {
      text += data.toString('latin1')
    })
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
  })
}
