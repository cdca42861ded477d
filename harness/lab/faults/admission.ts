/**
 * Faults of admission: service tokens that are half right, and certificate and token together.
 * @module
 */
import type { Fault } from './fault.ts'

/** Service tokens that should not be good, what they are answered with, and where one proof stands in for the other. */
export const admissionFaults = [
  {
    id: 'access.passes-without-credentials',
    sentence: 'A request with nothing to show for itself (no token, cookie or certificate) is let in.',
    source: 'catalogue SVC-01; cloudflare-one policies: deny by default',
  },
  {
    id: 'access.open-path',
    sentence: 'One path of every application is let through, as by a more specific application with Bypass.',
    source: 'cloudflare-one application paths; catalogue CMP-04',
  },
  {
    id: 'access.login-fails-open',
    sentence: 'Where the identity provider does not confirm a login, it goes on with a made-up address.',
    source: 'Traefik CVE-2026-54762; Cloudflare incident of 12 June 2025; catalogue MOD-09',
  },
  {
    id: 'access.refuses-service-tokens',
    sentence: 'Good service tokens are refused.',
    source: 'catalogue SVC: the other failure, an outage',
  },
  {
    id: 'access.secret-is-enough',
    sentence: 'The secret of a service token is good without its Client ID.',
    source: 'catalogue SVC-02',
  },
  {
    id: 'access.takes-swapped-token',
    sentence: 'Client ID and secret may stand in each other’s header.',
    source: 'catalogue SVC-04',
  },
  {
    id: 'access.takes-unknown-token',
    sentence: 'A Client ID that was never given out is taken for a good service token.',
    source: 'catalogue SVC-03: a look-up that finds nothing and goes on',
  },
  {
    id: 'access.takes-placeholder-token',
    sentence: 'Placeholders of unset variables (null, undefined, *) are taken for a good service token.',
    source: 'catalogue SVC-05',
  },
  {
    id: 'access.secret-cut-to-length',
    sentence: 'A secret is cut to its usual length before it is compared, so that more may follow.',
    source: 'catalogue SVC-03; bcrypt compares the first 72 bytes only (golang.org/x/crypto issue 36546)',
  },
  {
    id: 'access.decodes-token-headers',
    sentence: 'Service token headers are percent-decoded and unquoted before they are compared.',
    source: 'catalogue SVC-06; RFC 9110 §5.5: field values are not percent-encoded',
  },
  {
    id: 'access.token-headers-by-spelling',
    sentence: 'Service token headers are read in the documented spelling only.',
    source: 'RFC 9110 §5.1; catalogue SVC-07',
  },
  {
    id: 'access.strict-by-half',
    sentence: 'A service token gets no cookie, as in strict mode, and a bad one beside a good cookie passes.',
    source: 'cloudflare-one service tokens: strict mode ignores the cookie; catalogue SVC-20',
  },
  {
    id: 'access.answers-echo-secret',
    sentence: 'Answers of Access repeat the secret they were sent in a header for debugging.',
    source: 'Vault CVE-2026-4525; catalogue SVC-22, RSP-05',
  },
  {
    id: 'access.cookie-for-domain',
    sentence: 'The application cookie is set for the whole parent domain.',
    source: 'RFC 6265 §4.1.2.3; cloudflare-one authorization cookie; catalogue JWT-28',
  },
  {
    id: 'access.certificate-is-enough',
    sentence: 'Where a service token is asked for, a valid client certificate alone is let in.',
    source: 'cloudflare-one policies: Include is OR; catalogue CMP-01',
  },
  {
    id: 'access.certificate-excuses-bad-token',
    sentence: 'A bad service token is overlooked where the client certificate is valid.',
    source: 'catalogue CMP-02',
  },
  {
    id: 'access.ignores-common-name',
    sentence: 'A rule for one common name is satisfied by every valid certificate of the CA.',
    source:
      'etcd CVE-2018-16886; cloudflare-one mutual TLS: Common Name, Valid Certificate; catalogue IDM-01',
  },
  {
    id: 'access.common-name-by-suffix',
    sentence: 'A common name matches every name that ends so.',
    source: 'catalogue IDM-02',
  },
  {
    id: 'access.common-name-folded',
    sentence: 'Common names are compared without case, spaces around, a trailing dot, and forms of letters.',
    source: 'catalogue IDM-02: exact match semantics',
  },
  {
    id: 'access.common-name-from-san',
    sentence: 'A rule for one common name is satisfied by that name among the alternative names.',
    source: 'Envoy CVE-2022-21656 (SAN of another type); catalogue IDM-04',
  },
  {
    id: 'access.common-name-by-text',
    sentence: 'The common name is looked for in the text of the subject, escaped characters or not.',
    source: 'NATS CVE-2026-33248 (matching of subjects); catalogue IDM-03',
  },
  {
    id: 'access.common-name-until-nul',
    sentence: 'A common name ends at its first NUL.',
    source: 'Envoy CVE-2026-47778 (NUL in names); catalogue IDM-05',
  },
  {
    id: 'edge.token-excuses-certificate',
    sentence: 'A request that carries credentials of Access needs no valid client certificate.',
    source: 'catalogue CMP-01, CMP-02: a rule that skips what Access will look at',
  },
] as const satisfies readonly Fault[]
