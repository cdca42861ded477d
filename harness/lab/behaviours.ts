/**
 * What each behaviour of the mock edge rests on, so that a report can say it.
 * @module
 */

/** Official documentation, somebody else's observation, or a choice made here because neither exists. */
export type Standing = 'official' | 'third-party' | 'our choice'

/** One behaviour of the mock edge. */
export interface Behaviour {
  what: string
  standing: Standing
  /** The document, the observation, or why it was chosen. */
  source: string
  /** Which of the 23 easily missed points of the specification it shows, where it does. */
  point?: number
  /** Name of the test that shows it. */
  test?: string
}

const docs = (path: string): string => `developers.cloudflare.com ${path}`

/** The behaviours that a user of the lab could mistake for a fact about the real edge. */
export const behaviours: readonly Behaviour[] = [
  {
    what: 'The certificate is requested only for hostnames with mTLS associated, chosen by SNI.',
    standing: 'official',
    source: docs('ssl/client-certificates'),
  },
  {
    what: 'The handshake completes with a bad or absent certificate; the verdict falls at HTTP.',
    standing: 'official',
    source: docs('ssl/client-certificates/troubleshooting'),
  },
  {
    what: 'SNI that differs from Host gets an unstyled 403 before any configuration is looked at.',
    standing: 'official',
    source: docs('support/troubleshooting/http-status-codes/4xx-client-error/error-403'),
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
    what: 'Revocation is checked by CRL of the client CA.',
    standing: 'our choice',
    source: 'the real edge checks its managed CA only; CRLs of uploaded CAs are not checked',
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
    what: 'Modes named enforce and report.',
    standing: 'our choice',
    source: 'the real edge has rules; with no rule it behaves like report mode',
  },
  {
    what: 'A client’s own cf-cert-*, Cf-Client-Cert-*, Client-Cert and X-Forwarded-Client-Cert are removed on every hostname.',
    standing: 'our choice',
    source: 'RFC 9440 §2.4; whether the real edge does so with the feature off was not found',
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
]
