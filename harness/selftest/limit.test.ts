import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { limited } from './limit.ts'

test('no more than asked for run at the same time, and all of them do, a failing one too', async () => {
  let now = 0
  let most = 0
  const order: number[] = []
  const run = limited(2, async (index: number) => {
    now += 1
    most = Math.max(most, now)
    order.push(index)
    for (let turns = 0; turns < 3; turns += 1) await turn()
    now -= 1
    if (index === 1) throw new Error('one that fails')
    return index * 2
  })
  const results = await Promise.allSettled([0, 1, 2, 3, 4].map((index) => run(index)))
  assert.equal(most, 2)
  assert.deepEqual(order, [0, 1, 2, 3, 4])
  assert.deepEqual(
    results.map((one) => (one.status === 'fulfilled' ? one.value : 'failed')),
    [0, 'failed', 4, 6, 8],
  )
})
