import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { rulesBehaviours } from './rules.ts'

const testFiles = [
  '../rules/decide.test.ts',
  '../rules/transform.test.ts',
  '../edge/certificate-fields.test.ts',
]

test('every test that a behaviour names exists', () => {
  const sources = testFiles.map((name) => readFileSync(new URL(name, import.meta.url), 'utf8')).join('\n')
  const named = rulesBehaviours.flatMap(({ test: name }) => name ?? [])
  assert.ok(named.length >= 7)
  assert.deepEqual(
    named.filter((name) => !sources.includes(`test('${name}'`)),
    [],
  )
  assert.ok(rulesBehaviours.every(({ point, test: name }) => (point === undefined) === (name === undefined)))
})
