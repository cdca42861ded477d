/**
 * Builders for the checks of the sample.
 * @module
 */
import type { CheckResult, Evidence, Severity, Verdict } from './types.ts'

const transcript = [
  '   0.0 ms  → ClientHello  sni=api.example.com alpn=http/1.1 versions=TLSv1.3',
  '   2.1 ms  ← ServerHello  TLSv1.3 TLS_AES_256_GCM_SHA384',
  '   2.3 ms  ← EncryptedExtensions  alpn=http/1.1',
  '   2.3 ms  ← CertificateRequest  1 CA name, 14 signature algorithms',
  '   2.4 ms  ← Certificate  CN=api.example.com',
  '   2.4 ms  ← CertificateVerify  ecdsa_secp256r1_sha256',
  '   2.4 ms  ← Finished',
  '   4.0 ms  → Certificate  CN=sensor-001 (3f2a9c01d7e4)',
  '   4.1 ms  → CertificateVerify  ecdsa_secp256r1_sha256',
  '   4.1 ms  → Finished',
  '   4.6 ms  → ApplicationData  118 bytes',
]

const request = 'GET /__harness/echo?nonce=5b1c HTTP/1.1\nHost: api.example.com'

/** An attempt that TLS refused. */
export const refusedInTls = (label: string, alert: string): Evidence => ({
  label,
  outcome: `refused in TLS: alert ${alert}`,
  layer: 'tls',
  request,
  response: '',
  transcript: [...transcript, `   5.9 ms  ← alert fatal ${alert}`],
})

/** An attempt that got an HTTP answer. */
export const answered = (label: string, status: string, body: string): Evidence => ({
  label,
  outcome: `HTTP ${status}`,
  layer: 'http',
  request,
  response: `HTTP/1.1 ${status}\nserver: nginx\ncontent-type: application/json\n\n${body}`,
  transcript: [
    ...transcript,
    '   8.8 ms  ← ApplicationData  412 bytes',
    '   9.1 ms  ← alert warning close_notify',
  ],
})

/** Any part of a check but its name, severity and verdict. */
export type Extra = Partial<Omit<CheckResult, 'id' | 'suite' | 'title' | 'severity' | 'verdict'>>

/** One check; what is not given is that of a refusal without a certificate. */
export function one(
  id: string,
  severity: Severity,
  verdict: Verdict,
  title: string,
  extra: Extra = {},
): CheckResult {
  const subject = id.slice(0, id.indexOf('.'))
  const ran = verdict !== 'not-applicable'
  return {
    id,
    suite: subject,
    title,
    severity,
    kind: 'must',
    verdict,
    expected: 'a refusal, before the application sees the request',
    observed: ran ? 'alert certificate_required after the handshake' : '',
    layer: ran ? 'tls' : 'none',
    grounds: ['RFC 8446 §4.4.2.4'],
    remediation: 'Require a client certificate on the listener of this hostname.\n\n  ssl_verify_client on;',
    reproduce: ran
      ? ['curl --verbose --http1.1 --connect-to api.example.com:443:203.0.113.7:443 https://api.example.com/']
      : [],
    evidence: ran ? [refusedInTls('no certificate, TLSv1.3', 'certificate_required')] : [],
    durationMs: ran ? 6 + ((id.length * 7) % 31) : 0,
    reason: '',
    reached: false,
    ...extra,
  }
}

/** What a refusal by `unknown_ca` adds. */
export const unknownCa: Extra = {
  observed: 'alert unknown_ca after the handshake',
  grounds: ['RFC 5280 §6.1', 'RFC 8446 §6.2'],
  evidence: [refusedInTls('certificate unknown-ca (91c0ffee1a2b), TLSv1.3', 'unknown_ca')],
}

/** What a check that did not run adds. */
export const needs = (reason: string): Extra => ({ reason, observed: '' })
