/**
 * The drills in the lab, under traffic: the right orders without a wrong answer, the wrong ones with exactly the outage or
 * refusal that they predict.
 * @module
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { orders } from './orders.ts'
import { delays, labOfTests, order as named, wrongs } from './testing/drill-lab.ts'

const { drill } = labOfTests()

/** What each wrong order does to whom, and the refusals of each. */
const outcomes: Readonly<Record<string, { wrongs?: Record<string, string>; codes?: number[] }>> = {
  right: {},
  documented: { codes: [1433] },
  live: {},
  'origin-first': { wrongs: { visitor: 'locked out from origin-too-early' } },
  'edge-first': { wrongs: { visitor: 'locked out from void-too-early' } },
  'delete-in-use': { codes: [1433] },
  'delete-deploying': { codes: [1434] },
  'ca-rotation': {},
  'ca-too-early': { wrongs: { visitor: 'locked out from trust-new-too-early' } },
  'token-rotation': {},
  'token-no-overlap': { wrongs: { old: 'locked out from rotate-at-once' } },
}

test('every order is tested', () =>
  assert.deepEqual(
    Object.keys(outcomes),
    orders.map(({ name }) => name),
  ))

describe('each order, as predicted, and the state is the one before', () => {
  for (const [name, { wrongs: predicted = {}, codes = [] }] of Object.entries(outcomes))
    test(name, async () => {
      const result = await drill(name)
      assert.deepEqual([result.outcome, result.problems, result.state.changes], ['as-predicted', [], []])
      assert.deepEqual(wrongs(result), predicted)
      for (const { wrongAllows, wrongDenies } of result.lanes) {
        assert.equal(wrongAllows.count, wrongAllows.predicted)
        assert.equal(wrongDenies.count, wrongDenies.predicted)
      }
      const seen = result.steps.flatMap(({ calls }) => calls.flatMap((call) => call.codes))
      assert.deepEqual(seen, codes)
      const order = named(name)
      assert.equal(result.drill.wrong, order.wrong)
      assert.deepEqual(
        result.steps.map(({ id }) => id),
        order.steps.map(({ id }) => id),
      )
      const quick = new Set(order.steps.filter((step) => step.quick === true).map(({ id }) => id))
      for (const { id, seen: last, expect } of result.steps)
        if (!quick.has(id)) assert.deepEqual(last, expect, id)
    })
})

test('what the edge presents is told by the origin, and how long that took', async () => {
  const { steps } = await drill('right')
  const enable = steps.find(({ id }) => id === 'enable')
  assert.deepEqual([enable?.presents, enable?.presented], ['first', 'first'])
  assert.ok((enable?.propagationMs ?? 0) >= delays.deployment - 5, 'not before it is deployed')
  assert.equal(steps.find(({ id }) => id === 'upload')?.propagationMs, null)
})
