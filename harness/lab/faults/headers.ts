/**
 * Faults in removing what a client claims about its certificate. All but the public one apply to mTLS hostnames.
 * @module
 */
import type { Fault } from './fault.ts'

/** Which spellings, copies and transports the edge forgets. */
export const headerFaults = [
  {
    id: 'edge.passes-client-status',
    sentence: 'The client’s own status header wins (one copy, lower case, HTTP/1).',
    source: 'RFC 9440 §2.4; Caddy CVE-2026-30851',
  },
  {
    id: 'edge.passes-client-status-on-public',
    sentence: 'On the public hostname certificate headers of the client reach the origin.',
    source: 'RFC 9440 §2.4, second rule',
  },
  {
    id: 'edge.passes-underscore',
    sentence: 'The deployment’s certificate headers written with _ for - reach the origin.',
    source: 'oauth2-proxy CVE-2025-64484; Caddy CVE-2026-52845',
  },
  {
    id: 'edge.passes-upper-case',
    sentence: 'The deployment’s certificate headers written with capitals reach the origin.',
    source: 'Traefik CVE-2026-33433',
  },
  {
    id: 'edge.passes-second-copy',
    sentence: 'Of a certificate header sent twice in one spelling only the first copy is removed.',
    source: 'ESPv1 CVE-2021-41130',
  },
  {
    id: 'edge.passes-certificate-headers',
    sentence: 'Client-Cert, X-Forwarded-Client-Cert and the like reach the origin.',
    source: 'RFC 9440 §2.4; OpenBao documentation',
  },
  {
    id: 'edge.passes-on-later-requests',
    sentence: 'From the second request of a connection on the client’s own status header reaches the origin.',
    source: 'Cloudflare: the certificate is forwarded with the first request only; catalogue MOD-12, HDR-21',
  },
  {
    id: 'edge.passes-on-h2',
    sentence: 'On HTTP/2 no certificate header is removed.',
    source: 'RFC 9440 §2.4',
  },
  {
    id: 'edge.connection-strips-status',
    sentence: 'A client’s Connection header removes the status header the edge set.',
    source: 'Traefik CVE-2024-45410; httpd CVE-2022-31813',
  },
] as const satisfies readonly Fault[]
