import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CertificateFields, noCertificateFields } from '../edge/certificate-fields.ts'
import { type FaultId, type Faults, selectFaults } from '../faults.ts'
import { decideCustomRules } from './decide.ts'
import type { RuleRequest } from './fields.ts'
import { goodCertificate, request } from './testing/request.ts'
import { zoneWith } from './testing/zone.ts'

const phase = 'http_request_firewall_custom'
const none: Faults = new Set()
const block = (expression: string, more: object = {}): object => ({ action: 'block', expression, ...more })
const cert = 'cf.tls_client_auth'
const host = 'http.host eq "api.example.test"'
const pin = `not (${cert}.cert_verified and ${cert}.cert_issuer_ski eq "${goodCertificate.cert_issuer_ski}")`

const certificates = {
  none: noCertificateFields,
  invalid: { ...goodCertificate, cert_verified: false },
  revoked: { ...goodCertificate, cert_revoked: true },
  otherIssuer: { ...goodCertificate, cert_issuer_ski: '00FF' },
  good: goodCertificate,
} as const satisfies Record<string, CertificateFields>

/** Whether a rule blocks each kind of certificate. */
function blocked(
  expression: string,
  faults: readonly FaultId[] = [],
): Record<keyof typeof certificates, boolean> {
  const zone = zoneWith(phase, [block(expression)])
  const of = (certificate: CertificateFields): boolean =>
    decideCustomRules(zone, request({ certificate }), selectFaults(faults)) !== undefined
  return {
    none: of(certificates.none),
    invalid: of(certificates.invalid),
    revoked: of(certificates.revoked),
    otherIssuer: of(certificates.otherIssuer),
    good: of(certificates.good),
  }
}

test('without a rule nothing is blocked, whatever the certificate', () => {
  const { rulesets: _, ...zone } = zoneWith(phase, [])
  for (const certificate of Object.values(certificates))
    assert.equal(decideCustomRules({ ...zone, rulesets: {} }, request({ certificate }), none), undefined)
})

test('a rule on cert_verified alone lets a revoked certificate through', () => {
  assert.deepEqual(blocked(`${host} and not ${cert}.cert_verified`), {
    none: true,
    invalid: true,
    revoked: false,
    otherIssuer: false,
    good: false,
  })
})

test('a rule that also asks cert_revoked stops a revoked certificate', () => {
  assert.equal(blocked(`${host} and (not ${cert}.cert_verified or ${cert}.cert_revoked)`).revoked, true)
})

test('without an issuer pin another account’s certificate passes; with one it does not', () => {
  assert.equal(blocked(`${host} and not ${cert}.cert_verified`).otherIssuer, false)
  assert.deepEqual(blocked(`${host} and ${pin}`), {
    none: true,
    invalid: true,
    revoked: false,
    otherIssuer: true,
    good: false,
  })
})

test('a rule that asks only for presence lets an invalid certificate through', () => {
  const { none: absent, invalid } = blocked(`not ${cert}.cert_presented`)
  assert.deepEqual([absent, invalid], [true, false])
})

test('the first enabled rule that matches decides, with its answer', () => {
  const response = { status_code: 418, content_type: 'application/json', content: '{"e":"ü"}' }
  const zone = zoneWith(phase, [
    block('true', { enabled: false, ref: 'off' }),
    block('not ssl', { ref: 'other' }),
    block('ssl', { ref: 'first', action_parameters: { response } }),
    block('true', { ref: 'later' }),
  ])
  const decision = decideCustomRules(zone, request(), none)
  assert.equal(decision?.rule.ref, 'first')
  assert.deepEqual(decision.response, {
    status: 418,
    contentType: 'application/json',
    body: Buffer.from('{"e":"ü"}'),
  })
  assert.equal(decideCustomRules(zone, request(), none)?.response, decision.response)
  const plain = decideCustomRules(zone, request({ tls: false }), none)
  assert.equal(plain?.rule.ref, 'other')
  assert.equal(plain.response, undefined)
})

test('a rule that cannot be read closes what it was about', () => {
  const zone = zoneWith(phase, [block('false')])
  const [rule] = zone.rulesets[phase]?.rules ?? []
  assert.ok(rule)
  rule.expression = 'http.hots eq "x"'
  assert.equal(decideCustomRules(zone, request(), none)?.rule, rule)
})

test('rules look at the normalised path', () => {
  const zone = zoneWith(phase, [block('http.request.uri.path eq "/admin"')])
  for (const target of ['/admin', '//admin', '/%61dmin', '/x/../admin', '/admin?q'])
    assert.ok(decideCustomRules(zone, request({ target }), none), target)
  for (const target of ['/admin/', '/Admin', '/admin%2f'])
    assert.equal(decideCustomRules(zone, request({ target }), none), undefined, target)
})

test('fault edge.rule-ignores-revoked: a revoked certificate passes, nothing else does', () => {
  const rule = `not ${cert}.cert_verified or ${cert}.cert_revoked`
  assert.deepEqual(blocked(rule, ['edge.rule-ignores-revoked']), { ...blocked(rule), revoked: false })
})

test('fault edge.rule-no-issuer-pin: another issuer passes, nothing else does', () => {
  for (const rule of [
    pin,
    `not ${cert}.cert_verified or ${cert}.cert_issuer_ski ne "${goodCertificate.cert_issuer_ski}"`,
  ]) {
    assert.equal(blocked(rule).otherIssuer, true)
    assert.deepEqual(blocked(rule, ['edge.rule-no-issuer-pin']), { ...blocked(rule), otherIssuer: false })
  }
})

/** Requests that pass under each fault, beside one that is still blocked. */
const lapses: readonly (readonly [
  fault: FaultId,
  passes: Partial<RuleRequest>,
  still: Partial<RuleRequest>,
])[] = [
  ['edge.rule-misses-trailing-slash', { target: '/admin/?a' }, { target: '/' }],
  ['edge.rule-misses-double-slash', { target: '//admin' }, { target: '/admin/x' }],
  ['edge.rule-misses-upper-case-path', { target: '/ADMIN' }, { target: '/admin%2F?A' }],
  ['edge.rule-misses-encoded-path', { target: '/%61dmin' }, { target: '/a%20b%2F' }],
  ['edge.rule-misses-dot-segment', { target: '/x/../admin' }, { target: '/.well-known/a..b' }],
  [
    'edge.rule-misses-writes-at-path',
    { method: 'DELETE', target: '/temps/1?a' },
    { method: 'PUT', target: '/temps' },
  ],
  [
    'edge.rule-misses-writes-at-path',
    { method: 'POST', target: '/temps' },
    { method: 'POST', target: '/temps-2' },
  ],
  ['edge.rule-misses-writing-methods', { method: 'DELETE', target: '/' }, { method: 'POST', target: '/' }],
]
for (const [fault, passes, still] of lapses) {
  test(`fault ${fault}: ${passes.method ?? 'GET'} ${passes.target}`, () => {
    const zone = zoneWith(phase, [block('true')])
    assert.ok(decideCustomRules(zone, request(passes), none), 'blocked without the fault')
    assert.equal(decideCustomRules(zone, request(passes), selectFaults([fault])), undefined)
    assert.ok(decideCustomRules(zone, request(still), selectFaults([fault])), 'others are still blocked')
  })
}

test('fault edge.rule-raw-path: rules see the path as written', () => {
  const zone = zoneWith(phase, [block('http.request.uri.path eq "/admin"')])
  const faults = selectFaults(['edge.rule-raw-path'])
  assert.equal(decideCustomRules(zone, request({ target: '/%61dmin' }), faults), undefined)
  assert.ok(decideCustomRules(zone, request({ target: '/admin' }), faults))
})

test('fault edge.rule-stops-at-disabled: what stands behind a disabled rule is not looked at', () => {
  const zone = zoneWith(phase, [block('not ssl'), block('false', { enabled: false }), block('true')])
  assert.ok(decideCustomRules(zone, request(), none))
  const faults = selectFaults(['edge.rule-stops-at-disabled'])
  assert.equal(decideCustomRules(zone, request(), faults), undefined)
  assert.ok(decideCustomRules(zone, request({ tls: false }), faults))
})
