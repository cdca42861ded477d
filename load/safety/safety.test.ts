import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCanary } from './canary.ts'
import { isLoopback, sharedEdgeOf, sharedEdges } from './edges.ts'
import { allowTarget, checkIntent, loopbackCaps, remoteCaps } from './target.ts'

const at =
  (...addresses: string[]) =>
  async (): Promise<string[]> =>
    addresses
const usage = (message: RegExp) => ({ code: 'ERR_USAGE', message })

test('this machine may be loaded without a word', async () => {
  for (const address of ['127.0.0.1', '127.9.8.7', '::1']) {
    const target = await allowTarget({ host: 'mtls.test', port: 443 }, at(address))
    assert.deepEqual([target.loopback, target.canary, target.caps], [true, false, loopbackCaps])
    assert.equal(target.address, address)
  }
  assert.equal((await allowTarget({ host: '[::1]', port: 443 })).address, '::1')
})

test('another machine only with its own name as confirmation, and then with small limits and a canary', async () => {
  const question = { host: 'origin.example', port: 443 }
  const there = at('192.0.2.7')
  await assert.rejects(allowTarget(question, there), usage(/not this machine/))
  await assert.rejects(allowTarget({ ...question, confirmation: 'yes' }, there), usage(/not the hostname/))
  await assert.rejects(
    allowTarget({ ...question, confirmation: 'Origin.example' }, there),
    usage(/not the hostname/),
  )
  const target = await allowTarget({ ...question, confirmation: 'origin.example' }, there)
  assert.deepEqual([target.loopback, target.canary, target.caps], [false, true, remoteCaps])
})

test('a name that is this machine and another one is not this machine', async () => {
  await assert.rejects(
    allowTarget({ host: 'a.test', port: 443 }, at('127.0.0.1', '192.0.2.7')),
    usage(/not this machine/),
  )
})

test('shared edges are refused whatever was confirmed, IPv4 inside IPv6 and by given address too', async () => {
  for (const address of ['104.16.1.1', '2606:4700::1', '::ffff:104.16.1.1', '151.101.1.1', '13.32.0.9']) {
    const question = { host: 'app.example', port: 443, confirmation: 'app.example' }
    await assert.rejects(allowTarget(question, at(address)), usage(/shares with others/), address)
    await assert.rejects(allowTarget({ ...question, address }), usage(/shares with others/), address)
  }
  await assert.rejects(
    allowTarget({ host: 'a.test', port: 443, confirmation: 'a.test' }, at('192.0.2.7', '104.16.1.1')),
    usage(/Cloudflare/),
  )
  assert.equal(sharedEdgeOf('104.15.255.255'), undefined)
  for (const { source, ranges } of sharedEdges) assert.ok(source !== '' && ranges.length > 0)
})

test('addresses of no single machine are refused; mapped loopback is loopback', async () => {
  for (const address of ['0.0.0.0', '224.0.0.1', '255.255.255.255', '::', 'ff02::1']) {
    await assert.rejects(
      allowTarget({ host: 'a.test', port: 443, confirmation: 'a.test' }, at(address)),
      usage(/no single machine/),
      address,
    )
  }
  assert.equal(isLoopback('::ffff:127.0.0.1'), true)
  assert.equal(isLoopback('128.0.0.1'), false)
})

test('ports and addresses that are none are refused, and a name without an address', async () => {
  for (const port of [0, 65_536, 1.5])
    await assert.rejects(allowTarget({ host: 'a', port }, at('127.0.0.1')), usage(/no port/))
  await assert.rejects(allowTarget({ host: 'a', port: 1, address: 'here' }), usage(/no IP address/))
  await assert.rejects(allowTarget({ host: 'a', port: 1 }, at()), { code: 'ERR_UNREACHABLE' })
})

test('limits hold for rate, count and time, and nothing is no load', () => {
  const target = { host: 'a.example', caps: remoteCaps }
  checkIntent(remoteCaps, target)
  for (const key of ['rate', 'count', 'seconds'] as const) {
    assert.throws(
      () => checkIntent({ ...remoteCaps, [key]: remoteCaps[key] + 1 }, target),
      usage(/more than a\.example may get/),
    )
    assert.throws(() => checkIntent({ ...remoteCaps, [key]: 0 }, target), usage(/not possible/))
    assert.throws(() => checkIntent({ ...remoteCaps, [key]: Number.NaN }, target), usage(/not possible/))
  }
})

test('the canary stops the run after failures in a row, throws included, and only then', async () => {
  const answers = [true, false, false, true, false, false, false, true]
  const reasons: string[] = []
  let at = 0
  const canary = startCanary({
    ask: async () => {
      const answer = answers[at++]
      if (at === 6) throw new Error('refused')
      return answer ?? true
    },
    every: 1,
    failures: 3,
    onStop: (reason) => reasons.push(reason),
  })
  for (let tries = 0; tries < 1000 && reasons.length === 0; tries += 1) await sleep(5)
  await canary.stop()
  assert.deepEqual(reasons, ['the canary: 3 good requests in a row failed'])
  assert.deepEqual(canary.counts(), { asked: 7, failed: 5 })
})

test('a canary that is stopped asks no more and says nothing', async () => {
  const reasons: string[] = []
  const canary = startCanary({
    ask: async () => false,
    every: 60_000,
    failures: 2,
    onStop: (reason) => reasons.push(reason),
  })
  await canary.stop()
  assert.deepEqual(reasons, [])
})
