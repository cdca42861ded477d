import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { apiBehaviours } from './api.ts'

const folder = new URL('../api/', import.meta.url)
const tests = readdirSync(folder)
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => readFileSync(new URL(name, folder), 'utf8'))
  .join('\n')

test('every behaviour of the control plane says what it rests on, and the tests it names exist', () => {
  for (const { what, source, test: name, point } of apiBehaviours) {
    assert.ok(what.length > 0 && source.length > 0, what)
    if (name !== undefined) assert.ok(tests.includes(`test('${name}'`), name)
    if (point !== undefined) assert.ok(name !== undefined, `point ${point} is shown by a test`)
  }
  assert.equal(new Set(apiBehaviours.map(({ what }) => what)).size, apiBehaviours.length)
})
