import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { before, test } from 'node:test'
import { createAuthority } from '../../pki/authority.ts'
import { certificatesIn } from '../../pki/pem.ts'
import { type Faults, selectFaults } from '../faults.ts'
import { type Certificate, readCertificate } from './certificate.ts'
import { certificateFields, noCertificateFields, workersTlsClientAuth } from './certificate-fields.ts'
import { forwardedCertificate, furtherCertificateHeaders } from './forwarded-certificate.ts'
import { certificateChain, maxCertificate, maxChain, oneCertificate } from './rfc9440.ts'
import { noCertificate, type Verdict } from './verdict.ts'

const none: Faults = new Set()
let leaf: Certificate
let ca: Certificate

const read = (der: Buffer | undefined): Certificate => {
  assert.ok(der)
  const certificate = readCertificate(der)
  assert.ok(typeof certificate !== 'string')
  return certificate
}

before(async () => {
  const authority = await createAuthority({ name: 'CN=Access Testing CA,O=Access Testing,C=US' })
  const identity = await authority.issue({
    name: 'james',
    subject: 'CN=James Royal,OU=Access Admins,O=Access,L=Austin,ST=Texas,C=US',
    serial: '0a1b2c3d4e5f',
  })
  leaf = read(certificatesIn(identity.cert)[0])
  ca = read(certificatesIn(authority.cert)[0])
})

const verdict = (changes: Partial<Verdict> = {}): Verdict => ({
  ...noCertificate,
  status: 'valid',
  identity: leaf,
  issuer: ca,
  sent: [leaf, ca],
  anchor: ca,
  ...changes,
})
const sent = (): Buffer[] => [leaf.der, ca.der]
const expired = (): Verdict => verdict({ status: 'invalid', reason: 'certificate has expired' })
const revoked = (): Verdict => verdict({ status: 'invalid', reason: 'certificate revoked', revoked: true })

test('every field of a verified certificate, in its documented format', () => {
  const x509 = new X509Certificate(leaf.der)
  const hex = (text: string): string => text.replaceAll(':', '')
  const fields = certificateFields(verdict(), sent(), none)
  assert.deepEqual(fields, {
    cert_presented: true,
    cert_verified: true,
    cert_revoked: false,
    cert_issuer_dn: 'CN=Access Testing CA,O=Access Testing,C=US',
    cert_subject_dn: 'CN=James Royal,OU=Access Admins,O=Access,L=Austin,ST=Texas,C=US',
    cert_issuer_dn_rfc2253: 'CN=Access Testing CA,O=Access Testing,C=US',
    cert_subject_dn_rfc2253: 'CN=James Royal,OU=Access Admins,O=Access,L=Austin,ST=Texas,C=US',
    cert_issuer_dn_legacy: '/C=US/O=Access Testing/CN=Access Testing CA',
    cert_subject_dn_legacy: '/C=US/ST=Texas/L=Austin/O=Access/OU=Access Admins/CN=James Royal',
    cert_serial: '0A1B2C3D4E5F',
    cert_issuer_serial: new X509Certificate(ca.der).serialNumber,
    cert_ski: leaf.facts.ski,
    cert_issuer_ski: ca.facts.ski,
    cert_fingerprint_sha256: hex(x509.fingerprint256).toLowerCase(),
    cert_fingerprint_sha1: hex(x509.fingerprint).toLowerCase(),
    cert_not_before: x509.validFrom,
    cert_not_after: x509.validTo,
    cert_rfc9440: `:${leaf.der.toString('base64')}:`,
    cert_rfc9440_too_large: false,
    cert_chain_rfc9440: `:${ca.der.toString('base64')}:`,
    cert_chain_rfc9440_too_large: false,
  })
  for (const field of ['cert_ski', 'cert_issuer_ski', 'cert_serial', 'cert_issuer_serial'] as const)
    assert.match(fields[field], /^[0-9A-F]{6,}$/)
  for (const field of ['cert_fingerprint_sha256', 'cert_fingerprint_sha1'] as const)
    assert.match(fields[field], /^[0-9a-f]{40,64}$/)
  assert.match(fields.cert_not_after, /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4} GMT$/)
})

test('an invalid certificate fills every field and is not verified', () => {
  const { cert_verified, ...rest } = certificateFields(expired(), sent(), none)
  const { cert_verified: wasVerified, ...good } = certificateFields(verdict(), sent(), none)
  assert.deepEqual([cert_verified, wasVerified], [false, true])
  assert.deepEqual(rest, good)
})

test('a good certificate that is revoked is verified, and revoked', () => {
  const { cert_presented, cert_verified, cert_revoked } = certificateFields(revoked(), sent(), none)
  assert.deepEqual(
    { cert_presented, cert_verified, cert_revoked },
    { cert_presented: true, cert_verified: true, cert_revoked: true },
  )
})

test('without a certificate all fields are empty or false', () => {
  assert.equal(certificateFields(noCertificate, [], none), noCertificateFields)
  assert.ok(Object.values(noCertificateFields).every((value) => value === '' || value === false))
})

test('bytes that are no certificate are presented and nothing else', () => {
  const unreadable = verdict({ status: 'invalid', identity: undefined, issuer: undefined, sent: [] })
  assert.deepEqual(certificateFields(unreadable, [], none), { ...noCertificateFields, cert_presented: true })
})

test('fault edge.rule-lower-hex: key identifiers and serials in lower case', () => {
  const fields = certificateFields(verdict(), sent(), selectFaults(['edge.rule-lower-hex']))
  assert.equal(fields.cert_serial, '0a1b2c3d4e5f')
  assert.equal(fields.cert_issuer_ski, ca.facts.ski?.toLowerCase())
})

test('booleans in rules, NONE, SUCCESS and FAILED:<openssl text> in Workers', () => {
  const workers = (of: Verdict): unknown => {
    const { certPresented, certVerified, certRevoked } = workersTlsClientAuth(
      of,
      certificateFields(of, sent(), none),
    )
    return [certPresented, certVerified, certRevoked]
  }
  assert.deepEqual(workers(noCertificate), ['0', 'NONE', '0'])
  assert.deepEqual(workers(verdict()), ['1', 'SUCCESS', '0'])
  assert.deepEqual(workers(expired()), ['1', 'FAILED:certificate has expired', '0'])
  assert.deepEqual(workers(verdict({ status: 'invalid', reason: 'self-signed certificate' })), [
    '1',
    'FAILED:self signed certificate',
    '0',
  ])
  assert.deepEqual(workers(revoked()), ['1', 'SUCCESS', '1'])
  assert.equal(
    workersTlsClientAuth(verdict(), certificateFields(verdict(), sent(), none)).certIssuerSKI,
    ca.facts.ski,
  )
})

test('RFC 9440: up to the limit as it is, above it empty and marked', () => {
  // Four characters of base64 for three bytes, and two colons.
  const bytes = (characters: number): Buffer => Buffer.alloc(Math.floor((characters - 2) / 4) * 3)
  const fits = oneCertificate(bytes(maxCertificate), none)
  assert.ok(fits.value.length > maxCertificate - 4 && !fits.tooLarge)
  assert.deepEqual(oneCertificate(bytes(maxCertificate + 4), none), { value: '', tooLarge: true })
  const half = bytes(maxChain / 2 - 2)
  assert.match(certificateChain([half, half], none).value, /^:[A-Za-z0-9+/=]+:, :[A-Za-z0-9+/=]+:$/)
  assert.deepEqual(certificateChain([half, half, half], none), { value: '', tooLarge: true })
  assert.deepEqual(certificateChain([], none), { value: '', tooLarge: false })
})

test('fault edge.rfc9440-truncated: above the limit cut off', () => {
  const { value, tooLarge } = oneCertificate(Buffer.alloc(9000), selectFaults(['edge.rfc9440-truncated']))
  assert.deepEqual([value.length, tooLarge], [maxCertificate, true])
})

test('the rest of the managed transform', () => {
  const headers = Object.fromEntries(furtherCertificateHeaders(certificateFields(revoked(), sent(), none)))
  assert.deepEqual(headers, {
    'cf-cert-revoked': '1',
    'cf-cert-issuer-dn-rfc2253': 'CN=Access Testing CA,O=Access Testing,C=US',
    'cf-cert-subject-dn-rfc2253': 'CN=James Royal,OU=Access Admins,O=Access,L=Austin,ST=Texas,C=US',
    'cf-cert-issuer-dn-legacy': '/C=US/O=Access Testing/CN=Access Testing CA',
    'cf-cert-subject-dn-legacy': '/C=US/ST=Texas/L=Austin/O=Access/OU=Access Admins/CN=James Royal',
    'cf-cert-issuer-serial': ca.facts.serial,
    'cf-cert-fingerprint-sha1': leaf.facts.fingerprint1,
  })
  assert.deepEqual(furtherCertificateHeaders(noCertificateFields), [['cf-cert-revoked', '0']])
})

test('certificate forwarding: the first request of a connection, or every one', () => {
  const names = (
    requests: 'first' | 'every',
    request: number,
    faults: Faults = none,
    of = verdict(),
  ): string[] => forwardedCertificate(of, { enabled: true, requests }, request, faults).map(([name]) => name)
  const both = ['cf-client-cert-der-base64', 'cf-client-cert-sha256']
  assert.deepEqual(names('first', 1), both)
  assert.deepEqual(names('first', 2), [])
  assert.deepEqual(names('every', 1), both)
  assert.deepEqual(names('every', 2), both)
  assert.deepEqual(names('every', 1, none, expired()), both)
  assert.deepEqual(names('every', 1, none, noCertificate), [])
  const fault = selectFaults(['edge.forwards-certificate-first-only'])
  assert.deepEqual(names('every', 1, fault), both)
  assert.deepEqual(names('every', 2, fault), [])
})

test('certificate forwarding: the DER and its hash; nothing where it is off', () => {
  assert.deepEqual(forwardedCertificate(verdict(), { enabled: true, requests: 'every' }, 1, none), [
    ['cf-client-cert-der-base64', leaf.der.toString('base64')],
    ['cf-client-cert-sha256', createHash('sha256').update(leaf.der).digest('hex')],
  ])
  assert.deepEqual(forwardedCertificate(verdict(), { enabled: false, requests: 'every' }, 1, none), [])
})
