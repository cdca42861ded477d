/**
 * Faults of an origin that verifies the assertion of Access itself.
 * @module
 */
import type { Fault } from './fault.ts'

/** Mistakes of validators behind the edge, which hides them: nothing but a request past it shows them. */
export const originAssertionFaults = [
  {
    id: 'origin.takes-missing-assertion',
    sentence: 'The origin answers requests without Cf-Access-Jwt-Assertion.',
    source: 'cloudflare-one validating-json: validate the header; catalogue JWT-01',
  },
  {
    id: 'origin.takes-any-assertion',
    sentence: 'The origin tests for the presence of an assertion, not whether it is a token.',
    source: 'catalogue JWT-02',
  },
  {
    id: 'origin.takes-alg-none',
    sentence: 'The origin accepts alg none.',
    source: 'RFC 8725 §3.1; jwt_tool -X a; catalogue JWT-03',
  },
  {
    id: 'origin.takes-hs256-with-public-key',
    sentence: 'The origin accepts HS256 keyed with the public key as PEM.',
    source: 'hono CVE-2026-22817; fast-jwt CVE-2026-34950; catalogue JWT-04',
  },
  {
    id: 'origin.ignores-signature',
    sentence: 'The origin decodes the assertion and does not verify its signature.',
    source: 'Wycheproof ModifiedSignature; catalogue JWT-08',
  },
  {
    id: 'origin.takes-empty-signature',
    sentence: 'The origin accepts RS256 with an empty signature.',
    source: 'Wycheproof, missing signature; catalogue JWT-08',
  },
  {
    id: 'origin.skips-unknown-algorithms',
    sentence: 'The origin verifies RS256 only and lets other algorithms pass.',
    source: 'RFC 8725 §3.1; CVE-2022-21449; catalogue JWT-05, JWT-09',
  },
  {
    id: 'origin.takes-embedded-key',
    sentence: 'The origin uses the key in the token’s own jwk header.',
    source: 'node-jose CVE-2018-0114; catalogue JWT-07',
  },
  {
    id: 'origin.takes-embedded-certificate',
    sentence: 'The origin uses the certificate in the token’s own x5c header.',
    source: 'jwt_tool -X i; catalogue JWT-07',
  },
  {
    id: 'origin.fetches-key-address',
    sentence: 'The origin fetches keys from the token’s own jku header.',
    source: 'jwt_tool -X s; catalogue JWT-07',
  },
  {
    id: 'origin.kid-as-file',
    sentence: 'The origin opens the key id as a file and uses it as HMAC secret.',
    source: 'jwt_tool playbook; catalogue JWT-06',
  },
  {
    id: 'origin.takes-weak-secret',
    sentence: 'The origin accepts HS256 with the secret “secret”.',
    source: 'jwt_tool -X b; catalogue JWT-25',
  },
  {
    id: 'origin.skips-long-tokens',
    sentence: 'The origin does not verify the signature of a token longer than 4 KiB.',
    source: 'golang-jwt CVE-2025-30204, go-jose CVE-2025-27144 (limits on length); catalogue JWT-22',
  },
  {
    id: 'origin.ignores-kid',
    sentence: 'The origin tries every key, whatever the key id.',
    source: 'cloudflare-one validating-json: pick by kid; catalogue JWT-06',
  },
  {
    id: 'origin.ignores-crit',
    sentence: 'The origin accepts critical headers nobody knows.',
    source: 'PyJWT CVE-2026-32597; catalogue JWT-18',
  },
  {
    id: 'origin.takes-other-application',
    sentence: 'The origin accepts the token of every application of the team.',
    source: 'lua-resty-openidc issue 399; cloudflared checks audTag itself; catalogue JWT-12',
  },
  {
    id: 'origin.takes-missing-audience',
    sentence: 'The origin accepts a token without audience.',
    source: 'golang jwt CVE-2020-26160; catalogue JWT-13',
  },
  {
    id: 'origin.audience-by-part',
    sentence: 'A part of the AUD tag is enough for the origin.',
    source: 'catalogue JWT-13: substring',
  },
  {
    id: 'origin.ignores-issuer',
    sentence: 'The origin does not look at the issuer.',
    source: 'PyJWT CVE-2024-53861; fast-jwt CVE-2025-30144; catalogue JWT-14',
  },
  {
    id: 'origin.takes-org-token',
    sentence: 'The origin accepts a global session as application token.',
    source: 'catalogue JWT-15: type app and org',
  },
  {
    id: 'origin.takes-expired',
    sentence: 'The origin does not look at exp.',
    source: 'RFC 7519 §4.1.4; catalogue JWT-10',
  },
  {
    id: 'origin.takes-malformed-expiry',
    sentence: 'The origin takes an exp that is missing or no number for never.',
    source: 'RFC 7519 §4.1.4; catalogue JWT-10',
  },
  {
    id: 'origin.ignores-not-before',
    sentence: 'The origin does not look at nbf.',
    source: 'RFC 7519 §4.1.5; catalogue JWT-11',
  },
  {
    id: 'origin.takes-json-form',
    sentence: 'The origin accepts an assertion in the JSON form, its signatures unverified.',
    source: 'Wycheproof JsonSerialization; catalogue JWT-21',
  },
  {
    id: 'origin.first-of-duplicate-claims',
    sentence: 'Of a claim that stands twice the first one counts for the origin.',
    source: 'RFC 7519 §4 (the last one); python-jwt CVE-2022-39227; catalogue JWT-20',
  },
  {
    id: 'origin.falls-back-to-cookie',
    sentence: 'The origin takes the cookie where the assertion is bad.',
    source: 'cloudflare-one validating-json prefers the header; catalogue JWT-23',
  },
] as const satisfies readonly Fault[]
