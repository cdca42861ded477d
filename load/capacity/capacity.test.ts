import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import fc from 'fast-check'
import { createMaterial } from '../../fixtures/servers/material.ts'
import { scratchFolder } from '../../fixtures/servers/scratch.ts'
import { loadVerdict } from '../../reports/load/verdict.ts'
import { processSource } from '../cpu/process.ts'
import { startGenerator } from '../engine/generator.ts'
import { laneTo } from '../engine/testing.ts'
import { sampleLoad } from '../results/testing.ts'
import { engineDriver } from './driver.ts'
import { busyCores, checkModel } from './model.ts'
import schema from './schema.json' with { type: 'json' }
import { runCapacity } from './search.ts'
import { trend, unexplainedVariation } from './steady.ts'
import type { CapacityOptions, CapacityResult, LoadDriver, StepMeasurement } from './types.ts'
import { fitUsl, uslThroughput } from './usl.ts'
import { judgeStep } from './verdict.ts'

const near = (seen: number | undefined, expected: number, by: number): void =>
  assert.ok(seen !== undefined && Math.abs(seen - expected) <= by, `${seen} is not ${expected}`)

const good: StepMeasurement = {
  rate: 100,
  offered: 800,
  achieved: 800,
  unexpected: 0,
  timeouts: 0,
  dropped: 0,
  p99Ms: 20,
  perSecond: [100, 100, 101, 99, 100, 100, 100, 100],
  serverBusyPerSecond: [0.1, 0.1, 0.1, 0.1],
  serverBusy: 0.1,
  clientBusy: 0.1,
  clientCores: 1,
  startLagMs: 1,
}
const objective = { p99Ms: 50, achievedShare: 0.99 }

test('a step holds, breaks, or says nothing', () => {
  const verdict = (change: Partial<StepMeasurement>): string =>
    judgeStep({ ...good, ...change }, objective).verdict
  assert.equal(verdict({}), 'holds')
  assert.equal(verdict({ p99Ms: 51 }), 'breaks')
  assert.equal(verdict({ achieved: 791, unexpected: 0 }), 'breaks')
  assert.equal(verdict({ achieved: 793 }), 'holds')
  assert.equal(verdict({ unexpected: 1 }), 'breaks')
  assert.equal(verdict({ dropped: 1 }), 'breaks')
  assert.equal(verdict({ perSecond: [100, 60, 140, 100, 80, 120, 100, 100] }), 'unsteady')
  assert.equal(verdict({ serverBusyPerSecond: [0.1, 0.1, 0.13, 0.13] }), 'unsteady')
  assert.equal(verdict({ serverBusyPerSecond: [0.1, 0.13, 0.1, 0.13] }), 'holds')
  assert.equal(verdict({ offered: 0, achieved: 0, perSecond: [] }), 'unsteady')
  // The generator's limits come before everything that it saw.
  assert.equal(verdict({ clientBusy: 0.71, p99Ms: 500 }), 'generator-limited')
  assert.equal(verdict({ clientBusy: 0.71, clientCores: 2 }), 'holds')
  assert.equal(verdict({ startLagMs: 26, p99Ms: 500 }), 'generator-limited')
  const { p99Ms: _none, ...nothing } = good
  assert.equal(judgeStep(nothing, objective).verdict, 'breaks')
})

test('chance is not unsteadiness, a slow second is', () => {
  near(unexplainedVariation([10, 13, 7, 10, 12, 8, 10, 9]), 0, 1e-9)
  assert.ok(unexplainedVariation([1000, 1000, 700, 1000, 1300]) > 0.1)
})

test('a trend is the later half against the earlier one', () => {
  near(trend([1, 1, 1.5, 1.5]), 0.5, 1e-9)
  // The middle of an odd number belongs to neither.
  near(trend([2, 1, 9, 1, 2]), 0, 1e-9)
  assert.deepEqual([trend([1, 2, 3]), trend([0, 0, 0, 0])], [0, 0])
})

/** A server that holds up to its capacity. */
const simulated = (
  capacity: number,
  change: (step: StepMeasurement) => Partial<StepMeasurement> = () => ({}),
): LoadDriver => ({
  describe: 'simulated',
  step: ({ rate, sustainMs }, signal) => {
    signal.throwIfAborted()
    const offered = (rate * sustainMs) / 1000
    const step = {
      ...good,
      rate,
      offered,
      achieved: offered,
      p99Ms: rate <= capacity ? 10 : 500,
      perSecond: [rate, rate, rate],
      serverBusy: rate * 0.001,
    }
    return Promise.resolve({ ...step, ...change(step) })
  },
})

const search = (driver: LoadDriver, options: Partial<CapacityOptions> = {}): Promise<CapacityResult> =>
  runCapacity({ driver, objective: { p99Ms: 50 }, maxRate: 100_000, ...options })

test('the knee is found within the tolerance, wherever it is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.double({ min: 2, max: 50_000, noNaN: true }), async (capacity) => {
      const { ended, knee, steps } = await search(simulated(capacity), { maxSteps: 40 })
      assert.equal(ended, 'found')
      assert.ok((knee.holds ?? 0) <= capacity && (knee.breaks ?? 0) > capacity)
      assert.ok((knee.breaks ?? 0) - (knee.holds ?? 0) <= 0.05 * (knee.breaks ?? 0))
      assert.equal(steps.filter(({ verdict }) => verdict === 'holds').length > 0, true)
    }),
    { numRuns: 40 },
  )
})

test('a break with an idle server is in doubt; with a busy one, or one of unknown CPU, it is not', async () => {
  const broken = (serverBusy?: number): LoadDriver =>
    simulated(200, ({ rate }) => ({
      serverBusy: rate * 0.001,
      ...(rate <= 200
        ? {}
        : { dropped: 99, clientBusy: 0.31, ...(serverBusy === undefined ? {} : { serverBusy }) }),
    }))
  const idle = await search(broken(0.23), { tolerance: 0.5 })
  assert.deepEqual([idle.ended, idle.knee], ['found', { holds: 160, breaks: 320 }])
  assert.match(
    idle.doubt ?? '',
    /neither the server \(0\.23 cores\) nor the generator \(0\.31 of 1\) was busy/,
  )
  assert.equal((await search(broken(0.5), { tolerance: 0.5 })).doubt, undefined)
  // An idle step above the knee does not matter, and neither does one that holds.
  const above = await search(simulated(700, ({ rate }) => (rate === 1280 ? { serverBusy: 0.1 } : {})))
  assert.ok((above.knee.breaks ?? 0) < 1280 && above.doubt === undefined)
  assert.equal((await search(simulated(1e9), { maxRate: 70 })).doubt, undefined)
  const blind = simulated(200)
  const unknown: LoadDriver = {
    ...blind,
    step: async (plan, signal) => {
      const { serverBusy: _unknown, ...rest } = await blind.step(plan, signal)
      return { ...rest, serverBusyPerSecond: [] }
    },
  }
  assert.equal((await search(unknown)).doubt, undefined)
})

test('valid attempts that were answered and not let in are no latency: such a break is in doubt', async () => {
  const refusing = (kind: 'timeouts' | 'answers'): LoadDriver => ({
    describe: 'refuses',
    step: ({ rate, sustainMs }) => {
      const offered = (rate * sustainMs) / 1000
      const unexpected = { achieved: 0, unexpected: offered, timeouts: kind === 'timeouts' ? offered : 0 }
      return Promise.resolve({
        ...good,
        rate,
        offered,
        ...unexpected,
        p99Ms: kind === 'timeouts' ? 900 : 11.6,
        serverBusy: 0.9,
      })
    },
  })
  const answered = await search(refusing('answers'))
  assert.match(
    answered.doubt ?? '',
    /^(\d+) of \1 valid attempts were not let in, which is no matter of latency/,
  )
  const report = sampleLoad({
    command: 'capacity',
    capacities: [{ target: 'node, TLS 1.3', result: answered }],
  })
  assert.deepEqual([report.exitCode, loadVerdict(report).word], [3, 'Capacity not known'])
  assert.match(
    loadVerdict(report).sentence,
    /^node, TLS 1\.3: nothing is known at .*99th percentile 11\.6 ms.*not let in/,
  )
  assert.doesNotMatch(loadVerdict(report).sentence, /breaks/)
  const slow = await search(refusing('timeouts'))
  assert.equal(slow.doubt, undefined)
  assert.notEqual(slow.knee.breaks, undefined)
})

test('a driver of whole rates is asked for whole rates, and neighbours are the end', async () => {
  const driver = { ...simulated(10.5), wholeRates: true }
  const { ended, knee, steps } = await search(driver, { startRate: 3 })
  assert.deepEqual([ended, knee], ['found', { holds: 10, breaks: 11 }])
  assert.ok(steps.every(({ rate }) => Number.isInteger(rate)))
  assert.equal((await search({ ...simulated(0.5), wholeRates: true })).ended, 'nothing-holds')
  // What a step takes beside its windows counts.
  const slow = await search({ ...simulated(10.5), extraMs: 60_000 }, { maxDurationMs: 30_000 })
  assert.deepEqual([slow.ended, slow.steps], ['time-limit', []])
})

test('every other end of a search says what is known and no more', async () => {
  const highest = await search(simulated(1e9), { maxRate: 70 })
  assert.deepEqual([highest.ended, highest.knee], ['rate-limit', { holds: 70 }])
  assert.ok(highest.steps.every(({ rate }) => rate <= 70))
  const weak = await search(simulated(1e9, ({ rate }) => (rate > 100 ? { clientBusy: 0.9 } : {})))
  assert.deepEqual([weak.ended, weak.knee], ['generator-limited', { holds: 80 }])
  assert.equal((await search(simulated(0))).ended, 'nothing-holds')
  assert.deepEqual((await search(simulated(50_000), { maxSteps: 3 })).knee, { holds: 40 })
  assert.equal((await search(simulated(50_000), { maxSteps: 3 })).ended, 'step-limit')
  const late = await search(simulated(50), { maxDurationMs: 100 })
  assert.deepEqual([late.ended, late.steps], ['time-limit', []])
})

test('an unsteady step is repeated once with a longer window', async () => {
  const once = await search(
    simulated(1e9, ({ offered, rate }) => (offered / rate < 10 ? { perSecond: [1000, 100, 2000] } : {})),
    { maxRate: 10 },
  )
  assert.deepEqual(
    once.steps.map(({ verdict, sustainMs }) => [verdict, sustainMs]),
    [
      ['unsteady', 8000],
      ['holds', 16_000],
    ],
  )
  const always = await search(simulated(1e9, () => ({ perSecond: [1000, 100, 2000] })))
  assert.deepEqual([always.ended, always.steps.length, always.knee], ['unsteady', 2, {}])
})

test('aborted, the complete steps remain; a broken driver is an error', async () => {
  const abort = new AbortController()
  const result = await search(simulated(1e9), {
    signal: abort.signal,
    onProgress: ({ steps }) => void (steps === 3 && abort.abort()),
  })
  assert.deepEqual([result.ended, result.steps.length, result.knee], ['aborted', 3, { holds: 40 }])
  await assert.rejects(search({ describe: 'x', step: () => Promise.reject(new Error('broken')) }), /broken/)
})

test('results are valid by their schema, as JSON', async () => {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false })
  formats.default(ajv, ['date-time'])
  const validate = ajv.compile(schema)
  const silent = simulated(0, () => ({ p99Ms: Number.NaN }))
  for (const result of [
    await search(simulated(80)),
    await search(simulated(0)),
    await search(simulated(9), { maxDurationMs: 1 }),
  ]) {
    const text = JSON.stringify(result)
    assert.ok(validate(JSON.parse(text)), JSON.stringify(validate.errors))
    assert.doesNotMatch(text, /null/)
  }
  assert.equal(validate(JSON.parse(JSON.stringify(await search(silent)))), false)
})

test('busy cores are the sum of rate times cost, and measured steps are compared with it', async () => {
  const cost = (estimate: number): { estimate: number; low: number; high: number } => ({
    estimate,
    low: 0.9 * estimate,
    high: 1.1 * estimate,
  })
  const busy = busyCores([
    { rate: 1000, cost: cost(900) },
    { rate: 500, cost: cost(2000) },
  ])
  near(busy.estimate, 1.9, 1e-9)
  near(busy.low, 1.71, 1e-9)
  near(busy.high, 2.09, 1e-9)
  const { steps } = await search(simulated(80))
  const checks = checkModel(steps, [{ share: 1, cost: cost(1000) }])
  assert.deepEqual(
    checks
      .map(({ rate }) => rate)
      .toSorted((a, b) => a - b)
      .slice(0, 2),
    [10, 20],
  )
  for (const { difference } of checks) near(difference, 0, 1e-9)
  near(checkModel(steps, [{ share: 0.5, cost: cost(1000) }])[0]?.difference, 1, 1e-9)
})

test('USL: the SPEC SDM91 data give the coefficients that R package usl gives', () => {
  const cores = [1, 18, 36, 72, 108, 144, 216]
  const throughput = [64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775, 1702.2]
  const fit = fitUsl(cores.map((one, at) => ({ cores: one, throughput: throughput[at] ?? 0 })))
  near(fit?.gamma, 89.9952382, 1e-4)
  near(fit?.alpha, 0.0277285, 1e-6)
  near(fit?.beta, 0.0001044, 1e-7)
  near(fit?.peakCores, 96.5, 0.1)
  assert.equal(fit?.largestMeasured, 216)
  assert.ok((fit?.rSquared ?? 0) > 0.98)
})

test('USL: coefficients are found again, never below zero, and two core counts are too few', () => {
  const made = fc.record({
    gamma: fc.double({ min: 1, max: 1e4, noNaN: true }),
    alpha: fc.double({ min: 0, max: 0.5, noNaN: true }),
    beta: fc.double({ min: 0, max: 0.05, noNaN: true }),
  })
  fc.assert(
    fc.property(made, (law) => {
      const fit = fitUsl([1, 2, 4, 8, 16].map((cores) => ({ cores, throughput: uslThroughput(law, cores) })))
      near(fit?.gamma, law.gamma, 1e-4 * law.gamma)
      near(fit?.alpha, law.alpha, 1e-4)
      near(fit?.beta, law.beta, 1e-4)
    }),
    { numRuns: 60 },
  )
  // Faster than linear, by noise: no negative contention is made of it.
  const lucky = fitUsl([1, 2, 4].map((cores) => ({ cores, throughput: 100 * cores ** 1.02 })))
  assert.deepEqual([lucky?.alpha, lucky?.beta, lucky?.peakCores], [0, 0, undefined])
  const point = { cores: 1, throughput: 100 }
  assert.equal(fitUsl([point, point, { cores: 2, throughput: 190 }]), undefined)
})

test('the built-in generator finds the knee of a real server that admits one request in 50 ms', async (t) => {
  const scratch = await scratchFolder()
  const material = await createMaterial(join(scratch.dir, 'material'))
  const [cert, key] = await Promise.all([readFile(material.serverCert), readFile(material.serverKey)])
  let free = 0
  const server = createServer({ cert, key }, (_request, response) => {
    free = Math.max(free, performance.now()) + 50
    setTimeout(() => response.end('ok'), free - performance.now())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const generator = await startGenerator()
  t.after(async () => {
    await generator.stop()
    server.closeAllConnections()
    server.close()
    await scratch.remove()
  })
  const lane = laneTo((server.address() as AddressInfo).port, 'valid')
  const driver = engineDriver({
    generator,
    lanes: [{ lane, share: 1, expected: 'allowed' }],
    cpu: await processSource(process.pid),
  })
  const result = await search(driver, {
    objective: { p99Ms: 400 },
    startRate: 8,
    maxRate: 64,
    settleMs: 300,
    sustainMs: 2000,
    tolerance: 0.5,
    maxDurationMs: 20_000,
  })
  // Twenty a second: eight hold with ease, and at thirty-two the queue grows by more than half a second in every second.
  assert.ok((result.knee.holds ?? 0) >= 8 && (result.knee.breaks ?? 0) <= 32, JSON.stringify(result.knee))
  assert.ok(result.steps.every(({ serverBusy = 0, p50Ms = 0 }) => serverBusy > 0 && p50Ms >= 50))
  assert.ok((result.knee.holds ?? 99) < (result.knee.breaks ?? 0))
})
