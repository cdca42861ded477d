/**
 * Ways to write or dress a request that rules written for the plain one may miss, as data.
 * @module
 */
import type { CheckMeta } from '../../fixtures/catalogue.ts'
import { nowhere, type Variant } from './closed.ts'

/** One check. */
export interface Row extends Pick<CheckMeta, 'title' | 'grounds' | 'killedBy' | 'why' | 'sends'> {
  id: string
  severity?: CheckMeta['severity']
  profile?: CheckMeta['profile']
  /** From a path that is protected. */
  variants: (path: string) => Variant[]
  /** The path does not matter: one is enough. */
  once?: true
}

const each = (...paths: string[]): Variant[] => paths.map((path) => ({ path }))
const inserted = (path: string, part: string): string => path.replace(/\/([^/]*)$/, `/${part}$1`)
const hex = (char: string): string => `%${char.charCodeAt(0).toString(16)}`
const encodeFirst = (path: string): string => path.replace(/[a-z](?=[^/]*$)/i, hex)
const header = (name: string, value: string): Pick<Variant, 'headers'> => ({ headers: [[name, value]] })

/** How the path is written. */
export const spellings: readonly Row[] = [
  {
    id: 'trailing-slash',
    title: 'a slash behind a protected path is the same closed door',
    severity: 'critical',
    profile: 'quick',
    grounds: ['catalogue PTH-01', 'Cloudflare: rules compare http.request.uri.path exactly'],
    killedBy: ['edge.rule-misses-trailing-slash'],
    why: 'A rule that names a path exactly is missed by the same path with a slash, which applications take for the same.',
    sends: 'The protected paths with / and // behind them.',
    variants: (path) => each(`${path}/`),
  },
  {
    id: 'below',
    title: 'what stands below a protected path is closed too',
    severity: 'critical',
    profile: 'quick',
    grounds: ['catalogue PTH-01', 'Cloudflare API Shield example: path in {"/admin"}'],
    killedBy: ['edge.open-below', 'edge.open-suffix'],
    why: 'The documented example of a rule names one path. /admin is then closed, and /admin/users stands open.',
    sends: 'The protected paths with /x and with .json behind them.',
    variants: (path) => each(`${path}/x`, `${path}.json`),
  },
  {
    id: 'parent',
    title: 'the folder above a protected path is closed too',
    severity: 'critical',
    profile: 'quick',
    grounds: ['catalogue PTH-02', 'Cloudflare Access application paths: /alpha/* does not cover /alpha'],
    killedBy: ['edge.open-parent'],
    why: 'A wildcard covers what is below, not the folder itself.',
    sends: 'Each folder above the protected paths, without its slash.',
    variants: (path) => {
      const parent = path.slice(0, path.lastIndexOf('/'))
      return each(parent === '' ? '/' : parent)
    },
  },
  {
    id: 'dot-segments',
    title: '/./ and /../ in a path are the same closed door',
    severity: 'critical',
    grounds: ['RFC 3986 §5.2.4', 'CVE-2025-47952 and CVE-2025-66490 (Traefik)', 'catalogue PTH-03'],
    killedBy: ['edge.rule-misses-dot-segment'],
    why: 'Edge and origin have to agree on what is left when dots are taken out. Where only the origin takes them out, the rule looked at another path.',
    sends: 'The protected paths with /./ and with /x/../ in them.',
    variants: (path) => each(inserted(path, './'), inserted(path, 'x/../')),
  },
  {
    id: 'encoded-dots',
    title: 'encoded dot segments are the same closed door',
    severity: 'critical',
    grounds: ['RFC 3986 §6.2.2', 'CVE-2026-33494 (Oathkeeper)', 'catalogue PTH-03'],
    killedBy: ['edge.rule-misses-encoded-path'],
    why: '%2e is a dot. Whoever decodes after the rule has looked decodes too late.',
    sends: 'The protected paths with /%2e/, /x/%2e%2e/ and /x/.%2e/ in them.',
    variants: (path) => each(...['%2e/', 'x/%2e%2e/', 'x/.%2e/'].map((part) => inserted(path, part))),
  },
  {
    id: 'double-encoding',
    title: 'a path encoded twice is the same closed door',
    severity: 'critical',
    grounds: ['GO-2026-4950 (fasthttp)', 'catalogue PTH-03'],
    killedBy: ['edge.open-double-encoding'],
    why: 'A proxy decodes once, the application once more.',
    sends: 'The protected paths with %252e and a letter encoded twice.',
    variants: (path) => each(inserted(path, '%252e/'), encodeFirst(path).replace('%', '%25')),
  },
  {
    id: 'double-slash',
    title: 'several slashes in a row are the same closed door',
    severity: 'critical',
    grounds: ['CVE-2026-40912 (Traefik)', 'catalogue PTH-04'],
    killedBy: ['edge.rule-misses-double-slash'],
    why: 'Many servers merge slashes when they look for a file, few rules do.',
    sends: 'The protected paths with // and /// in them.',
    variants: (path) => each(`/${path}`, inserted(path, '//')),
  },
  {
    id: 'encoded-slash',
    title: 'encoded slashes and backslashes are the same closed door',
    severity: 'critical',
    grounds: ['CVE-2026-48020 and CVE-2026-65600 (Traefik)', 'catalogue PTH-04'],
    killedBy: ['edge.open-encoded-slash'],
    why: 'For the rule it is one segment, for the application it is two.',
    sends: 'The protected paths with %2f, %5c and \\ for a slash.',
    variants: (path) => ['%2f', '%5c', '\\'].flatMap((slash) => each(`/${slash}${path.slice(1)}`)),
  },
  {
    id: 'case',
    title: 'a path in another case is the same closed door',
    severity: 'high',
    grounds: ['CVE-2026-27587 (Caddy)', 'catalogue PTH-05'],
    killedBy: ['edge.rule-misses-upper-case-path'],
    why: 'Rules compare byte by byte; file systems and frameworks often do not.',
    sends: 'The protected paths in upper case.',
    variants: (path) => each(path.toUpperCase()),
  },
  {
    id: 'encoded-letters',
    title: 'a path with encoded letters is the same closed door',
    severity: 'high',
    grounds: ['RFC 3986 §6.2.2.2', 'catalogue PTH-05'],
    killedBy: ['edge.rule-misses-encoded-path'],
    why: '%61 is an a, in either case of the digits.',
    sends: 'The protected paths with one letter percent-encoded, digits in lower and upper case.',
    variants: (path) => {
      const encoded = encodeFirst(path)
      return each(
        encoded,
        encoded.replace(/%[0-9a-f]{2}/, (found) => found.toUpperCase()),
      )
    },
  },
  {
    id: 'path-parameters',
    title: 'path parameters are the same closed door',
    severity: 'high',
    grounds: ['RFC 3986 §3.3', 'catalogue PTH-06'],
    killedBy: ['edge.open-path-parameter'],
    why: 'Servlet containers cut `;…` off before they route, and read `/..;/` as one folder up.',
    sends: 'The protected paths with ;jsessionid=x behind them and with /..;/ in them.',
    variants: (path) => each(`${path};jsessionid=x`, inserted(path, 'x/..;/')),
  },
  {
    id: 'path-tail',
    title: 'control characters and blanks behind a path are the same closed door',
    severity: 'high',
    grounds: ['CVE-2023-47106 (Traefik)', 'CVE-2026-41059 (oauth2-proxy)', 'catalogue PTH-07'],
    killedBy: ['edge.open-path-tail'],
    why: 'What one parser cuts off, the other compares.',
    sends: 'The protected path with %00, %0a, %20 and %23 behind it.',
    once: true,
    variants: (path) => each(...['%00', '%0a', '%20', '%23'].map((tail) => `${path}${tail}`)),
  },
  {
    id: 'overlong',
    title: 'overlong and full-width characters are the same closed door',
    severity: 'medium',
    profile: 'full',
    grounds: ['RFC 3629 §10', 'CVE-2026-45135 (Caddy)', 'catalogue PTH-09'],
    killedBy: ['edge.open-overlong'],
    why: 'A lenient decoder makes a slash or a dot of them.',
    sends: 'The protected path with %c0%af and with a full-width slash for its first slash.',
    once: true,
    variants: (path) => each(`/%c0%af${path.slice(1)}`, `/%ef%bc%8f${path.slice(1)}`),
  },
  {
    id: 'query-decoy',
    title: 'a query does not open a protected path',
    severity: 'high',
    profile: 'full',
    grounds: ['CVE-2025-54576 (oauth2-proxy)', 'catalogue PTH-10'],
    killedBy: ['edge.open-query'],
    why: 'An exemption that is matched against the whole URL can be written into the query by anybody.',
    sends: 'A protected path with exempt paths in its query.',
    once: true,
    variants: (path) => [
      { path, query: 'x=/.well-known/acme-challenge/x' },
      { path, query: 'skip=1&next=/.well-known/acme-challenge/' },
    ],
  },
]

/** Paths that are often exempt. */
export const exemptions: readonly Row[] = [
  {
    id: 'acme-challenge',
    title: '/.well-known/acme-challenge/ is closed like everything else',
    severity: 'critical',
    profile: 'quick',
    grounds: ['Cloudflare incident of January 2026 (ACME validation logic)', 'catalogue PTH-11'],
    killedBy: ['edge.open-acme-challenge'],
    why: 'Edges treat this path specially, to answer certificate authorities. Where it is passed on for any token, the origin can be reached through it, and many frameworks answer other things there.',
    sends: 'GET and HEAD of a random token below /.well-known/acme-challenge/.',
    once: true,
    variants: () => {
      const path = `/.well-known/acme-challenge${nowhere()}`
      return [{ path }, { path, method: 'HEAD' }]
    },
  },
  {
    id: 'well-known',
    title: '/.well-known/ is closed like everything else',
    severity: 'high',
    grounds: ['RFC 8615', 'catalogue PTH-11'],
    killedBy: ['edge.open-well-known'],
    why: 'A bypass for /.well-known is a documented pattern; what an application answers there is often more than meant.',
    sends: 'security.txt, openid-configuration and a random name below /.well-known/.',
    once: true,
    variants: () =>
      each('/.well-known/security.txt', '/.well-known/openid-configuration', `/.well-known${nowhere()}`),
  },
  {
    id: 'health',
    title: 'paths of health checks, metrics and static files are closed',
    severity: 'high',
    grounds: ['CVE-2025-54576 (oauth2-proxy)', 'catalogue PTH-13'],
    killedBy: ['edge.open-health'],
    why: 'Exempted for a monitor and forgotten, they tell versions, routes and secrets, or take part in an attack on what is exempted by prefix.',
    sends: '/healthz, /metrics, /favicon.ico, /api-docs.',
    once: true,
    variants: () => each('/healthz', '/metrics', '/favicon.ico', '/api-docs'),
  },
]

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
    variants: (path) => [
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
    ],
  },
  {
    id: 'writing-methods',
    title: 'PUT, PATCH and DELETE are closed',
    severity: 'critical',
    grounds: ['catalogue PTH-15, CPA-05'],
    killedBy: ['edge.rule-misses-writing-methods'],
    why: 'A rule limited to GET and POST leaves those open that change things.',
    sends: 'PUT, PATCH and DELETE of a random path that no application has.',
    once: true,
    variants: () => methods(nowhere(), 'PUT', 'PATCH', 'DELETE'),
  },
  {
    id: 'unusual-methods',
    title: 'unusual methods are closed',
    severity: 'high',
    grounds: ['RFC 9110 §9', 'CVE-2026-24733 (Tomcat)', 'catalogue PTH-15'],
    killedBy: ['edge.open-unusual-methods'],
    why: 'Frameworks route methods they do not know like GET.',
    sends: 'PROPFIND, REPORT, TRACE and `get` of a random path.',
    once: true,
    variants: () => methods(nowhere(), 'PROPFIND', 'REPORT', 'TRACE', 'get'),
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
        { path: '/public', ...header(name, path) },
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
    grounds: ['CVE-2022-31813 (httpd)', 'catalogue HDR-17'],
    killedBy: ['edge.open-client-address'],
    why: 'An exemption for the own network that believes the client is an exemption for everybody.',
    sends: 'X-Forwarded-For, True-Client-IP, CF-Connecting-IP and Forwarded with 127.0.0.1.',
    once: true,
    variants: (path) => [
      ...['X-Forwarded-For', 'True-Client-IP', 'CF-Connecting-IP'].map((name) => ({
        path,
        ...header(name, '127.0.0.1'),
      })),
      { path, ...header('Forwarded', 'for=127.0.0.1;proto=https') },
    ],
  },
  {
    id: 'health-probe',
    title: 'user agents of probes and internal headers open nothing',
    severity: 'high',
    grounds: ['CVE-2026-34457 (oauth2-proxy)', 'CVE-2025-29927 (Next.js)', 'catalogue HDR-20'],
    killedBy: ['edge.open-health-probe'],
    why: 'Anybody can write them.',
    sends: 'User-Agent kube-probe and ELB-HealthChecker, x-middleware-subrequest, X-Internal.',
    once: true,
    variants: (path) => [
      { path, ...header('User-Agent', 'kube-probe/1.31') },
      { path, ...header('User-Agent', 'ELB-HealthChecker/2.0') },
      { path, ...header('x-middleware-subrequest', 'middleware:middleware:middleware') },
      { path, ...header('X-Internal', '1') },
    ],
  },
  {
    id: 'websocket',
    title: 'a WebSocket upgrade is closed',
    severity: 'high',
    grounds: ['RFC 6455 §4.1', 'CVE-2026-2833 (Pingora)', 'catalogue PTH-21'],
    killedBy: ['edge.open-websocket'],
    why: 'Upgrades take another way through many proxies; behind the 101 nobody looks any more.',
    sends: 'A WebSocket upgrade without a certificate, alone and with bytes right behind it.',
    once: true,
    variants: (path) => {
      const headers: [string, string][] = [
        ['Connection', 'Upgrade'],
        ['Upgrade', 'websocket'],
        ['Sec-WebSocket-Version', '13'],
        ['Sec-WebSocket-Key', 'aGFybmVzcyBoYXJuZXNzIQ=='],
      ]
      return [
        { path, headers },
        { path, headers, body: Buffer.from('GET /behind HTTP/1.1\r\nHost: x\r\n\r\n') },
      ]
    },
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
