import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createServer } from 'node:net'
import { performance } from 'node:perf_hooks'
import { describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { to, withHonest } from '../../fixtures/hostile/attempts.ts'
import { hostile } from '../../fixtures/hostile/index.ts'

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
        assert.ok(took < 5000, `${Math.round(took)} ms`)
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
