/**
 * Faults of rules that look at more than the hostname: requests without a certificate that an edge or its operator let through
 * by their path, method or headers.
 * @module
 */
import type { Fault } from './fault.ts'

/** What is let through. */
export const pathFaults = [
  {
    id: 'edge.open-below',
    sentence: 'What stands below a known path needs no certificate.',
    source: 'Cloudflare API Shield example: http.request.uri.path in {"/admin"}; catalogue PTH-01',
  },
  {
    id: 'edge.open-suffix',
    sentence: 'A known path with an extension behind it needs no certificate.',
    source: 'catalogue PTH-01',
  },
  {
    id: 'edge.open-static-suffix',
    sentence: 'A path that ends in .png, .css or .js needs no certificate.',
    source: 'nginx: a location by regular expression goes before a prefix; catalogue PTH-13',
  },
  {
    id: 'edge.open-static-query',
    sentence: 'A request whose query ends in .png, .css or .js needs no certificate.',
    source: 'nginx: $request_uri is the target as sent, with its query',
  },
  {
    id: 'edge.open-scripts',
    sentence: 'A path with the name of a PHP script in it needs no certificate.',
    source: 'nginx: rewrite … last looks for a location anew; RFC 3875 §4.1.5',
  },
  {
    id: 'edge.open-above-folders',
    sentence: 'What stands behind the name of a folder with two dots needs no certificate.',
    source: 'nginx alias: location without a slash at its end, alias with one',
  },
  {
    id: 'edge.open-exempt-prefix',
    sentence: 'A path that begins with /static/ needs no certificate, whatever follows.',
    source: 'RFC 3986 §5.2.4; catalogue PTH-03, PTH-13',
  },
  {
    id: 'edge.open-parent',
    sentence: 'The folder above the canary needs no certificate.',
    source: 'Cloudflare Access application paths: /alpha/* does not cover /alpha; catalogue PTH-02',
  },
  {
    id: 'edge.open-encoded-slash',
    sentence: 'A path with %2F, %5C or a backslash needs no certificate.',
    source: 'Traefik CVE-2026-40912, CVE-2026-48020; catalogue PTH-04',
  },
  {
    id: 'edge.open-double-encoding',
    sentence: 'A path with %25 before two hex digits needs no certificate.',
    source: 'fasthttp GO-2026-4950; catalogue PTH-03',
  },
  {
    id: 'edge.open-path-parameter',
    sentence: 'A path with a semicolon needs no certificate.',
    source: 'path parameters of servlet containers; catalogue PTH-06',
  },
  {
    id: 'edge.open-path-tail',
    sentence: 'A path with an encoded control character, blank, # or ? needs no certificate.',
    source: 'Traefik CVE-2023-47106; oauth2-proxy CVE-2026-41059; catalogue PTH-07',
  },
  {
    id: 'edge.open-overlong',
    sentence: 'A path with overlong or full-width characters needs no certificate.',
    source: 'Caddy CVE-2026-45135; catalogue PTH-09',
  },
  {
    id: 'edge.open-query',
    sentence: 'A query that names an exempt path needs no certificate.',
    source: 'oauth2-proxy CVE-2025-54576; catalogue PTH-10',
  },
  {
    id: 'edge.open-acme-challenge',
    sentence: '/.well-known/acme-challenge/ needs no certificate.',
    source: 'Cloudflare incident of January 2026 (ACME validation logic); catalogue PTH-11',
  },
  {
    id: 'edge.open-well-known',
    sentence: '/.well-known/ needs no certificate, but for acme-challenge.',
    source: 'Cloudflare Access: bypass for /.well-known as a documented pattern; catalogue PTH-11',
  },
  {
    id: 'edge.open-health',
    sentence: 'Paths of health checks, metrics and static files need no certificate.',
    source: 'oauth2-proxy CVE-2025-54576; catalogue PTH-13',
  },
  {
    id: 'edge.open-edge-endpoints',
    sentence: '/cdn-cgi/ needs no certificate and is passed on.',
    source: 'Cloudflare: /cdn-cgi/ endpoints; catalogue PTH-12',
  },
  {
    id: 'edge.open-http10',
    sentence: 'A request in HTTP/1.0 needs no certificate.',
    source: 'RFC 9112 §2.3; Pingora CVE-2026-2835, Tomcat CVE-2026-24733; catalogue PTH-19',
  },
  {
    id: 'edge.open-options',
    sentence: 'OPTIONS needs no certificate.',
    source: 'Cloudflare Access CORS: bypass options requests to origin; catalogue PTH-14',
  },
  {
    id: 'edge.open-unusual-methods',
    sentence: 'PROPFIND, REPORT and TRACE need no certificate.',
    source: 'catalogue PTH-15; Tomcat CVE-2026-24733',
  },
  {
    id: 'edge.open-method-override',
    sentence: 'A request with X-HTTP-Method-Override needs no certificate.',
    source: 'ESPv2 CVE-2023-30845; catalogue PTH-16',
  },
  {
    id: 'edge.open-url-override',
    sentence: 'A request with X-Original-URL or X-Rewrite-URL needs no certificate.',
    source: 'Symfony CVE-2018-14773; catalogue PTH-17',
  },
  {
    id: 'edge.open-absolute-form',
    sentence: 'A request in absolute-form needs no certificate.',
    source: 'RFC 9112 §3.2.2; catalogue PTH-18',
  },
  {
    id: 'edge.open-websocket',
    sentence: 'A WebSocket upgrade needs no certificate.',
    source: 'Pingora CVE-2026-2833; catalogue PTH-21',
  },
  {
    id: 'edge.open-h2c',
    sentence: 'An upgrade to h2c needs no certificate.',
    source: 'Traefik CVE-2026-88008; catalogue HDR-15',
  },
  {
    id: 'edge.open-conditional',
    sentence: 'A conditional request needs no certificate.',
    source: 'catalogue PTH-22',
  },
  {
    id: 'edge.open-client-address',
    sentence: 'A request that says it comes from 127.0.0.1 needs no certificate.',
    source: 'httpd CVE-2022-31813; catalogue HDR-17',
  },
  {
    id: 'edge.open-private-address',
    sentence: 'A request that says in X-Real-IP that it comes from 10.0.0.0/8 needs no certificate.',
    source: 'httpd mod_remoteip with Require ip; nginx set_real_ip_from with allow; RFC 1918',
  },
  {
    id: 'edge.open-forwarded-uri',
    sentence: 'A request with X-Forwarded-Uri, -Method or -Prefix needs no certificate.',
    source: 'oauth2-proxy CVE-2026-40575; Traefik CVE-2026-35051; catalogue HDR-18',
  },
  {
    id: 'edge.open-health-probe',
    sentence: 'User agents of health probes and internal headers need no certificate.',
    source: 'oauth2-proxy CVE-2026-34457; Next.js CVE-2025-29927; catalogue HDR-20',
  },
  {
    id: 'edge.open-monitors',
    sentence: 'A user agent that names UptimeRobot and then Pingdom needs no certificate.',
    source: 'nginx map of monitors; catalogue HDR-20',
  },
  {
    id: 'edge.open-grpc',
    sentence: 'A request with a Content-Type of gRPC needs no certificate.',
    source: 'nginx: $content_type is what the client has sent',
  },
  {
    id: 'edge.open-authorization',
    sentence: 'A request with Authorization needs no certificate, whatever it says.',
    source: 'RFC 9110 §11.6.2; nginx: $http_authorization is what the client has sent',
  },
  {
    id: 'edge.open-own-origin',
    sentence: 'A request whose Origin is the hostname itself needs no certificate.',
    source: 'RFC 6454 §7.2: the client says so',
  },
  {
    id: 'edge.open-sibling-referer',
    sentence: 'A request whose Referer is a sibling needs no certificate.',
    source: 'RFC 9110 §10.1.3: the client says so; nginx valid_referers',
  },
  {
    id: 'edge.open-debug-cookie',
    sentence: 'A request with the cookie debug=1 needs no certificate.',
    source: 'RFC 6265 §8.6: cookies have no integrity',
  },
  {
    id: 'edge.believes-underscores',
    sentence: 'A request without certificate passes when its X_SSL_Client_Verify says SUCCESS.',
    source: 'RFC 3875 §4.1.18: CGI takes - and _ for the same; oauth2-proxy CVE-2025-64484',
  },
  {
    id: 'edge.believes-subject',
    sentence:
      'A request without certificate passes when its X-SSL-Client-S-DN names an organisation that is let in.',
    source: 'RFC 9440 §4',
  },
  {
    id: 'edge.believes-certificate',
    sentence:
      'A request without certificate passes when its Client-Cert holds one that was issued by somebody.',
    source: 'RFC 9440 §4: a certificate is public, its key is not',
  },
] as const satisfies readonly Fault[]

/** Its id. */
export type PathFaultId = (typeof pathFaults)[number]['id']
