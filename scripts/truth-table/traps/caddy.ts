/**
 * Traps of Caddy. What stands before a line `---` goes into the block of `tls`, the rest into the site in front of its page; what
 * follows a line `===` stands beside the site, and lines that begin with `global` among the global options.
 * @module
 */
import { sibling } from '../../../fixtures/servers/types.ts'
import type { Place, Trap } from './trap.ts'

const auth = (mode: string, ca = ''): string =>
  `client_auth {\nmode ${mode}\n${ca === '' ? '' : `trusted_ca_cert_file ${ca}\n`}}\n---`
const good = ({ ca }: Place): string => auth('require_and_verify', ca)
const ask = ({ ca }: Place): string => auth('verify_if_given', ca)
/** Closed to whoever has no subject, but for what the condition lets in. */
const closedUnless = (condition: string): string =>
  `@closed {\nexpression \`{http.request.tls.client.subject} == null\`\n${condition}\n}\nrespond @closed "Forbidden" 403`

/** A public site beside the protected one; Caddy compares SNI and Host by itself where a site asks for certificates. */
const beside = ({ port }: Place): string =>
  `https://${sibling}:${port} {\nbind 127.0.0.1\n{tls}\nrespond "public" 404\n}`

const common = { server: 'caddy', good } as const

/** Every one. */
export const caddyTraps: readonly Trap[] = [
  {
    ...common,
    id: 'anybody-signed',
    wrong: 'some certificate is required, whoever signed it',
    bad: () => auth('require'),
    finds: ['client-cert.self-signed', 'client-cert.unknown-ca'],
    outside: 'found',
  },
  {
    ...common,
    id: 'plain-port',
    wrong: 'the application answers on a port without TLS',
    bad: (place) =>
      `${good(place)}\n===\nhttp://mtls.test:${place.otherPort} {\nbind 127.0.0.1\nrespond "the application of mtls.test answered"\n}`,
    good: (place) =>
      `${good(place)}\n===\nhttp://mtls.test:${place.otherPort} {\nbind 127.0.0.1\nredir https://{host}{uri}\n}`,
    finds: ['reach.plain-port'],
    outside: 'hidden',
    declares: ({ otherPort }) => ({ ports: { plain: [otherPort] } }),
  },
  {
    ...common,
    id: 'sni-decides',
    wrong: 'the certificate is asked for by SNI, the site chosen by Host, and comparing them is switched off',
    bad: (place) =>
      `${good(place)}\nglobal servers {\nglobal strict_sni_host insecure_off\nglobal }\n===\n${beside(place)}`,
    good: (place) => `${good(place)}\n===\n${beside(place)}`,
    finds: ['tls.sni-of-public-sibling'],
    outside: 'found',
    declares: () => ({ siblings: [{ hostname: sibling, mtls: { mode: 'off' } }] }),
  },
  {
    ...common,
    id: 'claimed-verified',
    wrong: 'a header that says the certificate was verified is believed from anybody',
    bad: (place) => `${ask(place)}\n${closedUnless('not header X-SSL-Client-Verify SUCCESS')}`,
    good: (place) => `${ask(place)}\n${closedUnless('')}`,
    finds: ['headers.forged-without-certificate', 'paths.claimed-certificate'],
    outside: 'found',
    declares: () => ({
      forwarded: { status: 'x-ssl-client-verify' },
      statusValues: { none: 'NONE', valid: 'SUCCESS', invalid: 'FAILED' },
    }),
  },
]
