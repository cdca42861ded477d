import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alertNumbers, count, noOutcomes, outcomeOf, shareOf } from './outcome.ts'

const cases: [status: number, code: number, error: string, kind: string, alert?: string][] = [
  [200, 0, '', 'accepted'],
  [204, 0, '', 'accepted'],
  [302, 0, '', 'http-other'],
  [400, 1400, '', 'http-400'],
  [495, 1495, '', 'http-400'],
  [401, 1401, '', 'http-403'],
  [403, 1403, '', 'http-403'],
  [502, 1502, '', 'http-other'],
  [0, 1010, 'remote error: tls: expired certificate', 'alert', 'expired certificate'],
  [0, 1010, 'Get "*": remote error: tls: certificate required', 'alert', 'certificate required'],
  [0, 1010, 'remote error: tls: alert(200)', 'alert', 'alert(200)'],
  [0, 1000, 'EOF', 'closed'],
  [0, 1220, 'read: connection reset by peer', 'closed'],
  [0, 1201, 'write: broken pipe', 'closed'],
  [0, 1000, 'http2: client conn could not be established', 'closed'],
  [0, 1050, 'request timeout', 'timeout'],
  [0, 1211, 'dial: i/o timeout', 'unreachable'],
  [0, 1212, 'dial: connection refused', 'unreachable'],
  [0, 1101, 'lookup: no such host', 'unreachable'],
  [0, 1301, 'the server sent no TLS', 'unclear'],
  [0, 1000, 'local error: tls: bad record MAC', 'unclear'],
  [0, 0, '', 'unclear'],
]

test('status, code and text of k6 become one kind of outcome', () => {
  for (const [status, code, error, kind, alert] of cases) {
    const outcome = outcomeOf(status, code, error)
    assert.equal(outcome.kind, kind, `${status} ${code} ${error}`)
    assert.equal(outcome.alert, alert)
  }
  assert.equal(alertNumbers['unknown certificate authority'], 48)
})

test('counts add up, whatever the texts are called; no outcome has no share', () => {
  const outcomes = noOutcomes()
  assert.equal(shareOf(outcomes, ['accepted']), undefined)
  for (const alert of ['constructor', '__proto__x', 'constructor']) count(outcomes, { kind: 'alert', alert })
  count(outcomes, { kind: 'accepted', status: 200 })
  assert.equal(outcomes.alerts.constructor, 2)
  assert.equal(outcomes.statuses['200'], 1)
  assert.equal(shareOf(outcomes, ['alert']), 0.75)
  assert.equal(shareOf(outcomes, ['closed', 'accepted']), 0.25)
})
