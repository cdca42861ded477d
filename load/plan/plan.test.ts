import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { uslThroughput } from '../capacity/usl.ts'
import { runCost } from '../cost/run.ts'
import { type SimulatedLane, simulate } from '../cost/simulation.ts'
import type { CategoryCost, CostResult } from '../cost/types.ts'
import type { Interval } from '../stats/bootstrap.ts'
import { adviceIds, advise } from './advice.ts'
import { planCores, planRate } from './cores.ts'
import { costsOf } from './costs.ts'
import { erlangC, responseP99 } from './queue.ts'
import type { CoresPlan, PlanCosts } from './types.ts'

const near = (seen: number | undefined, expected: number, by: number): void =>
  assert.ok(seen !== undefined && Math.abs(seen - expected) <= by, `${seen} is not ${expected}`)

const about = (estimate: number, share = 0.05): Interval => ({
  estimate,
  low: estimate * (1 - share),
  high: estimate * (1 + share),
})

const cost: PlanCosts = {
  valid: about(1000),
  categories: { valid: about(1000), none: about(500), 'forged-chain': about(4000) },
}

test('cores are demand by what headroom leaves, rounded up, with the ends of the costs', () => {
  const plan = planCores({ cost, valid: 2000, invalid: { none: 1000, 'forged-chain': 250 }, headroom: 0.3 })
  near(plan.demand.estimate, 2 + 0.5 + 1, 1e-9)
  // 3.5 / 0.7 = 5, and 5 % more or less.
  assert.deepEqual(plan.cores, { estimate: 5, low: 5, high: 6 })
  near(plan.utilisation, 0.7, 1e-9)
  assert.equal(plan.limitedBy, 'cpu')
  assert.match(plan.notes.join(), /was not measured/)
  assert.deepEqual(planCores({ cost, valid: 0 }).cores, { estimate: 1, low: 1, high: 1 })
})

test('an objective may ask for more cores than the CPU does, and one below a single attempt for more than there are', () => {
  const tight = planCores({ cost, valid: 900, headroom: 0.01, slo: { p99Ms: 6 } })
  assert.equal(tight.limitedBy, 'latency')
  assert.ok((tight.cores.estimate ?? 0) > 1)
  assert.ok((tight.p99Ms ?? 99) <= 6)
  const loose = planCores({ cost, valid: 900, headroom: 0.01, slo: { p99Ms: 60_000 } })
  assert.deepEqual([loose.limitedBy, loose.cores.estimate], ['cpu', 1])
  const never = planCores({ cost, valid: 10, slo: { p99Ms: 6, baseMs: 5 } })
  assert.deepEqual([never.cores, never.limitedBy], [{}, 'latency'])
  assert.match(never.notes.join(), /no number of cores/)
})

test('measured scaling is used: more cores than linear, marked beyond what was measured, none past the peak', () => {
  const scaling = { gamma: 900, alpha: 0.05, beta: 0.001, rSquared: 1, largestMeasured: 8, peakCores: 30.8 }
  const linear = planCores({ cost, valid: 4000 })
  const real = planCores({ cost, valid: 4000, scaling })
  assert.ok((real.cores.estimate ?? 0) > (linear.cores.estimate ?? 0))
  assert.ok((real.utilisation ?? 1) <= 0.7)
  assert.deepEqual([linear.extrapolated, real.extrapolated], [false, true])
  assert.match(real.notes.join(), /extrapolated: at most 8 cores/)
  assert.equal(planCores({ cost, valid: 1000, scaling }).extrapolated, false)
  const most = (uslThroughput(scaling, 30) / uslThroughput(scaling, 1)) * 1000
  const beyond = planCores({ cost, valid: most * 1.2, scaling })
  assert.deepEqual([beyond.cores, beyond.limitedBy], [{}, 'scaling'])
})

test('the inverse: the rate that was planned for is the rate that fits, with and without an objective', () => {
  near(planRate({ cost, cores: 4, headroom: 0.25 }).rate.estimate, 3000, 0.01)
  near(planRate({ cost, cores: 4, headroom: 0.25, valid: 2000, of: 'forged-chain' }).rate.estimate, 250, 0.01)
  near(
    planRate({ cost, cores: 4, headroom: 0.25, valid: 2000, of: 'forged-chain' }).rate.low,
    900 / 4.2,
    0.01,
  )
  assert.equal(planRate({ cost, cores: 1, valid: 5000, of: 'none' }).rate.estimate, 0)
  const rate = fc.double({ min: 1, max: 20_000, noNaN: true })
  const slo = fc.option(fc.double({ min: 20, max: 500, noNaN: true }), { nil: undefined })
  fc.assert(
    fc.property(rate, rate, slo, (valid, none, p99Ms) => {
      const basis = { cost, ...(p99Ms === undefined ? {} : { slo: { p99Ms } }) }
      const { cores } = planCores({ ...basis, valid, invalid: { none } })
      const n = cores.estimate ?? 0
      assert.ok(planRate({ ...basis, cores: n, invalid: { none } }).rate.estimate >= valid * (1 - 1e-9))
      if (n > 1) assert.ok(planRate({ ...basis, cores: n - 1, invalid: { none } }).rate.estimate < valid)
      assert.ok((cores.low ?? 0) <= n && n <= (cores.high ?? 0))
    }),
    { numRuns: 60 },
  )
})

test('what was not measured, and what is no rate, is refused', () => {
  for (const wrong of [
    { cost, valid: 1, invalid: { toString: 1 } },
    { cost, valid: -1 },
    { cost, valid: Number.NaN },
    { cost, valid: 1, headroom: 1 },
  ]) {
    assert.throws(() => planCores(wrong), { code: 'ERR_USAGE' })
  }
  assert.throws(() => planRate({ cost, cores: 0 }), { code: 'ERR_USAGE' })
  assert.throws(() => planRate({ cost, cores: 2, of: 'expired' }), { code: 'ERR_USAGE' })
})

test('the queue agrees with known values: Erlang C, M/M/1, and it never gets shorter with more traffic', () => {
  // Erlang C tables: 8 of 10 servers busy: 0.4092; one server: the load itself.
  near(erlangC(10, 8), 0.4092, 1e-4)
  near(erlangC(1, 0.5), 0.5, 1e-12)
  assert.equal(erlangC(2, 2), 1)
  // M/M/1 at half load, service 10 ms: P(W > t) = 0.5 exp(-50 t).
  near(responseP99([{ rate: 50, service: 0.01 }], 1), 1000 * (Math.log(50) / 50 + 0.01 * Math.log(100)), 1e-6)
  assert.equal(responseP99([{ rate: 101, service: 0.01 }], 1), Number.POSITIVE_INFINITY)
  assert.equal(responseP99([], 1), 0)
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 64 }),
      fc.double({ min: 0.01, max: 0.98, noNaN: true }),
      (servers, busy) => {
        const at = (share: number): number =>
          responseP99([{ rate: servers * share * 1000, service: 0.001 }], servers)
        assert.ok(at(busy) <= at(busy + 0.01) + 1e-9)
      },
    ),
  )
})

const base: [string, SimulatedLane, CategoryCost['expect']][] = [
  ['valid', { serverUsec: 900, clientUsec: 1200, outcome: 'allowed' }, 'allowed'],
  ['none', { serverUsec: 400, clientUsec: 900, outcome: 'alert', alert: 116 }, 'refused'],
  ['forged-chain', { serverUsec: 3800, clientUsec: 1300, outcome: 'alert', alert: 51 }, 'refused'],
]

async function measured(
  change: (id: string) => Partial<SimulatedLane> = () => ({}),
  control = 450,
): Promise<CostResult> {
  const world = simulate({
    noise: 0.02,
    lane: ({ id, port }) => {
      const [, lane] = base.find(([name]) => name === id) ?? []
      const known = lane ?? { serverUsec: 1, clientUsec: 1, outcome: 'local' }
      return port === 2 ? { ...known, serverUsec: control, outcome: 'allowed' } : { ...known, ...change(id) }
    },
  })
  return runCost({
    ...world,
    target: {
      name: 'x',
      host: '127.0.0.1',
      port: 1,
      controlPort: 2,
      servername: 'mtls.test',
      version: 'TLSv1.3',
    },
    categories: base.map(([id, , expect]) => ({ id, expect })),
  })
}

/** The same with a good long chain, as dear as the forged one. */
const withLongChain = (result: CostResult, outcome: 'allowed' | 'alert' | 'http-400'): CostResult => ({
  ...result,
  categories: result.categories.flatMap((one): CategoryCost[] =>
    one.id === 'forged-chain' ? [one, { ...one, id: 'long-chain', expect: 'either', outcome }] : [one],
  ),
})

const said = (facts: Parameters<typeof advise>[0]): string[] => advise(facts).map(({ id }) => id)

test('a plan comes from a measurement, and not from one without a cost of valid', async () => {
  const result = await measured()
  const plan = planCores({ cost: costsOf(result), valid: 500, invalid: { 'forged-chain': 100 } })
  near(plan.demand.estimate, 0.45 + 0.38, 0.05)
  assert.throws(() => costsOf({ ...result, categories: [] }), { code: 'ERR_USAGE' })
})

test('advice: each rule speaks where it applies', async () => {
  const result = withLongChain(await measured(), 'allowed')
  const basis = { cost: costsOf(result) }
  const facts = {
    cost: result,
    planned: { answer: planCores({ ...basis, valid: 500 }), basis },
    crlBytes: 1_000_000,
    caCurve: 'P-384',
  }
  assert.deepEqual(said(facts), [
    'verify-depth',
    'curve',
    'crl-size',
    'ticket-share',
    'rate-limit-budget',
    'asymmetry',
  ])
  const budget = advise(facts).find(({ id }) => id === 'rate-limit-budget')?.text ?? ''
  // One core of which 0.7 may be used, 500 valid take 0.45: about 65 forged chains a second are left.
  const [, likely, sure, count] =
    /room for (\d+) per second of "forged-chain".*for (\d+) at the dear end.*count on (\d+)/.exec(budget) ??
    []
  near(Number(likely), 0.25 / 0.0038, 10)
  assert.equal(sure, count)
  const { rate } = planRate({ cost: costsOf(result), cores: 1, valid: 500, of: 'forged-chain' })
  // The same basis as the planner's own answers, at both ends.
  assert.deepEqual([Number(likely), Number(sure)], [Math.floor(rate.estimate), Math.floor(rate.low)])
  const scaling = { gamma: 900, alpha: 0.2, beta: 0.01, rSquared: 1, largestMeasured: 4 }
  const scales = { ...basis, scaling }
  const several = planCores({ ...scales, valid: 1500, invalid: { 'forged-chain': 100 } })
  const scaled =
    advise({ cost: result, planned: { answer: several, basis: scales } }).find(
      ({ id }) => id === 'rate-limit-budget',
    )?.text ?? ''
  const worth = uslThroughput(scaling, several.cores.estimate ?? 0) / uslThroughput(scaling, 1)
  near(Number(/room for (\d+) per second/.exec(scaled)?.[1]), (0.7 * worth - 1500 * 0.0009) / 0.0038, 25)
  const late = await measured((id) => (id === 'none' ? { outcome: 'http-400' } : {}))
  assert.ok(said({ cost: late }).includes('rate-limit-where'))
  const poor = { ...result, ended: 'round-limit' as const }
  assert.ok(said({ cost: poor }).includes('measure-again'))
  for (const { ground, text } of advise(facts)) assert.ok(ground.length > 20 && !text.includes('NaN'))
  assert.equal(new Set(adviceIds).size, 8)
})

test('advice: and is silent where it does not', async () => {
  const cheap = await measured((id) => (id === 'forged-chain' ? { serverUsec: 700 } : {}), 880)
  assert.deepEqual(said({ cost: cheap, crlBytes: 1000, caCurve: 'P-256' }), [])
  const resumed = await measured()
  assert.ok(!said({ cost: resumed, resumedShare: 0.8 }).includes('ticket-share'))
  assert.ok(said({ cost: resumed, resumedShare: 0.1 }).includes('ticket-share'))
  // Only holders of a good certificate can send what is let in: dear, but no cheap flood.
  const longChain = withLongChain(resumed, 'allowed').categories.filter(({ id }) => id !== 'forged-chain')
  const good = said({ cost: { ...resumed, categories: longChain } })
  assert.ok(good.includes('verify-depth') && !good.includes('asymmetry'))
  // Where the long chain is refused, or was not tried, there is nothing to lower that anybody knows of.
  for (const limited of [resumed, withLongChain(resumed, 'alert'), withLongChain(resumed, 'http-400')])
    assert.ok(!said({ cost: limited }).includes('verify-depth'))
  // An interval that holds 1 is no finding.
  const unsure = await measured((id) => (id === 'forged-chain' ? { serverUsec: 901 } : {}))
  assert.ok(!said({ cost: withLongChain(unsure, 'allowed') }).includes('verify-depth'))
})

test('advice: what was planned for fits what the advice says, and both ends of it are said', async () => {
  const some = await measured()
  const wide = (estimate: number): Interval => ({ estimate, low: estimate / 2, high: estimate * 3 })
  const one = (id: string, server: Interval, expect: CategoryCost['expect']): CategoryCost => ({
    id,
    expect,
    outcome: expect === 'allowed' ? 'allowed' : 'alert',
    blocks: 20,
    voidBlocks: 0,
    server,
  })
  const costs = {
    valid: 'valid',
    categories: [one('valid', wide(1000), 'allowed'), one('expired', wide(2000), 'refused')],
  }
  const budget = (valid: number, expired: number): { plan: CoresPlan; text: string | undefined } => {
    const cost = { ...some, ...costs }
    const basis = { cost: costsOf(cost) }
    const plan = planCores({ ...basis, valid, invalid: { expired } })
    const advice = advise({ cost, planned: { answer: plan, basis } })
    return { plan, text: advice.find(({ id }) => id === 'rate-limit-budget')?.text }
  }
  const roomy = budget(999, 2000)
  // 0.7 of 8 cores less 1 (3 at the dear end), at 2 ms (6 ms) each.
  assert.equal(roomy.plan.cores.estimate, 8)
  assert.match(
    roomy.text ?? '',
    /with 8 cores .* room for 2300 per second of "expired".* for 433 at the dear end/,
  )
  assert.match(roomy.text ?? '', /count on 433,/)
  // At the dear end the valid traffic alone is too much: said, not left out.
  const tight = budget(999, 100)
  assert.match(tight.text ?? '', /room for 200 per second .* for none at the dear end .*: count on none/)
})

test('advice keeps the objective: what it says to count on fits the cores beside it', async () => {
  const cost = withLongChain(await measured(), 'allowed')
  const basis = { cost: costsOf(cost), slo: { p99Ms: 20 } }
  const answer = planCores({ ...basis, valid: 2000 })
  const text = advise({ cost, planned: { answer, basis } }).find(({ id }) => id === 'rate-limit-budget')?.text
  const [, kind = '', sure] = /second of "([^"]+)".*count on (\d+)/.exec(text ?? '') ?? []
  assert.match(text ?? '', /and 20 ms are promised/)
  const cores = answer.cores.estimate ?? 0
  const together = planCores({ ...basis, valid: 2000, invalid: { [kind]: Number(sure) } })
  assert.ok((together.cores.estimate ?? Number.POSITIVE_INFINITY) <= cores, text)
  // Without the objective there is room for more: it is what limits.
  const loose = planRate({ cost: basis.cost, cores, of: kind, valid: 2000 })
  assert.ok(Number(sure) < loose.rate.low)
})

test('what is asked for cannot be given as well; what no number of measured cores answers is marked', async () => {
  const cost = costsOf(await measured())
  assert.throws(() => planRate({ cost, cores: 2, valid: 100 }), /is asked for and cannot be given/)
  assert.throws(() => planRate({ cost, cores: 2, of: 'expired', invalid: { expired: 1 } }), /cannot be given/)
  const scaling = { gamma: 900, alpha: 0.2, beta: 0.01, rSquared: 1, largestMeasured: 4, peakCores: 9 }
  const none = planCores({ cost, valid: 1e6, scaling })
  assert.deepEqual([none.cores.estimate, none.extrapolated], [undefined, true])
  assert.match(none.notes.join(), /at most 4 cores were measured/)
  const within = planCores({ cost, valid: 100, scaling })
  assert.equal(within.extrapolated, false)
})
