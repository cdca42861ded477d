/**
 * Servers that nothing is wrong with, and that answer in ways of their own: refusals of every kind, pages that say why and pages
 * that do not, answers that are the same for everybody.
 * @module
 */
import { page, sibling } from '../../../fixtures/servers/types.ts'
import type { Manner, Place } from './trap.ts'

const nginx = (refusal: string): ((place: Place) => string) => {
  const answer = `default_type text/plain; return 200 "${page}\\n";`
  return ({ ca }) =>
    `ssl_verify_client optional_no_ca; ssl_client_certificate ${ca}; location / { if ($ssl_client_verify != SUCCESS) { ${refusal} } ${answer} }`
}
const everybody =
  (what: string) =>
  ({ ca }: Place): string =>
    `ssl_verify_client optional; ssl_client_certificate ${ca}; location / { ${what} }`
const haproxy =
  (deny: string) =>
  ({ ca }: Place): string =>
    `ca-file ${ca} verify optional ca-ignore-err all crt-ignore-err all\nhttp-request ${deny} unless { ssl_c_used } { ssl_c_verify 0 }`

/** Two hostnames of which each has its certificates and its pages by SNI, whatever Host says. */
const bySni =
  (publicPage: string) =>
  ({ ca }: Place): string =>
    `{list} no-tls-tickets\ncert.pem [ca-file ${ca} verify required] mtls.test\ncert.pem [verify none] ${sibling}\nhttp-request return status 200 content-type text/plain lf-string "${publicPage}" if { ssl_fc_sni ${sibling} }`

/** With a valid certificate to compare with all is well; without one a refusal that does not say why leaves it open. */
const silent = { file: 0, outside: 3 } as const
/** The refusal says why. */
const told = { file: 0, outside: 0 } as const
/** Nobody gets anything: nothing is known. */
const nothing = { file: 3, outside: 3 } as const

/** Every one. */
export const manners: readonly Manner[] = [
  { id: '401', server: 'nginx', how: 'refused with 401', lines: nginx('return 401;'), exit: silent },
  { id: '404', server: 'nginx', how: 'refused with 404', lines: nginx('return 404;'), exit: silent },
  { id: '421', server: 'nginx', how: 'refused with 421', lines: nginx('return 421;'), exit: silent },
  {
    id: '444',
    server: 'nginx',
    how: 'refused by closing without a word',
    lines: nginx('return 444;'),
    exit: silent,
  },
  {
    id: 'login',
    server: 'nginx',
    how: 'refused by sending to a login elsewhere',
    lines: nginx('return 302 https://login.mtls.test/;'),
    exit: silent,
  },
  {
    id: 'words-json',
    server: 'nginx',
    how: 'refused with JSON that says why',
    lines: nginx(`return 403 '{"error":"client_certificate_required"}';`),
    exit: told,
  },
  {
    id: 'words-html',
    server: 'haproxy',
    how: 'refused with a page that says why',
    lines: haproxy(
      'return status 401 content-type text/html string "<html><body><h1>Sorry</h1><p>You need a valid client certificate.</p></body></html>"',
    ),
    exit: told,
  },
  {
    id: 'soft',
    server: 'nginx',
    how: 'refused with 200 and a page that says why; the deployment file declares it',
    lines: nginx('add_header Cache-Control no-store; return 200 "<p>A client certificate is required</p>";'),
    exit: silent,
    declares: () => ({ refusal: { status: 200, text: '<p>A client certificate is required</p>' } }),
  },
  {
    id: 'text-in-refusal',
    server: 'nginx',
    how: 'the page of the refusal has the text that is declared as the application’s',
    lines: nginx(`return 403 "<h1>${page}</h1> to others only";`),
    exit: nothing,
  },
  {
    id: 'text-in-declared-refusal',
    server: 'nginx',
    how: 'the same page, declared as the refusal',
    lines: nginx(`add_header Cache-Control no-store always; return 403 "<h1>${page}</h1> to others only";`),
    exit: silent,
    declares: () => ({ refusal: { status: 403, text: `<h1>${page}</h1> to others only` } }),
  },
  {
    id: 'own-404',
    server: 'httpd',
    how: 'a path that httpd does not read gets its own 404, before anybody is asked who he is',
    lines: () =>
      `SSLVerifyClient optional\n<Location "/">\nRequire expr "%{SSL_CLIENT_VERIFY} == 'SUCCESS'"\n</Location>`,
    exit: silent,
  },
  {
    id: 'reject',
    server: 'haproxy',
    // In HTTP/2 HAProxy says ENHANCE_YOUR_CALM: too much, not “not you”.
    how: 'the request is rejected, in HTTP/2 as too much',
    lines: haproxy('reject'),
    exit: nothing,
  },
  {
    id: 'sni-routes',
    server: 'haproxy',
    how: 'a public hostname beside it, pages by SNI, which name the Host they were asked by',
    lines: bySni('public, here %[req.hdr(host)]'),
    exit: told,
  },
  {
    id: 'sni-routes-changing',
    server: 'haproxy',
    how: 'the same with a page that is never the same',
    lines: bySni('public, request %[uuid]'),
    exit: nothing,
  },
  {
    id: 'maintenance',
    server: 'nginx',
    how: '503 for everybody',
    lines: everybody('return 503;'),
    exit: nothing,
  },
  {
    id: 'rate-limit',
    server: 'nginx',
    how: '429 for everybody, in words about certificates',
    lines: everybody('return 429 "client certificate required";'),
    exit: nothing,
  },
  {
    id: 'http-1.0',
    server: 'node',
    how: 'HTTP/1.0 without keep-alive, whatever is asked for',
    lines: () => 'http-1.0',
    exit: told,
  },
  {
    id: 'cbc-1.2',
    server: 'haproxy',
    how: 'TLS 1.2 with one old cipher suite',
    lines: ({ ca }) =>
      `ca-file ${ca} verify required ssl-max-ver TLSv1.2 ciphers ECDHE-RSA-AES256-SHA384:ECDHE-ECDSA-AES256-SHA384`,
    exit: told,
  },
  {
    id: 'h2-only',
    server: 'node',
    how: 'HTTP/2 and nothing else',
    lines: () => 'h2-only',
    exit: told,
  },
]
