/**
 * How a path may be written, and paths that are often exempt, as data.
 * @module
 */
import { nowhere } from '../../harness/probe/nowhere.ts'
import { answered, each, type PathRow, type Row } from './row.ts'

const inserted = (path: string, part: string): string => path.replace(/\/([^/]*)$/, `/${part}$1`)
const hex = (char: string): string => `%${char.charCodeAt(0).toString(16)}`
const encodeFirst = (path: string): string => path.replace(/[a-z](?=[^/]*$)/i, hex)

/** How the path is written. */
export const spellings: readonly PathRow[] = [
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
    sends: 'The protected paths with /./ and with /x/../ in them, and with /./ in front.',
    variants: (path) => each(...new Set([inserted(path, './'), inserted(path, 'x/../'), `/.${path}`])),
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
    sends:
      'The protected paths with a letter of the last part percent-encoded, digits in lower and upper case, and with the first letter.',
    variants: (path) => {
      // A letter whose code has a letter in it, so that its case can differ.
      const letter = path.replace(/[j-oz](?=[^/]*$)/i, hex)
      const encoded = letter === path ? encodeFirst(path) : letter
      return each(
        ...new Set([
          encoded,
          encoded.replace(/%[0-9a-f]{2}/, (found) => found.toUpperCase()),
          // Rules by prefix look at the beginning.
          path.replace(/^(\/+)([a-z])/i, (_, slash: string, letter: string) => slash + hex(letter)),
        ]),
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
    sends: 'A random token below /.well-known/acme-challenge/, and something below that, by GET and by POST.',
    once: true,
    variants: () => {
      const path = `/.well-known/acme-challenge${nowhere()}`
      return answered({ path }, { path: `${path}/x` }, { path, method: 'POST' })
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
      answered(
        ...each('/.well-known/security.txt', '/.well-known/openid-configuration', `/.well-known${nowhere()}`),
      ),
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
    variants: () => answered(...each('/healthz', '/metrics', '/favicon.ico', '/api-docs')),
  },
  {
    id: 'edge-endpoints',
    title: 'endpoints of the edge itself hand out nothing protected',
    severity: 'high',
    grounds: [
      'Cloudflare: /cdn-cgi/ is the edge’s own (image resizing fetches on behalf of the client)',
      'catalogue PTH-12',
    ],
    killedBy: ['edge.open-edge-endpoints'],
    why: 'Edges reserve paths for themselves, and rules of operators leave them out. What is fetched or passed on through them comes past everything else.',
    sends:
      'Below /cdn-cgi/: a protected path as the source of a resized image, and a name that is none of the edge’s.',
    once: true,
    variants: (path) => answered(...each(`/cdn-cgi/image/width=8${path}`, `/cdn-cgi${nowhere()}`)),
  },
]
