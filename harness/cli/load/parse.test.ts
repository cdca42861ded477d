import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InvalidArgumentError } from 'commander'
import { listOf, numberPairs, pairs, rates, time, whole, within } from './parse.ts'
import { hostAndPort } from './target.ts'

test('values of options are read, and anything else is refused', () => {
  assert.deepEqual(['90s', '5m', '500ms', '1.5s', '1h'].map(time), [90_000, 300_000, 500, 1500, 3_600_000])
  assert.deepEqual(listOf(['1.2', '1.3'])('1.2, 1.3'), ['1.2', '1.3'])
  assert.deepEqual(rates('10,200'), [10, 200])
  assert.deepEqual(pairs('expired=200,none=0.5'), [
    ['expired', 200],
    ['none', 0.5],
  ])
  assert.deepEqual(numberPairs('1=900,4=3100'), [
    [1, 900],
    [4, 3100],
  ])
  assert.deepEqual([within(0, 1)('0.3'), whole(1, 9)('7')], [0.3, 7])
  for (const read of [
    () => time('5'),
    () => time('0s'),
    () => time('-1m'),
    () => listOf(['a'])('a,b'),
    () => rates('1.5'),
    () => rates('0'),
    () => pairs('expired'),
    () => pairs('a=b'),
    () => pairs('a=1,a=2'),
    () => pairs('a=2', [['a', 1]]),
    () => numberPairs('x=1'),
    () => within(0, 1)('2'),
    () => within(0, 1)(''),
    () => whole(1, 9)('1.5'),
  ])
    assert.throws(read, InvalidArgumentError)
})

test('a target is host and port, with brackets and https:// or without', () => {
  assert.deepEqual(hostAndPort('origin.test:8443'), { host: 'origin.test', port: 8443 })
  assert.deepEqual(hostAndPort('https://origin.test'), { host: 'origin.test', port: 443 })
  assert.deepEqual(hostAndPort('[::1]:8443'), { host: '[::1]', port: 8443 })
  for (const text of ['', 'http://origin.test', 'origin.test/path', 'user@origin.test', 'origin.test:99999'])
    assert.throws(() => hostAndPort(text), /is no target/, text)
})
