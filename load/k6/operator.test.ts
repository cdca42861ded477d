import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import { parseAllDocuments } from 'yaml'
import { root } from '../../bin/node.mjs'
import { emitTestRun, type OperatorPlan } from './operator.ts'

const plan: OperatorPlan = {
  name: 'friday',
  namespace: 'load',
  url: 'https://origin.example/',
  connect: '192.0.2.7:443',
  parallelism: 4,
  lanes: [
    { id: 'victims', profile: 'valid', script: 'valid', rate: { rate: 50, seconds: 60 }, certificate: true },
    {
      id: 'none',
      profile: 'none',
      script: 'flood',
      rate: {
        stages: [
          { rate: 0, seconds: 10 },
          { rate: 400, seconds: 50 },
        ],
      },
      certificate: false,
      env: { LOAD_TLS: '1.3' },
    },
  ],
}

interface TestRun {
  kind: string
  metadata: { name: string; namespace: string }
  data?: Record<string, string>
  spec: {
    parallelism: number
    script: { configMap: { name: string; file: string } }
    runner: { env: { name: string; value: string }[]; volumes?: { secret: { secretName: string } }[] }
    initializer: { volumes?: unknown }
  }
}

const usage = (message: RegExp) => ({ code: 'ERR_USAGE', message })

const read = (text: string): TestRun[] =>
  parseAllDocuments(text).map((document) => document.toJS() as TestRun)

test('every TestRun is valid by the schema of the operator', () => {
  const file = join(root, '..', 'shared', 'vectors', 'k6-operator-testrun.schema.json')
  const runs = read(emitTestRun(plan)).filter(({ kind }) => kind === 'TestRun')
  assert.equal(runs.length, 2)
  // The schema is not part of the project; elsewhere the shape is what the other test looks at.
  if (!existsSync(file)) return
  const schema = JSON.parse(readFileSync(file, 'utf8')) as { properties: object }
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(closed(schema) as object)
  for (const run of runs) assert.equal(validate(run), true, JSON.stringify(validate.errors))
  assert.equal(validate({ ...runs[0], spec: { ...runs[0]?.spec, parallelism: 'four' } }), false)
  assert.equal(validate({ ...runs[0], spec: { ...runs[0]?.spec, paralelism: 4 } }), false)
})

/** The operator drops fields it does not know without a word: here they are errors. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const entries = Object.entries(schema).map(([key, value]) => [key, closed(value)] as const)
  const known = Object.fromEntries(entries)
  return 'properties' in known && !('additionalProperties' in known) && 'type' in known
    ? { ...known, additionalProperties: false }
    : known
}

test('scripts are in a ConfigMap, certificates by reference to a Secret, and no key anywhere', () => {
  const text = emitTestRun(plan)
  const [map, victims, none] = read(text)
  assert.ok(map?.data && victims && none)
  assert.deepEqual(Object.keys(map.data).sort(), ['flood.ts', 'settings.ts', 'valid.ts'])
  assert.deepEqual(victims.spec.script.configMap, { name: map.metadata.name, file: 'valid.ts' })
  assert.equal(victims.metadata.namespace, 'load')
  assert.equal(victims.spec.parallelism, 4)
  assert.equal(victims.spec.runner.volumes?.[0]?.secret.secretName, 'friday-victims-identity')
  assert.ok(victims.spec.initializer.volumes)
  assert.equal(none.spec.runner.volumes, undefined)
  const variables = Object.fromEntries(none.spec.runner.env.map(({ name, value }) => [name, value]))
  assert.deepEqual(
    [variables.LOAD_STAGES, variables.LOAD_TLS, variables.LOAD_CERT_FILE],
    ['0@10000ms,400@50000ms', '1.3', undefined],
  )
  // Where the pods connect to is what was checked, not what their DNS says.
  assert.deepEqual(
    [variables.LOAD_URL, variables.LOAD_CONNECT, variables.LOAD_MAX_VUS, variables.LOAD_VUS],
    ['https://origin.example/', '192.0.2.7:443', '2000', '100'],
  )
  assert.match(text, /^# {3}kubectl create secret tls friday-victims-identity -n load /m)
  assert.doesNotMatch(text, /BEGIN|friday-none-identity/)
})

test('names that Kubernetes would refuse are refused here', () => {
  // A Service's name begins with a letter; the operator adds `-service-4` or `-initializer` to ours and the lane's.
  const longest = 63 - '-victims-initializer'.length
  for (const name of ['Friday', 'a_b', '-a', 'a-', '1a', '', 'a'.repeat(longest + 1), 'a\nb']) {
    assert.throws(() => emitTestRun({ ...plan, name }), { code: 'ERR_USAGE' }, name)
  }
  const fits = read(emitTestRun({ ...plan, name: 'a'.repeat(longest) }))
  for (const { metadata } of fits) assert.ok(`${metadata.name}-initializer`.length <= 63, metadata.name)
  for (const namespace of ['load\nkind: Secret', 'Load', '', '-a', 'a.b', 'a'.repeat(64)])
    assert.throws(() => emitTestRun({ ...plan, namespace }), { code: 'ERR_USAGE' }, namespace)
  emitTestRun({ ...plan, namespace: '1'.repeat(63) })
  assert.throws(() => emitTestRun({ ...plan, parallelism: 0 }), { code: 'ERR_USAGE' })
})

test('no more pods than a lane has virtual users', () => {
  const [victims] = plan.lanes
  assert.ok(victims)
  const one = { ...plan, lanes: [{ ...victims, rate: { rate: 1, seconds: 60 } }] }
  assert.throws(
    () => emitTestRun({ ...one, parallelism: 50 }),
    usage(/50 pods for victims: it has 10 virtual/),
  )
  const [, run] = read(emitTestRun({ ...one, parallelism: 10 }))
  const variables = Object.fromEntries(run?.spec.runner.env.map(({ name, value }) => [name, value]) ?? [])
  assert.deepEqual([variables.LOAD_MAX_VUS, variables.LOAD_VUS], ['10', '10'])
})
