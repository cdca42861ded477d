/**
 * Faults of Access.
 * @module
 */
import { forgedTokenFaults } from './access-tokens.ts'
import type { Fault } from './fault.ts'

/** Which tokens are taken. */
export const tokenFaults = [
  {
    id: 'access.takes-alg-none',
    sentence: 'A token with alg none and no signature is accepted.',
    source: 'RFC 8725 §3.1; catalogue JWT-03',
  },
  {
    id: 'access.takes-hs256-with-public-key',
    sentence: 'A token signed with HS256, keyed with the public key as PEM, is accepted.',
    source: 'hono CVE-2026-22817; PyJWT CVE-2026-48526; catalogue JWT-04',
  },
  {
    id: 'access.takes-embedded-key',
    sentence: 'The key in the token’s own jwk header is used.',
    source: 'node-jose CVE-2018-0114; catalogue JWT-07',
  },
  {
    id: 'access.ignores-signature',
    sentence: 'A token with a broken signature is accepted.',
    source: 'Wycheproof ModifiedSignature; catalogue JWT-08',
  },
  {
    id: 'access.ignores-kid',
    sentence: 'A token whose kid is missing or unknown is verified with the current key.',
    source: 'RFC 8725 §3.10; cloudflare-one validating-json: pick by kid; catalogue JWT-06',
  },
  {
    id: 'access.ignores-crit',
    sentence: 'A token with critical headers nobody knows is accepted.',
    source: 'PyJWT CVE-2026-32597; Authlib CVE-2025-59420; catalogue JWT-18',
  },
  {
    id: 'access.first-key-only',
    sentence:
      'Only the first key of the JWKS is used: tokens of the previous key are refused after a rotation.',
    source: 'cloudflare-one validating-json: two keys; catalogue JWT-16',
  },
  {
    id: 'access.old-key-for-ever',
    sentence: 'The previous key is honoured for longer than seven days.',
    source: 'cloudflare-one validating-json; catalogue JWT-16',
  },
  {
    id: 'access.publishes-current-key-only',
    sentence: 'The JWKS lists the current key only.',
    source: 'cloudflare-one validating-json: current and previous key',
  },
  {
    id: 'access.takes-other-issuer',
    sentence: 'A token of another team, signed with that team’s key, is accepted.',
    source: 'PyJWT CVE-2024-53861; fast-jwt CVE-2025-30144; catalogue JWT-14',
  },
  {
    id: 'access.takes-other-application',
    sentence: 'A token of another application of the team is accepted.',
    source: 'lua-resty-openidc issue 399; catalogue JWT-12',
  },
  {
    id: 'access.takes-missing-audience',
    sentence: 'A token without aud is accepted.',
    source: 'golang jwt CVE-2020-26160; catalogue JWT-13',
  },
  {
    id: 'access.audience-by-part',
    sentence: 'A part of the AUD tag is enough.',
    source: 'catalogue JWT-13: substring',
  },
  {
    id: 'access.takes-org-token',
    sentence: 'The global session token is accepted as application token.',
    source: 'catalogue JWT-15: type app and org',
  },
  {
    id: 'access.takes-expired',
    sentence: 'An expired token is accepted.',
    source: 'RFC 7519 §4.1.4; catalogue JWT-10',
  },
  {
    id: 'access.ignores-not-before',
    sentence: 'A token before its nbf is accepted.',
    source: 'RFC 7519 §4.1.5; catalogue JWT-11',
  },
  {
    id: 'access.falls-back-to-cookie',
    sentence: 'A bad token in cf-access-token and a good one in the cookie pass.',
    source: 'catalogue JWT-23: invalid never wins silently',
  },
] as const satisfies readonly Fault[]

/** How sessions begin and end, and what of them reaches the origin. */
export const sessionFaults = [
  {
    id: 'access.forgets-logout',
    sentence: 'Tokens go on being accepted after a logout.',
    source: 'cloudflare-one session management; catalogue JWT-26',
  },
  {
    id: 'access.forgets-revoked-application',
    sentence: 'Tokens go on being accepted after revoke_tokens of the application.',
    source: 'cloudflare-one session management; catalogue JWT-26',
  },
  {
    id: 'access.ignores-binding-cookie',
    sentence: 'A token is accepted without its binding cookie.',
    source: 'cloudflare-one authorization cookie; catalogue JWT-27',
  },
  {
    id: 'access.binding-reaches-origin',
    sentence: 'The binding cookie is forwarded to the origin.',
    source: 'cloudflare-one authorization cookie: stripped; catalogue JWT-27',
  },
  {
    id: 'access.cookie-not-secure',
    sentence: 'The application cookie has no Secure attribute.',
    source: 'catalogue JWT-28',
  },
  {
    id: 'access.cookie-not-http-only',
    sentence: 'The application cookie has no HttpOnly attribute although the application asks for it.',
    source: 'cloudflare-one authorization cookie; catalogue JWT-28',
  },
  {
    id: 'access.passes-client-assertion',
    sentence: 'A client’s own Cf-Access-Jwt-Assertion or e-mail header wins over the edge’s.',
    source: 'Oathkeeper CVE-2026-33495; catalogue HDR-01, HDR-02',
  },
  {
    id: 'access.passes-underscore-assertion',
    sentence: 'Cf_Access_Jwt_Assertion and the like reach the origin.',
    source: 'oauth2-proxy CVE-2025-64484; catalogue HDR-06',
  },
  {
    id: 'access.open-redirect',
    sentence: 'A login leads on to another site named in redirect_url.',
    source: 'oauth2-proxy CVE-2021-21291; Pomerium CVE-2021-29651; catalogue JWT-30',
  },
  {
    id: 'access.ignores-login-session',
    sentence: 'The identity provider’s answer is taken in a browser that did not begin the login.',
    source: 'RFC 9700 §4.7; catalogue JWT-29, JWT-32',
  },
  {
    id: 'access.ignores-id-token-nonce',
    sentence: 'The nonce of the ID token is not compared.',
    source: 'OpenID Connect Core §3.1.3.7; catalogue JWT-29',
  },
  {
    id: 'access.drops-pkce',
    sentence: 'Logins go without PKCE although the provider’s configuration has it on.',
    source: 'RFC 9700 §4.8.2; cloudflare/workers-oauth-provider PR 27; catalogue JWT-29',
  },
  {
    id: 'access.callback-again',
    sentence: 'The identity provider’s answer may be presented again.',
    source: 'RFC 6749 §10.5; catalogue JWT-31',
  },
  {
    id: 'access.authorizes-again',
    sentence: 'The nonce of authorized is good more than once.',
    source: 'catalogue JWT-31',
  },
  {
    id: 'access.ignores-login-state',
    sentence: 'The state of authorized is not compared.',
    source: 'RFC 6749 §10.12; RFC 9700 §4.7; catalogue JWT-29',
  },
  {
    id: 'access.authorizes-other-hostname',
    sentence: 'The nonce of authorized is good at another hostname of the application.',
    source: 'catalogue JWT-31: other host of a multi-domain application',
  },
  {
    id: 'access.ignores-app-session',
    sentence: 'authorized sets the token without the application session cookie.',
    source: 'RFC 6819 §4.4.1.8; catalogue JWT-32',
  },
  {
    id: 'access.redirects-scripts',
    sentence: 'XMLHttpRequest without session gets the login redirect instead of 401.',
    source: 'cloudflare-one session management; catalogue MOD-11',
  },
] as const satisfies readonly Fault[]

/** Who is let in. */
export const policyFaults = [
  {
    id: 'access.policies-in-list-order',
    sentence: 'A Block policy listed before a Bypass or Service Auth policy is asked first.',
    source: 'cloudflare-one policies, order of execution',
  },
  {
    id: 'access.allows-by-default',
    sentence: 'Whoever logs in and matches no policy is let in.',
    source: 'cloudflare-one policies: deny by default',
  },
  {
    id: 'access.ignores-exclude',
    sentence: 'Exclude rules are not looked at.',
    source: 'cloudflare-one policies, rule types',
  },
  {
    id: 'access.require-any',
    sentence: 'One of several Require rules is enough.',
    source: 'cloudflare-one policies: Require is AND; catalogue CMP-01',
  },
  {
    id: 'access.bypass-ignores-require',
    sentence: 'A Bypass policy lets everybody of its Include rules through, whatever it requires.',
    source: 'cloudflare-one policies; catalogue CPA-06',
  },
  {
    id: 'access.checks-at-login-only',
    sentence: 'Address, country and certificate are looked at when somebody logs in and never again.',
    source: 'cloudflare-one policies: evaluated with each new HTTP request',
  },
  {
    id: 'access.email-domain-by-suffix',
    sentence: 'An e-mail domain matches every address that ends so.',
    source: 'oauth2-proxy CVE-2026-40574; catalogue JWT-33',
  },
  {
    id: 'access.common-name-by-prefix',
    sentence: 'A common name matches every name that begins so.',
    source: 'catalogue IDM-02',
  },
  {
    id: 'access.certificate-of-any-ca',
    sentence: 'A valid certificate of any client CA counts, not only of those of Access.',
    source: 'cloudflare-one mutual TLS; catalogue IDM-01',
  },
  {
    id: 'access.certificate-of-any-hostname',
    sentence: 'A client CA of Access counts on hostnames it is not associated with.',
    source: 'cloudflare-one mutual TLS: associated hostnames',
  },
  {
    id: 'access.takes-invalid-certificate',
    sentence: 'An expired or revoked certificate of the right CA counts.',
    source: 'cloudflare-one mutual TLS: valid certificate; catalogue CRT-06',
  },
  {
    id: 'access.less-specific-wins',
    sentence: 'Where several applications cover a path, the less specific one decides.',
    source: 'cloudflare-one application paths; catalogue CMP-04',
  },
  {
    id: 'access.path-not-normalised',
    sentence: 'Paths are compared as written: escapes and dot segments get past an application.',
    source: 'Cloudflare URL normalization; catalogue PTH',
  },
  {
    id: 'access.query-in-path',
    sentence: 'The query is part of the path that is compared.',
    source: 'oauth2-proxy CVE-2025-54576; catalogue PTH-10',
  },
  {
    id: 'access.acme-open',
    sentence: 'Paths below /.well-known/acme-challenge/ are not protected.',
    source: 'Cloudflare incident of January 2026; catalogue PTH-11',
  },
  {
    id: 'access.forwards-preflight',
    sentence: 'Preflight requests reach the origin though nothing says so.',
    source: 'cloudflare-one CORS: 403; catalogue PTH-14',
  },
  {
    id: 'access.forwards-every-options',
    sentence: 'The bypass for preflight requests lets every OPTIONS request through.',
    source: 'cloudflare-one CORS; catalogue PTH-14',
  },
  {
    id: 'access.reflects-origin',
    sentence: 'Preflight answers allow every origin that asks.',
    source: 'Fiber CVE-2024-25124; catalogue RSP-04',
  },
] as const satisfies readonly Fault[]

/** Which service tokens are taken, and what becomes of their secrets. */
export const serviceTokenFaults = [
  {
    id: 'access.ignores-token-secret',
    sentence: 'The Client ID of a service token is enough.',
    source: 'catalogue SVC-02, SVC-03',
  },
  {
    id: 'access.secret-of-any-token',
    sentence: 'The secret of one service token is good with the Client ID of another.',
    source: 'catalogue SVC-04',
  },
  {
    id: 'access.any-token-for-one',
    sentence: 'A policy for one service token is satisfied by every other.',
    source: 'catalogue SVC-13',
  },
  {
    id: 'access.takes-disabled-token',
    sentence: 'A disabled service token is accepted.',
    source: 'cloudflare-one service tokens; catalogue SVC-15',
  },
  {
    id: 'access.disabled-token-keeps-old-secret',
    sentence: 'The previous secret of a disabled service token is accepted.',
    source: 'cloudflare-one service tokens; catalogue SVC-15',
  },
  {
    id: 'access.takes-expired-token',
    sentence: 'An expired service token is accepted.',
    source: 'cloudflare-one service tokens; catalogue SVC-16',
  },
  {
    id: 'access.old-secret-for-ever',
    sentence: 'The previous secret is accepted after its time.',
    source: 'cloudflare-one service tokens; catalogue SVC-18',
  },
  {
    id: 'access.cookie-outlives-service-token',
    sentence: 'The cookie of a service token is accepted after the token was disabled or has expired.',
    source: 'cloudflare-one policies: service tokens are checked continuously; catalogue SVC-19',
  },
  {
    id: 'access.allow-takes-service-tokens',
    sentence: 'An Allow policy is satisfied by a service token.',
    source: 'cloudflare-one policies: needs Service Auth; catalogue SVC-25',
  },
  {
    id: 'access.ignores-strict-mode',
    sentence: 'Strict service token authentication changes nothing.',
    source: 'cloudflare-one service tokens; catalogue SVC-20',
  },
  {
    id: 'access.strict-answers-401-always',
    sentence: 'Strict mode answers 401 also to a good token that is not authorized.',
    source: 'cloudflare-one service tokens: 403; catalogue SVC-21',
  },
  {
    id: 'access.takes-first-of-duplicates',
    sentence: 'Of service token headers sent twice the first ones count.',
    source: 'cloudflare-one service tokens: strict mode rejects duplicates; catalogue SVC-08',
  },
  {
    id: 'access.takes-both-token-forms',
    sentence: 'Credentials in both header forms are accepted.',
    source: 'cloudflare-one service tokens: strict mode rejects both; catalogue SVC-09',
  },
  {
    id: 'access.takes-underscore-token-headers',
    sentence: 'CF_Access_Client_Id and the like are read.',
    source: 'oauth2-proxy CVE-2025-64484; catalogue SVC-07',
  },
  {
    id: 'access.takes-token-from-query',
    sentence: 'Service token credentials are read from the query.',
    source: 'catalogue SVC-11',
  },
  {
    id: 'access.secret-reaches-origin',
    sentence: 'The secret of a service token is forwarded to the origin.',
    source: 'Vault CVE-2026-4525; catalogue SVC-22',
  },
] as const satisfies readonly Fault[]

/** What goes wrong with tokens, policies and sessions. */
export const accessFaults = [
  ...tokenFaults,
  ...forgedTokenFaults,
  ...sessionFaults,
  ...policyFaults,
  ...serviceTokenFaults,
] as const satisfies readonly Fault[]
