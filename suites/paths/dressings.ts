/**
 * Methods and headers that a rule may overlook, as data.
 * @module
 */

import { nowhere } from '../../harness/probe/nowhere.ts'
import { claimedAddresses, ownNetwork } from './addresses.ts'
import { claimedCertificates, mostClaims } from './claims.ts'
import type { Variant } from './closed.ts'
import { answered, header, type Row } from './row.ts'
import { asMonitors, switched } from './switches.ts'
import { webSocketHeaders } from './upgrade.ts'

const methods = (path: string, ...names: string[]): Variant[] => names.map((method) => ({ path, method }))

/** Methods and headers. */
export const dressings: readonly Row[] = [
  {
    id: 'options',
    title: 'OPTIONS is closed, with and without the headers of a preflight',
    severity: 'high',
    grounds: ['Cloudflare Access: bypass options requests to origin', 'catalogue PTH-14'],
    killedBy: ['edge.open-options'],
    why: 'A browser’s preflight carries no certificate, so it is often let through, for every path and with any body.',
    sends: 'OPTIONS, OPTIONS as a preflight, and OPTIONS with a body.',
    once: true,
    variants: (path) =>
      answered(
        { path, method: 'OPTIONS' },
        {
          path,
          method: 'OPTIONS',
          headers: [
            ['Origin', 'https://harness.invalid'],
            ['Access-Control-Request-Method', 'POST'],
          ],
        },
        { path: nowhere(), method: 'OPTIONS', body: Buffer.from('{}') },
      ),
  },
  {
    id: 'writing-methods',
    title: 'PUT, PATCH and DELETE are closed',
    severity: 'critical',
    grounds: ['catalogue PTH-15, CPA-05'],
    killedBy: ['edge.rule-misses-writing-methods', 'edge.rule-misses-writes-at-path', 'edge.open-below'],
    why: 'A rule limited to GET and POST leaves those open that change things.',
    sends:
      'PUT, PATCH and DELETE of the canary’s path; without a canary of a random path that no application has. DELETE of a random path below the first declared one, where a rule about that part of the site shows. What is protected is not written to: paths.declared-writes does that, on a host for staging.',
    writes: true,
    below: (path) => methods(path, 'DELETE'),
    variants: (path) => methods(path, 'PUT', 'PATCH', 'DELETE'),
  },
  {
    id: 'unusual-methods',
    title: 'unusual methods are closed',
    severity: 'high',
    grounds: ['RFC 9110 §9', 'CVE-2026-24733 (Tomcat)', 'catalogue PTH-15'],
    killedBy: ['edge.open-unusual-methods'],
    why: 'Frameworks route methods they do not know like GET.',
    sends:
      'PROPFIND, REPORT, TRACE, `get`, GETX and a method of 300 letters: of the canary’s path, else of a random one.',
    writes: true,
    variants: (path) => methods(path, 'PROPFIND', 'REPORT', 'TRACE', 'get', 'GETX', 'X'.repeat(300)),
  },
  {
    id: 'method-override',
    title: 'a header that names another method opens nothing',
    severity: 'high',
    grounds: ['CVE-2023-30845 (ESPv2)', 'catalogue PTH-16'],
    killedBy: ['edge.open-method-override'],
    why: 'A gateway that honours the header before it checks looks up the rule of another method.',
    sends: 'X-HTTP-Method-Override, X-Method-Override and X-HTTP-Method: OPTIONS.',
    once: true,
    variants: (path) =>
      ['X-HTTP-Method-Override', 'X-Method-Override', 'X-HTTP-Method'].map((name) => ({
        path,
        ...header(name, 'OPTIONS'),
      })),
  },
  {
    id: 'url-override',
    title: 'a header that names another path opens nothing',
    severity: 'high',
    grounds: ['CVE-2018-14773 (Symfony)', 'catalogue PTH-17'],
    killedBy: ['edge.open-url-override'],
    why: 'Where edge and application look at different ones, each sees the path that suits the client.',
    sends:
      'A protected path with X-Original-URL and X-Rewrite-URL naming a public one, and the other way round.',
    once: true,
    variants: (path) =>
      ['X-Original-URL', 'X-Rewrite-URL'].flatMap((name) => [
        { path, ...header(name, '/public') },
        { path: '/public', ...header(name, path), mayBeAnswered: true },
      ]),
  },
  {
    id: 'forwarded-uri',
    title: 'X-Forwarded-Uri, -Method and -Prefix open nothing',
    severity: 'high',
    profile: 'full',
    grounds: ['CVE-2026-40575 (oauth2-proxy)', 'CVE-2026-35051 (Traefik)', 'catalogue HDR-18'],
    killedBy: ['edge.open-forwarded-uri'],
    why: 'A forward-auth service decides by these headers. It must get the edge’s, never the client’s.',
    sends: 'The three headers with values of something public.',
    once: true,
    variants: (path) => [
      { path, ...header('X-Forwarded-Uri', '/favicon.ico') },
      { path, ...header('X-Forwarded-Method', 'OPTIONS') },
      { path, ...header('X-Forwarded-Prefix', '/public') },
    ],
  },
  {
    id: 'client-address',
    title: 'a claimed address opens nothing',
    severity: 'high',
    grounds: ['CVE-2022-31813 (httpd)', 'RFC 1918', 'RFC 4193', 'RFC 7239', 'catalogue HDR-17'],
    killedBy: ['edge.open-client-address', 'edge.open-private-address'],
    why: 'An exemption for the own network that believes the client is an exemption for everybody.',
    sends:
      'Addresses of this machine and of private networks (one each of 10/8, 172.16/12 and 192.168/16, ::1, fd00::/8) in every header that proxies and applications take an address from, all at once; the two that Cloudflare’s edge sets itself in requests of their own. Where that opens, one by one.',
    connections: 28,
    once: true,
    variants: (path) => ownNetwork.flatMap((address) => claimedAddresses(path, address)),
  },
  {
    id: 'claimed-certificate',
    title: 'headers that say a certificate was verified open nothing',
    severity: 'critical',
    grounds: ['RFC 9440 §4 (does not fail safe)', 'CVE-2026-30851 (Caddy)', 'catalogue HDR-03'],
    killedBy: [
      'edge.believes-claims',
      'edge.believes-underscores',
      'edge.believes-subject',
      'edge.believes-certificate',
    ],
    why: 'Whoever ends TLS in front tells the next one by such a header. If it believes the client’s own, anybody is verified. Removing the one name that is in use leaves the others, and the same name with underscores, which CGI and WSGI take for it. A certificate is public: who repeats it has not shown its key.',
    sends:
      'No certificate, and what nginx and its ingress, httpd, HAProxy, Envoy, Traefik, load balancers of AWS and Google, Azure, and the edge would say of the valid one (without one: of an admin): that it was verified, its subject, its fingerprints, itself as PEM and DER and as RFC 9440 has it. Many headers in a request, once with hyphens and once with underscores; where that opens, which one is found out.',
    connections: mostClaims + 12,
    once: true,
    variants: (path, { valid }) => claimedCertificates(path, valid),
  },
  {
    id: 'health-probe',
    title: 'user agents of probes and internal headers open nothing',
    severity: 'high',
    grounds: ['CVE-2026-34457 (oauth2-proxy)', 'CVE-2025-29927 (Next.js)', 'catalogue HDR-20'],
    killedBy: ['edge.open-health-probe', 'edge.open-monitors'],
    why: 'Anybody can write them.',
    sends:
      'User-Agent kube-probe, ELB-HealthChecker, GoogleHC, Prometheus, Googlebot, UptimeRobot, Pingdom, StatusCake, check_http, each alone, and one that names these and others; x-middleware-subrequest, X-Internal.',
    connections: 20,
    once: true,
    variants: (path) => [
      ...asMonitors(path),
      { path, ...header('x-middleware-subrequest', 'middleware:middleware:middleware') },
      { path, ...header('X-Internal', '1') },
    ],
  },
  {
    id: 'header-switches',
    title: 'headers that tell scripts, tokens and gRPC from other requests open nothing',
    severity: 'critical',
    grounds: [
      'RFC 6454 §7.2, RFC 9110 §10.1.3 and §11.6.2: the client says so',
      'nginx: $content_type, $http_… are what the client has sent',
    ],
    killedBy: [
      'edge.open-grpc',
      'edge.open-authorization',
      'edge.open-own-origin',
      'edge.open-sibling-referer',
      'edge.open-debug-cookie',
    ],
    why: 'gRPC that has its own rules, an API that has its own tokens, the own web site that calls it: each is exempted by a header that anybody can write, and what was exempted for another check is often not checked at all.',
    sends:
      'Origin and Referer of the hostname itself and of a sibling (a declared one, else www beside it), X-Requested-With, Accept: text/event-stream, cookies such as debug=1 and preview=1; Content-Type application/grpc and grpc-web; Authorization with a bearer token and a password that nobody has given out; X-Api-Key. Several in a request; where that opens, which one is found out.',
    connections: 20,
    once: true,
    variants: switched,
  },
  {
    id: 'websocket',
    title: 'a WebSocket upgrade is closed',
    severity: 'high',
    grounds: ['RFC 6455 §4.2.2', 'CVE-2026-2833 (Pingora)', 'catalogue PTH-21, MOD-13'],
    killedBy: ['edge.open-websocket', 'edge.websocket-tunnel'],
    why: 'Upgrades take another way through many proxies; behind the 101 nobody looks any more.',
    sends:
      'A WebSocket upgrade without a certificate, alone and with bytes right behind it. A 101 whose Sec-WebSocket-Accept answers our key is the tunnel, open; any other 101 decides nothing.',
    once: true,
    variants: (path) => [
      { path, headers: webSocketHeaders() },
      { path, headers: webSocketHeaders(), body: Buffer.from('GET /behind HTTP/1.1\r\nHost: x\r\n\r\n') },
    ],
  },
  {
    id: 'h2c',
    title: 'an upgrade to h2c is closed',
    severity: 'high',
    grounds: ['RFC 9113 §3.1', 'CVE-2026-88008 (Traefik)', 'CVE-2022-41721 (Go h2c)', 'catalogue HDR-15'],
    killedBy: ['edge.open-h2c'],
    why: 'A proxy that passes the upgrade on gives the client a tunnel to the origin: what is sent in it meets no rule and no cleaning of headers.',
    sends: 'Upgrade: h2c with HTTP2-Settings, without a certificate.',
    once: true,
    variants: (path) => [
      {
        path,
        headers: [
          ['Connection', 'Upgrade, HTTP2-Settings'],
          ['Upgrade', 'h2c'],
          ['HTTP2-Settings', 'AAMAAABkAAQAAP__'],
        ],
      },
    ],
  },
  {
    id: 'old-http',
    title: 'requests of other HTTP versions are closed',
    severity: 'high',
    grounds: ['RFC 9112 §2.3', 'CVE-2026-2835 (Pingora)', 'CVE-2026-24733 (Tomcat)', 'catalogue PTH-19'],
    killedBy: ['edge.open-http10'],
    why: 'HTTP/1.0 needs no Host, so servers choose a default site for it; parsers that do not know a version guess. Neither way passes the rules of the hostname.',
    sends: 'The protected path in HTTP/1.0, in HTTP/1.0 with Connection: keep-alive, and in HTTP/1.9.',
    once: true,
    variants: (path) => [
      { path, httpVersion: 'HTTP/1.0' },
      { path, httpVersion: 'HTTP/1.0', ...header('Connection', 'keep-alive') },
      { path, httpVersion: 'HTTP/1.9' },
    ],
  },
  {
    id: 'conditional',
    title: 'a conditional request is closed',
    severity: 'low',
    profile: 'full',
    grounds: ['RFC 9110 §13', 'catalogue PTH-22'],
    killedBy: ['edge.open-conditional'],
    why: 'A 304 from a cache tells that the object is there and whether it is the one the client means.',
    sends: 'If-None-Match and If-Modified-Since.',
    once: true,
    variants: (path) => [
      { path, ...header('If-None-Match', '*') },
      { path, ...header('If-Modified-Since', 'Thu, 01 Jan 2026 00:00:00 GMT') },
    ],
  },
]
