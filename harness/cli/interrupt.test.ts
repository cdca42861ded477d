import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { onInterrupt } from './interrupt.ts'

test('the first signal aborts; its copies change nothing; a later one ends the process', async () => {
  const exits: number[] = []
  const { signal, done } = onInterrupt((code) => exits.push(code))
  try {
    assert.equal(signal.aborted, false)
    process.emit('SIGINT', 'SIGINT')
    assert.equal(signal.aborted, true)
    process.emit('SIGINT', 'SIGINT')
    process.emit('SIGTERM', 'SIGTERM')
    assert.deepEqual(exits, [])
    await wait(600)
    process.emit('SIGINT', 'SIGINT')
    assert.deepEqual(exits, [130])
  } finally {
    done()
  }
})

test('when done, the signals have their default effect again', () => {
  const before = process.listenerCount('SIGINT')
  const { signal, done } = onInterrupt(() => assert.fail('must not end'))
  assert.equal(process.listenerCount('SIGINT'), before + 1)
  done()
  assert.equal(process.listenerCount('SIGINT'), before)
  assert.equal(signal.aborted, false)
})
