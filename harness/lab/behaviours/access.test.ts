import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { accessBehaviours } from './access.ts'

const folders = ['../access/', '../idp/'].map((path) => new URL(path, import.meta.url))
const sources = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => readFileSync(new URL(name, folder), 'utf8')),
)

test('every test that a behaviour names is there', () => {
  const named = accessBehaviours.flatMap((behaviour) => behaviour.test ?? [])
  const literal = (name: string): boolean => sources.some((text) => text.includes(`test('${name}'`))
  assert.deepEqual(
    named.filter((name) => !literal(name)),
    [],
  )
})

test('the easily missed points of this part are all shown', () => {
  const points = new Set(accessBehaviours.flatMap(({ point }) => point ?? []))
  for (const point of [12, 13, 14, 15, 16, 17, 18, 22]) assert.ok(points.has(point), String(point))
})

test('behaviours are said once', () => {
  const said = accessBehaviours.map(({ what }) => what)
  assert.equal(new Set(said).size, said.length)
})
