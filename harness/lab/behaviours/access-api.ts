/**
 * What the Access control plane rests on.
 * @module
 */
import type { Behaviour } from './behaviour.ts'

const docs = (path: string): string => `developers.cloudflare.com cloudflare-one/${path}`
const tokens = docs('access-controls/service-credentials/service-tokens')
const sdk = (what: string): string => `cloudflare-typescript 7.3.0, ${what}`
const oas = 'cloudflare/api-schemas openapi.json of 2024-08-06'
const seen = (what: string): string => `recorded by third parties: ${what}`
const chosen = (what: string): string => `${what}: not found`

/** The behaviours of this part that a user could mistake for facts about the real edge. */
export const accessApiBehaviours: readonly Behaviour[] = [
  {
    what: 'Creating answers 201, deleting applications, policies, groups and providers 202, certificate settings 202, revoke_tokens 202.',
    standing: 'official',
    source: oas,
    point: 19,
    test: 'answers 201, 200, 200 and 202, with an audience tag that stays',
  },
  {
    what: 'Lists honour page and per_page and end with an empty page.',
    standing: 'official',
    source: sdk('pagination: asks until a page is empty'),
    point: 19,
    test: 'lists pages until an empty one, filtered by name and search',
  },
  {
    what: 'A client CA of Access cannot be deleted while hostnames are attached: access.api.error.conflict.',
    standing: 'official',
    source: 'terraform-provider-cloudflare, tests against the real API',
    point: 20,
    test: 'refuses to delete a CA while hostnames are attached',
  },
  {
    what: 'A second write of the certificate settings too soon is 409 / 12132, which the SDK tries again.',
    standing: 'official',
    source: 'terraform-provider-cloudflare, tests against the real API; code also recorded by third parties',
    point: 20,
    test: 'a second write of the settings too soon conflicts, and the SDK’s own retry gets through',
  },
  {
    what: 'How long certificate settings take is set by delays.certificateSettings.',
    standing: 'our choice',
    source: chosen('how long the real edge takes'),
  },
  {
    what: 'Code 12132 and status 409 for every access.api.error.conflict.',
    standing: 'our choice',
    source: chosen('the code of “certificate has active associations” and of a second one-time PIN'),
  },
  {
    what: 'A secret of a service token is shown on creation and rotation only.',
    standing: 'official',
    source: sdk('service tokens'),
    point: 14,
    test: 'shows a secret once, on creation, and keeps its hash only',
  },
  {
    what: 'Rotation keeps the client id; the old secret is good until previous_client_secret_expires_at, or dies at once.',
    standing: 'official',
    source: tokens,
    point: 14,
    test: 'rotate with grace keeps the old secret until the moment given, which can be moved',
  },
  {
    what: 'Secrets: cfast_, 40 alphanumerics, 8 characters of checksum.',
    standing: 'official',
    source: tokens,
  },
  {
    what: 'The checksum of a secret is CRC-32 of what precedes it, in hex.',
    standing: 'our choice',
    source: chosen('the algorithm'),
  },
  {
    what: 'Client ids are 32 hex digits and .access.',
    standing: 'official',
    source: `${tokens} shows the ending`,
  },
  {
    what: 'Raising client_secret_version rotates and the answer holds the secret; lowering it is refused.',
    standing: 'our choice',
    source: `${sdk('service tokens')} says that it rotates; what the answer holds and what lowering does was not found`,
  },
  {
    what: 'PUT of a service token changes what it names; a duration counts from the moment of the change.',
    standing: 'official',
    source: `${tokens}: “resets the expiration relative to the time of the update”`,
  },
  {
    what: 'Refresh adds a year to the expiry, or to now when it has passed.',
    standing: 'our choice',
    source: `${tokens} says “extend the lifetime by one year”; what an expired token gets was not found`,
  },
  {
    what: 'A service token that a policy or group names cannot be deleted: 400 / 12139.',
    standing: 'third-party',
    source: seen('access.api.error.service_token_in_use, 2026-08-23'),
  },
  {
    what: 'Reusable policies, groups and identity providers that are used cannot be deleted: 400 / 12130.',
    standing: 'our choice',
    source: chosen('what the real API does'),
  },
  {
    what: 'Policies, groups and applications may only refer to what exists; anything else is 400 / 12130.',
    standing: 'our choice',
    source: chosen('what the real API does'),
  },
  {
    what: 'Bad requests are 400 / 12130 with access.api.error.invalid_request and a reason.',
    standing: 'third-party',
    source: seen(
      '“app type is missing or invalid”, “domain does not belong to zone”, “maximum number of certificates …”',
    ),
  },
  {
    what: 'Most texts of reasons are the lab’s own.',
    standing: 'our choice',
    source: chosen('the texts'),
  },
  {
    what: 'Unknown: 404 with 12135 (certificate, token, provider), 12152 (group), 11021 (application).',
    standing: 'third-party',
    source: seen('alchemy-run/distilled, code searches'),
  },
  {
    what: 'An unknown policy and an account without organization are 404 / 12135; an unknown group has the same text.',
    standing: 'our choice',
    source: chosen('code or text'),
  },
  {
    what: 'A domain that another application has is 409 / 11010 application_already_exists.',
    standing: 'third-party',
    source: seen('several projects'),
  },
  {
    what: 'A second organization is refused with 409 / 11002.',
    standing: 'our choice',
    source: 'the code is recorded by third parties; status and text were not found',
  },
  {
    what: 'auth_domain must end .cloudflareaccess.com and be nobody else’s; the team has at most 63 characters.',
    standing: 'official',
    source: docs('account-limits; cloudflared 2026.8 checks the ending'),
    point: 18,
    test: 'a team domain ends in .cloudflareaccess.com and is one account’s',
  },
  {
    what: 'PATCH of the organization switches strict_service_token_auth.',
    standing: 'official',
    source: tokens,
    point: 14,
    test: 'strict service token authentication is switched on and off with PATCH',
  },
  {
    what: 'Organizations made from 2026-10-05 on are strict and cannot be otherwise; those of the lab’s start count as older.',
    standing: 'official',
    source: tokens,
  },
  {
    what: 'A zone’s organization and certificate settings are those of its account; its other Access objects are its own.',
    standing: 'our choice',
    source: chosen('how the two levels see each other'),
  },
  {
    what: 'What belongs to a zone may refer to the account’s groups, policies, providers and tokens, not the other way round.',
    standing: 'our choice',
    source: chosen('how the two levels see each other'),
  },
  {
    what: 'PUT of an application replaces its settings; policies that it does not name stay.',
    standing: 'our choice',
    source: `${tokens} warns that a PUT overwrites; whether that takes policies away was not found`,
  },
  {
    what: 'Policies of an application come inline, by id or as {id, precedence}; precedence is unique and decides the order.',
    standing: 'official',
    source: sdk('applications'),
  },
  {
    what: 'A list of policies must not mix reusable ones and inline ones.',
    standing: 'official',
    source: sdk('applications: “mutually exclusive”'),
  },
  {
    what: 'A reusable policy cannot be changed through an application: 400 / 12130.',
    standing: 'our choice',
    source: `${sdk('applications, policies')} sends one to the other endpoint; the refusal was not found`,
  },
  {
    what: 'destinations count before self_hosted_domains; domain is the first of them, added where it is not among them.',
    standing: 'our choice',
    source: `${sdk('applications')} has the order; a domain outside the list was not found`,
  },
  {
    what: 'One wildcard between dots and between slashes, no port, query or fragment in a domain.',
    standing: 'official',
    source: docs('access-controls/policies/app-paths'),
  },
  {
    what: 'The client secret of an identity provider is never shown; a PUT without it keeps it.',
    standing: 'third-party',
    source: `${seen('secrets are not echoed')}; keeping it is our choice`,
  },
  {
    what: 'An account has one one-time PIN: a second one is 409.',
    standing: 'third-party',
    source: seen('“a onetimepin connection already exists”, 2026-08-26'),
  },
  {
    what: 'Limits: 500 applications and reusable policies, 300 groups, 50 tokens, providers and CAs, 5 domains, 1,000 rules, names of 350, URLs of 63 characters.',
    standing: 'official',
    source: docs('account-limits'),
  },
  {
    what: 'Objects of an account and of its zones count together towards a limit; exceeding it is 400 / 12130.',
    standing: 'our choice',
    source: 'code and text are recorded for certificates only',
  },
  {
    what: 'Fingerprints of client CAs are MD5.',
    standing: 'official',
    source: sdk('certificates'),
  },
  {
    what: 'They are written as pairs of upper-case hex with colons, without “MD5 Fingerprint=” in front.',
    standing: 'our choice',
    source: 'the example of the OpenAPI document has the prefix, as openssl prints it',
  },
  {
    what: 'An application that is given no name is called by its domain.',
    standing: 'our choice',
    source: chosen('what the real API does'),
  },
  {
    what: 'A certificate that is no CA, and a hostname outside the zones or with a wildcard, are refused.',
    standing: 'our choice',
    source: chosen('what the real API does'),
  },
  {
    what: 'A rotation of the signing keys keeps the previous one for seven days; it happens by itself every six weeks.',
    standing: 'official',
    source: docs('access-controls/applications/http-apps/authorization-cookie/validating-json'),
    point: 13,
    test: 'makes a new key and keeps the previous one for seven days',
  },
  {
    what: 'A rotation that is due happens when somebody next looks or signs.',
    standing: 'our choice',
    source: 'nothing of the lab runs in the background',
  },
  {
    what: 'revoke_user answers whether anybody of that address has logged in.',
    standing: 'our choice',
    source: `${sdk('organizations')} answers true or false; when was not found`,
  },
  {
    what: 'Selectors, application types, destinations and switches that the lab lacks are refused with 12130, never ignored.',
    standing: 'our choice',
    source: 'a condition that nobody checks would let people in',
  },
]
