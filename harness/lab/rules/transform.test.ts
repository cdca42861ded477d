import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noCertificateFields } from '../edge/certificate-fields.ts'
import { type Faults, selectFaults } from '../faults.ts'
import { applyVisitorIpTransforms, removeVisitorIpId, trueClientIpId } from './managed-transforms.ts'
import { goodCertificate, request } from './testing/request.ts'
import { zoneWith } from './testing/zone.ts'
import { applyTransformRules } from './transform.ts'

const phase = 'http_request_late_transform'
const none: Faults = new Set()
const rewrite = (expression: string, headers: object): object => ({
  action: 'rewrite',
  expression,
  action_parameters: { headers },
})
const cert = 'cf.tls_client_auth'

/** The rules of the documentation for RFC 9440. */
const rfc9440 = zoneWith(phase, [
  rewrite('true', { 'Client-Cert': { operation: 'remove' } }),
  rewrite('true', { 'Client-Cert-Chain': { operation: 'remove' } }),
  rewrite(`${cert}.cert_verified\nand not ${cert}.cert_revoked\nand not ${cert}.cert_rfc9440_too_large`, {
    'Client-Cert': { operation: 'set', expression: `${cert}.cert_rfc9440` },
  }),
  rewrite(
    `${cert}.cert_verified and not ${cert}.cert_revoked and ${cert}.cert_chain_rfc9440 ne "" and not ${cert}.cert_chain_rfc9440_too_large`,
    { 'Client-Cert-Chain': { operation: 'set', expression: `${cert}.cert_chain_rfc9440` } },
  ),
])
const forged = [
  ['client-cert', ':forged:'],
  ['CLIENT-CERT', ':forged:'],
  ['Client-Cert-Chain', ':forged:'],
  ['accept', '*/*'],
] as const

test('RFC 9440 by transform rules: client copies go, ours come for a good certificate only', () => {
  const after = (certificate: typeof goodCertificate): unknown =>
    applyTransformRules(rfc9440, request({ certificate }), forged, none)
  const chained = { ...goodCertificate, cert_chain_rfc9440: ':AAAA:' }
  assert.deepEqual(after(goodCertificate), [
    ['accept', '*/*'],
    ['Client-Cert', ':MIIB:'],
  ])
  assert.deepEqual(after(chained), [
    ['accept', '*/*'],
    ['Client-Cert', ':MIIB:'],
    ['Client-Cert-Chain', ':AAAA:'],
  ])
  for (const bad of [
    noCertificateFields,
    { ...goodCertificate, cert_verified: false },
    { ...goodCertificate, cert_revoked: true },
    { ...goodCertificate, cert_rfc9440_too_large: true, cert_rfc9440: '' },
  ])
    assert.deepEqual(after(bad), [['accept', '*/*']])
})

test('fault edge.transform-despite-invalid: an invalid certificate is forwarded as if it were good', () => {
  const faults = selectFaults(['edge.transform-despite-invalid'])
  const invalid = request({ certificate: { ...goodCertificate, cert_verified: false } })
  assert.deepEqual(applyTransformRules(rfc9440, invalid, [], none), [])
  assert.deepEqual(applyTransformRules(rfc9440, invalid, [], faults), [['Client-Cert', ':MIIB:']])
  assert.deepEqual(
    applyTransformRules(rfc9440, request({ certificate: noCertificateFields }), [], faults),
    [],
  )
})

test('fault edge.transform-by-spelling: a copy in another spelling stays', () => {
  const faults = selectFaults(['edge.transform-by-spelling'])
  const bare = request({ certificate: noCertificateFields })
  assert.deepEqual(
    applyTransformRules(
      rfc9440,
      bare,
      [
        ['client-cert', 'x'],
        ['Client-Cert', 'y'],
      ],
      faults,
    ),
    [['client-cert', 'x']],
  )
})

test('fault edge.transform-first-copy-only: the second copy stays', () => {
  const faults = selectFaults(['edge.transform-first-copy-only'])
  const bare = request({ certificate: noCertificateFields })
  const twice = [
    ['client-cert', 'x'],
    ['Client-Cert', 'y'],
  ] as const
  assert.deepEqual(applyTransformRules(rfc9440, bare, twice, faults), [['Client-Cert', 'y']])
  assert.deepEqual(applyTransformRules(rfc9440, bare, twice, none), [])
})

test('set replaces, add adds, an empty or missing value removes; later rules win; disabled ones do nothing', () => {
  const zone = zoneWith(phase, [
    rewrite('ssl', { 'X-A': { operation: 'set', value: 'one' }, 'X-B': { operation: 'add', value: 'two' } }),
    rewrite('true', { 'X-C': { operation: 'set', expression: 'http.request.headers["x-missing"][0]' } }),
    rewrite('true', { 'X-D': { operation: 'add', expression: `${cert}.cert_chain_rfc9440` } }),
    rewrite('not ssl', { 'X-A': { operation: 'set', value: 'never' } }),
    rewrite('true', { 'x-a': { operation: 'set', value: 'last' } }),
    { ...rewrite('true', { 'X-A': { operation: 'remove' } }), enabled: false },
  ])
  const before = [
    ['X-a', 'client'],
    ['X-B', 'client'],
    ['x-c', 'client'],
  ] as const
  assert.deepEqual(applyTransformRules(zone, request(), before, none), [
    ['X-B', 'client'],
    ['X-B', 'two'],
    ['x-a', 'last'],
  ])
})

test('a value that is no header text is written in escapes', () => {
  const zone = zoneWith(phase, [
    rewrite('true', { 'X-A': { operation: 'set', expression: 'http.user_agent' } }),
  ])
  const odd = request({ headers: [['user-agent', 'São\r\nX: y']] })
  assert.deepEqual(applyTransformRules(zone, odd, [], none), [['X-A', 'S\\u00c3\\u00a3o\\u000d\\u000aX: y']])
})

test('without rules the headers are the same array', () => {
  const headers = [['a', 'b']] as const
  assert.equal(
    applyTransformRules(zoneWith('http_request_firewall_custom', []), request(), headers, none),
    headers,
  )
})

test('managed transforms about the visitor’s address', () => {
  const headers = [
    ['cf-connecting-ip', '203.0.113.7'],
    ['True-Client-IP', 'forged'],
    ['x-forwarded-for', '198.51.100.1, 203.0.113.7'],
    ['accept', '*/*'],
  ] as const
  assert.equal(applyVisitorIpTransforms([], '203.0.113.7', headers), headers)
  assert.deepEqual(applyVisitorIpTransforms([trueClientIpId], '203.0.113.7', headers), [
    headers[0],
    headers[2],
    headers[3],
    ['true-client-ip', '203.0.113.7'],
  ])
  assert.deepEqual(applyVisitorIpTransforms([removeVisitorIpId], '203.0.113.7', headers), [
    ['x-forwarded-for', '203.0.113.7'],
    headers[3],
  ])
  assert.deepEqual(
    applyVisitorIpTransforms([removeVisitorIpId], '203.0.113.7', [['x-forwarded-for', '203.0.113.7']]),
    [],
  )
})
