import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { endOf, parseDuration } from './duration.ts'

describe('Go durations', () => {
  const good: [string, number][] = [
    ['8760h', 31_536_000_000],
    ['30m', 1_800_000],
    ['1h30m', 5_400_000],
    ['2h45m', 9_900_000],
    ['300ms', 300],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['1.s', 1000],
    ['0', 0],
    ['+5s', 5000],
    ['1500us', 1.5],
    ['1500µs', 1.5],
    ['1m1m', 120_000],
  ]
  for (const [text, expected] of good) {
    it(`reads ${text}`, () => assert.equal(parseDuration(text), expected))
  }
  const bad = [
    '',
    '1',
    '1d',
    '1w',
    'h',
    '-1h',
    '1 h',
    '1h ',
    '1H',
    '.h',
    '1h30',
    'forever',
    '9999999999h',
    '1e3s',
    '٣h',
  ]
  for (const text of bad) {
    it(`refuses "${text}"`, () => assert.equal(parseDuration(text), undefined))
  }

  it('reads every sum of hours, minutes and seconds', () => {
    const amount = fc.nat({ max: 100_000 })
    fc.assert(
      fc.property(amount, amount, amount, (h, m, s) => {
        assert.equal(parseDuration(`${h}h${m}m${s}s`), ((h * 60 + m) * 60 + s) * 1000)
      }),
    )
  })

  it('knows forever, where something ends', () => {
    assert.equal(endOf('forever', 5), Number.POSITIVE_INFINITY)
    assert.equal(endOf('1s', 5), 1005)
    assert.equal(endOf('for ever', 5), undefined)
  })
})
