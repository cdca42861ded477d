/**
 * Headers by which rules tell some requests from others, and which anybody can write; several in a request, as data.
 * @module
 */
import type { Site, Variant } from './closed.ts'

type Header = [name: string, value: string]

/** Monitors and robots that rules let through, as they call themselves (their manuals; some version each). */
const monitors: readonly string[] = [
  'kube-probe/1.31',
  'ELB-HealthChecker/2.0',
  'GoogleHC/1.0',
  'Prometheus/2.53.0',
  'Googlebot/2.1',
  'UptimeRobot/2.0',
  'Pingdom.com_bot_version_1.4',
  'StatusCake',
  'check_http/v2.4 (monitoring-plugins 2.4)',
]

/** Of these and others, for rules that look for a part. */
const everyMonitor = `Mozilla/5.0 (compatible; ${monitors.join('; ')}; Site24x7; Better Uptime Bot; Datadog/Synthetics; Amazon-Route53-Health-Check-Service; HAProxy; Zabbix; bingbot/2.0)`

/** Requests that call themselves a monitor's: one by one, as rules may compare the beginning or the whole, and all at once. */
export const asMonitors = (path: string): Variant[] =>
  [...monitors, everyMonitor].map((agent) => ({ path, headers: [['User-Agent', agent]] }))

/** Requests from a page of a site. */
const fromSite = (origin: string): Header[] => [
  ['Origin', origin],
  ['Referer', `${origin}/`],
]

/** Signs of nobody: what is looked at is whether there are any. */
const basic = Buffer.from('harness:harness').toString('base64')

/** Sets of switches. What may be refused for itself (credentials, gRPC) stands apart, so that it hides nothing. */
const sets = ({ hostname, sibling }: Site): readonly (readonly [as: string, headers: Header[]])[] => [
  [
    'as a script of its own site',
    [
      ...fromSite(`https://${hostname}`),
      ['X-Requested-With', 'XMLHttpRequest'],
      ['Accept', 'text/event-stream'],
      ['Sec-Fetch-Site', 'same-origin'],
      ['Cookie', 'debug=1; preview=1; test=1; admin=1; beta=1'],
    ],
  ],
  [
    'as a script of another site of ours',
    [
      ...fromSite(`https://${sibling}`),
      ['Accept', 'application/json'],
      ['Sec-Fetch-Site', 'same-site'],
      ['X-Debug', '1'],
      ['X-Preview', '1'],
    ],
  ],
  [
    'as gRPC',
    [
      ['Content-Type', 'application/grpc'],
      ['TE', 'trailers'],
    ],
  ],
  ['as gRPC of a browser', [['Content-Type', 'application/grpc-web+proto']]],
  ['with a bearer token', [['Authorization', 'Bearer harness']]],
  ['with a password', [['Authorization', `Basic ${basic}`]]],
  [
    'with an API key',
    [
      ['X-Api-Key', 'harness'],
      ['X-Auth-Token', 'harness'],
    ],
  ],
]

/** One request for each set. */
export const switched = (path: string, site: Site): Variant[] =>
  sets(site).map(([together, headers]) => ({ path, headers, together }))
