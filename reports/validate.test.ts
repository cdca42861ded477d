import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleBlackBox, samplePassing, sampleResults } from './sample.ts'
import schema from './schema/results.schema.json' with { type: 'json' }
import { type Results, severities, verdicts } from './types.ts'
import { checkInvariants, validateResults } from './validate.ts'

test('the samples are valid', () => {
  for (const results of [sampleResults(), samplePassing(), sampleBlackBox()]) {
    assert.deepEqual(validateResults(results), [])
    assert.deepEqual(validateResults(JSON.parse(JSON.stringify(results))), [])
  }
})

test('the sample shows every verdict and about forty checks', () => {
  assert.deepEqual(new Set(sampleResults().checks.map(({ verdict }) => verdict)), new Set(verdicts))
  assert.ok(sampleResults().checks.length >= 40)
})

test('schema and types list the same words', () => {
  assert.deepEqual(schema.$defs.verdict.enum, [...verdicts])
  assert.deepEqual(schema.$defs.severity.enum, [...severities])
})

/** Visits every object schema. */
function* objects(node: unknown): Generator<Record<string, unknown>> {
  if (typeof node !== 'object' || node === null) return
  const own = node as Record<string, unknown>
  if (own.type === 'object') yield own
  for (const value of Object.values(own)) yield* objects(value)
}

test('the schema is strict and described throughout', () => {
  const all = [...objects(schema)]
  assert.ok(all.length > 8)
  for (const one of all) {
    assert.equal(one.additionalProperties, false)
    for (const [name, property] of Object.entries(
      one.properties as Record<string, Record<string, unknown>>,
    )) {
      assert.ok(typeof property.description === 'string' || typeof property.$ref === 'string', name)
    }
  }
})

/** Each breaks one thing; the pattern must be among the problems. */
const breakages: [
  what: string,
  mutate: (results: Results & Record<string, unknown>) => void,
  expected: RegExp,
][] = [
  [
    'an unknown property',
    (r) => {
      r.extra = 1
    },
    /additional properties.*"extra"/,
  ],
  [
    'a nested unknown property',
    (r) => {
      Object.assign(r.facts.clientCertificate, { secret: 'x' })
    },
    /facts\.clientCertificate .*"secret"/,
  ],
  [
    'a missing property',
    (r) => {
      Reflect.deleteProperty(r.run, 'connections')
    },
    /run .*connections/,
  ],
  [
    'an unknown verdict',
    (r) => {
      Object.assign(r.checks[0] ?? {}, { verdict: 'ok' })
    },
    /checks\.0\.verdict .*not-applicable/,
  ],
  [
    'an unknown severity',
    (r) => {
      Object.assign(r.run, { failOn: 'severe' })
    },
    /run\.failOn/,
  ],
  [
    'an unknown policy',
    (r) => {
      Object.assign(r.facts.clientCertificate, { 'TLSv1.3': 'optional' })
    },
    /TLSv1\.3/,
  ],
  [
    'enforced as text',
    (r) => {
      Object.assign(r.facts.clientCertificate, { enforced: 'true' })
    },
    /enforced/,
  ],
  [
    'a date that is none',
    (r) => {
      r.run.started = 'yesterday'
    },
    /run\.started .*date-time/,
  ],
  [
    'a negative count',
    (r) => {
      r.summary.pass = -1
    },
    /summary\.pass/,
  ],
  [
    'a broken id',
    (r) => {
      Object.assign(r.checks[0] ?? {}, { id: 'Reach Answers' })
    },
    /checks\.0\.id/,
  ],
  [
    'another format',
    (r) => {
      r.schemaVersion = '2.0'
    },
    /schemaVersion/,
  ],
  [
    'an exit code of 4',
    (r) => {
      Object.assign(r, { exitCode: 4 })
    },
    /exitCode/,
  ],
  [
    'planned that is not the sum',
    (r) => {
      r.summary.planned += 1
    },
    /summary\.planned is 44, the verdicts sum up to 43/,
  ],
  [
    'counts that are not those of the checks',
    (r) => {
      r.summary.pass += 1
      r.summary.fail -= 1
    },
    /summary\.fail is 2, the checks say 3/,
  ],
  [
    'a check twice',
    (r) => {
      r.checks[1] = { ...r.checks[1], id: 'reach.answers' } as Results['checks'][0]
    },
    /reach\.answers is listed twice/,
  ],
  [
    'a check of another suite',
    (r) => {
      Object.assign(r.checks[0] ?? {}, { suite: 'tls' })
    },
    /reach\.answers is not of suite tls/,
  ],
  [
    'success in spite of findings',
    (r) => {
      r.exitCode = 0
    },
    /exitCode is 0, the checks say 1/,
  ],
  [
    '“not verified” instead of findings',
    (r) => {
      r.exitCode = 3
    },
    /exitCode is 3, the checks say 1/,
  ],
]

for (const [what, mutate, expected] of breakages) {
  test(`${what} is a problem`, () => {
    const results = sampleResults()
    mutate(results as Results & Record<string, unknown>)
    const problems = validateResults(results)
    assert.ok(
      problems.some((one) => expected.test(one)),
      problems.join('\n') || 'no problem was reported',
    )
  })
}

test('what is no object at all is a problem, not an exception', () => {
  for (const value of [undefined, null, 1, 'x', [], {}]) assert.notDeepEqual(validateResults(value), [])
})

test('at most twenty problems are told', () => {
  const results = sampleResults()
  for (const check of results.checks) Object.assign(check, { verdict: 'x' })
  assert.equal(validateResults(results).length, 20)
})

test('a run may know better that it is not verified', () => {
  assert.deepEqual(checkInvariants({ ...samplePassing(), exitCode: 3 }), [])
  assert.notDeepEqual(checkInvariants({ ...samplePassing(), exitCode: 1 }), [])
})
