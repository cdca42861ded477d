import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSteps, eventually, ScenarioError, type Step, takingBack } from './steps.ts'

test('a step that comes out as expected is told, another one ends the scenario with both', () => {
  const told: Step[] = []
  const steps = createSteps((step) => told.push(step))
  steps.check('one', 403, 403)
  steps.check('several', [200, 'none', undefined], [200, 'none', undefined])
  steps.check('nothing', [], [])
  assert.deepEqual(told, [
    { sentence: 'one', expected: '403', seen: '403' },
    { sentence: 'several', expected: '200, none, (none)', seen: '200, none, (none)' },
    { sentence: 'nothing', expected: '(none)', seen: '(none)' },
  ])
  assert.throws(
    () => steps.check('a refusal', 403, 200),
    (error) =>
      error instanceof ScenarioError &&
      error.message === 'a refusal: expected 403, saw 200' &&
      error.step.seen === '200',
  )
  // Neither the number for the text, nor one more or less.
  assert.throws(() => steps.check('type', 403, '403'), ScenarioError)
  assert.throws(() => steps.check('length', [1], [1, 2]), ScenarioError)
  assert.deepEqual(steps.done, told)
})

test('a long text is cut, and compared whole', () => {
  const steps = createSteps()
  const long = 'x'.repeat(1000)
  steps.check('long', long, long)
  assert.equal(steps.done[0]?.seen.length, 301)
  assert.throws(() => steps.check('long', `${long}a`, `${long}b`), ScenarioError)
})

test('everything is taken back, the last thing first, whatever fails; the first error is told', async () => {
  const order: string[] = []
  const take =
    (name: string, fails = false) =>
    async (): Promise<void> => {
      order.push(name)
      if (fails) throw new Error(`taking back ${name}`)
    }
  const result = await takingBack(async (undo) => {
    undo(take('a'))
    undo(take('b'))
    return 'result'
  })
  assert.equal(result, 'result')
  assert.deepEqual(order.splice(0), ['b', 'a'])

  const failing = takingBack(async (undo) => {
    undo(take('a'))
    undo(take('b', true))
    throw new Error('the work')
  })
  await assert.rejects(failing, /the work/)
  assert.deepEqual(order.splice(0), ['b', 'a'])

  const untidy = takingBack(async (undo) => {
    undo(take('a'))
    undo(take('b', true))
  })
  await assert.rejects(untidy, /taking back b/)
  assert.deepEqual(order, ['b', 'a'])
})

test('looks again until it is good', async () => {
  let looks = 0
  const look = async (): Promise<number> => ++looks
  assert.equal(await eventually(look, (value) => value === 3), 3)
  assert.equal(looks, 3)
})
