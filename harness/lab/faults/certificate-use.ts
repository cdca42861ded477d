/**
 * Faults in what the edge does with a client certificate beside judging it.
 * @module
 */
import type { Fault } from './fault.ts'

const fetching =
  'CVE-2026-21945 (Java); GitHub Security Lab, mTLS: when certificate authentication is done wrong; catalogue SSR-01'

/** What it fetches, and what it forgets to tell the origin. */
export const certificateUseFaults = [
  {
    id: 'edge.fetches-issuer',
    sentence: 'The edge fetches the issuer from the URL in a client certificate, trusted or not.',
    source: fetching,
  },
  {
    id: 'edge.fetches-crl',
    sentence: 'The edge fetches the CRL from the URL in a client certificate, trusted or not.',
    source: fetching,
  },
  {
    id: 'edge.fetches-ocsp',
    sentence: 'The edge asks the OCSP responder named in a client certificate, trusted or not.',
    source: fetching,
  },
  {
    id: 'edge.status-first-request-only',
    sentence: 'The status header is set on the first request of a connection only.',
    source: 'Cloudflare forward-a-client-certificate, older text; catalogue HDR-21',
  },
  {
    id: 'edge.large-certificate-unreported',
    sentence: 'Of a certificate over 10 KiB nothing is told to the origin.',
    source: 'Cloudflare: fields are left out beyond 10 KiB; catalogue HDR-12',
  },
  {
    id: 'edge.subject-breaks-line',
    sentence: 'A line end in the subject ends the header: what follows becomes one of its own.',
    source: 'catalogue HDR-16; RFC 9110 §5.5',
  },
  {
    id: 'edge.passes-access-headers',
    sentence: 'On mTLS hostnames the client’s own Cf-Access-* headers reach the origin.',
    source:
      'Cloudflare Access: the header alone proves nothing; CVE-2026-33495 (Oathkeeper); catalogue HDR-01, HDR-02',
  },
] as const satisfies readonly Fault[]
