/**
 * Traps of nginx. Lines go into the server block; what follows a line `===` stands beside it, in the http block.
 * @module
 */
import { page, sibling } from '../../../fixtures/servers/types.ts'
import { oneName, type Place, type Trap } from './trap.ts'

const answer = `default_type text/plain; return 200 "${page}\\n";`
const everywhere = `location / { ${answer} }`
const ask = (how: string, { ca }: Place, file = ca): string =>
  `ssl_verify_client ${how}; ssl_client_certificate ${file};`
const good = (place: Place): string => `${ask('on', place)} ${everywhere}`
const refuse = 'if ($ssl_client_verify != SUCCESS) { return 403; }'
const refuseNobody = 'if ($ssl_client_verify = NONE) { return 403; }'
/** Some certificate has to be there, whoever signed it. */
const presence = (place: Place): string => `${ask('optional_no_ca', place)} ${refuseNobody} ${everywhere}`
const unlessValid = (what: string): string => `if ($ssl_client_verify != SUCCESS) { ${what} }`
const toLogin = 'return 302 /login;'
const login = `location = /login { default_type text/html; return 200 "<form>Log in</form>"; } location / { ${answer} }`
const softText = '<h1>A client certificate is required</h1>'
const soft = `return 200 "${softText}";`
const server = ({ serverCert, serverKey }: Place, listen: string, body: string, name = 'mtls.test'): string =>
  `server { listen ${listen}; server_name ${name}; ssl_certificate ${serverCert}; ssl_certificate_key ${serverKey}; ${body} }`

const publicBlock = (place: Place): string =>
  server(
    place,
    `127.0.0.1:${place.port} ssl`,
    'location / { default_type text/plain; return 200 "public"; }',
    sibling,
  )
const byAddress = (place: Place, body: string): string =>
  server(place, `127.0.0.1:${place.port} ssl`, body, '127.0.0.1 localhost')

/** Turned away without a certificate only where every condition holds. */
const refuseOnlyIf = (condition: string): string =>
  `set $closed ""; if (${condition}) { set $closed A; } if ($ssl_client_verify != SUCCESS) { set $closed "\${closed}B"; } if ($closed = AB) { return 403; }`
const conditional = (condition: string) => (place: Place) =>
  `${ask('optional', place)} ${refuseOnlyIf(condition)} ${everywhere}`

const unlessSubject = (pattern: string) => (place: Place) =>
  `${ask('on', place)} if ($ssl_client_s_dn !~ "${pattern}") { return 403; } ${everywhere}`
/** A map compares plain strings without case. */
const unlessMapped = (subject: string) => (place: Place) =>
  `${ask('on', place)} if ($named = 0) { return 403; } ${everywhere}\n===\nmap $ssl_client_s_dn $named { default 0; "${subject}" 1; }`
const named = {
  declares: oneName,
  outside: 'hidden',
  good: unlessMapped('~^CN=sensor-001,O=mtls[.]test$'),
} as const

const common = { server: 'nginx', good } as const

/** The application beside it, on a port of its own; its pages are by path, and tell who asks. */
const application = ({ otherPort }: Place): string =>
  `server { listen 127.0.0.1:${otherPort}; location = / { return 200 '${appPage}'; } location = /api/status { return 200 '${appPage}'; } location / { return 404 '{"error":"no such thing"}'; } }`
const appPage = `{"say":"${page}","orders":[{"id":1,"total":19.9},{"id":2,"total":7.5}],"you":"$http_x_client"}`

/** Refused by a rule, with error pages of the application: for which statuses is the question. */
const errorPages = (rule: string) => (place: Place) => {
  const toApp = `proxy_pass http://127.0.0.1:${place.otherPort};`
  return `${ask('optional', place)} ${rule} location @errors { ${toApp} } location / { ${unlessValid('return 403;')} ${toApp} proxy_set_header X-Client $ssl_client_s_dn; }\n===\n${application(place)}`
}

/** The next server refuses by a header, in which this one tells the result of the verification, where it is a good one. */
const toldTheNext = (place: Place, how: string): string =>
  `${ask('optional', place)} ${how} location / { proxy_set_header X-SSL-Client-Verify $told; proxy_pass http://127.0.0.1:${place.otherPort}; }
===
map $ssl_client_verify $told { default ""; SUCCESS SUCCESS; }
server { listen 127.0.0.1:${place.otherPort}; underscores_in_headers on; if ($http_x_ssl_client_verify != SUCCESS) { return 403; } ${everywhere} }`

/** A certificate is required, and the page for some errors is the application's. */
const pagesOf = (place: Place, statuses: string): string =>
  `${ask('on', place)} error_page ${statuses} = /index.php; location / { try_files /none /index.php; } location = /index.php { ${answer} }`

/** Pictures in a location of their own, with the same application behind it. */
const pictures = (place: Place, rule: string): string =>
  `${ask('optional', place)} location / { ${refuse} ${answer} } location ~* [.](png|css|js)$ { ${rule} ${answer} }`

/** Everything is rewritten to one script, behind the rule. */
const behindRewrite = (place: Place, only: string): string =>
  `${ask('optional', place)} location / { ${refuse} rewrite ^ /index.php$uri last; } location ~ [.]php(/|$) { ${only} ${answer} }`

/** Files of the server's own folder behind the rule, and a folder in it (one of its temporary ones) that is public. */
const aliased = (place: Place, location: string): string =>
  `${ask('optional', place)} root ${place.dir}; location / { ${refuse} } location = / { ${refuse} ${answer} } location ${location} { alias ${place.dir}/proxy/; }`

/** Every one. */
export const nginxTraps: readonly Trap[] = [
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
    id: 'error-page-of-application',
    wrong:
      'the page for 403 is asked of the application, which answers as ever: the data under another status',
    bad: errorPages('error_page 403 404 502 @errors; error_page 495 496 =403 @errors;'),
    good: errorPages('error_page 404 502 @errors;'),
    finds: ['client-cert.none'],
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
  {
    ...common,
    id: 'revoked',
    wrong: 'a CRL is published and nobody reads it',
    bad: good,
    good: (place) => `${good(place)} ssl_crl ${place.crl};`,
    finds: ['client-cert.revoked'],
    outside: 'hidden',
    declares: ({ crl }) => ({ crl }),
  },
  {
    ...common,
    id: 'public-bundle',
    wrong: 'the CA file is the bundle of public CAs with the own one added',
    bad: (place) => `${ask('on', place, place.bundle)} ssl_verify_depth 3; ${everywhere}`,
    finds: ['tls.ca-names'],
    outside: 'hidden',
  },
  {
    ...common,
    id: 'plain-port',
    wrong: 'the application answers on a port without TLS',
    bad: (place) =>
      `${good(place)}\n===\nserver { listen 127.0.0.1:${place.otherPort}; server_name mtls.test; ${everywhere} }`,
    good: (place) =>
      `${good(place)}\n===\nserver { listen 127.0.0.1:${place.otherPort}; server_name mtls.test; return 301 https://$host$request_uri; }`,
    finds: ['reach.plain-port'],
    outside: 'hidden',
    declares: ({ otherPort }) => ({ ports: { plain: [otherPort] } }),
  },
  {
    ...common,
    id: 'tls-port',
    wrong: 'a second TLS port asks nobody for a certificate',
    bad: (place) => `${good(place)}\n===\n${server(place, `127.0.0.1:${place.otherPort} ssl`, everywhere)}`,
    good: (place) => `${good(place)}\n===\n${server(place, `127.0.0.1:${place.otherPort} ssl`, good(place))}`,
    finds: ['reach.tls-ports'],
    outside: 'hidden',
    declares: ({ otherPort }) => ({ ports: { tls: [otherPort] } }),
  },
  {
    ...common,
    id: 'second-address',
    wrong: 'the second address of the name asks nobody for a certificate',
    bad: (place) => `${good(place)}\n===\n${server(place, `127.0.0.2:${place.port} ssl`, everywhere)}`,
    good: (place) => `${good(place)}\n===\n${server(place, `127.0.0.2:${place.port} ssl`, good(place))}`,
    finds: ['client-cert.none'],
    outside: 'found',
    addresses: ['127.0.0.1', '127.0.0.2'],
  },
  {
    ...common,
    id: 'second-family',
    wrong: 'the IPv6 address of the name asks nobody for a certificate',
    bad: (place) => `${good(place)}\n===\n${server(place, `[::1]:${place.port} ssl`, everywhere)}`,
    good: (place) => `${good(place)}\n===\n${server(place, `[::1]:${place.port} ssl`, good(place))}`,
    finds: ['client-cert.none'],
    outside: 'found',
    addresses: ['127.0.0.1', '::1'],
  },
  {
    ...common,
    id: 'login-for-presence',
    wrong: 'who brings no certificate is sent to log in, and any certificate will do',
    bad: (place) => `${ask('optional_no_ca', place)} if ($ssl_client_verify = NONE) { ${toLogin} } ${login}`,
    good: (place) =>
      `${ask('optional', place)} ${login.replace('location / {', `location / { ${unlessValid(toLogin)}`)}`,
    finds: ['client-cert.self-signed', 'client-cert.unknown-ca'],
    outside: 'found',
  },
  {
    ...common,
    id: 'not-found-for-presence',
    wrong: 'refused as if nothing were there, and any certificate will do',
    bad: (place) =>
      `${ask('optional_no_ca', place)} if ($ssl_client_verify = NONE) { return 404; } ${everywhere}`,
    good: (place) => `${ask('optional', place)} ${unlessValid('return 404;')} ${everywhere}`,
    finds: ['client-cert.self-signed', 'client-cert.unknown-ca'],
    outside: 'found',
  },
  {
    ...common,
    id: 'presence-at-path',
    wrong: 'any certificate will do for the server, and it is verified in one location',
    bad: (place) =>
      `${ask('optional_no_ca', place)} ${refuseNobody} location = / { ${refuse} ${answer} } ${everywhere}`,
    finds: ['client-cert.bad-requests'],
    outside: 'found',
  },
  {
    ...common,
    id: 'presence-at-default-server',
    wrong: 'any certificate will do at the default server, which has the application for unknown names too',
    bad: (place) =>
      `${good(place)}\n===\n${server(place, `127.0.0.1:${place.port} ssl default_server`, presence(place)).replace('mtls.test', '_')}`,
    good: (place) =>
      `${good(place)}\n===\n${server(place, `127.0.0.1:${place.port} ssl default_server`, good(place)).replace('mtls.test', '_')}`,
    finds: ['client-cert.bad-names'],
    outside: 'hidden',
  },
  {
    ...common,
    id: 'presence-on-port',
    wrong: 'any certificate will do on a second TLS port',
    bad: (place) =>
      `${good(place)}\n===\n${server(place, `127.0.0.1:${place.otherPort} ssl`, presence(place))}`,
    good: (place) => `${good(place)}\n===\n${server(place, `127.0.0.1:${place.otherPort} ssl`, good(place))}`,
    finds: ['client-cert.bad-listeners'],
    outside: 'hidden',
    declares: ({ otherPort }) => ({ ports: { tls: [otherPort] } }),
  },
  {
    ...common,
    id: 'presence-at-second-address',
    wrong: 'any certificate will do at the second address of the name',
    bad: (place) => `${good(place)}\n===\n${server(place, `127.0.0.2:${place.port} ssl`, presence(place))}`,
    good: (place) => `${good(place)}\n===\n${server(place, `127.0.0.2:${place.port} ssl`, good(place))}`,
    finds: ['client-cert.bad-listeners'],
    outside: 'found',
    addresses: ['127.0.0.1', '127.0.0.2'],
  },
  {
    ...common,
    id: 'by-address',
    wrong:
      'a block for monitoring serves the application to whoever names an address, behind the SNI of a public host',
    bad: (place) => `${good(place)}\n===\n${publicBlock(place)}${byAddress(place, everywhere)}`,
    good: (place) =>
      `${good(place)}\n===\n${publicBlock(place)}${byAddress(place, 'location / { default_type text/plain; return 200 "up"; }')}`,
    finds: ['tls.address-as-host'],
    declares: () => ({ siblings: [{ hostname: sibling, mtls: { mode: 'off' } }] }),
    outside: 'hidden',
  },
  {
    ...common,
    id: 'silence-for-get',
    wrong: 'the connection is closed without a word (444), for GET alone',
    bad: (place) => conditional('$request_method = GET')(place).replace('return 403;', 'return 444;'),
    good: (place) => `${ask('optional', place)} ${unlessValid('return 444;')} ${everywhere}`,
    finds: ['paths.writing-methods', 'mode.refusal-head'],
    outside: 'found',
  },
  {
    ...common,
    id: 'soft-for-presence',
    wrong: 'refused by a page with status 200, and any certificate will do',
    bad: (place) =>
      `${ask('optional_no_ca', place)} if ($ssl_client_verify = NONE) { ${soft} } ${everywhere}`,
    good: (place) =>
      `${ask('optional_no_ca', place)} location / { ${unlessValid(`add_header Cache-Control no-store; ${soft}`)} ${answer} }`,
    finds: ['client-cert.self-signed', 'client-cert.unknown-ca'],
    outside: 'found',
    declares: () => ({ refusal: { status: 200, text: softText } }),
  },
  {
    ...common,
    ...named,
    id: 'any-name',
    wrong: 'one certificate of the CA is meant, and all of them are let in',
    bad: good,
    finds: ['client-cert.other-name'],
  },
  {
    ...common,
    ...named,
    id: 'name-in-subject',
    wrong: 'the name is looked for anywhere in the subject',
    bad: unlessSubject('sensor-001'),
    finds: ['client-cert.name-elsewhere'],
  },
  {
    ...common,
    ...named,
    id: 'name-without-end',
    wrong: 'the pattern of the subject has a beginning and no end',
    bad: unlessSubject('^CN=sensor-001'),
    finds: ['client-cert.name-prefix'],
  },
  {
    ...common,
    id: 'default-server',
    wrong: 'whoever names no host, or an unknown one, gets the application from the default server',
    bad: (place) =>
      `${good(place)}\n===\n${server(place, `127.0.0.1:${place.port} ssl default_server`, everywhere).replace('mtls.test', '_')}`,
    good: (place) =>
      `${good(place)}\n===\nserver { listen 127.0.0.1:${place.port} ssl default_server; ssl_reject_handshake on; }`,
    finds: ['tls.no-sni', 'tls.unknown-names'],
    outside: 'hidden',
  },
]
