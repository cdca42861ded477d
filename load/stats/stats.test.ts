import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bootstrap, bootstrapMean, bootstrapTwo, overlap, relativeHalfWidth } from './bootstrap.ts'
import { deviation, mean, quantile, variation } from './describe.ts'
import { normalBelow, studentBelow, studentQuantile } from './distributions.ts'
import { createHistogram, encodeHistogram, latencyOf, mergeHistograms, record } from './histogram.ts'
import { leastSquares } from './least-squares.ts'
import { seededRandom, shuffled } from './random.ts'
import { wilcoxonSignedRank } from './wilcoxon.ts'

const near = (seen: number, expected: number, by = 1e-6): void =>
  assert.ok(Math.abs(seen - expected) <= by, `${seen} is not ${expected}`)

/** Box-Muller. */
const normals = (seed: number, n: number): number[] => {
  const random = seededRandom(seed)
  return Array.from(
    { length: n },
    () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  )
}

test('random numbers repeat with their seed, differ with another, and are even', () => {
  const draw = (seed: number): number[] => {
    const random = seededRandom(seed)
    return Array.from({ length: 20_000 }, random)
  }
  assert.deepEqual(draw(7), draw(7))
  assert.notDeepEqual(draw(7).slice(0, 5), draw(8).slice(0, 5))
  near(mean(draw(7)), 0.5, 0.01)
  near(deviation(draw(7)), 1 / Math.sqrt(12), 0.01)
  assert.ok(draw(7).every((value) => value >= 0 && value < 1))
})

test('a shuffle keeps every item, and brings each to each place equally often', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
      const order = shuffled(items, seededRandom(seed))
      assert.deepEqual(
        order.toSorted((a, b) => a - b),
        items.toSorted((a, b) => a - b),
      )
    }),
  )
  const random = seededRandom(3)
  const places = [0, 0, 0, 0]
  for (let n = 0; n < 4000; n += 1) {
    const at = shuffled(['a', 'b', 'c', 'd'], random).indexOf('a')
    places[at] = (places[at] ?? 0) + 1
  }
  for (const times of places) near(times, 1000, 110)
})

test('mean, deviation, variation and quantiles of known values', () => {
  const values = [2, 4, 4, 4, 5, 5, 7, 9]
  assert.equal(mean(values), 5)
  near(deviation(values), 2.13808993)
  near(variation(values), 0.42761799)
  // R: quantile(c(1, 2, 3, 4), c(.25, .5, .9))
  assert.deepEqual([quantile([4, 2, 3, 1], 0.25), quantile([4, 2, 3, 1], 0.5)], [1.75, 2.5])
  near(quantile([4, 2, 3, 1], 0.9), 3.7)
  assert.ok(Number.isNaN(deviation([1])))
  assert.ok(Number.isNaN(quantile([], 0.5)))
})

test('normal and Student distributions agree with tables', () => {
  near(normalBelow(1.959963984540054), 0.975, 1e-9)
  near(normalBelow(-3.090232306167813), 0.001, 1e-10)
  near(normalBelow(0), 0.5, 1e-15)
  near(normalBelow(4), 0.9999683287581669, 1e-12)
  near(studentBelow(12.706204736, 1), 0.975, 1e-9)
  near(studentBelow(4.30265273, 2), 0.975, 1e-9)
  near(studentQuantile(0.975, 11), 2.200985160082949, 1e-8)
  near(studentQuantile(0.025, 24), -2.063898561628021, 1e-8)
})

test('an interval of a mean holds the true mean about as often as it says, even with eight blocks', () => {
  const covered = (n: number): number => {
    let held = 0
    const runs = 600
    for (let run = 0; run < runs; run += 1) {
      const { low, high } = bootstrapMean(normals(run + 1, n), { resamples: 600, seed: run })
      if (low <= 0 && high >= 0) held += 1
    }
    return held / runs
  }
  for (const n of [8, 12, 30]) {
    const share = covered(n)
    assert.ok(share > 0.92 && share < 0.98, `${n} blocks: ${share}`)
  }
})

/** Standard normals of which each resembles the one before. */
const resembling = (seed: number, n: number, correlation: number): number[] => {
  let last = 0
  return normals(seed, n).map((value, at) => {
    last = at === 0 ? value : correlation * last + Math.sqrt(1 - correlation ** 2) * value
    return last
  })
}

test('an interval of a series holds as often where neighbours resemble each other, and the plain one does not', () => {
  const covered = (n: number, correlation: number, series: boolean): number => {
    let held = 0
    const runs = 600
    for (let run = 0; run < runs; run += 1) {
      const rows = resembling(run + 1, n, correlation)
      const { low, high } = bootstrapMean(rows, { resamples: 600, seed: run, series })
      if (low <= 0 && high >= 0) held += 1
    }
    return held / runs
  }
  for (const n of [12, 100])
    for (const correlation of [0, 0.25]) {
      const share = covered(n, correlation, true)
      assert.ok(share > 0.9 && share < 0.98, `${n} rounds, correlation ${correlation}: ${share}`)
    }
  assert.ok(covered(100, 0.25, false) < 0.9)
})

test('an interval is about as wide as the textbook one, and repeats with its seed', () => {
  const values = normals(5, 40).map((value) => 100 + 10 * value)
  const interval = bootstrapMean(values)
  const half = (studentQuantile(0.975, 39) * deviation(values)) / Math.sqrt(40)
  near(interval.high - interval.low, 2 * half, 0.5)
  assert.deepEqual(bootstrapMean(values), interval)
  assert.notDeepEqual(bootstrapMean(values, { seed: 2 }), interval)
})

test('one block says nothing about the spread', () => {
  const interval = bootstrapMean([5])
  assert.deepEqual(interval, {
    estimate: 5,
    low: Number.NEGATIVE_INFINITY,
    high: Number.POSITIVE_INFINITY,
  })
  assert.equal(relativeHalfWidth(interval), Number.POSITIVE_INFINITY)
})

test('the interval of a mean lies within the values, holds the estimate, and moves with them', () => {
  const values = fc.array(fc.double({ min: 1, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 20 })
  fc.assert(
    fc.property(values, fc.double({ min: 0.5, max: 100, noNaN: true }), (list, factor) => {
      const slack = 1e-9 * Math.max(...list)
      const one = bootstrapMean(list, { resamples: 200 })
      assert.ok(one.low >= Math.min(...list) - slack && one.high <= Math.max(...list) + slack)
      assert.ok(one.low <= one.estimate + slack && one.high >= one.estimate - slack)
      const scaled = bootstrapMean(
        list.map((value) => value * factor),
        { resamples: 200 },
      )
      near(scaled.low / factor, one.low, 1e-6 * one.high)
      near(relativeHalfWidth(scaled), relativeHalfWidth(one), 1e-6)
    }),
    { numRuns: 50 },
  )
})

test('rows stay together: paired differences have narrower intervals than the same values unpaired', () => {
  const drift = normals(1, 20).map((value) => 50 * value)
  const pairs = drift.map((value, at) => [100 + value, 110 + value + (at % 2)] as const)
  const paired = bootstrap(pairs, (rows) => mean(rows.map(([a, b]) => b - a)))
  const unpaired = bootstrapTwo(
    pairs.map(([a]) => a),
    pairs.map(([, b]) => b),
    (a, b) => mean(b) - mean(a),
  )
  near(paired.estimate, 10.5)
  near(unpaired.estimate, 10.5)
  assert.ok(paired.low > 10 && paired.high < 11)
  assert.ok(unpaired.low < 0)
  assert.ok(overlap(paired, unpaired) && !overlap(paired, { estimate: 0, low: -1, high: 1 }))
})

test('Wilcoxon: exact, tied and large samples agree with R', () => {
  // R: wilcox.test(x, exact = TRUE), the depression data of its example: V = 40, p = 0.03906.
  const first = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3]
  const second = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
  const known = wilcoxonSignedRank(first.map((value, at) => value - (second[at] ?? 0)))
  assert.equal(known.w, 40)
  near(known.p, 0.0390625)
  assert.deepEqual(wilcoxonSignedRank([0, 0]), { w: 0, n: 0, p: 1 })
  assert.deepEqual(wilcoxonSignedRank([1, 2, 3, 4, 5]), { w: 15, n: 5, p: 0.0625 })
  // Ties: the normal approximation with continuity and tie correction, by hand: W = 5, mean 5, p = 1.
  assert.equal(wilcoxonSignedRank([1, -1, 2, -2]).p, 1)
  assert.ok(wilcoxonSignedRank(Array.from({ length: 40 }, (_, at) => at + 1)).p < 1e-6)
})

test('Wilcoxon: the sign of all differences does not matter', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 40 }), (differences) => {
      const turned = wilcoxonSignedRank(differences.map((value) => -value))
      const { p } = wilcoxonSignedRank(differences)
      near(turned.p, p, 1e-9)
      assert.ok(p > 0 && p <= 1)
    }),
  )
})

test('merged histograms are the histogram of all values', () => {
  const times = fc.array(fc.double({ min: 0.001, max: 1e4, noNaN: true }), { minLength: 1 })
  fc.assert(
    fc.property(times, times, (one, two) => {
      const [left, right, both] = [createHistogram(), createHistogram(), createHistogram()]
      for (const value of one) record(left, value)
      for (const value of two) record(right, value)
      for (const value of [...one, ...two]) record(both, value)
      const merged = mergeHistograms([encodeHistogram(left), encodeHistogram(right)])
      assert.deepEqual(latencyOf(merged), latencyOf(both))
    }),
    { numRuns: 30 },
  )
})

test('a histogram knows its percentiles to three digits, and none without values', () => {
  const histogram = createHistogram()
  assert.equal(latencyOf(histogram), undefined)
  assert.equal(latencyOf(mergeHistograms([])), undefined)
  for (let n = 1; n <= 1000; n += 1) record(histogram, n)
  const { count = 0, p50 = 0, p99 = 0, max = 0 } = latencyOf(histogram) ?? {}
  assert.equal(count, 1000)
  near(p50, 500, 0.5)
  near(p99, 990, 1)
  near(max, 1000, 1)
  record(histogram, 1e9)
  near(latencyOf(histogram)?.max ?? 0, 600_000, 600)
  assert.throws(() => mergeHistograms(['no histogram']))
})

test('least squares finds the coefficients it was made from, and says when they are not determined', () => {
  const number = fc.integer({ min: -100, max: 100 })
  fc.assert(
    fc.property(fc.tuple(number, number, number), ([a, b, c]) => {
      const rows = [1, 2, 3, 4, 5].map((x) => [1, x, x * x])
      const found = leastSquares(
        rows,
        rows.map(([one = 0, x = 0, square = 0]) => a * one + b * x + c * square),
      )
      assert.ok(found !== undefined)
      for (const [at, value] of [a, b, c].entries()) near(found[at] ?? Number.NaN, value, 1e-6)
    }),
  )
  assert.equal(
    leastSquares(
      [
        [1, 2],
        [2, 4],
      ],
      [1, 2],
    ),
    undefined,
  )
  // A weight of zero takes a row out.
  const weighted = leastSquares([[1], [1], [1]], [1, 1, 100], [1, 1, 0])
  near(weighted?.[0] ?? Number.NaN, 1)
})
