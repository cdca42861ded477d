import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Commands, commands } from '../commands.ts'
import { run } from '../run.ts'

/** What a command line calls, or how it is refused. */
async function called(...args: string[]): Promise<{ code: number; err: string; calls: unknown[][] }> {
  const calls: unknown[][] = []
  const record =
    (name: string) =>
    async (...parameters: unknown[]): Promise<0> => {
      calls.push([name, ...parameters])
      return 0
    }
  const recorded: Commands = {
    ...commands,
    loadCost: record('cost'),
    loadFlood: record('flood'),
    loadCapacity: record('capacity'),
    loadProof: record('proof'),
    plan: record('plan'),
    compare: record('compare'),
  }
  let err = ''
  const stderr = {
    write: (text: string) => {
      err += text
    },
  }
  const code = await run(args, recorded, { stdout: { write: () => undefined }, stderr, debug: false })
  return { code, err, calls }
}

test('options of load reach their command read, with defaults where none are given', async () => {
  const plain = await called('load', 'cost', '--lab')
  assert.deepEqual(plain.calls, [
    ['cost', undefined, { lab: true, tls: ['1.3'], maxTime: 300_000, scrape: 15_000, out: 'harness-load' }],
  ])
  const more = await called(
    ...['load', 'cost', 'a:1', '--servers', 'nginx,caddy', '--tls', '1.2,1.3', '--max-time', '90s'],
    ...['--i-am-allowed-to-load', 'a', '--categories', 'none,expired', '--rounds', '9'],
  )
  const [, target, options] = more.calls[0] ?? []
  assert.equal(target, 'a:1')
  assert.partialDeepStrictEqual(options, {
    servers: ['nginx', 'caddy'],
    tls: ['1.2', '1.3'],
    maxTime: 90_000,
    iAmAllowedToLoad: 'a',
    categories: ['none', 'expired'],
    rounds: 9,
  })
  const flood = await called('load', 'flood', '--lab', '--rates', '5,10')
  assert.partialDeepStrictEqual(flood.calls[0]?.[2], {
    profiles: ['none', 'expired', 'unknown-ca-by-impostor-name'],
    rates: [5, 10],
    victims: 20,
    objective: 250,
    step: 8000,
    processes: 1,
  })
  const plan = await called(
    'plan',
    'r',
    '--valid',
    '5',
    '--invalid',
    'none=2',
    '--invalid',
    'expired=3',
    '--scaling',
    '1=9,2=17',
  )
  assert.partialDeepStrictEqual(plan.calls[0]?.[2], {
    valid: 5,
    invalid: [
      ['none', 2],
      ['expired', 3],
    ],
    headroom: 0.3,
    of: 'valid',
    scaling: [
      [1, 9],
      [2, 17],
    ],
  })
  assert.deepEqual((await called('compare', 'a', 'b')).calls, [['compare', 'a', 'b', { maxRegression: 5 }]])
})

test('an option that would have no effect is wrong usage; with what it belongs to it is none', async () => {
  for (const [args, why] of [
    [
      ['cost', '--lab', '--address', '192.0.2.1'],
      /--address is about a target of yours, and --lab was given/,
    ],
    [['cost', '--lab', '--pid', '1'], /--pid is about a target/],
    [['flood', '--lab', '--path', '/x'], /--path is about a target/],
    [['capacity', '--lab', '--i-am-allowed-to-load', 'a'], /--i-am-allowed-to-load is about a target/],
    [['proof', '--lab', '--cert', 'a.pem'], /--cert is about a target/],
    [['cost', 'a:1', '--query', 'x'], /--query belongs to --prometheus/],
    [['cost', 'a:1', '--scrape', '9s'], /--scrape belongs to --prometheus/],
    [['flood', '--lab', '--name', 'friday'], /--name names resources/],
    [['flood', 'a:1', '--namespace', 'x'], /--namespace names resources/],
    [['flood', 'a:1', '--parallelism', '2'], /--parallelism names resources/],
    [['flood', 'a:1', '--emit', 'k6-operator', '--keep-going'], /--keep-going is for a run/],
    [['flood', 'a:1', '--emit', 'k6-operator', '--processes', '2'], /--processes is for a run/],
    [['flood', 'a:1', '--emit', 'k6-operator', '--objective', '250'], /--objective is for a run/],
    [['flood', '--lab', '--emit', 'k6-operator'], /--lab is for a run/],
  ] as const) {
    const { code, calls, err } = await called('load', ...args)
    assert.deepEqual([code, calls], [2, []], args.join(' '))
    assert.match(err, why)
  }
  for (const args of [
    ['cost', 'a:1', '--address', '192.0.2.1', '--pid', '1', '--path', '/x'],
    ['cost', 'a:1', '--prometheus', 'http://p', '--query', 'x', '--scrape', '9s'],
    ['flood', 'a:1', '--emit', 'k6-operator', '--name', 'friday', '--namespace', 'x', '--parallelism', '2'],
    ['flood', '--lab', '--processes', '3', '--keep-going', '--objective', '9'],
    ['capacity', '--lab', '--servers', 'nginx', '--containers'],
  ])
    assert.equal((await called('load', ...args)).code, 0, args.join(' '))
})

test('values that mean nothing are wrong usage', async () => {
  for (const args of [
    ['cost', '--servers', 'iis'],
    ['cost', '--tls', '1.1'],
    ['cost', '--max-time', '5'],
    ['cost', '--rounds', '0'],
    ['flood', '--profiles', 'nonsense'],
    // Valid users are beside every flood.
    ['flood', '--profiles', 'valid'],
    ['flood', '--processes', '0'],
    ['flood', '--rates', '1.5'],
    ['flood', '--emit', 'helm'],
    ['flood', '--path', '@127.0.0.2:19443/'],
    ['cost', '--path', 'x'],
    ['capacity', '--max-rate', '1000000'],
  ]) {
    const { code, calls, err } = await called('load', ...args)
    assert.deepEqual([code, calls], [2, []], args.join(' '))
    assert.match(err, /^harness: /)
  }
  assert.equal((await called('compare', 'a')).code, 2)
})
