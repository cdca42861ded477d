import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { accessApiBehaviours } from './access-api.ts'

test('behaviours of the Access control plane: no row twice, and the tests they name exist', () => {
  const folder = new URL('../api/access/', import.meta.url)
  const tests = readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n')
  const named = accessApiBehaviours.filter(({ point }) => point !== undefined)
  assert.ok(named.length > 0)
  for (const { test: name } of named) assert.ok(name !== undefined && tests.includes(`'${name}'`), name)
  assert.equal(new Set(accessApiBehaviours.map(({ what }) => what)).size, accessApiBehaviours.length)
})
