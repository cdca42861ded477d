import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleChecks } from '../../reports/sample-checks.ts'
import type { CheckResult, Verdict } from '../../reports/types.ts'
import { applyWaivers } from './waivers.ts'

const waiver = { check: 'a.b', until: '2027-01-31', reason: 'ticket 7' }
const first = sampleChecks[0]
assert.ok(first)
const check = (verdict: Verdict): CheckResult => ({ ...first, id: 'a.b', verdict })
const after = (verdict: Verdict, today: string): CheckResult | undefined =>
  applyWaivers([check(verdict)], [waiver], today)[0]

test('a failure is known until the date, inclusive', () => {
  assert.equal(after('fail', '2027-01-31')?.verdict, 'known')
  assert.equal(after('warn', '2027-01-01')?.verdict, 'known')
})

test('after the date it is a failure again and says so', () => {
  const expired = after('fail', '2027-02-01')
  assert.equal(expired?.verdict, 'fail')
  assert.match(expired?.reason ?? '', /waiver expired on 2027-01-31/)
})

test('a waived check that passes is fixed; undecided ones stay undecided', () => {
  assert.equal(after('pass', '2027-01-01')?.verdict, 'fixed')
  for (const verdict of ['blocked', 'inconclusive', 'error', 'not-applicable'] as const) {
    assert.equal(after(verdict, '2027-01-01')?.verdict, verdict)
  }
})

test('other checks are left alone', () => {
  const other = { ...check('fail'), id: 'a.c' }
  assert.deepEqual(applyWaivers([other], [waiver], '2027-01-01'), [other])
})
