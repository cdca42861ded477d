import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { sampleBlackBox, samplePassing, sampleResults } from './sample.ts'
import { answerOf, exitCodeOf, summarise, type VerdictParts, verdictSentence } from './summarise.ts'
import { type CheckResult, type Severity, severities, type Verdict, verdicts } from './types.ts'
import { accountLine, executed, nothingBegun } from './wording.ts'

const [template] = sampleResults().checks
assert.ok(template)

const check = (
  verdict: Verdict,
  severity: Severity = 'medium',
  rest: Partial<CheckResult> = {},
): CheckResult => ({
  ...template,
  reason: '',
  verdict,
  severity,
  ...rest,
})

const pass = check('pass')

describe('summarise', () => {
  test('counts each verdict under its own key, and plans their sum', () => {
    const keys = [
      'pass',
      'fail',
      'warn',
      'note',
      'notApplicable',
      'blocked',
      'inconclusive',
      'error',
      'known',
      'fixed',
    ] as const
    verdicts.forEach((verdict, index) => {
      const summary = summarise([check(verdict), check(verdict)])
      assert.equal(summary.planned, 2)
      for (const [at, key] of keys.entries())
        assert.equal(summary[key], at === index ? 2 : 0, `${verdict} ${key}`)
    })
  })

  test('what was never begun is told apart from what was tried in vain', () => {
    const summary = summarise([check('inconclusive'), check('inconclusive', 'high', { begun: false }), pass])
    assert.equal(summary.inconclusive, 2)
    assert.equal(summary.notBegun, 1)
    assert.equal(executed(summary), 2)
    assert.equal(accountLine(summary), '3 planned = 2 executed + 0 not applicable + 1 not begun')
    assert.equal(summarise([pass]).notBegun, undefined)
    assert.equal(nothingBegun(summary), false)
    assert.equal(nothingBegun(summarise([check('inconclusive', 'high', { begun: false })])), true)
    assert.equal(nothingBegun(summarise([check('not-applicable')])), false, 'nothing was meant to be')
  })

  test('of nothing is zero', () => assert.equal(summarise([]).planned, 0))
})

describe('a run that was narrowed', () => {
  test('never says that the host may go live, and still says that it must not', () => {
    for (const selection of [
      { only: ['reach.tls'], skip: [] },
      { only: [], skip: ['client-cert.*'] },
    ]) {
      const passing = samplePassing()
      assert.equal(answerOf(passing), 'go')
      assert.equal(answerOf({ ...passing, run: { ...passing.run, selection } }), 'selected')
      const failing = sampleResults()
      assert.equal(answerOf({ ...failing, run: { ...failing.run, selection } }), 'noGo')
    }
  })
})

describe('exitCodeOf', () => {
  test('a failure counts from failOn upwards', () => {
    for (const [own, severity] of severities.entries()) {
      for (const [bar, failOn] of severities.entries()) {
        assert.equal(
          exitCodeOf([pass, check('fail', severity)], failOn, false),
          own >= bar ? 1 : 0,
          `${severity} at ${failOn}`,
        )
      }
    }
  })

  test('what is not decided is not success, from severity high upwards', () => {
    for (const verdict of ['inconclusive', 'blocked', 'error'] as const) {
      assert.equal(exitCodeOf([pass, check(verdict, 'high')], 'medium', false), 3, verdict)
      assert.equal(exitCodeOf([pass, check(verdict, 'critical')], 'medium', false), 3, verdict)
      assert.equal(exitCodeOf([pass, check(verdict, 'medium')], 'medium', false), 0, verdict)
    }
  })

  test('nothing verified is never 0', () => {
    assert.equal(exitCodeOf([], 'medium', false), 3)
    for (const verdict of ['note', 'not-applicable', 'blocked', 'inconclusive', 'error'] as const) {
      assert.equal(exitCodeOf([check(verdict, 'info')], 'medium', false), 3, verdict)
    }
    for (const verdict of ['pass', 'warn', 'known', 'fixed'] as const) {
      assert.equal(exitCodeOf([check(verdict, 'info')], 'medium', false), 0, verdict)
    }
  })

  test('findings win over undecided checks, an interruption over both', () => {
    const both = [check('fail', 'critical'), check('inconclusive', 'critical')]
    assert.equal(exitCodeOf(both, 'medium', false), 1)
    assert.equal(exitCodeOf(both, 'medium', true), 3)
    assert.equal(exitCodeOf([pass], 'medium', true), 3)
  })

  test('a waiver in force is not a finding', () =>
    assert.equal(exitCodeOf([check('known', 'critical')], 'low', false), 0))
})

describe('verdictSentence', () => {
  const parts = (
    checks: CheckResult[],
    rest: Partial<VerdictParts['run']> = {},
    target: Partial<VerdictParts['target']> = {},
  ): VerdictParts => {
    const base = samplePassing()
    const run = { ...base.run, ...rest }
    return {
      run,
      checks,
      target: { ...base.target, ...target },
      exitCode: exitCodeOf(checks, run.failOn, run.interrupted),
    }
  }
  const say = (...args: Parameters<typeof parts>): string => verdictSentence(parts(...args))

  test('names the worst finding and that the application was reached', () => {
    const text = sampleResults().verdict
    assert.match(
      text,
      /^Must not go live: 2 findings at or above medium, the worst critical: client-cert\.impostor-ca-other-ski, /,
    )
    assert.match(text, /in 1 of them a request without a valid certificate reached the application/)
    assert.match(text, /3 checks stayed undecided\.$/)
  })

  test('lets a clean run go live, with what it rests on', () => {
    assert.equal(
      samplePassing().verdict,
      'May go live: 27 checks executed and none failed at or above medium.',
    )
  })

  test('an exit 0 still tells what it leaves behind', () => {
    const text = say([
      pass,
      check('fail', 'low'),
      check('warn'),
      check('known'),
      check('fixed'),
      check('error', 'low'),
    ])
    assert.match(
      text,
      /^May go live: .*; 1 finding below medium, 1 warning, 1 waived finding, 1 waiver to remove, 1 undecided\.$/,
    )
  })

  test('checks that did not apply are counted, severe ones apart', () => {
    assert.match(
      say([pass, check('not-applicable', 'critical'), check('not-applicable', 'low')]),
      /2 did not apply, 1 of them high or critical\.$/,
    )
    assert.doesNotMatch(say([pass]), /did not apply/)
  })

  test('a black-box run proves refusals only, and says what is missing', () => {
    const results = sampleBlackBox()
    assert.equal(results.exitCode, 0)
    assert.equal(answerOf(results), 'refusals')
    assert.match(results.verdict, /^Only refusals were proven: /)
    assert.match(results.verdict, /that a valid certificate is accepted was not tried/)
    assert.doesNotMatch(results.verdict, /may go live/i)
    assert.match(say([pass], {}, { deployment: null }), /^Only refusals were proven/)
    assert.match(say([pass]), /^May go live/)
  })

  test('so does a deployment file without an identity that should be let in', () => {
    const text = say([
      pass,
      check('not-applicable', 'critical', { reason: 'needs mtls.identities or mtls.ca.key' }),
    ])
    assert.match(text, /^Only refusals were proven/)
    assert.match(say([pass, check('not-applicable', 'critical', { reason: 'needs canary' })]), /^May go live/)
  })

  test('behind Access alone it is a token that was not tried, not a certificate', () => {
    const apart = check('not-applicable', 'critical', {
      id: 'client-cert.valid',
      reason: 'Access protects it, and no certificate is asked for',
    })
    const lacks = check('not-applicable', 'critical', { reason: 'needs access.token or access.serviceToken' })
    const outside = say([pass, apart, lacks], {}, { deployment: null })
    assert.match(
      outside,
      /that somebody who may use it is let in was not tried \(it needs access\.serviceToken/,
    )
    assert.doesNotMatch(outside, /certificate/)
    assert.match(say([pass, apart, lacks]), /^Only refusals were proven/, 'with a file too')
    assert.match(say([pass, apart]), /^May go live/)
    assert.match(say([pass, lacks]), /^May go live/, 'not the only door')
  })

  test('report mode and mode off are named', () => {
    assert.match(say([pass], {}, { mode: 'report' }), /in report mode the application itself must refuse/)
    assert.match(say([pass], {}, { mode: 'off' }), /client certificates are declared off/)
  })

  test('an interrupted run is not verified and tells what it found so far', () => {
    const text = say([pass, check('fail', 'critical'), check('inconclusive')], { interrupted: true })
    assert.match(
      text,
      /^Not verified: the run was interrupted with 2 of 3 checks decided; 1 finding, critical: .*, so far\.$/,
    )
  })

  test('nothing run, nothing decided, a severe check undecided: each says why', () => {
    assert.equal(say([]), 'Not verified: no check was run.')
    const refused = check('inconclusive', 'high', { id: 'reach.answers', observed: 'connection refused' })
    assert.match(
      say([refused]),
      /^Not verified: none of 1 check could be decided \(the first: reach\.answers, connection refused\)\.$/,
    )
    assert.match(say([check('not-applicable')]), /none applies here/)
    assert.match(
      say([pass, check('blocked', 'critical', { reason: 'twin was refused' })]),
      /1 check of severity high or above stayed undecided \(the first: .*, twin was refused\)/,
    )
  })

  test('is one line, whatever a server wrote', () => {
    const text = say([check('inconclusive', 'high', { observed: `a\n\u001b[2Jb${'x'.repeat(5000)}` })])
    assert.doesNotMatch(text, /\n|\u001b/)
    assert.ok(text.length < 400)
  })
})
