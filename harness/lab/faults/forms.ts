/**
 * Faults of what comes before the rules: requests in an odd form that never get to them.
 * @module
 */
import type { Fault } from './fault.ts'

/** One per form. */
export const formFaults = [
  {
    id: 'edge.malformed-to-application',
    sentence:
      'A request whose Host cannot be read, or stands there twice, goes to the application without a look at the certificate.',
    source:
      'nginx: a bad request is answered before ssl_verify_client is looked at, and error_page 400 may name the application',
  },
  {
    id: 'edge.forward-proxy',
    sentence: 'A target http://… of another server is fetched from there, whoever asks.',
    source: 'httpd ProxyRequests On; RFC 9112 §3.2.2',
  },
  {
    id: 'edge.opens-tunnels',
    sentence: 'CONNECT is answered with 200, whoever asks.',
    source: 'httpd mod_proxy_connect; RFC 9110 §9.3.6',
  },
] as const satisfies readonly Fault[]
