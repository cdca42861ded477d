/**
 * Who is claimed to have shown a certificate, in which headers, and that no server finds the requests too large.
 * @module
 */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { createAuthority } from '../../harness/pki/authority.ts'
import type { Identity } from '../../harness/pki/types.ts'
import { claimedCertificates, mostClaims } from './claims.ts'

const authority = await createAuthority({ name: 'CN=CA,O=Test' })
const subject = 'CN=sensor-001,O=Test'
const small = await authority.issue({ purpose: 'client', subject })
const large = await authority.issue({
  purpose: 'client',
  subject,
  san: { dns: Array.from({ length: 60 }, (_, index) => `a-name-that-is-rather-long-${index}.example`) },
})

const valuesOf = (identity: Identity | undefined, name: string): string[] =>
  claimedCertificates('/x', identity).flatMap(({ headers = [] }) =>
    headers.filter(([key]) => key === name).map(([, value]) => value),
  )

test('the valid certificate is claimed: its names, its fingerprints, itself in every form', () => {
  const { raw, fingerprint, fingerprint256 } = new X509Certificate(small.cert)
  const hex = (text: string): string => text.replaceAll(':', '')
  assert.deepEqual(new Set(valuesOf(small, 'X-SSL-Client-CN')), new Set(['sensor-001']))
  assert.deepEqual(new Set(valuesOf(small, 'X-SSL-Client-S-DN')), new Set([subject, '/O=Test/CN=sensor-001']))
  assert.deepEqual(
    new Set(valuesOf(small, 'X-SSL-Client-Fingerprint')),
    new Set([hex(fingerprint).toLowerCase(), hex(fingerprint), hex(fingerprint256).toLowerCase()]),
  )
  assert.deepEqual(new Set(valuesOf(small, 'X-SSL-Client-Verify')), new Set(['SUCCESS', '0']))
  assert.deepEqual(valuesOf(small, 'Client-Cert'), [`:${raw.toString('base64')}:`])
  const forms = valuesOf(small, 'X-SSL-Client-Cert')
  assert.equal(forms.length, 3)
  const decoded = [
    new X509Certificate(decodeURIComponent(forms[0] ?? '')),
    new X509Certificate(Buffer.from(forms[1] ?? '', 'base64')),
  ]
  for (const one of decoded) assert.deepEqual(one.raw, raw)
  assert.match(forms[2] ?? '', /^-----BEGIN CERTIFICATE----- [\w+/= ]+ -----END CERTIFICATE-----$/)
  const [leaf = ''] = valuesOf(small, 'X-Amzn-Mtls-Clientcert-Leaf')
  assert.deepEqual(new X509Certificate(decodeURIComponent(leaf)).raw, raw)
  assert.match(leaf, /^-----BEGIN%20CERTIFICATE-----%0A[\w+/=%-]+$/)
  assert.ok(valuesOf(small, 'X-Forwarded-Client-Cert').some((value) => /;Cert="-----BEGIN%20/.test(value)))
})

test('without one nobody in particular is claimed, and no certificate', () => {
  assert.deepEqual(new Set(valuesOf(undefined, 'X-SSL-Client-CN')), new Set(['admin']))
  assert.deepEqual(valuesOf(undefined, 'Client-Cert'), [])
  assert.deepEqual(new Set(valuesOf(undefined, 'X-SSL-Client-Verify')), new Set(['SUCCESS', '0']))
})

test('each request once with hyphens and once with underscores, and no name twice in one', () => {
  const all = claimedCertificates('/x', small)
  for (const [index, { headers = [] }] of all.entries()) {
    const names = headers.map(([name]) => name)
    assert.equal(new Set(names.map((name) => name.toLowerCase())).size, names.length)
    assert.ok(names.every((name) => !name.includes(index % 2 === 0 ? '_' : '-')))
  }
})

test('neither requests nor their size grow without bound, and no key is in them', () => {
  for (const identity of [undefined, small, large]) {
    const all = claimedCertificates('/x', identity)
    assert.ok(all.length <= mostClaims, `${all.length} requests`)
    for (const { headers = [] } of all) {
      assert.ok(headers.length < 60)
      const size = headers.flat().join('').length
      assert.ok(size < 15_000, `${size} characters`)
      assert.doesNotMatch(headers.flat().join(), /PRIVATE/)
    }
  }
})
