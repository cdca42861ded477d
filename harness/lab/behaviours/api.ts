/**
 * What the control plane's core rests on: credentials, envelope, zones, client certificates, uploaded CAs.
 * @module
 */
import type { Behaviour } from './behaviour.ts'

const docs = (path: string): string => `developers.cloudflare.com ${path}`
const sdk = 'cloudflare-typescript 7.3.0'
const openApi = 'cloudflare/api-schemas openapi.json of 2024-08'

/** Credentials, limits and refusals of every route. */
const requests: readonly Behaviour[] = [
  {
    what: 'Answers come in the envelope success, errors, messages, result, result_info; codes are 1000 or more.',
    standing: 'official',
    source: `${openApi}, *_api-response-common and *-failure`,
  },
  {
    what: 'An unknown path or object id in a path: 7003, with the path in the message.',
    standing: 'third-party',
    source: 'timothymiller/cloudflare-ddns issue 152; the code is official (openapi.json)',
  },
  {
    what: 'The status of 7003 is 404.',
    standing: 'our choice',
    source: 'openapi.json says 4XX; 400 was seen too (terraform-provider-cloudflare issue 1097, code 7000)',
  },
  {
    what: 'No credential: 400 / 9106 “Missing X-Auth-Key, X-Auth-Email or Authorization headers”.',
    standing: 'third-party',
    source: 'cloudflare/cloudflare-python issue 2678',
  },
  {
    what: 'Malformed credential headers: 400 / 6003, error_chain 6111, 6102 or 6103.',
    standing: 'third-party',
    source:
      'jeessy2/ddns-go issue 916; cloudflare/cloudflare-typescript issue 161; rmbolger/Posh-ACME issue 126',
  },
  {
    what: 'A credential that may not do it (read only, other account): 403 / 10000 “Authentication error”.',
    standing: 'third-party',
    source:
      'status 403 as recorded by one operator in 2026-07; 400 in terraform-provider-cloudflare issue 1361',
  },
  {
    what: 'An unknown, disabled or expired credential: 401 / 10000, also when it is verified.',
    standing: 'our choice',
    source:
      'code and message are official, the status was not found; tokens/verify was seen with code 1000 instead',
  },
  {
    what: 'GET /user/tokens/verify tells a disabled or expired token its status with 200.',
    standing: 'our choice',
    source: `${sdk} has the statuses; when they are answered was not found`,
  },
  {
    what: 'GET /user/tokens/verify with a key: code 1001 “Missing "Authorization" header” (status 400: our choice).',
    standing: 'third-party',
    source: 'kissgyorgy/cloudflare-dyndns issue 40',
  },
  {
    what: 'Tokens may edit everything or only look; there are no finer permissions.',
    standing: 'our choice',
    source: 'the real ones have permission groups; a lab has one operator',
  },
  {
    what: '1,200 requests in five minutes per credential, then 429 for five minutes, with retry-after.',
    standing: 'official',
    source: docs('fundamentals/api/reference/limits'),
    test: 'over the limit: 429 with retry-after until five minutes have passed since, others go on',
  },
  {
    what: 'Ratelimit and Ratelimit-Policy on every answer.',
    standing: 'official',
    source: docs('changelog 2025-09-03'),
    test: 'every answer says where the credential stands',
  },
  {
    what: 'x-ratelimit-limit, -remaining and -reset beside them; reset is in seconds from now.',
    standing: 'our choice',
    source: 'older text of the limits page names them; whether they are still sent was not found',
  },
  {
    what: 'The 429 has code 10500; requests without a good credential share one count.',
    standing: 'our choice',
    source:
      'the message was seen (lablabs/cloudflare-exporter issue 74), the code not from a reliable source',
  },
  {
    what: 'Malformed JSON 400 / 6007, other content types 415 / 10415, bodies over 1 MiB 413 / 10413, wrong fields 400 / 10001.',
    standing: 'our choice',
    source: 'not found',
  },
  {
    what: 'HEAD, OPTIONS and every other method without a route: 404 / 7003.',
    standing: 'our choice',
    source: 'not found',
  },
]

/** Zones, accounts, settings. */
const zones: readonly Behaviour[] = [
  {
    what: 'DNS records are read only: one proxied A record per hostname; hostnames with the same origin have the same content, an address of RFC 5737.',
    standing: 'our choice',
    source:
      'the lab’s origins all listen on loopback; the form of a record is official (cloudflare-typescript 7.3.0, dns/records)',
    test: 'every hostname of the zone, by the address of its origin',
  },
  {
    what: 'An unknown DNS record: 404 / 81044 “Record does not exist.”',
    standing: 'third-party',
    source: 'zanjie1999/cloudflare-api-v4-ddns issue 5 (code and message); the status 404 is our choice',
  },
  {
    what: 'Lists that the SDK pages through honour page and per_page and end with an empty page.',
    standing: 'official',
    source: `${sdk}, src/core/pagination.ts: it asks until result is empty`,
    point: 19,
    test: 'the list is filtered by status, chosen by limit and offset, and ends with an empty page',
  },
  {
    what: 'Worker routes are listed, with request_limit_fail_open, and no script runs.',
    standing: 'third-party',
    source:
      'the field is in recorded answers of several public repositories, not in cloudflare-typescript 7.3.0; that nothing runs is our choice',
    test: 'the routes of the zone, with what becomes of requests over the limit',
  },
  {
    what: 'A setting the zone does not have: 400 / 1003 “Undefined zone setting”.',
    standing: 'third-party',
    source: 'integration test against the real API in a public repository; several operators’ notes',
  },
  {
    what: 'A value a setting cannot have: 400 / 1007.',
    standing: 'our choice',
    source: 'not found in stored material',
  },
  {
    what: 'Every zone is active, full and of the Enterprise plan; only ssl and tls_client_auth are among its settings.',
    standing: 'our choice',
    source: 'what needs Enterprise (own client CAs) works in the lab',
  },
]

/** Client certificates of the managed CA, and hostname associations. */
const clientCertificates: readonly Behaviour[] = [
  {
    what: 'The CSR comes back with CRLF line ends.',
    standing: 'official',
    source: 'terraform-provider-cloudflare, client_certificate/resource_test.go',
    point: 21,
    test: 'the CSR comes back with CRLF line ends',
  },
  {
    what: 'DELETE revokes (pending_revocation, then revoked); nothing is deleted; PATCH {reactivate: true} restores.',
    standing: 'official',
    source: docs('ssl/client-certificates/revoke-client-certificate'),
    test: 'revoking takes a while, once; a revoked certificate stays listed and can be restored',
  },
  {
    what: 'PATCH without a body restores, as before the field reactivate existed; {reactivate: false} changes nothing.',
    standing: 'our choice',
    source: `${openApi} has no body; ${sdk} has an optional one`,
  },
  {
    what: 'Revoking twice: 1407 (status 400: our choice). Unknown id: 404 / 1415.',
    standing: 'third-party',
    source: 'alchemy-run/distilled, error matchers from live answers',
  },
  {
    what: 'Revoking frees the place in the quota at once.',
    standing: 'official',
    source: docs('ssl/client-certificates/troubleshooting'),
    test: 'the quota counts what is not revoked; revoking frees a place at once',
  },
  {
    what: 'The quota is 100 per zone; beyond it 400 / 1412.',
    standing: 'our choice',
    source: 'a quota exists; number and code were not found',
  },
  {
    what: 'Serial number, SKI and fingerprint of a client certificate are lower-case hex here, unlike cert_serial and cert_ski of the rules.',
    standing: 'official',
    source: `${openApi}, examples of the client certificate`,
  },
  {
    what: 'RSA signature algorithms are named SHA256WithRSA and so on.',
    standing: 'official',
    source: `${openApi}, examples`,
  },
  {
    what: 'ECDSA signature algorithms are named ECDSAWithSHA256 and so on.',
    standing: 'our choice',
    source: 'inferred from cloudflare/cfssl, whose RSA names are those of the API',
  },
  {
    what: 'Of a CSR only subject and key are taken over: no alternative names, clientAuth only.',
    standing: 'our choice',
    source: 'the subject fields are “provided by the CSR” (openapi.json); alternative names were not found',
  },
  {
    what: 'validity_days is 1 to 3650; a CSR that cannot be read or is signed by another key: 400 / 1401.',
    standing: 'our choice',
    source: '3650 is the largest in examples; limits and code were not found',
  },
  {
    what: 'The list is newest first, at most 50 a page; limit and offset choose what page and per_page page through.',
    standing: 'our choice',
    source: 'the parameters are official, their interplay was not found',
  },
  {
    what: 'One managed CA per account; the edge accepts all of them on every zone.',
    standing: 'our choice',
    source: 'documentation: one per account; Cloudflare staff in cloudflare-docs PR 23365: shared',
  },
  {
    what: 'PUT of hostname associations replaces the list of one CA; without mtls_certificate_id that of the managed CA.',
    standing: 'official',
    source: docs('ssl/client-certificates/byo-ca'),
    test: 'PUT replaces the list of one CA; without an id that of the managed CA',
  },
  {
    what: 'Hostnames of other zones, wildcards and what is no hostname: 400 / 1416; a leaf as CA: 400 / 1473.',
    standing: 'our choice',
    source: 'not found',
  },
]

/** CAs that operators upload. */
const uploadedCas: readonly Behaviour[] = [
  {
    what: 'Uploaded CAs: CA:TRUE, RSA or ECDSA with SHA-1 or SHA-2 (no PSS, no Ed25519), PEM CERTIFICATE blocks only.',
    standing: 'official',
    source: 'cloudflare-docs partials/ssl/byo-ca-mtls-cert-requirements.mdx',
    test: 'a CA has CA:TRUE and an RSA or ECDSA signature with SHA-1 or SHA-2: 1474',
  },
  {
    what: 'Five CAs per account, then 1489 “Hit maximum CA cert allocation.”',
    standing: 'official',
    source: docs('ssl/client-certificates/troubleshooting'),
    test: 'five CAs per account and no sixth: 1489; a leaf takes no place, a deleted one gives its place back',
  },
  {
    what: 'The same certificate again: 1471 (status 400: our choice); an unknown id: 1472 (404: our choice).',
    standing: 'third-party',
    source: 'alchemy-run/distilled, error matchers from live answers',
  },
  {
    what: 'A CA in use is not deleted.',
    standing: 'official',
    source: docs('ssl/client-certificates/byo-ca'),
    test: 'what is in use is not deleted; its associations say so',
  },
  {
    what: 'That refusal is 400 / 1433; what cannot be read is 400 / 1408; what does not meet the requirements 400 / 1474.',
    standing: 'our choice',
    source: '1408 and 1433 are those of origin-pull certificates; for CAs the codes were not found',
  },
  {
    what: 'A CA that is associated with a hostname has one association, api_shield, active at once.',
    standing: 'our choice',
    source: 'the service’s name was not found; openapi.json shows gateway and pending_deployment',
  },
  {
    what: 'Ids of uploaded CAs are UUIDs, serial numbers decimal.',
    standing: 'official',
    source: `examples of ${sdk} and ${openApi}; the latter’s schema allows 32 characters only`,
  },
  {
    what: 'A leaf is taken only with its private key.',
    standing: 'our choice',
    source: 'the field is documented as needed in some cases only',
  },
]

/** Every behaviour of the control plane's core. */
export const apiBehaviours: readonly Behaviour[] = [
  ...requests,
  ...zones,
  ...clientCertificates,
  ...uploadedCas,
]
