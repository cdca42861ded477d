/**
 * Faults of session resumption.
 * @module
 */
import type { Fault } from './fault.ts'

/** What a resumed session is taken for. */
export const resumptionFaults = [
  {
    id: 'edge.resumes-without-certificate',
    sentence: 'A TLS 1.3 session without certificate, resumed, counts as valid.',
    source: 'nodejs/node issue 35317; measured: authorized is true on a resumed TLS 1.3 session',
  },
  {
    id: 'edge.resumes-without-certificate-1.2',
    sentence: 'A TLS 1.2 session without certificate, resumed, counts as valid.',
    source: 'nodejs/node issue 35317, the other version',
  },
  {
    id: 'edge.ticket-from-public-host',
    sentence: 'A ticket of the public hostname resumes on a protected one and counts as valid there.',
    source: 'CVE-2025-23419; measured: HAProxy with verify per SNI',
  },
  {
    id: 'edge.ticket-across-hosts',
    sentence:
      'A TLS 1.3 ticket earned with the partner’s CA resumes on the primary hostname and counts as valid there.',
    source: 'CVE-2025-23419; httpd CVE-2025-23048; measured: Node SNICallback',
  },
  {
    id: 'edge.ticket-across-hosts-1.2',
    sentence:
      'A TLS 1.2 ticket earned with the partner’s CA resumes on the primary hostname and counts as valid there.',
    source: 'CVE-2025-23419; measured: Node SNICallback',
  },
  {
    id: 'edge.resumed-identity-of-another',
    sentence: 'On a resumed session the forwarded identity is that of the latest other client.',
    source: 'RFC 8446 §4.6.1; httpwg/http-extensions issue 1992',
  },
  {
    id: 'edge.resumes-revoked',
    sentence: 'mTLS hostnames issue session tickets, and in a resumed session revocation is not looked at.',
    source:
      'Cloudflare incident of December 2022: revoked client certificates and session resumption; catalogue CRT-34',
  },
  {
    id: 'edge.issues-tickets',
    sentence: 'mTLS hostnames issue session tickets and are right about them.',
    source: 'Cloudflare incident of 2025-01: resumption was switched off for mTLS',
  },
  {
    id: 'edge.long-ticket-lifetime',
    sentence: 'mTLS hostnames issue session tickets that are said to be good for 30 days.',
    source: 'RFC 8446 §4.6.1: at most 7 days; scylladb/python-driver issue 1017',
  },
] as const satisfies readonly Fault[]
