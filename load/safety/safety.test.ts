import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCanary } from './canary.ts'
import { sharedEdges } from './edge-ranges.ts'
import { isLoopback, sharedEdgeOf } from './edges.ts'
import { allowElsewhere, allowTarget, checkIntent, loopbackCaps, remoteCaps } from './target.ts'
import { checkPath, targetUrl } from './url.ts'

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

test('a confirmation of another name is an error on this machine too', async () => {
  const question = { host: 'mtls.test', port: 443, confirmation: 'other.test' }
  await assert.rejects(allowTarget(question, at('127.0.0.1')), usage(/not the hostname/))
  assert.equal(
    (await allowTarget({ ...question, confirmation: 'mtls.test' }, at('127.0.0.1'))).loopback,
    true,
  )
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

test('edges of six operators are known, and seen through translators and relays', () => {
  for (const [address, operator] of [
    ['18.64.0.1', 'Amazon CloudFront'],
    ['3.160.0.1', 'Amazon CloudFront'],
    ['23.32.0.1', 'Akamai'],
    ['2a02:26f0::1', 'Akamai'],
    ['13.107.246.10', 'Azure Front Door'],
    ['142.250.1.1', 'Google'],
    ['151.101.1.1', 'Fastly'],
    ['2606:4700::1111', 'Cloudflare'],
    // 104.16.0.1 by NAT64 (RFC 6052, RFC 8215), 6to4, SIIT, and mapped in either spelling.
    ['64:ff9b::6810:1', 'Cloudflare'],
    ['64:ff9b::104.16.0.1', 'Cloudflare'],
    ['64:ff9b:1::6810:1', 'Cloudflare'],
    ['2002:6810:1::1', 'Cloudflare'],
    ['::ffff:0:6810:1', 'Cloudflare'],
    ['::ffff:6810:1', 'Cloudflare'],
    ['::104.16.0.1', 'Cloudflare'],
    ['64:ff9b::6810:1%eth0', 'Cloudflare'],
  ] as const)
    assert.equal(sharedEdgeOf(address)?.operator, operator, address)
  for (const address of [
    ...[
      '192.0.2.7',
      '64:ff9b::c000:207',
      '2002:c000:207::1',
      '2001:db8::6810:1',
      '2003:6810:1::1',
      'fe80::1%eth0',
    ],
    ...['3.176.0.1', '18.63.255.255', '127.0.0.1', '::1'],
  ])
    assert.equal(sharedEdgeOf(address), undefined, address)
})

test('load for other machines: the addresses of the name count, whatever was given beside them', async () => {
  const named = { host: 'www.test', port: 443, confirmation: 'www.test' }
  const beside = { ...named, address: '127.0.0.1' }
  await assert.rejects(allowElsewhere(beside, at('104.16.1.1')), usage(/Cloudflare/))
  await assert.rejects(
    allowElsewhere({ ...named, address: '104.16.1.1' }, at('192.0.2.7')),
    usage(/Cloudflare/),
  )
  // What a name is here says nothing about what it is there.
  for (const question of [
    { host: 'www.test', port: 443, address: '127.0.0.1' },
    { host: 'www.test', port: 443 },
  ])
    await assert.rejects(allowElsewhere(question, at('127.0.0.1')), usage(/not this machine/))
  const target = await allowElsewhere({ ...named, address: '192.0.2.8' }, at('192.0.2.7'))
  assert.deepEqual([target.address, target.loopback, target.caps], ['192.0.2.8', false, remoteCaps])
  // A name of the cluster alone has no address here: the one that was given is checked, and goes with the load.
  assert.equal((await allowElsewhere({ ...named, address: '192.0.2.8' }, at())).address, '192.0.2.8')
  await assert.rejects(allowElsewhere(named, at()), { code: 'ERR_UNREACHABLE' })
  assert.equal((await allowElsewhere({ host: '127.0.0.1', port: 443 }, at())).loopback, true)
  await assert.rejects(
    allowElsewhere({ host: '127.0.0.1', port: 443, address: '192.0.2.7' }, at()),
    usage(/not this machine/),
  )
})

test('a path is a path: nothing after the origin leads to another one', () => {
  for (const path of ['/', '/a?b=c', '//evil.example/', '/@evil.example/', '/\\evil.example/', '/%0a'])
    assert.equal(targetUrl({ host: '127.0.0.1', port: 38443 }, path), `https://127.0.0.1:38443${path}`)
  assert.equal(targetUrl({ host: '::1', port: 443 }), 'https://[::1]:443/')
  assert.equal(targetUrl({ host: '[::1]', port: 1 }), 'https://[::1]:1/')
  const wrong = [
    '@127.0.0.2:19443/',
    '',
    'a',
    '.evil.example/',
    '0/',
    ':1/',
    '?a',
    '#a',
    '/a b',
    '/a\r\nb',
    '/#a',
    '/\u00e9',
  ]
  for (const path of wrong) {
    assert.throws(() => checkPath(path), usage(/is no path/), path)
    assert.throws(() => targetUrl({ host: '127.0.0.1', port: 38443 }, path), usage(/is no path/), path)
  }
  for (const host of ['a@b', 'a/b', 'a\\b', 'a?b', 'a#b', 'a b', ''])
    assert.throws(() => targetUrl({ host, port: 443 }), usage(/does not lead to/), host)
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
