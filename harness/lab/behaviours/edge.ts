/**
 * What the edge itself does, and what it rests on.
 * @module
 */
import type { Behaviour } from './behaviour.ts'

const docs = (path: string): string => `developers.cloudflare.com ${path}`

/** The behaviours of the edge itself. */
export const edgeBehaviours: readonly Behaviour[] = [
  {
    what: 'The certificate is requested only for hostnames with mTLS associated, chosen by SNI.',
    standing: 'official',
    source: docs('ssl/client-certificates'),
    point: 1,
    test: 'a certificate is asked for only where a CA is associated, chosen by SNI',
  },
  {
    what: 'The handshake completes with a bad or absent certificate; the verdict falls at HTTP.',
    standing: 'official',
    source: docs('ssl/client-certificates/troubleshooting'),
    point: 1,
    test: 'a bad or absent certificate completes the handshake; the verdict falls at HTTP',
  },
  {
    what: 'SNI that differs from Host gets an unstyled 403 before any configuration is looked at.',
    standing: 'official',
    source: docs('support/troubleshooting/http-status-codes/4xx-client-error/error-403'),
    point: 1,
    test: 'SNI and Host that differ get a bare 403',
  },
  {
    what: 'Default refusal: 403 with the edge’s own page; a custom one has status 400 to 499, JSON, HTML, XML or text.',
    standing: 'official',
    source: docs('waf/custom-rules/create-dashboard'),
  },
  {
    what: 'SKI and serial are upper-case hex, fingerprints lower-case, dates as openssl prints them, DNs in RFC 2253 order.',
    standing: 'official',
    source: docs('ssl/client-certificates/client-certificate-variables'),
  },
  {
    what: 'Names of the forwarded headers (cf-cert-…).',
    standing: 'official',
    source: docs('rules/transform/managed-transforms/reference'),
  },
  {
    what: 'Revocation is known for the managed CA only; CRLs of uploaded CAs are not looked at.',
    standing: 'official',
    source: docs('learning-paths/mtls/mtls-app-security/related-features'),
  },
  {
    what: 'A certificate that the managed CA issued to another account is verified too.',
    standing: 'our choice',
    source:
      'one document says a CA per account, staff said it is shared: the lab has an issuing CA per account and trusts them all',
    point: 3,
    test: 'a certificate of another account’s managed CA passes a rule that does not pin the issuer',
  },
  {
    what: 'The CertificateRequest names the managed CA of the own account, and uploaded CAs.',
    standing: 'our choice',
    source: 'which names the real edge sends was not found',
  },
  {
    what: 'Values of the status header: none, valid, invalid:<OpenSSL text>.',
    standing: 'our choice',
    source: 'values of cf-cert-verified on the wire were not found; Workers say NONE, SUCCESS, FAILED:<text>',
  },
  {
    what: 'cf-cert-presented is 1 or 0.',
    standing: 'our choice',
    source: 'the Workers variable certPresented has these values',
  },
  {
    what: 'A hostname enforces where a rule blocks requests without a certificate, and reports otherwise.',
    standing: 'official',
    source: docs(
      'ssl/client-certificates: blocking is the job of a WAF custom rule; the names of the modes are ours',
    ),
  },
  {
    what: 'A change through the API holds for the next request, also on connections that stand already.',
    standing: 'our choice',
    source: 'how long the real edge takes was not found but for single cases; the lab’s delays can be set',
  },
  {
    what: 'A client’s own cf-cert-*, Cf-Client-Cert-*, Client-Cert and X-Forwarded-Client-Cert are removed on every hostname.',
    standing: 'our choice',
    source: 'RFC 9440 §2.4; whether the real edge does so with the feature off was not found',
    point: 10,
    test: 'what a client claims about certificates or Access never reaches the origin',
  },
  {
    what: 'The certificate headers are sent with every request of a connection.',
    standing: 'official',
    source: docs(
      'ssl/client-certificates/forward-a-client-certificate, newer text; older: first request only',
    ),
  },
  {
    what: 'mTLS hostnames issue no session tickets; nothing resumes across hostnames.',
    standing: 'third-party',
    source: 'incident of 2025-01 (CVE-2025-23419); the mitigation in detail was not found',
  },

  {
    what: 'Unknown or missing SNI: fatal alert unrecognized_name.',
    standing: 'our choice',
    source: 'RFC 6066 §3',
  },
  {
    what: 'SNI with a trailing dot is unknown; case does not matter.',
    standing: 'our choice',
    source: 'RFC 6066 §3; RFC 4343',
  },
  {
    what: 'Host is compared without case, one trailing dot, and port 443 or the edge’s own.',
    standing: 'our choice',
    source: 'RFC 9110 §4.2.3, RFC 3986 §3.2.2',
  },
  {
    what: 'TLS 1.2 and 1.3 only, HTTP/1.1 and HTTP/2; no HTTP/3.',
    standing: 'our choice',
    source: 'HTTP/3 with client certificates was not found',
  },
  {
    what: 'A CA certificate as client certificate, RSA under 2048 bits and SHA-1 are refused.',
    standing: 'our choice',
    source:
      'RFC 9155; Google Cloud load balancers document the first; the real edge accepts SHA-1 CA certificates',
  },
  {
    what: 'The plain port redirects to https without content.',
    standing: 'our choice',
    source: docs('ssl/edge-certificates/additional-options/always-use-https, which is a switch'),
  },
  {
    what: 'Every answer over TLS has Strict-Transport-Security with a year; the zone setting that switches it on is not modelled.',
    standing: 'our choice',
    source: docs(
      'ssl/edge-certificates/additional-options/http-strict-transport-security, which is a switch',
    ),
  },
]
