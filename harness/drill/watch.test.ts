import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Sample, Traffic } from './traffic.ts'
import { watch } from './watch.ts'

/** Traffic that a test tells. */
function told(): { traffic: Traffic; tell(lane: string, from: number, seen: Sample['seen']): void } {
  let listener: (sample: Sample) => void = () => undefined
  const traffic: Traffic = {
    samples: [],
    skipped: {},
    now: () => 100,
    listen(given) {
      listener = given
      return () => undefined
    },
    stop: async () => undefined,
  }
  return { traffic, tell: (lane, from, seen) => listener({ lane, from, to: from + 5, seen, answer: '' }) }
}

test('the truth is shown when every lane shows it in an answer to a request sent since; answers are counted by the slowest', () => {
  const { traffic, tell } = told()
  const truth = { visitor: 'allowed', direct: 'refused' } as const
  const watching = watch(traffic, { truth, presents: undefined, teller: 'visitor' })
  tell('visitor', 99, 'allowed')
  assert.deepEqual([watching.answers(100), watching.shown(100)], [0, false], 'sent before it was watched')
  for (const from of [110, 120, 130]) tell('visitor', from, 'allowed')
  assert.deepEqual([watching.answers(100), watching.shown(100)], [0, false], 'one lane alone')
  tell('direct', 112, 'allowed')
  tell('direct', 122, 'refused')
  assert.deepEqual([watching.answers(100), watching.shown(115)], [2, true])
  assert.deepEqual([watching.answers(115), watching.shown(125)], [1, false], 'asked before')
  tell('direct', 132, 'allowed')
  assert.deepEqual([watching.answers(100), watching.shown(115)], [3, false], 'and lost again')
})
