import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { followedBy, to, withHonest } from '../../fixtures/hostile/attempts.ts'
import type { HonestOptions } from '../../fixtures/hostile/honest.ts'
import type { Attempt, FollowUp } from './types.ts'

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
        const further: FollowUp[] = [
          {},
          { path: '/forbidden' },
          { host: 'other.test', headers: [['X-A', 'b']] as [string, string][] },
          {},
        ]
        const outcome = await to(port, { ...rest, ...followedBy(...further) })
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
      const [second] = (await to(port, followedBy({}))).followUps
      assert.deepEqual([second?.verdict, second?.code], ['inconclusive', 'http-unproven'])
    })
    count = 0
    await withHonest({ answer: answer(false) }, async ({ port }) => {
      const [second] = (await to(port, followedBy({}))).followUps
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
        const outcome = await to(port, { ...rest, ...followedBy({}, {}), deadline: 500 })
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
