import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { createAuthority } from '../../harness/pki/authority.ts'
import { createMint, type Mint } from '../../harness/pki/mint.ts'
import { reservations } from '../../reports/load/verdict.ts'
import type { Lane, Outcome } from '../engine/types.ts'
import { sampleLoad } from '../results/testing.ts'
import { checkAa, roundsOf } from './analyse.ts'
import { runCost } from './run.ts'
import schema from './schema.json' with { type: 'json' }
import { attemptsFor } from './setup.ts'
import { type SimulationOptions, simulate } from './simulation.ts'
import type { BlockRecord, CategoryCost, CostCategory, CostOptions, CostResult } from './types.ts'

let mint: Mint
before(async () => {
  const { cert, key } = await createAuthority()
  mint = createMint({ authority: { cert, key } })
})

const target = {
  name: 'simulated',
  host: '127.0.0.1',
  port: 1443,
  controlPort: 1444,
  servername: 'mtls.test',
  version: 'TLSv1.3',
  marker: 'secret marker',
} as const

/** The costs of HAProxy in load-anchors 3.5. */
const known: Record<string, [serverUsec: number, clientUsec: number, outcome: Outcome, alert?: number]> = {
  control: [460, 900, 'allowed'],
  valid: [920, 1225, 'allowed'],
  none: [411, 907, 'alert', 116],
  'unknown-ca': [665, 1225, 'alert', 48],
  expired: [760, 1225, 'alert', 45],
  'impostor-ca': [758, 1225, 'alert', 51],
}

const truth = ({ id, port }: Lane): ReturnType<SimulationOptions['lane']> => {
  const [serverUsec, clientUsec, outcome, alert] = known[port === target.controlPort ? 'control' : id] ?? [
    1,
    1,
    'local',
  ]
  return { serverUsec, clientUsec, outcome, ...(alert === undefined ? {} : { alert }) }
}

const categories = async (): Promise<CostCategory[]> =>
  Promise.all(
    Object.keys(known)
      .filter((id) => id !== 'control')
      .map(async (id) => ({
        id,
        ...(id === 'none'
          ? {}
          : { identity: await mint.get(id === 'expired' ? 'expired-day' : (id as 'valid')) }),
        expect: id === 'valid' ? ('allowed' as const) : ('refused' as const),
      })),
  )

async function measure(
  simulation: Partial<SimulationOptions> = {},
  options: Partial<CostOptions> = {},
): Promise<CostResult & { asked: ReturnType<typeof simulate>['asked'] }> {
  const world = simulate({ lane: truth, ...simulation })
  const { generator, cpu, clock, asked } = world
  const result = await runCost({
    target,
    categories: await categories(),
    generator,
    cpu,
    clock,
    attemptsPerBlock: 100,
    maxRounds: 30,
    ...options,
  })
  return { ...result, asked }
}

const costs = (result: CostResult, id: string): CategoryCost => {
  const found = result.categories.find((one) => one.id === id)
  assert.ok(found !== undefined)
  return found
}

const near = (seen: number | undefined, expected: number, by: number): void =>
  assert.ok(seen !== undefined && Math.abs(seen - expected) <= by, `${seen} is not ${expected}`)

test('without noise every known cost is found exactly, idle use taken off', async () => {
  const result = await measure({ idleUsecPerSecond: 30_000 })
  assert.equal(result.ended, 'converged')
  assert.equal(result.method.rounds, 12)
  near(result.validity.idleUsecPerSecond, 30_000, 1)
  near(result.control?.estimate, 460, 0.01)
  for (const [id, [server, client, outcome, alert]] of Object.entries(known)) {
    if (id === 'control') continue
    const cost = costs(result, id)
    near(cost.server?.estimate, server, 0.01)
    near(cost.client?.estimate, client, 0.01)
    near(cost.verification?.estimate, server - 460, 0.01)
    assert.deepEqual([cost.outcome, cost.alert, cost.blocks, cost.voidBlocks], [outcome, alert, 12, 0])
    if (id === 'valid') continue
    near(cost.displacement?.estimate, server / 920, 1e-4)
    near(cost.versusValid?.estimate, server - 920, 0.01)
    near(cost.asymmetry?.estimate, server / client, 1e-4)
    assert.ok((cost.versusValid?.p ?? 1) < 0.01)
  }
  near(result.aa?.difference.estimate, 0, 1e-6)
  near(result.mix?.difference.estimate, 0, 1e-6)
  near(result.mix?.measuredUsec, 0.5 * 920 + 0.125 * (411 + 665 + 760 + 758), 5)
})

test('with a noisy server the intervals hold the known costs as often as they say, and runs agree', async () => {
  let [held, all] = [0, 0]
  const runs: CostResult[] = []
  for (let seed = 1; seed <= 8; seed += 1) {
    const result = await measure({ noise: 0.1, seed, drift: 0.0002 }, { seed })
    runs.push(result)
    for (const [id, [server]] of Object.entries(known)) {
      const cost = id === 'control' ? result.control : costs(result, id).server
      assert.ok(cost !== undefined)
      // The drift is part of what is measured: its mean over the run.
      const blocks = result.asked.length
      const expected = server * (1 + (0.0002 * blocks) / 2)
      all += 1
      if (cost.low <= expected && expected <= cost.high) held += 1
      near(cost.estimate, expected, 0.12 * expected)
    }
  }
  assert.ok(held / all > 0.85, `${held} of ${all} intervals hold the truth`)
  const [first, ...others] = runs.map((run) => costs(run, 'valid').server)
  assert.ok(first !== undefined)
  const agree = others.filter((one) => one !== undefined && one.low <= first.high && first.low <= one.high)
  assert.ok(agree.length >= others.length - 1)
})

test('a noisy server gets more rounds than a quiet one, up to the limit', async () => {
  const quiet = await measure({ noise: 0.01 })
  const noisy = await measure({ noise: 0.08 }, { maxRounds: 200 })
  const hopeless = await measure({ noise: 0.5 })
  assert.deepEqual([quiet.ended, quiet.method.rounds], ['converged', 12])
  assert.equal(noisy.ended, 'converged')
  assert.ok(noisy.method.rounds > 12 && noisy.method.rounds < 200, String(noisy.method.rounds))
  assert.deepEqual([hopeless.ended, hopeless.method.rounds], ['round-limit', 30])
  assert.equal(hopeless.aa?.resolved, false)
})

test('every round has every lane once, in an order of its own, the warm-up counts nowhere', async () => {
  const cold: Partial<SimulationOptions> = {
    lane: (lane, block) => ({ ...truth(lane), serverUsec: truth(lane).serverUsec * (block < 16 ? 9 : 1) }),
  }
  const result = await measure(cold)
  const lanes = ['again', 'control', 'mix', ...Object.keys(known).filter((id) => id !== 'control')].toSorted()
  const orders = new Set<string>()
  for (let round = 1; round <= result.method.rounds; round += 1) {
    const own = result.blocks.filter((block) => block.round === round)
    assert.deepEqual(own.map(({ id }) => id).toSorted(), lanes)
    orders.add(own.map(({ id }) => id).join())
  }
  assert.equal(orders.size, result.method.rounds)
  // Preflight and the first round of the warm-up were nine times as dear: it went on until a round was not cheaper.
  const warmUps = (of: CostResult): number =>
    of.blocks.filter(({ round, id }) => round === 0 && id === 'mix').length
  assert.deepEqual([warmUps(result), warmUps(await measure())], [3, 2])
  near(costs(result, 'valid').server?.estimate, 920, 0.01)
  const again = await measure(cold)
  assert.deepEqual(
    again.blocks.map(({ id }) => id),
    result.blocks.map(({ id }) => id),
    'the same seed gives the same order',
  )
})

test('the valid lanes get four times the work of the others, in four places of every round, as one block', async () => {
  const result = await measure({}, { maxRounds: 12 })
  const attempts = (id: string): number | undefined =>
    result.blocks.find((block) => block.round === 1 && block.id === id)?.attempts
  assert.deepEqual(['valid', 'again', 'none', 'control'].map(attempts), [400, 400, 100, 100])
  // A quarter of one of the two ended otherwise: the whole does not count.
  const flaky = await measure({
    lane: (lane, block) => ({
      ...truth(lane),
      ...(lane.id === 'valid' && block > 20 && block % 3 === 0 ? { outcome: 'timeout' as const } : {}),
    }),
  })
  const voided = flaky.blocks.filter(({ id, void: reason }) => id === 'valid' && reason !== undefined)
  assert.ok(voided.length > 0)
  assert.ok(voided.every(({ outcomes }) => (outcomes.timeout ?? 0) >= 100))
})

test('a block that stood still is void, whatever it cost; slower ones than usual are not', async () => {
  const slowed = (factor: number): Promise<CostResult> => {
    const world = simulate({ lane: truth })
    let count = 0
    const generator = {
      ...world.generator,
      block: async (...args: Parameters<typeof world.generator.block>) => {
        const result = await world.generator.block(...args)
        count += 1
        return count % 30 === 0 ? { ...result, wallMs: result.wallMs * factor } : result
      },
    }
    return categories().then((list) =>
      runCost({ target, categories: list, cpu: world.cpu, clock: world.clock, generator }),
    )
  }
  const stalled = await slowed(20)
  assert.ok(stalled.validity.voidBlocks > 0)
  assert.match(stalled.blocks.find((block) => block.void !== undefined)?.void ?? '', /times as long as usual/)
  near(costs(stalled, 'valid').server?.estimate, 920, 0.01)
  assert.equal((await slowed(1.8)).validity.voidBlocks, 0)
})

test('a server that gets cheaper from round to round is not warmed up without end', async () => {
  const result = await measure({
    lane: (lane, block) => ({ ...truth(lane), serverUsec: truth(lane).serverUsec * 0.99 ** block }),
  })
  assert.equal(result.blocks.filter(({ round, id }) => round === 0 && id === 'mix').length, 8)
})

test('the A/A check fails where two lanes of the same category differ, and says when it cannot tell', async () => {
  const pairs = (factor: number, spread: number): BlockRecord[] =>
    Array.from({ length: 12 }, (_, at) => at + 1).flatMap((round) =>
      ['valid', 'again'].map((id, position) => ({
        round,
        position,
        id,
        attempts: 100,
        serverUsec:
          900 * (id === 'again' ? factor : 1) * (1 + spread * (((round * 7 + position * 5) % 12) - 6)),
        clientUsec: 1000,
        wallMs: 100,
        outcomes: { allowed: 100 },
      })),
    )
  const check = (factor: number, spread: number): { passed?: boolean; resolved?: boolean } => {
    const { passed, resolved } = checkAa(roundsOf(pairs(factor, spread)), 'valid', 1) ?? {}
    return { ...(passed === undefined ? {} : { passed }), ...(resolved === undefined ? {} : { resolved }) }
  }
  assert.deepEqual(check(1, 0.002), { passed: true, resolved: true })
  assert.deepEqual(check(1.05, 0.002), { passed: false, resolved: true })
  assert.equal(check(1, 0.06).resolved, false)
  const fair = await measure({ noise: 0.02 })
  assert.deepEqual([fair.aa?.passed, fair.aa?.resolved], [true, true])
})

test('the mix check fails where costs do not add up', async () => {
  let mixed = false
  const world = simulate({
    // A server whose session cache or thread pool suffers from mixed traffic.
    lane: (lane) => ({ ...truth(lane), serverUsec: truth(lane).serverUsec * (mixed ? 1.25 : 1) }),
  })
  const generator = {
    ...world.generator,
    block: (...args: Parameters<typeof world.generator.block>) => {
      mixed = args[0].lanes.length > 1
      return world.generator.block(...args)
    },
  }
  const { mix } = await runCost({
    target,
    categories: await categories(),
    cpu: world.cpu,
    clock: world.clock,
    generator,
  })
  assert.equal(mix?.passed, false)
  near(mix?.difference.estimate, 0.25, 1e-3)
})

test('a given mix is used, and one that contradicts itself is refused', async () => {
  const result = await measure({}, { mix: { valid: 0.25, 'unknown-ca': 0.75 } })
  assert.deepEqual(result.mix?.shares, { valid: 0.25, 'unknown-ca': 0.75 })
  near(result.mix?.measuredUsec, 0.25 * 920 + 0.75 * 665, 0.01)
  for (const mix of [{ valid: 0.5 }, { valid: 1.5, none: -0.5 }, { stranger: 1 }]) {
    await assert.rejects(measure({}, { mix }), { code: 'ERR_USAGE' })
  }
})

test('blocks with more than one unexpected outcome in a thousand are void, a category of such has no figures', async () => {
  const flaky = await measure({
    lane: (lane, block) => ({
      ...truth(lane),
      ...(lane.id === 'unknown-ca' && block > 20 && block % 5 === 0
        ? { outcome: 'timeout' as const, serverUsec: 9 }
        : {}),
    }),
  })
  assert.ok(costs(flaky, 'unknown-ca').voidBlocks > 0)
  near(costs(flaky, 'unknown-ca').server?.estimate, 665, 0.01)
  assert.match(
    flaky.blocks.find((block) => block.void !== undefined)?.void ?? '',
    /100 of 100 attempts ended unexpectedly|attempts ended unexpectedly/,
  )
  const broken = await measure({
    lane: (lane, block) => ({
      ...truth(lane),
      ...(lane.id === 'unknown-ca' && block > 20 ? { outcome: 'allowed' as const } : {}),
    }),
  })
  assert.deepEqual([broken.ended, broken.method.rounds], ['converged', 12])
  assert.equal(costs(broken, 'unknown-ca').server, undefined)
  assert.match(costs(broken, 'unknown-ca').notMeasured ?? '', /blocks are void/)
  near(costs(broken, 'valid').server?.estimate, 920, 0.01)
})

test('an alert lost to a reset is still the refusal, an alert where there was none before is not', async () => {
  const lost = await measure({
    lane: (lane, block) => ({
      ...truth(lane),
      ...(lane.id === 'none' && block > 8 && block % 2 === 0 ? { outcome: 'close' as const } : {}),
    }),
  })
  assert.equal(costs(lost, 'none').voidBlocks, 0)
  const other = await measure({
    lane: (lane, block) => ({
      ...truth(lane),
      ...(lane.id === 'none' ? { outcome: block > 20 ? ('alert' as const) : ('close' as const) } : {}),
    }),
  })
  assert.ok(costs(other, 'none').voidBlocks > 0)
})

const with_ = (id: string, outcome: Outcome) => (lane: Lane) => ({
  ...truth(lane),
  ...(lane.id === id ? { outcome } : {}),
})

test('preflight refuses to measure where valid is refused, an invalid one let in, or the control lane closed', async () => {
  const refusals: [string, Outcome, string][] = [
    ['valid', 'http-400', 'valid-refused'],
    ['expired', 'allowed', 'invalid-accepted'],
    ['control', 'alert', 'control-refused'],
    ['valid', 'unreachable', 'no-verdict'],
  ]
  for (const [id, outcome, what] of refusals) {
    const result = await measure({ lane: with_(id, outcome) })
    assert.equal(result.ended, 'refused')
    const fatal = result.problems.filter((problem) => problem.fatal)
    assert.deepEqual([fatal[0]?.id, fatal[0]?.what], [id, what])
    assert.deepEqual(result.blocks, [])
    assert.equal(costs(result, 'valid').server, undefined)
  }
})

test('a control lane that asks for a certificate is none: nothing is measured against it', async () => {
  const result = await measure({
    lane: (lane) => ({
      ...truth(lane),
      ...(lane.id === 'control' && lane.identity !== undefined ? { bytes: 2000 } : {}),
    }),
  })
  assert.equal(result.ended, 'refused')
  assert.deepEqual(
    result.problems.map(({ id, what, fatal }) => [id, what, fatal]),
    [['control', 'control-asks', true]],
  )
  assert.match(result.problems[0]?.message ?? '', /port 1444\) asks for a certificate/)
})

test('where the CPU of the control lane is not read, nothing is taken off, and the others keep their costs', async () => {
  for (const [usec, why] of [
    [0, /^\d+ of \d+ blocks are void: the CPU counter did not move/],
    [9, /^it seems to cost \d+ µs where a valid client costs 9\d\d/],
  ] as const) {
    const result = await measure({
      noise: 0.02,
      lane: (lane) => ({
        ...truth(lane),
        ...(lane.port === target.controlPort ? { serverUsec: usec } : {}),
      }),
    })
    assert.match(result.controlNotMeasured ?? '', why)
    assert.deepEqual([result.control, result.validity.drift], [undefined, undefined])
    near(costs(result, 'valid').server?.estimate, 920, 20)
    for (const { verification } of result.categories) assert.equal(verification, undefined)
    assert.ok(result.waterfall.every(({ from }) => from !== 'control') && result.waterfall.length > 0)
    assert.match(
      reservations(sampleLoad({ costs: [result] })).join('\n'),
      /no mTLS was not measured .*verification costs is not known/,
    )
  }
  const whole = await measure({ noise: 0.02 })
  assert.equal(whole.controlNotMeasured, undefined)
  assert.ok(costs(whole, 'valid').verification !== undefined)
})

test('a certificate that did not leave the client has no cost: it would be the price of sending none', async () => {
  const result = await measure({
    lane: (lane) => ({ ...truth(lane), ...(lane.id === 'unknown-ca' ? { bytes: 400 } : {}) }),
  })
  assert.equal(result.ended, 'converged')
  const unsent = costs(result, 'unknown-ca')
  assert.deepEqual([unsent.sent, unsent.server], [false, undefined])
  assert.match(unsent.notMeasured ?? '', /did not leave the client/)
  assert.equal(costs(result, 'expired').sent, true)
  assert.ok(!result.blocks.some(({ id }) => id === 'unknown-ca'))
})

test('a good chain that the server refuses is left out with its reason, the rest is measured', async () => {
  const chain: CostCategory = {
    id: 'valid-chain-3',
    identity: await mint.get('valid-via-intermediate'),
    expect: 'allowed',
  }
  const result = await measure(
    {
      lane: (lane) =>
        lane.id === chain.id ? { serverUsec: 300, clientUsec: 1, outcome: 'http-400' } : truth(lane),
    },
    { categories: [...(await categories()), chain] },
  )
  assert.equal(result.ended, 'converged')
  assert.match(costs(result, chain.id).notMeasured ?? '', /verify depth/)
  // Where either is right, it is measured as what it is.
  const either = await measure(
    {
      lane: (lane) =>
        lane.id === chain.id ? { serverUsec: 300, clientUsec: 1, outcome: 'http-400' } : truth(lane),
    },
    { categories: [...(await categories()), { ...chain, expect: 'either' }] },
  )
  assert.equal(costs(either, chain.id).outcome, 'http-400')
  near(costs(either, chain.id).server?.estimate, 300, 0.01)
})

test('aborted, the complete rounds are evaluated; before the first there is nothing to say', async () => {
  const abort = new AbortController()
  const after = (blocks: number) => ({ onBlock: (block: number) => void (block === blocks && abort.abort()) })
  const result = await measure(after(80), { signal: abort.signal })
  assert.equal(result.ended, 'aborted')
  assert.ok(result.method.rounds >= 2 && result.method.rounds < 12)
  near(costs(result, 'valid').server?.estimate, 920, 0.01)
  const early = new AbortController()
  early.abort()
  await assert.rejects(measure({}, { signal: early.signal }), { code: 'ERR_INTERRUPTED' })
})

test('the stated time is kept: no round is begun that would not fit', async () => {
  const result = await measure({}, { maxDurationMs: 6_000 })
  assert.equal(result.ended, 'time-limit')
  assert.ok(result.durationMs <= 6_000, String(result.durationMs))
  assert.ok(result.method.rounds >= 2)
})

test('a CPU counter of another process is noticed', async () => {
  const world = simulate({ lane: truth })
  const cpu = { ...world.cpu, sample: () => Promise.resolve({ cpuUsec: 5, resolutionUsec: 1, notes: [] }) }
  const result = await runCost({
    target,
    categories: await categories(),
    generator: world.generator,
    clock: world.clock,
    cpu,
    maxRounds: 2,
    minRounds: 1,
  })
  assert.match(costs(result, 'valid').notMeasured ?? '', /did not move/)
})

test('the waterfall subtracts by how the server refuses', async () => {
  const alert = await measure()
  const labels = (result: CostResult): string[] => result.waterfall.map(({ label }) => label)
  assert.deepEqual(labels(alert), [
    'asking for a certificate, none comes',
    'receiving and parsing a certificate',
    'checking the chain',
    'proof of possession and the request',
  ])
  near(alert.waterfall[1]?.adds.estimate, 665 - 460, 0.01)
  near(alert.waterfall[2]?.adds.estimate, 760 - 665, 0.01)
  const page = await measure({
    lane: (lane) => ({
      ...truth(lane),
      outcome: truth(lane).outcome === 'alert' ? 'http-400' : truth(lane).outcome,
    }),
  })
  assert.equal(labels(page)[1], 'receiving, parsing, and proof of possession')
  assert.equal(labels(page)[3], 'the request, instead of an error')
})

test('every result is valid by its schema, as JSON, and holds no key and no marker', async () => {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false })
  formats.default(ajv, ['date-time'])
  const validate = ajv.compile(schema)
  const results = [
    await measure({ noise: 0.1 }),
    await measure({ lane: with_('valid', 'http-400') }),
    await measure({}, { maxDurationMs: 100 }),
    await measure({}, { maxRounds: 1, minRounds: 1 }),
  ]
  for (const { asked: _asked, ...result } of results) {
    const text = JSON.stringify(result)
    assert.ok(validate(JSON.parse(text)), JSON.stringify(validate.errors?.slice(0, 3)))
    assert.doesNotMatch(text, /PRIVATE KEY|secret marker|null/)
  }
  const [{ asked: _asked, ...first }] = results as [(typeof results)[0], ...typeof results]
  assert.equal(validate({ ...first, ended: 'somehow' }), false)
  assert.equal(
    validate({ ...first, categories: [{ ...first.categories[0], server: { estimate: null } }] }),
    false,
  )
})

test('blocks are as long as the CPU counter needs, unless told otherwise', async () => {
  assert.deepEqual([attemptsFor(1), attemptsFor(10_000)], [25, 4000])
  for (const [resolutionUsec, attempts] of [
    [1, 25],
    [500, 200],
  ] as const) {
    const world = simulate({ lane: truth })
    const cpu = {
      ...world.cpu,
      sample: async () => ({ ...(await world.cpu.sample()), resolutionUsec }),
    }
    const result = await runCost({
      ...world,
      target,
      categories: await categories(),
      cpu,
      minRounds: 2,
      maxRounds: 2,
    })
    assert.equal(result.method.attemptsPerBlock, attempts)
    assert.equal(result.method.cpu.resolutionUsec, resolutionUsec)
    near(costs(result, 'valid').server?.estimate, 920, 0.01)
  }
  await assert.rejects(measure({}, { attemptsPerBlock: 0.5 }), { code: 'ERR_USAGE' })
})

test('categories that contradict each other are refused', async () => {
  const all = await categories()
  const wrong: CostCategory[][] = [
    [...all, ...all],
    [...all, { id: 'mix', expect: 'refused' }],
    all.filter(({ id }) => id !== 'valid'),
    [],
  ]
  for (const list of wrong) await assert.rejects(measure({}, { categories: list }), { code: 'ERR_USAGE' })
})
