import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createServer } from 'node:net'
import { performance } from 'node:perf_hooks'
import { before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Honest, type HonestOptions, honest } from '../../fixtures/hostile/honest.ts'
import { hostile, hostileName, material } from '../../fixtures/hostile/index.ts'
import { attempt } from './attempt.ts'
import type { Attempt, Outcome } from './types.ts'

const proof = { canary: '/c' }
let trust: string
before(async () => {
  trust = (await material()).ca
})

const to = (port: number, rest: Partial<Attempt> = {}): Promise<Outcome> =>
  attempt({ endpoint: { hostname: hostileName, address: '127.0.0.1', port, trust }, proof, ...rest })

async function withHonest(options: HonestOptions, use: (server: Honest) => Promise<void>): Promise<void> {
  const server = await honest(options)
  try {
    await use(server)
  } finally {
    await server.close()
  }
}

const told = ({ verdict, code, layer, attribution }: Outcome) => [verdict, code, layer, attribution]

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
        [
          302,
          '',
          [['Location', '/cdn-cgi/access/login/x']],
          ['refused', 'http-redirect', 'http', 'explicit'],
        ],
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
  await withHonest({ answer: (_seen, response) => (response.end('ok'), true) }, async ({ port, seen }) => {
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
  await withHonest(
    { answer: (_seen, response) => (response.end('temperature: 20'), true) },
    async ({ port, seen }) => {
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
    },
  )
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
    const outcome = await to(port, { method: 'HEAD', then: [{ method: 'HEAD' }, {}] })
    assert.equal(outcome.http?.body.length, 0)
    assert.deepEqual(
      outcome.followUps.map(({ code }) => code),
      ['http-unproven', 'proof-nonce'],
    )
  })
})

describe('further requests', () => {
  for (const [what, options, rest] of [
    ['HTTP/1.1', {}, {}],
    ['HTTP/2', { speaks: 'http2' }, { alpn: 'h2' }],
    ['plain HTTP', { speaks: 'plain' }, { tls: false }],
  ] as [string, HonestOptions, Partial<Attempt>][]) {
    test(`${what}: go over the same connection, each judged by itself`, async () => {
      const answer: NonNullable<HonestOptions['answer']> = ({ target }, response) => {
        if (!target.startsWith('/forbidden')) return false
        response.statusCode = 403
        response.end('no')
        return true
      }
      await withHonest({ ...options, answer }, async (server) => {
        const { port, seen } = server
        const then = [
          {},
          { path: '/forbidden' },
          { host: 'other.test', headers: [['X-A', 'b']] as [string, string][] },
          {},
        ]
        const outcome = await to(port, { ...rest, then })
        assert.equal(outcome.code, 'proof-nonce', outcome.summary)
        assert.deepEqual(
          outcome.followUps.map(({ code }) => code),
          ['proof-nonce', 'http-refused', 'proof-nonce', 'proof-nonce'],
        )
        assert.equal(seen.length, 5)
        assert.equal(new Set(seen.map((one) => one.connection)).size, 1)
        assert.equal(server.connections, 1)
        const nonces = [outcome, ...outcome.followUps].flatMap(({ canary }) => canary?.nonce ?? [])
        assert.equal(new Set(nonces).size, 4)
      })
    })
  }

  test('a server that announces the end has refused nothing; one that ends without a word may have', async () => {
    let count = 0
    const answer =
      (announce: boolean): NonNullable<HonestOptions['answer']> =>
      (_seen, response) => {
        count += 1
        if (count % 2 === 0) response.socket?.destroy()
        else response.writeHead(403, announce ? { Connection: 'close' } : {}).end('no')
        return true
      }
    await withHonest({ answer: answer(true) }, async ({ port }) => {
      const [second] = (await to(port, { then: [{}] })).followUps
      assert.deepEqual([second?.verdict, second?.code], ['inconclusive', 'http-unproven'])
    })
    count = 0
    await withHonest({ answer: answer(false) }, async ({ port }) => {
      const [second] = (await to(port, { then: [{}] })).followUps
      assert.deepEqual(
        [second?.verdict, second?.code, second?.attribution],
        ['refused', 'tls-close', 'generic'],
      )
    })
  })

  test('a further request without an answer is undecided, never refused', async () => {
    let count = 0
    const answer: NonNullable<HonestOptions['answer']> = (_seen, response) => {
      count += 1
      if (count === 1) response.end('first')
      return true
    }
    for (const rest of [{}, { alpn: 'h2' as const }]) {
      count = 0
      await withHonest({ answer, speaks: rest.alpn === undefined ? 'http1' : 'http2' }, async ({ port }) => {
        const outcome = await to(port, { ...rest, then: [{}, {}], deadline: 500 })
        assert.equal(outcome.http?.status, 200)
        assert.deepEqual(
          outcome.followUps.map(({ verdict, code }) => [verdict, code]),
          [
            ['inconclusive', 'timeout'],
            ['inconclusive', 'timeout'],
          ],
        )
      })
    }
  })
})

describe('an attempt that is aborted', () => {
  const stuck: [what: string, id: string, alpn: 'http/1.1' | 'h2', tls: boolean][] = [
    ['before a byte', 'tcp.silent', 'http/1.1', true],
    ['within the handshake', 'tls.stops-within-certificate', 'http/1.1', true],
    ['before the answer', 'http1.silent', 'http/1.1', true],
    ['within the answer', 'http1.slow-body', 'http/1.1', true],
    ['before the answer, HTTP/2', 'http2.never-answers', 'h2', true],
    ['within the answer, HTTP/2', 'http2.cut-body', 'h2', true],
    ['without TLS', 'tcp.silent', 'http/1.1', false],
    ['while flooded', 'tcp.hello-requests', 'http/1.1', true],
  ]
  for (const [what, id, alpn, tls] of stuck) {
    test(`ends at once, as aborted: ${what}`, async () => {
      const server = await hostile(id).listen()
      const control = new AbortController()
      try {
        const running = to(server.port, { signal: control.signal, alpn, tls, deadline: 20_000 })
        await wait(150)
        const started = performance.now()
        control.abort()
        const outcome = await running
        const took = performance.now() - started
        assert.deepEqual([outcome.verdict, outcome.code], ['inconclusive', 'aborted'], outcome.summary)
        assert.ok(took < (id === 'tcp.hello-requests' ? 1500 : 200), `${Math.round(took)} ms`)
      } finally {
        await server.close()
      }
    })
  }

  test('makes no connection when it was aborted before', async () => {
    await withHonest({}, async (server) => {
      const outcome = await to(server.port, { signal: AbortSignal.abort() })
      assert.deepEqual([outcome.code, server.connections], ['aborted', 0])
    })
  })

  test('an abort after the answer changes nothing', async () => {
    await withHonest({}, async ({ port }) => {
      const control = new AbortController()
      const outcome = await to(port, { signal: control.signal })
      control.abort()
      assert.equal(outcome.verdict, 'allowed')
    })
  })

  test('leaves nothing open: the process ends by itself', async () => {
    // Accepts and never closes: only the probe's own end of the connection may go away.
    const server = createServer({ allowHalfOpen: true }, (socket) => void socket.on('error', () => undefined))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    assert.ok(typeof address === 'object' && address !== null)
    const code = `
      const { attempt } = await import(process.argv[1])
      const endpoint = { hostname: 'silent.test', address: '127.0.0.1', port: Number(process.argv[2]) }
      const signal = AbortSignal.timeout(100)
      const ways = [{ signal }, { signal, tls: false }, { deadline: 100 }, { deadline: 100, tls: false }]
      const all = await Promise.all(ways.map((way) => attempt({ endpoint, proof: {}, deadline: 60000, ...way })))
      console.log(JSON.stringify(all.map((one) => one.code)))`
    const module = fileURLToPath(new URL('./attempt.ts', import.meta.url))
    try {
      const args = ['--input-type=module', '-e', code, module, String(address.port)]
      const { stdout } = await promisify(execFile)(process.execPath, args, {
        timeout: 10_000,
        cwd: fileURLToPath(new URL('../..', import.meta.url)),
      })
      assert.deepEqual(JSON.parse(stdout), ['aborted', 'aborted', 'timeout', 'timeout'])
    } finally {
      server.close()
    }
  })
})
