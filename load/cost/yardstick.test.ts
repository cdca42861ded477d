import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canBind } from '../engine/generator.ts'
import { startYardstick } from './yardstick.ts'

test('it measures again and again, is not there without the cores, and says when it has ended', async (t) => {
  assert.equal(startYardstick('99999'), undefined)
  if (!canBind('0')) return t.skip('no taskset here')
  const yardstick = startYardstick('0')
  assert.ok(yardstick)
  try {
    for (let time = 0; time < 3; time += 1) {
      const usec = await yardstick.measure()
      // A handshake: neither nothing nor a second.
      assert.ok(usec > 1 && usec < 1_000_000, `${usec} us`)
    }
  } finally {
    await yardstick.stop()
  }
  await yardstick.stop()
  await assert.rejects(yardstick.measure(), { code: 'ERR_INTERNAL' })
})
