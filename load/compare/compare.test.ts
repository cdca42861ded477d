import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCost } from '../cost/run.ts'
import { simulate } from '../cost/simulation.ts'
import type { CostOptions, CostResult } from '../cost/types.ts'
import type { Outcome } from '../engine/types.ts'
import { type Change, type Comparison, compareLoad } from './compare.ts'

interface World {
  seed: number
  factor?: Record<string, number>
  noise?: number
  outcome?: Record<string, Outcome>
  options?: Partial<CostOptions>
}

const costs: Record<string, [number, Outcome]> = {
  control: [450, 'allowed'],
  valid: [900, 'allowed'],
  none: [400, 'alert'],
  expired: [700, 'alert'],
}

function measure({
  seed,
  factor = {},
  noise = 0.03,
  outcome = {},
  options = {},
}: World): Promise<CostResult> {
  const world = simulate({
    noise,
    seed,
    lane: ({ id, port }) => {
      const name = port === 2 ? 'control' : id
      const [usec, normal] = costs[name] ?? [1, 'local']
      return {
        serverUsec: usec * (factor[name] ?? factor.all ?? 1),
        clientUsec: 1000,
        outcome: outcome[name] ?? normal,
      }
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
    categories: ['valid', 'none', 'expired'].map((id) => ({
      id,
      expect: id === 'valid' ? 'allowed' : 'refused',
    })),
    seed,
    ...options,
  })
}

const changes = ({ categories }: Comparison): Record<string, Change> =>
  Object.fromEntries(categories.map(({ id, change }) => [id, change]))

test('the same server twice is noise, whatever the seed', async () => {
  const runs = await Promise.all([1, 2, 3, 4, 5, 6].map((seed) => measure({ seed })))
  for (const next of runs.slice(1)) {
    const comparison = compareLoad(runs[0] as CostResult, next)
    assert.equal(comparison.verdict, 'noise', JSON.stringify(comparison.categories))
    assert.deepEqual(comparison.notes, [])
  }
})

test('one dearer category is a regression, and only that one', async () => {
  const comparison = compareLoad(
    await measure({ seed: 1 }),
    await measure({ seed: 2, factor: { expired: 1.25 } }),
  )
  assert.equal(comparison.verdict, 'regression')
  assert.deepEqual(changes(comparison), {
    control: 'noise',
    valid: 'noise',
    none: 'noise',
    expired: 'regression',
  })
  const { difference, againstControl } = comparison.categories.find(({ id }) => id === 'expired') ?? {}
  for (const interval of [difference, againstControl]) {
    assert.ok(interval !== undefined && interval.low < 0.25 && interval.high > 0.2)
  }
})

test('a cheaper one is an improvement; a permitted regression is none', async () => {
  const base = await measure({ seed: 1 })
  const better = compareLoad(base, await measure({ seed: 2, factor: { valid: 0.8 } }))
  assert.equal(better.verdict, 'improvement')
  assert.equal(changes(better).valid, 'improvement')
  const dearer = await measure({ seed: 2, factor: { valid: 1.15 } })
  assert.equal(compareLoad(base, dearer).verdict, 'regression')
  assert.equal(compareLoad(base, dearer, { maxRegression: 0.3 }).verdict, 'noise')
})

test('what the measurement cannot tell apart is noise: the floor comes from its own A/A check', async () => {
  const loud = { noise: 0.35, options: { maxRounds: 12 } }
  const base = await measure({ seed: 1, ...loud })
  const comparison = compareLoad(base, await measure({ seed: 2, factor: { expired: 1.1 }, ...loud }))
  assert.ok(comparison.noiseFloor > 0.1, String(comparison.noiseFloor))
  assert.equal(changes(comparison).expired, 'noise')
  const { aa: _aa, ...without } = base
  assert.match(compareLoad(without, without).noiseGround, /assumed/)
})

test('a slower machine changes the control lane too, and nothing against it', async () => {
  const comparison = compareLoad(await measure({ seed: 1 }), await measure({ seed: 2, factor: { all: 1.5 } }))
  assert.equal(comparison.verdict, 'regression')
  assert.match(comparison.notes.join(), /the control lane changed too/)
  for (const { againstControl } of comparison.categories.slice(1)) {
    assert.ok(againstControl !== undefined && Math.abs(againstControl.estimate) < 0.06)
  }
})

test('another outcome, and a category that is missing, are not compared', async () => {
  const base = await measure({ seed: 1 })
  const other = compareLoad(base, await measure({ seed: 2, outcome: { expired: 'http-400' } }))
  assert.equal(changes(other).expired, 'not-comparable')
  assert.match(
    other.categories.find(({ id }) => id === 'expired')?.reason ?? '',
    /alert before and ends with http-400/,
  )
  const refused = await measure({ seed: 2, outcome: { valid: 'http-400' } })
  assert.equal(compareLoad(base, refused).verdict, 'not-comparable')
  assert.equal(other.verdict, 'not-comparable', 'one is enough: it is not called noise')
  const fewer = {
    ...base,
    categories: base.categories.slice(0, 2),
    blocks: base.blocks.filter(({ id }) => id !== 'expired'),
  }
  const less = compareLoad(base, fewer)
  assert.equal(changes(less).expired, undefined, 'only one of the two was asked for it')
  assert.deepEqual([less.verdict, less.notes], ['noise', ['only in one run: expired']])
  const worthless = { ...base, blocks: base.blocks.map((block) => ({ ...block, serverUsec: -1 })) }
  assert.equal(compareLoad(base, worthless).verdict, 'not-comparable')
})

test('a control lane that is none is compared with nothing', async () => {
  const base = await measure({ seed: 1 })
  const doubted = { ...base, controlNotMeasured: '15 of 18 blocks are void' }
  assert.equal(changes(compareLoad(base, doubted)).control, 'not-comparable')
  const both = compareLoad(doubted, doubted)
  assert.deepEqual([both.verdict, changes(both).control], ['noise', undefined])
  assert.ok(both.categories.every(({ againstControl }) => againstControl === undefined))
})

test('who was refused and is let in now is a regression, whatever it costs', async () => {
  const base = await measure({ seed: 1 })
  const open = compareLoad(base, await measure({ seed: 2, outcome: { expired: 'allowed' } }))
  assert.equal(changes(open).expired, 'regression')
  assert.match(open.categories.find(({ id }) => id === 'expired')?.reason ?? '', /let in now/)
  const closed = compareLoad(await measure({ seed: 2, outcome: { expired: 'allowed' } }), base)
  assert.equal(changes(closed).expired, 'not-comparable', 'the other way round is no regression')
})

test('what would have been found is said, and is found', async () => {
  const base = await measure({ seed: 1, noise: 0.1 })
  const { found = Number.NaN, verdict } = compareLoad(base, await measure({ seed: 2, noise: 0.1 }))
  assert.equal(verdict, 'noise')
  assert.ok(found > 0.05 && found < 1, String(found))
  for (const seed of [3, 4, 5, 6]) {
    const dearer = await measure({ seed, noise: 0.1, factor: { expired: 1 + found } })
    assert.equal(changes(compareLoad(base, dearer)).expired, 'regression')
  }
})

test('runs that were made differently say so', async () => {
  const base = await measure({ seed: 1 })
  const next = await measure({ seed: 2, options: { concurrency: 8 } })
  assert.match(compareLoad(base, next).notes.join(), /differ in concurrency/)
})

test('the comparison survives JSON', async () => {
  const comparison = compareLoad(await measure({ seed: 1 }), await measure({ seed: 2 }))
  assert.deepEqual(JSON.parse(JSON.stringify(comparison)), comparison)
})

test('a slower machine is no dearer server where a yardstick was beside the blocks; a dearer server still is', async () => {
  const yard = (usec: number): Partial<CostOptions> => ({ yardstick: { measure: async () => usec } })
  const base = await measure({ seed: 1, options: yard(90) })
  const slowMachine = await measure({ seed: 2, factor: { all: 1.3 }, options: yard(117) })
  const same = compareLoad(base, slowMachine)
  assert.equal(same.verdict, 'noise')
  assert.match(same.notes.join(), /its yardstick took 90\.0 µs before, 117\.0 µs now/)

  const both = { control: 1.3, none: 1.3, expired: 1.3, valid: 1.6 }
  const slowServer = compareLoad(base, await measure({ seed: 3, factor: both, options: yard(117) }))
  assert.equal(changes(slowServer).valid, 'regression')
  assert.equal(changes(slowServer).none, 'noise')

  const blind = compareLoad(await measure({ seed: 1 }), slowMachine)
  assert.equal(blind.verdict, 'regression', 'one of the two has none')
})
