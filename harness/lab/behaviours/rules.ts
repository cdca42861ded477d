/**
 * What the lab's rules, fields and certificate headers rest on.
 * @module
 */
import type { Behaviour } from './behaviour.ts'

const docs = (path: string): string => `developers.cloudflare.com ${path}`
const language = 'ruleset-engine/rules-language'
const wirefilter = 'cloudflare/wirefilter, engine/src/ast: what the open-sourced engine does'

/** The behaviours of this part. */
export const rulesBehaviours: readonly Behaviour[] = [
  {
    what: 'Nothing is blocked for a client certificate unless a WAF custom rule says so.',
    standing: 'official',
    source: docs('ssl/client-certificates; ssl/client-certificates/troubleshooting'),
    point: 2,
    test: 'without a rule nothing is blocked, whatever the certificate',
  },
  {
    what: 'A rule on cert_verified alone lets a revoked certificate through: cert_verified stays true, cert_revoked is true.',
    standing: 'official',
    source: docs('api-shield/security/mtls/configure'),
    point: 2,
    test: 'a rule on cert_verified alone lets a revoked certificate through',
  },
  {
    what: 'A rule without an issuer pin accepts a certificate of another issuer that the edge trusts.',
    standing: 'official',
    source: docs(
      'api-shield/security/mtls/configure, which advises cert_issuer_ski; cloudflare-docs PR 23365',
    ),
    point: 3,
    test: 'without an issuer pin another account’s certificate passes; with one it does not',
  },
  {
    what: 'Judgements are booleans in rules, and NONE, SUCCESS or FAILED:<openssl text> in Workers.',
    standing: 'official',
    source: docs('ssl/client-certificates/client-certificate-variables'),
    point: 4,
    test: 'booleans in rules, NONE, SUCCESS and FAILED:<openssl text> in Workers',
  },
  {
    what: 'Serial numbers and key identifiers are upper-case hex, fingerprints lower-case; legacy DNs begin with a slash.',
    standing: 'official',
    source: docs('ssl/client-certificates/client-certificate-variables'),
    point: 4,
    test: 'every field of a verified certificate, in its documented format',
  },
  {
    what: 'Fields of the certificate are filled whatever the verdict.',
    standing: 'official',
    source: docs(
      `${language}/fields/reference/cf.tls_client_auth.cert_rfc9440; for the other fields inferred`,
    ),
  },
  {
    what: 'Workers get "self signed certificate" without hyphen, the wire "self-signed certificate".',
    standing: 'our choice',
    source: 'the documentation shows the text of OpenSSL 1; the header’s value was not found',
  },
  {
    what: 'cert_issuer_serial is the serial of the issuer on the verified path; empty where none was found.',
    standing: 'our choice',
    source: 'for an issuer that is not known: not found',
  },
  {
    what: 'The encoded leaf has up to 10 KiB, the encoded chain up to 16 KiB; above that the field is empty and too_large true.',
    standing: 'official',
    source: docs('ssl/client-certificates/forward-a-client-certificate'),
  },
  {
    what: 'The size limit counts characters of the encoded value, colons and separators included.',
    standing: 'our choice',
    source: '"the encoded value exceeds the limit"; what is counted was not found',
  },
  {
    what: 'Precedence: not, and, xor, or. Operators in English are lower case.',
    standing: 'official',
    source: docs(`${language}/operators`),
  },
  {
    what: 'Strings are compared with case, wildcard without, strict wildcard with.',
    standing: 'official',
    source: docs(`${language}/operators`),
  },
  {
    what: 'matches takes the common part of Rust’s regular expressions; the rest is refused. ASCII classes.',
    standing: 'our choice',
    source: `the real edge has all of Rust’s engine; ${wirefilter} (no Unicode classes by default)`,
  },
  {
    what: 'Expressions have at most 4096 characters.',
    standing: 'official',
    source: docs(`${language}/expressions`),
  },
  {
    what: 'Nesting of at most 64, no lists, no and/or of arrays, a part of the fields and functions: the rest is refused by name.',
    standing: 'our choice',
    source: 'the lab has what rules about client certificates need',
  },
  {
    what: 'A boolean takes no operator: "cert_verified eq true" is refused.',
    standing: 'third-party',
    source: `${wirefilter}; the documentation says only that none is required`,
  },
  {
    what: 'A comparison with a missing value is false, also ne.',
    standing: 'official',
    source: docs(`${language}/values#notes`),
  },
  {
    what: 'concat, lower, len, starts_with of a missing value are missing; any and all are false.',
    standing: 'our choice',
    source: docs(`${language}/values: "a missing value in most cases, but the exact behavior can vary"`),
  },
  {
    what: 'to_string only in values of headers; the first argument of starts_with and ends_with is no literal.',
    standing: 'official',
    source: docs(`${language}/functions`),
  },
  {
    what: 'http.request.uri.path is normalised (type Cloudflare); raw.http.request.uri.path is as written.',
    standing: 'official',
    source: docs('rules/normalization/how-it-works, on by default'),
  },
  {
    what: 'http.host is lower case and without port.',
    standing: 'our choice',
    source: 'not found; the examples of lower() suggest that it may be as written',
  },
  {
    what: 'Messages about expressions: Filter parsing error (line:column), the line, carets, what.',
    standing: 'third-party',
    source:
      'cloudflare-docs PR 28223 and issue 2843; terraform-provider-cloudflare PR 1326. Wording of what: ours',
  },
  {
    what: 'An entry point that does not exist: 404, code 10003, "could not find entrypoint ruleset in the <phase> phase".',
    standing: 'third-party',
    source: 'several public clients that match on it',
  },
  {
    what: 'A blank expression has code 20125; a PATCH of a rule replaces it whole.',
    standing: 'third-party',
    source:
      'a public client’s record of live answers; documentation of rulesets-api/update-rule for the second',
  },
  {
    what: 'Codes 20127 (expression), 20217 (second ruleset of a phase) and 20000 (everything else about rules), status 400.',
    standing: 'our choice',
    source: 'not found in stored material',
  },
  {
    what: 'A PUT gives rules whose id it knows the same id and, if they differ, the next version; unknown ids are new rules.',
    standing: 'our choice',
    source: docs('ruleset-engine/rulesets-api/json-object for versions; unknown ids: not found'),
  },
  {
    what: 'dry_run=true checks, changes nothing and has a result of null.',
    standing: 'official',
    source: 'cloudflare-typescript 7.3.0, rulesets',
  },
  {
    what: 'Custom answers: status 400 to 499, text/html, text/plain, application/json or XML, 2 KB.',
    standing: 'official',
    source: docs('waf/custom-rules/create-dashboard'),
  },
  {
    what: 'Custom rules apply in order, the first enabled one that matches decides; actions other than block are refused.',
    standing: 'our choice',
    source: 'order and terminating action as documented; the lab has block only',
  },
  {
    what: 'A stored rule that cannot be read (by import) blocks; a transform rule that cannot be read does nothing.',
    standing: 'our choice',
    source: 'the API never stores such a rule',
  },
  {
    what: 'Transform rules run in order on the request as it came; an empty or missing value removes; cf-, x-cf- and connection headers cannot be set.',
    standing: 'official',
    source: docs('rules/transform/request-header-modification'),
  },
  {
    what: 'Which headers beside the documented ones are refused (Host, Content-Length, Accept-Encoding, Date, Via, …).',
    standing: 'our choice',
    source: 'the documentation refers to the forbidden header names of browsers',
  },
  {
    what: 'Values of transform rules: bytes outside of printable ASCII as \\u00xx.',
    standing: 'our choice',
    source: docs(
      'rules/transform/managed-transforms/reference says so of non-ASCII; of control characters: ours',
    ),
  },
  {
    what: 'The managed transform of client certificates is add_client_certificate_headers.',
    standing: 'official',
    source: docs('rules/transform/managed-transforms/configure'),
  },
  {
    what: 'The list of managed transforms has three request transforms and no response transforms.',
    standing: 'our choice',
    source: 'those whose effect the lab has; the real list follows the plan',
  },
  {
    what: 'cf-cert-revoked is 1 or 0; headers of fields without a value are left out.',
    standing: 'our choice',
    source: 'values on the wire were not found; the Workers variable has 1 and 0',
  },
  {
    what: 'Cf-Client-Cert-Der-Base64 and -Sha256 go with the first request of a connection or with every one, as set.',
    standing: 'official',
    source: docs('ssl/client-certificates/forward-a-client-certificate, older and newer text'),
    point: 11,
    test: 'certificate forwarding: the first request of a connection, or every one',
  },
  {
    what: 'Cf-Client-Cert-* are sent whatever the verdict; the hash is lower-case hex.',
    standing: 'our choice',
    source: 'not found',
  },
  {
    what: 'Client-Cert and Client-Cert-Chain by transform rules: client copies removed, set for verified, unrevoked certificates.',
    standing: 'official',
    source: docs('ssl/client-certificates/forward-a-client-certificate; RFC 9440'),
    point: 10,
    test: 'RFC 9440 by transform rules: client copies go, ours come for a good certificate only',
  },
]
