/**
 * Requests that servers refuse before they look for a certificate: what answers then is the question. As data.
 * @module
 */
import type { Variant } from './closed.ts'
import { header, type Row } from './row.ts'

/** More than servers take in one line (8 or 16 KiB, by their manuals). */
const long = 33_000

/** Every one. */
export const malformed: readonly Row[] = [
  {
    id: 'malformed',
    title: 'a malformed request does not get to the application',
    severity: 'critical',
    grounds: [
      'RFC 9112 §3.2: a Host that is missing, doubled or malformed is answered with 400',
      'nginx error_page: an internal redirect for 400 and 414, without a look at ssl_verify_client',
    ],
    killedBy: ['edge.malformed-to-application'],
    why: 'A server that cannot read a request answers with its page for 400 before any rule. Where that page is the application’s (error_page 400 404 /index.php), the application is what answers, to everybody.',
    sends:
      'The protected path with the Host `a b`, with an empty one, and with the right one twice; with a Content-Length that is no number, a header and a query of 33,000 characters.',
    remediation: `Let error pages be files of the server, or of nobody: never the application.

nginx:
  error_page 400 414 495 496 497 /error.html;
  location = /error.html { internal; root /srv/errors; }
where the application has pages of its own, for what it says itself and no other: proxy_intercept_errors on; error_page 404 502 503 504 @application; and in that location
  if ($ssl_client_verify != SUCCESS) { return 403; }

httpd:
  ErrorDocument 400 /errors/400.html     (a file that every rule leaves to everybody; not a path of ProxyPass)

HAProxy:
  errorfile 400 /etc/haproxy/errors/400.http`,
    once: true,
    variants: (path, { hostname }): Variant[] => [
      { path, host: 'a b' },
      { path, host: '' },
      {
        path,
        headers: [
          ['Host', hostname],
          ['Host', hostname],
        ],
        together: 'with two Hosts',
      },
      { path, ...header('Content-Length', 'x') },
      { path, ...header('X-Long', 'x'.repeat(long)) },
      { path, query: `long=${'x'.repeat(long)}` },
    ],
  },
]
