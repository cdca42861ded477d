import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { setPace, turn } from './pace.ts'

afterEach(() => setPace(0))

/** Milliseconds until so many turns that were asked for at once have come. */
async function taken(turns: number, signal?: AbortSignal): Promise<number> {
  const from = performance.now()
  await Promise.all(Array.from({ length: turns }, () => turn(signal)))
  return performance.now() - from
}

test('connections keep their distance, the first one goes at once', async () => {
  setPace(40)
  // Timers may fire a hair early, never much.
  assert.ok((await taken(5)) >= 4 * 40 - 5)
})

test('without a pace nobody waits; a stopped run does not wait for its turns', async () => {
  const signal = AbortSignal.abort()
  setPace(60_000)
  await taken(3, signal)
  setPace(0)
  await taken(1000)
})
