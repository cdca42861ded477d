/**
 * Faults of Access about tokens that only an attacker sends, and about what the team publishes.
 * @module
 */
import type { Fault } from './fault.ts'

/** Beside those of `access.ts`: narrower mistakes of validators, one each. */
export const forgedTokenFaults = [
  {
    id: 'access.takes-any-text',
    sentence: 'A CF_Authorization cookie that is no JSON Web Token at all is enough.',
    source: 'catalogue JWT-02: presence instead of validity',
  },
  {
    id: 'access.takes-empty-signature',
    sentence: 'A token with algorithm RS256 and an empty signature is accepted.',
    source: 'Wycheproof, missing signature; catalogue JWT-08',
  },
  {
    id: 'access.skips-unknown-algorithms',
    sentence: 'The signature is not verified where the algorithm is neither RS256, HMAC nor none.',
    source: 'RFC 8725 §3.1; catalogue JWT-05, JWT-09',
  },
  {
    id: 'access.takes-embedded-certificate',
    sentence: 'The certificate in the token’s own x5c header is used without asking who issued it.',
    source: 'jwt_tool -X i; RFC 8725 §3.10; catalogue JWT-07',
  },
  {
    id: 'access.fetches-key-address',
    sentence: 'The key set is fetched from wherever the token’s own jku header says.',
    source: 'jwt_tool -X s; RFC 8725 §3.10; catalogue JWT-07',
  },
  {
    id: 'access.kid-as-file',
    sentence: 'The key id is opened as a file, and what it holds is used as HMAC secret.',
    source: 'jwt_tool playbook, kid injection; catalogue JWT-06',
  },
  {
    id: 'access.takes-weak-secret',
    sentence: 'A token signed with HS256 and the secret “secret” is accepted.',
    source: 'jwt_tool -X b; Wycheproof; catalogue JWT-25',
  },
  {
    id: 'access.skips-long-tokens',
    sentence: 'The signature of a token longer than 4 KiB is not verified.',
    source: 'golang-jwt CVE-2025-30204, go-jose CVE-2025-27144 (limits on length); catalogue JWT-22',
  },
  {
    id: 'access.takes-encrypted',
    sentence: 'Claims that were encrypted to the public key are taken for signed ones.',
    source: 'json-jwt GHSA-c8v6-786g-vjx6; catalogue JWT-19',
  },
  {
    id: 'access.takes-malformed-expiry',
    sentence: 'A token whose exp is missing or no number never expires.',
    source: 'RFC 7519 §4.1.4; catalogue JWT-10',
  },
  {
    id: 'access.ignores-issued-at',
    sentence: 'A token that was issued in the future is accepted.',
    source: 'catalogue JWT-11: iat is policy',
  },
  {
    id: 'access.takes-jwt-from-elsewhere',
    sentence: 'An application token in Authorization or in the query lets in.',
    source: 'RFC 6750 §5.3 (tokens in addresses); catalogue JWT-23',
  },
  {
    id: 'access.takes-json-form',
    sentence: 'A token in the JSON form is accepted, its signatures unverified.',
    source: 'Wycheproof JsonSerialization; catalogue JWT-21',
  },
  {
    id: 'access.first-of-duplicate-claims',
    sentence: 'Of a claim that stands twice the first one counts.',
    source: 'RFC 7519 §4 (the last one); python-jwt CVE-2022-39227; catalogue JWT-20',
  },
  {
    id: 'access.remembers-good-tokens',
    sentence: 'A token that was good at one application is taken for good at every other.',
    source:
      'fast-jwt GHSA-rp9m-7r4c-75qg; lua-resty-openidc issue 399; Oathkeeper CVE-2026-33496; catalogue JWT-24',
  },
  {
    id: 'access.publishes-private-key',
    sentence: 'The JWKS holds the private part of the signing key.',
    source: 'RFC 7517 §9.2; catalogue JWT-04 (everybody reads the JWKS)',
  },
  {
    id: 'access.publishes-other-key-id',
    sentence: 'Tokens are signed under a key id that the JWKS does not list.',
    source: 'cloudflare-one validating-json: pick by kid; catalogue JWT-16',
  },
] as const satisfies readonly Fault[]
