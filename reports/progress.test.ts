import assert from 'node:assert/strict'
import { test } from 'node:test'
import { columns } from './console/paint.ts'
import { finishedLine, progressLine } from './progress.ts'
import { sampleResults } from './sample.ts'
import { hostileTexts } from './testing/hostile.ts'

test('progressLine shows how far, how it goes, and what runs', () => {
  const line = progressLine(30, 60, 'client-cert.expired', { pass: 28, fail: 1, warn: 1 }, 2345)
  assert.equal(line, '████████░░░░░░░░ 30/60  ✗1 !1 ✓28  2.3 s  client-cert.expired')
})

test('progressLine holds at the ends', () => {
  assert.match(progressLine(0, 0, '', {}, 0), /^░{16} 0\/0/)
  assert.match(progressLine(61, 60, '', {}, 0), /^█{16} 61\/60/)
  assert.ok(!progressLine(60, 60, '', { 'not-applicable': 9 }, 0).includes('9'))
})

test('progressLine never exceeds its width and stays one line', () => {
  const counts = { pass: 100, fail: 20, warn: 30, error: 1, inconclusive: 3 }
  for (const current of ['client-cert.unknown-critical-extension', ...hostileTexts]) {
    for (const width of [10, 20, 40, 60, 80, 200]) {
      const line = progressLine(154, 300, current, counts, 61_000, { width })
      assert.ok(columns(line) <= width, `${width}: ${line}`)
      assert.doesNotMatch(line, /[\p{Cc}\p{Cf}]/u)
    }
  }
})

test('progressLine colours only when asked', () => {
  assert.match(progressLine(1, 2, 'x.y', { fail: 1 }, 1, { color: true }), /\u001b\[31m✗1/)
  assert.doesNotMatch(progressLine(1, 2, 'x.y', { fail: 1 }, 1), /\u001b/)
})

test('finishedLine is one plain line with verdict and reason', () => {
  const by = (verdict: string) => sampleResults().checks.find((check) => check.verdict === verdict)
  const pass = by('pass')
  const blocked = by('blocked')
  assert.ok(pass && blocked)
  assert.equal(
    finishedLine(7, 60, pass),
    ' 7/60 pass reach.answers (35 ms): TLS 1.3 in 9 ms, h2 and http/1.1',
  )
  assert.match(
    finishedLine(60, 60, blocked),
    /^60\/60 blocked client-cert\.name-constraints \(\d+ ms\): twin was refused/,
  )
  for (const text of hostileTexts)
    assert.doesNotMatch(finishedLine(1, 1, { ...pass, observed: text, id: text }), /[\p{Cc}\p{Cf}]/u)
})
