import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleResults } from './sample.ts'
import { asStarted, startedAs, withStarted } from './started-as.ts'

test('npx and npm run are started by npm, a shell and an npm test are not', () => {
  for (const npm_command of ['exec', 'run', 'run-script'])
    assert.equal(startedAs({ npm_command }), 'npx harness')
  for (const env of [{}, { npm_command: 'test' }]) assert.equal(startedAs(env), 'harness')
})

test('commands are written as started, once; words about the harness, files and names stay', () => {
  const at = (text: string): string => asStarted(text, 'npx harness')
  for (const [text, wanted] of [
    ['harness verify --lab', 'npx harness verify --lab'],
    ['hint: `harness checks` lists', 'hint: `npx harness checks` lists'],
    ['Usage: harness [options]', 'Usage: npx harness [options]'],
    ['(harness canary node|worker prints one)', '(npx harness canary node|worker prints one)'],
    ['a; harness drill restore x.json', 'a; npx harness drill restore x.json'],
  ] as const)
    assert.deepEqual([at(text), at(wanted), asStarted(text, 'harness')], [wanted, wanted, text])
  for (const text of [
    'the harness itself failed',
    'harness: no hostname was given',
    'their name begins with “harness drill”',
    'harness drill 1f3a9b2c',
    './harness verify, bin/harness verify',
    'harness-report/report.html, harness.yaml',
  ])
    assert.equal(at(text), text)
})

test('advice is written as started, what a server said is not', () => {
  const [check] = sampleResults().checks
  assert(check)
  const said = 'harness verify said the server'
  const told = { ...check, reproduce: ['harness certs defects --force'], observed: said, remediation: said }
  const [shown] = withStarted({ ...sampleResults(), checks: [told] }, 'npx harness').checks
  assert.deepEqual(shown?.reproduce, ['npx harness certs defects --force'])
  assert.equal(shown.remediation, `npx ${said}`)
  assert.equal(shown.observed, said)
})
