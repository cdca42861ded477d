import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Lane, Shot } from './lanes.ts'
import { type Sample, startTraffic } from './traffic.ts'

const allowed: Shot = { seen: 'allowed', answer: 'ok' }

/** Waits for samples of a lane. */
async function samplesOf(
  traffic: ReturnType<typeof startTraffic>,
  lane: string,
  count: number,
): Promise<Sample[]> {
  const seen: Sample[] = []
  await new Promise<void>((resolve) => {
    traffic.listen((sample) => {
      if (sample.lane === lane && seen.push(sample) === count) resolve()
    })
  })
  return seen
}

test('every lane has its own steady traffic, whatever becomes of another', async () => {
  let open: (() => void) | undefined
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  let waiting = 0
  let most = 0
  const stuck: Lane = {
    id: 'stuck',
    label: 'stuck',
    async shoot() {
      waiting += 1
      most = Math.max(most, waiting)
      await gate
      waiting -= 1
      return allowed
    },
  }
  const traffic = startTraffic([stuck, { id: 'quick', label: 'quick', shoot: async () => allowed }], 5)
  const quick = await samplesOf(traffic, 'quick', 20)
  assert.ok(quick.every(({ from, to }) => to >= from))
  assert.equal(most, 4, 'no more than four wait for their answers')
  assert.ok((traffic.skipped.stuck ?? 0) > 0, 'what is not sent is counted')
  assert.equal(traffic.skipped.quick, 0)
  open?.()
  await traffic.stop()
  assert.equal(waiting, 0, 'what was under way has ended')
  const { length } = traffic.samples
  await new Promise((resolve) => setTimeout(resolve, 30))
  assert.equal(traffic.samples.length, length, 'nothing is sent any more')
})
