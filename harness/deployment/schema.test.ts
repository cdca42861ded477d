import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import schema from './schema.json' with { type: 'json' }

type Node = Record<string, unknown>
const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Every mapping inside the schema, with its JSON Pointer. */
function* nodes(value: unknown, pointer = ''): Generator<[string, Node]> {
  if (!isNode(value)) return
  yield [pointer, value]
  for (const [key, inner] of Object.entries(value)) yield* nodes(inner, `${pointer}/${key}`)
}

test('it is a JSON Schema of draft 2020-12', () => {
  const ajv = new Ajv2020()
  assert.equal(ajv.validateSchema(schema), true, ajv.errorsText())
  assert.equal(ajv.validateSchema({ ...schema, type: 'mapping' }), false)
})

test('no mapping takes a key that it does not know', () => {
  const mappings = [...nodes(schema)].filter(([, { type }]) => [type].flat().includes('object'))
  assert(mappings.length >= 12, `${mappings.length} were found`)
  for (const [pointer, { additionalProperties }] of mappings) {
    const headers = pointer.endsWith('/headers')
    assert(headers ? isNode(additionalProperties) : additionalProperties === false, pointer)
  }
})

test('every property says what it is, for editors and for messages', () => {
  const conditional = /\/(then|else|dependentSchemas)\//
  let properties = 0
  for (const [pointer, node] of nodes(schema)) {
    if (!/\/properties\/[^/]+$/.test(pointer) || conditional.test(pointer)) continue
    properties += 1
    const name = String(node.$ref ?? '').replace('#/$defs/', '') as keyof typeof schema.$defs
    const target: Node = node.$ref === undefined ? node : (schema.$defs[name] ?? {})
    assert.equal(typeof (node.description ?? target.description), 'string', `${pointer} has no description`)
    assert.equal(typeof target.title, 'string', `${pointer} has no title`)
  }
  assert(properties >= 50, `${properties} were found`)
})
