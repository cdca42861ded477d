import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groundLink } from './grounds.ts'

test('sources that are known get their address', () => {
  assert.equal(groundLink('RFC 5280 §4.1.2.5'), 'https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5')
  assert.equal(groundLink('RFC 9440'), 'https://www.rfc-editor.org/rfc/rfc9440')
  assert.equal(groundLink('Tomcat CVE-2025-66614'), 'https://www.cve.org/CVERecord?id=CVE-2025-66614')
  assert.equal(groundLink('GO-2025-4175'), 'https://pkg.go.dev/vuln/GO-2025-4175')
  assert.equal(groundLink('RUSTSEC-2026-0049'), 'https://rustsec.org/advisories/RUSTSEC-2026-0049.html')
  assert.equal(groundLink('nodejs/node#35317'), 'https://github.com/nodejs/node/issues/35317')
  assert.equal(groundLink('https://nginx.org/en/docs/'), 'https://nginx.org/en/docs/')
})

test('nothing else becomes a link', () => {
  for (const text of [
    'Deployment file: mtls.refusal',
    'javascript:alert(1)',
    'http://example.com/',
    'https://evil.example/"onclick="x',
    'https://',
    'data:text/html,x',
    ' https://example.com',
    'catalogue CRT-05',
    '',
  ]) {
    assert.equal(groundLink(text), undefined, text)
  }
})
