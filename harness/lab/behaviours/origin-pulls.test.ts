import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { originPullBehaviours } from './origin-pulls.ts'

const folders = ['../api/origin-pulls/', '../origin-pulls/', '../edge/origin/']

test('behaviours of origin pulls: no row twice, points 5 to 9 shown, and the tests they name exist', () => {
  const tests = folders
    .map((folder) => new URL(folder, import.meta.url))
    .flatMap((folder) => readdirSync(folder).map((name) => new URL(name, folder)))
    .filter(({ pathname }) => pathname.endsWith('.test.ts'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
  for (const { test: name, point } of originPullBehaviours) {
    assert.equal(name === undefined, point === undefined)
    if (name !== undefined) assert.ok(tests.includes(`test('${name}'`), name)
  }
  assert.deepEqual(
    [...new Set(originPullBehaviours.flatMap(({ point = 0 }) => point))].sort(),
    [0, 5, 6, 7, 8, 9],
  )
  assert.equal(new Set(originPullBehaviours.map(({ what }) => what)).size, originPullBehaviours.length)
})
