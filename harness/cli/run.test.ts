import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommanderError } from 'commander'
import { HarnessError } from '../errors.ts'
import { describeError, exitCodeOf } from './run.ts'

test('an error for people: message, place, hint, each on its own line', () => {
  const location = { file: 'harness.yaml', line: 12, column: 9 }
  const error = new HarnessError('ERR_DEPLOYMENT_INVALID', 'mtls.mode: "enforced" is not a mode', {
    hint: 'did you mean "enforce"?',
    location,
  })
  assert.equal(
    describeError(error, false),
    'harness: mtls.mode: "enforced" is not a mode\n  at harness.yaml:12:9\n  hint: did you mean "enforce"?\n',
  )
  assert.equal(exitCodeOf(error), 2)
})

test('a place without a line is the file alone', () => {
  const error = new HarnessError('ERR_DEPLOYMENT_FILE', 'no such file', { location: { file: 'x.yaml' } })
  assert.equal(describeError(error, false), 'harness: no such file\n  at x.yaml\n')
})

test('any other error is an apology, its message, and a stack only in debug mode', () => {
  const error = new TypeError('x is not a function')
  const text = describeError(error, false)
  assert.match(text, /^harness: sorry, .*\n {2}x is not a function\n {2}HARNESS_DEBUG=1 shows where\n$/)
  assert.doesNotMatch(text, /run\.test\.ts/)
  assert.match(describeError(error, true), /run\.test\.ts/)
  assert.equal(exitCodeOf(error), 4)
  assert.match(describeError('thrown text', false), /thrown text/)
})

test("commander's own exits are usage errors, except help and version", () => {
  assert.equal(exitCodeOf(new CommanderError(1, 'commander.unknownOption', 'unknown option')), 2)
  assert.equal(exitCodeOf(new CommanderError(0, 'commander.version', '0.1.0')), 0)
})
