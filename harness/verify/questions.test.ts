import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { whyNot } from '../../fixtures/run.ts'
import { questionsOf } from '../../reports/questions.ts'
import { answersNeeded } from '../../reports/questions-needed.ts'
import type { Facts } from '../../reports/types.ts'
import { loadCatalogue } from '../../suites/index.ts'
import { blackBoxDeployment } from '../deployment/blackbox.ts'
import schema from '../deployment/schema.json' with { type: 'json' }
import { plan } from './plan.ts'
import { mints } from './run-file.ts'

const facts: Facts = {
  clientCertificate: {
    'TLSv1.2': 'requested',
    'TLSv1.3': 'requested',
    enforced: 'unknown',
    enforcedAt: 'unknown',
    caNames: [],
    because: '',
  },
  addresses: [],
  alpn: ['h2', 'http/1.1'],
}
const deployment = blackBoxDeployment('app.example', { connectTo: '127.0.0.1:1' })
const environment = { deployment, facts, mintFor: mints([], deployment.target) }
const catalogue = await loadCatalogue()

test('everything that a check lacks when nothing but a hostname is known can be added to a deployment file', () => {
  const { notApplicable } = plan(catalogue, environment)
  assert(notApplicable.length > 50)
  for (const question of questionsOf({ checks: notApplicable, facts }))
    assert.notEqual(question.lines, '', `nothing says how to add: ${question.add}`)
  for (const check of catalogue) {
    const reason = whyNot(check, environment)
    if (reason?.startsWith('needs ') === true)
      assert(
        answersNeeded.some(({ when }) => when.test(reason)),
        reason,
      )
  }
})

type Schema = { properties?: Record<string, unknown>; $ref?: string; items?: unknown }
const definitions = schema.$defs as Record<string, unknown>
const resolve = (one: unknown): Schema => {
  const { $ref } = one as Schema
  return $ref === undefined ? (one as Schema) : (definitions[$ref.replace('#/$defs/', '')] as Schema)
}

/** Every key of a proposal is one of the schema, at its place. */
function knows(value: unknown, at: unknown, where: string): void {
  if (Array.isArray(value)) {
    for (const item of value) knows(item, resolve(at).items, where)
  } else if (typeof value === 'object' && value !== null) {
    const properties = resolve(at).properties ?? {}
    for (const [key, inner] of Object.entries(value)) {
      assert(Object.hasOwn(properties, key), `${where}: ${key} is no key of a deployment file`)
      knows(inner, properties[key], `${where}.${key}`)
    }
  }
}

test('the lines that are proposed are lines of a deployment file', () => {
  for (const { lines, add } of answersNeeded) {
    assert.doesNotThrow(() => parse(lines), add)
    knows(parse(lines), schema, add)
  }
})
