/**
 * Traps of nginx that a request opens by its path, its method, its headers or its form. Lines as in `nginx.ts`.
 * @module
 */
import { answer, ask, conditional, everywhere, good, refuse } from './nginx-lines.ts'
import type { Place, Trap } from './trap.ts'

const common = { server: 'nginx', good } as const

/** Pictures in a location of their own, with the same application behind it. */
const pictures = (place: Place, rule: string): string =>
  `${ask('optional', place)} location / { ${refuse} ${answer} } location ~* [.](png|css|js)$ { ${rule} ${answer} }`

/** Everything is rewritten to one script, behind the rule. */
const behindRewrite = (place: Place, only: string): string =>
  `${ask('optional', place)} location / { ${refuse} rewrite ^ /index.php$uri last; } location ~ [.]php(/|$) { ${only} ${answer} }`

/** Files of the server's own folder behind the rule, and a folder in it (one of its temporary ones) that is public. */
const aliased = (place: Place, location: string): string =>
  `${ask('optional', place)} root ${place.dir}; location / { ${refuse} } location = / { ${refuse} ${answer} } location ${location} { alias ${place.dir}/proxy/; }`

/** A certificate is required, and the page for some errors is the application's. */
const pagesOf = (place: Place, statuses: string): string =>
  `${ask('on', place)} error_page ${statuses} = /index.php; location / { try_files /none /index.php; } location = /index.php { ${answer} }`

/** The next server refuses by a header, in which this one tells the result of the verification, where it is a good one. */
const toldTheNext = (place: Place, how: string): string =>
  `${ask('optional', place)} ${how} location / { proxy_set_header X-SSL-Client-Verify $told; proxy_pass http://127.0.0.1:${place.otherPort}; }
===
map $ssl_client_verify $told { default ""; SUCCESS SUCCESS; }
server { listen 127.0.0.1:${place.otherPort}; underscores_in_headers on; if ($http_x_ssl_client_verify != SUCCESS) { return 403; } ${everywhere} }`

/** Every one. */
export const nginxRequestTraps: readonly Trap[] = [
  {
    ...common,
    id: 'one-path',
    wrong: 'the certificate is required for / only, as an exact match',
    bad: (place) => `${ask('optional', place)} location = / { ${refuse} ${answer} } ${everywhere}`,
    finds: ['client-cert.declared-requests'],
    outside: 'found',
  },
  {
    ...common,
    id: 'trailing-slash',
    wrong: 'exact locations are closed, the same path with a slash behind it is not',
    bad: (place) =>
      `${ask('optional', place)} location = / { ${refuse} ${answer} } location = /api/status { ${refuse} ${answer} } ${everywhere}`,
    finds: ['paths.trailing-slash'],
    outside: 'found',
  },
  {
    ...common,
    id: 'one-method',
    wrong: 'the rule is about GET',
    bad: conditional('$request_method = GET'),
    finds: ['paths.writing-methods', 'mode.refusal-head'],
    outside: 'found',
  },
  {
    ...common,
    id: 'web-hook',
    wrong: 'POST of one path is let through for web hooks, and changes things',
    bad: (place) =>
      `set $asked "$request_method $uri"; ${conditional('$asked != "POST /api/status"')(place)}`,
    finds: ['paths.declared-writes'],
    outside: 'hidden',
    staging: true,
  },
  {
    ...common,
    id: 'head-open',
    wrong: 'HEAD is let through, as health probes use it',
    bad: conditional('$request_method != HEAD'),
    finds: ['paths.unusual-methods', 'paths.writing-methods', 'mode.refusal-head'],
    outside: 'found',
  },
  {
    ...common,
    id: 'options-open',
    wrong: 'OPTIONS is let through for CORS, to the application',
    bad: conditional('$request_method != OPTIONS'),
    finds: ['paths.options'],
    outside: 'hidden',
  },
  {
    ...common,
    id: 'acme-open',
    wrong: 'the path of ACME challenges is exempt and leads to the application',
    bad: (place) =>
      `${ask('optional', place)} location /.well-known/acme-challenge/ { ${answer} } location / { ${refuse} ${answer} }`,
    finds: ['paths.acme-challenge'],
    outside: 'hidden',
  },
  {
    ...common,
    id: 'raw-path',
    wrong: 'the rule looks at the path as it was sent, the application at the decoded one',
    bad: conditional('$request_uri ~ "^/(api/status)?(\\?|$)"'),
    finds: ['paths.encoded-letters', 'paths.double-slash', 'paths.dot-segments'],
    outside: 'found',
  },
  {
    ...common,
    id: 'static-query',
    wrong: 'what ends like a static file is exempt, and the target is looked at with its query',
    bad: conditional('$request_uri !~* "[.](css|js|png)$"'),
    good: conditional('$uri !~* "^/static/.+[.](css|js|png)$"'),
    finds: ['paths.static-names'],
    outside: 'found',
  },
  {
    ...common,
    id: 'static-location',
    wrong: 'pictures have a location of their own, without the rule and with the same application behind it',
    bad: (place) => pictures(place, ''),
    good: (place) => pictures(place, refuse),
    finds: ['paths.static-names'],
    outside: 'found',
  },
  {
    ...common,
    id: 'script-behind-rewrite',
    wrong: 'the rule stands before the rewrite to the script, which can be named',
    bad: (place) => behindRewrite(place, ''),
    good: (place) => behindRewrite(place, 'internal;'),
    finds: ['paths.script-names'],
    outside: 'found',
  },
  {
    ...common,
    id: 'alias-traversal',
    wrong:
      'a location without a slash at its end, and an alias with one: two dots lead up to the protected files',
    bad: (place) => aliased(place, '/static'),
    good: (place) => aliased(place, '/static/'),
    finds: ['paths.static-folders'],
    outside: 'hidden',
    declares: () => ({
      requests: [
        { path: '/nginx.conf', method: 'GET', allowed: { status: 200, bodyContains: 'worker_processes' } },
      ],
    }),
  },
  {
    ...common,
    id: 'http2-open',
    wrong: 'the rule holds for HTTP/1 only',
    bad: conditional('$server_protocol != HTTP/2.0'),
    finds: ['client-cert.none-http2'],
    outside: 'found',
  },
  {
    ...common,
    id: 'client-address',
    wrong: 'an address that the client claims is taken for the own network',
    bad: conditional('$http_x_forwarded_for != 127.0.0.1'),
    finds: ['paths.client-address'],
    outside: 'found',
  },
  {
    ...common,
    id: 'private-address',
    wrong: 'an address of a private network that the client claims is taken for one',
    bad: conditional('$http_x_real_ip !~ "^10[.]"'),
    finds: ['paths.client-address'],
    outside: 'found',
  },
  {
    ...common,
    id: 'grpc-open',
    wrong: 'gRPC is exempt because it has tokens of its own, and a header says what is gRPC',
    bad: conditional('$content_type !~ "^application/grpc"'),
    finds: ['paths.header-switches'],
    outside: 'found',
  },
  {
    ...common,
    id: 'claim-with-underscores',
    wrong: 'the header that tells a verified certificate is replaced, the same with underscores is passed on',
    bad: (place) => toldTheNext(place, 'underscores_in_headers on;'),
    good: (place) => toldTheNext(place, ''),
    finds: ['paths.claimed-certificate'],
    outside: 'found',
  },
  {
    ...common,
    id: 'claimed-certificate',
    wrong: 'a certificate in Client-Cert is taken for one whose key was shown',
    bad: conditional('$http_client_cert !~ "^:MI"'),
    finds: ['paths.claimed-certificate'],
    outside: 'hidden',
  },
  {
    ...common,
    id: 'bad-request-to-application',
    wrong:
      'the page for 400 is asked of the application: whoever sends what cannot be read gets it without a certificate',
    bad: (place) => pagesOf(place, '400 404 414'),
    good: (place) => pagesOf(place, '404'),
    finds: ['paths.malformed'],
    outside: 'found',
  },
  {
    ...common,
    id: 'absolute-host',
    wrong: 'the rule is about the Host field, which a target with a hostname in it overrides',
    bad: conditional('$http_host ~* "^mtls[.]test[.]?(:[0-9]+)?$"'),
    finds: ['paths.absolute-form'],
    outside: 'hidden',
  },
]
