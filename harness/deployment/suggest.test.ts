import assert from 'node:assert/strict'
import { test } from 'node:test'
import { editDistance, nearest, suggestion } from './suggest.ts'

test('edit distance counts letters, and a swap once', () => {
  const pairs: [string, string, number][] = [
    ['', '', 0],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['identites', 'identities', 1],
    ['mtsl', 'mtls', 1],
    ['ca', 'abc', 3],
  ]
  for (const [a, b, distance] of pairs) {
    assert.equal(editDistance(a, b), distance)
    assert.equal(editDistance(b, a), distance)
  }
})

test('only a slip is a suggestion', () => {
  const keys = ['hostname', 'connect', 'mtls', 'identities', 'contentType']
  assert.equal(nearest('identites', keys), 'identities')
  assert.equal(nearest('Content-Type', keys), 'contentType')
  assert.equal(nearest('mtsl', keys), 'mtls')
  assert.equal(nearest('password', keys), undefined)
  assert.equal(nearest('x', keys), undefined)
  assert.equal(nearest('', keys), undefined)
  assert.equal(nearest('i'.repeat(100_000), keys), undefined)
})

test('where nothing is near, nothing is suggested', () => {
  assert.equal(suggestion('mtls', 'see the schema'), 'did you mean mtls? see the schema')
  assert.equal(suggestion(undefined, 'see the schema'), 'see the schema')
})
