/**
 * Traps of nginx. Lines go into the server block; what follows a line `===` stands beside it, in the http block.
 * @module
 */
import { page, sibling } from '../../../fixtures/servers/types.ts'
import { answer, ask, conditional, everywhere, good, refuse } from './nginx-lines.ts'
import { oneName, type Place, type Trap } from './trap.ts'

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

/** The application beside it, on a port of its own; its pages are by path, and tell who asks. */
const application = ({ otherPort }: Place): string =>
  `server { listen 127.0.0.1:${otherPort}; location = / { return 200 '${appPage}'; } location = /api/status { return 200 '${appPage}'; } location / { return 404 '{"error":"no such thing"}'; } }`
const appPage = `{"say":"${page}","orders":[{"id":1,"total":19.9},{"id":2,"total":7.5}],"you":"$http_x_client"}`

/** Refused by a rule, with error pages of the application: for which statuses is the question. */
const errorPages = (rule: string) => (place: Place) => {
  const toApp = `proxy_pass http://127.0.0.1:${place.otherPort};`
  return `${ask('optional', place)} ${rule} location @errors { ${toApp} } location / { ${unlessValid('return 403;')} ${toApp} proxy_set_header X-Client $ssl_client_s_dn; }\n===\n${application(place)}`
}

const common = { server: 'nginx', good } as const

/** Every one. */
export const nginxTraps: readonly Trap[] = [
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
