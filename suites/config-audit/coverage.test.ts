import assert from 'node:assert/strict'
import { test } from 'node:test'
import { covers, guards, hoursOf, limits, protects } from './coverage.ts'

const rule = (expression: string, more: object = {}) => ({
  id: '1',
  description: '',
  expression,
  action: 'block',
  enabled: true,
  ...more,
})

test('which hostnames a rule is about', () => {
  const host = 'api.example.com'
  for (const expression of [
    'not cf.tls_client_auth.cert_verified',
    'http.host eq "api.example.com" and not cf.tls_client_auth.cert_verified',
    'http.host in {"a.example.com" "API.example.com"}',
    'ends_with(http.host, ".example.com")',
    'ends_with(lower(http.host), ".example.com")',
    'http.host contains "example"',
    'http.host wildcard "*.example.com"',
  ])
    assert.equal(covers(rule(expression), host), true, expression)
  for (const expression of [
    'http.host eq "www.example.com"',
    'ends_with(http.host, ".example.org")',
    'http.host wildcard "*.dev.example.com"',
    'starts_with(http.host, "www.")',
  ])
    assert.equal(covers(rule(expression), host), false, expression)
})

test('only block rules about certificates guard', () => {
  const about = 'not cf.tls_client_auth.cert_verified'
  assert.equal(guards([rule(about)], 'a').length, 1)
  assert.equal(guards([rule(about, { action: 'log' })], 'a').length, 0)
  assert.equal(guards([rule('http.host eq "a"')], 'a').length, 0)
})

test('what limits a rule', () => {
  assert.deepEqual(limits(rule('http.host eq "a" and not cf.tls_client_auth.cert_verified')), [])
  assert.deepEqual(
    limits(
      rule(
        'http.request.uri.path eq "/x" and ip.src in {192.0.2.1} and not cf.tls_client_auth.cert_verified',
      ),
    ),
    ['http.request.uri.path', 'ip.src'],
  )
  assert.deepEqual(limits(rule('cf.bot_management.score lt 30 and cf.tls_client_auth.cert_revoked')), [
    'cf.bot_management.score',
  ])
})

test('which hostnames an application covers', () => {
  const application = (...domains: string[]) => ({ name: '', domains, policies: [], settings: {} })
  assert.equal(protects(application('a.example.com/x'), 'a.example.com'), true)
  assert.equal(protects(application('*.example.com'), 'a.example.com'), true)
  assert.equal(protects(application('*.example.com'), 'example.com'), false)
  assert.equal(protects(application('b.example.com'), 'a.example.com'), false)
})

test('durations in hours', () => {
  assert.equal(hoursOf('24h'), 24)
  assert.equal(hoursOf('1h30m'), 1.5)
  assert.equal(hoursOf('90s'), 0.025)
  assert.equal(hoursOf('7d'), 168)
  for (const text of ['', 'forever', '24', '1h x']) assert.equal(hoursOf(text), undefined, text)
})
