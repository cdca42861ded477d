import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createExpiring } from './expiring.ts'

test('values go when their time is over, or when they are taken', () => {
  let now = 0
  const map = createExpiring<string>(10, () => now)
  map.set('a', 'one', 100)
  map.set('b', 'two', 200)
  assert.equal(map.get('a'), 'one')
  now = 100
  assert.equal(map.get('a'), undefined)
  assert.equal(map.take('b'), 'two')
  assert.equal(map.take('b'), undefined)
})

test('the number is bounded: what is over goes first, then the oldest', () => {
  let now = 0
  const map = createExpiring<number>(3, () => now)
  map.set('long', 1, 1000)
  map.set('short', 2, 10)
  map.set('other', 3, 1000)
  now = 20
  map.set('new', 4, 1000)
  assert.deepEqual([map.get('long'), map.get('short'), map.get('new')], [1, undefined, 4])
  map.set('newer', 5, 1000)
  assert.equal(map.get('long'), undefined)
  for (let index = 0; index < 100; index += 1) map.set(`more ${index}`, index, 1000)
  assert.equal(map.size, 3)
})
