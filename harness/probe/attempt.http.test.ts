import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { followedBy, to, told, withHonest } from '../../fixtures/hostile/attempts.ts'
import type { HonestOptions } from '../../fixtures/hostile/honest.ts'
import type { Attempt } from './types.ts'

const endsWith =
  (text: string): NonNullable<HonestOptions['answer']> =>
  (_seen, response) => {
    response.end(text)
    return true
  }

describe('what an honest server shows', () => {
  const ways: [what: string, options: HonestOptions, rest: Partial<Attempt>, version: string][] = [
    ['HTTP/1.1 over TLS', {}, {}, '1.1'],
    ['HTTP/1.1 without ALPN', {}, { alpn: 'none' }, '1.1'],
    ['HTTP/2', { speaks: 'http2' }, { alpn: 'h2' }, '2.0'],
    ['HTTP without TLS', { speaks: 'plain' }, { tls: false }, '1.1'],
  ]
  for (const [what, options, rest, version] of ways) {
    test(`${what}: the canary's nonce is the proof`, async () => {
      await withHonest(options, async ({ port, seen }) => {
        const outcome = await to(port, { ...rest, headers: [['X-Marker', 'one']] })
        assert.deepEqual(told(outcome), ['allowed', 'proof-nonce', 'http', undefined], outcome.summary)
        assert.equal(seen.length, 1)
        assert.equal(seen[0]?.version, version)
        assert.equal(outcome.canary?.path, seen[0]?.target)
        assert.ok(
          outcome.canary?.headers.some(
            ([name, value]) => name.toLowerCase() === 'x-marker' && value === 'one',
          ),
        )
        assert.equal(outcome.transcript === undefined, rest.tls === false)
        assert.equal(outcome.remote, `127.0.0.1:${port}`)
        const { connect = -1, firstByte = -1, end } = outcome.timings
        assert.ok(connect >= 0 && connect <= firstByte && firstByte <= end)
      })
    })

    test(`${what}: 400, 403, 429, 503, a redirect and an unproven 200 are told apart`, async () => {
      const answers: [number, string, [string, string][], unknown[]][] = [
        [400, 'No required SSL certificate was sent', [], ['refused', 'http-refused', 'http', 'explicit']],
        [403, '', [], ['refused', 'http-refused', 'http', 'generic']],
        [429, '', [], ['inconclusive', 'rate-limited', 'http', undefined]],
        [503, '', [], ['inconclusive', 'server-error', 'http', undefined]],
        [302, '', [['Location', '/cdn-cgi/access/login/x']], ['refused', 'http-redirect', 'http', 'generic']],
        [200, 'welcome', [], ['inconclusive', 'http-unproven', 'http', undefined]],
      ]
      const waiting = [...answers]
      const answer: NonNullable<HonestOptions['answer']> = (_seen, response) => {
        const [status = 200, body, headers = []] = waiting.shift() ?? []
        response.writeHead(status, Object.fromEntries(headers))
        response.end(body)
        return true
      }
      await withHonest({ ...options, answer }, async ({ port }) => {
        for (const [status, , , expected] of answers) {
          const outcome = await to(port, rest)
          assert.deepEqual(told(outcome), expected, outcome.summary)
          assert.equal(outcome.http?.status, status)
        }
      })
    })
  }
})

test('method, target, Host, headers and body arrive as given', async () => {
  await withHonest({ answer: endsWith('ok') }, async ({ port, seen }) => {
    const headers: [string, string][] = [
      ['cf_CERT_verified', 'a'],
      ['CF-Cert-Verified', 'b'],
      ['cf_CERT_verified', 'c'],
    ]
    await to(port, {
      method: 'PATCH',
      path: '/a/../b%2f?x',
      host: 'OTHER.test:1',
      headers,
      body: Buffer.from('body'),
    })
    const [one] = seen
    assert.deepEqual([one?.method, one?.target, one?.body], ['PATCH', '/a/../b%2f?x', 'body'])
    assert.deepEqual(
      one?.headers.filter(([name]) => /cert/i.test(name)),
      headers,
    )
    assert.deepEqual(
      one?.headers.filter(([name]) => /host/i.test(name)),
      [['Host', 'OTHER.test:1']],
    )
    await to(port, { path: '{canary}&marker=7' })
    assert.match(seen[1]?.target ?? '', /^\/c\?challenge=[0-9a-f]{32}&marker=7$/)
  })
})

test('HTTP/2: the authority is as given, and what cannot be sent ends in an outcome', async () => {
  await withHonest({ speaks: 'http2' }, async ({ port, seen }) => {
    const outcome = await to(port, {
      alpn: 'h2',
      host: 'Other.test',
      headers: [
        ['X-One', '1'],
        ['x-one', '2'],
      ],
    })
    assert.equal(outcome.verdict, 'allowed', outcome.summary)
    assert.deepEqual(
      seen[0]?.headers.find(([name]) => name === ':authority'),
      [':authority', 'Other.test'],
    )
    assert.deepEqual(
      seen[0]?.headers.filter(([name]) => name === 'x-one'),
      [
        ['x-one', '1'],
        ['x-one', '2'],
      ],
    )
    for (const header of [
      ['Transfer-Encoding', 'chunked'],
      ['bad name', 'x'],
    ] as [string, string][]) {
      const impossible = await to(port, { alpn: 'h2', headers: [header] })
      assert.deepEqual(
        told(impossible),
        ['inconclusive', 'client-error', 'http', undefined],
        impossible.summary,
      )
    }
    assert.equal(seen.length, 1)
  })
})

test('a declared answer is proof only where there is no canary', async () => {
  await withHonest({ answer: endsWith('temperature: 20') }, async ({ port, seen }) => {
    const request = { method: 'GET', path: '/temps', allowed: { status: 200, bodyContains: 'temperature' } }
    assert.deepEqual(told(await to(port, { proof: { request } })), [
      'allowed',
      'proof-pattern',
      'http',
      undefined,
    ])
    assert.equal(seen[0]?.target, '/temps')
    assert.equal((await to(port, { proof: { request, canary: '/c' } })).code, 'http-unproven')
    assert.equal((await to(port, { proof: {} })).code, 'proof-pattern')
  })
})

test('a replayed canary proves nothing', async () => {
  let kept: string | undefined
  const answer: NonNullable<HonestOptions['answer']> = ({ target }, response) => {
    const challenge = new URL(target, 'http://c').searchParams.get('challenge')
    const body = { harness: 'canary', challenge, nonce: '0123456789abcdef-replayed' }
    kept ??= JSON.stringify(body)
    response.end(kept)
    return true
  }
  await withHonest({ answer }, async ({ port }) => {
    assert.equal((await to(port)).code, 'proof-nonce')
    assert.equal((await to(port)).code, 'http-unproven')
  })
})

test('HEAD is answered without a body', async () => {
  await withHonest({}, async ({ port }) => {
    const outcome = await to(port, { method: 'HEAD', ...followedBy({ method: 'HEAD' }, {}) })
    assert.equal(outcome.http?.body.length, 0)
    assert.deepEqual(
      outcome.followUps.map(({ code }) => code),
      ['http-unproven', 'proof-nonce'],
    )
  })
})
