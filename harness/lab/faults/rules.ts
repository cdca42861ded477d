/**
 * Faults of client certificate rules and forwarded fields.
 * @module
 */
import type { Fault } from './fault.ts'

const exactPath = 'catalogue PTH-01, CPA-05; Cloudflare: rules compare http.request.uri.path exactly'

/** What operators and the edge get wrong about rules. */
export const ruleFaults = [
  {
    id: 'edge.rule-ignores-revoked',
    sentence: 'Custom rules see cert_revoked as false.',
    source: 'catalogue CPA-03; Cloudflare: cert_verified stays true for a revoked certificate',
  },
  {
    id: 'edge.rule-no-issuer-pin',
    sentence: 'What a custom rule says about the issuer is taken as true.',
    source:
      'catalogue CPA-02; Cloudflare API Shield: the managed CA is shared, rules should pin cert_issuer_ski',
  },
  {
    id: 'edge.rule-lower-hex',
    sentence:
      'Rules see serial numbers and key identifiers in lower case, so that a documented pin never fits.',
    source: 'Cloudflare client certificate fields: upper case here, lower case in fingerprints',
  },
  {
    id: 'edge.rule-misses-trailing-slash',
    sentence: 'Custom rules do not match a path that ends with a slash.',
    source: exactPath,
  },
  {
    id: 'edge.rule-misses-double-slash',
    sentence: 'Custom rules do not match a path with two slashes in a row.',
    source: exactPath,
  },
  {
    id: 'edge.rule-misses-upper-case-path',
    sentence: 'Custom rules do not match a path with a capital letter.',
    source: 'Cloudflare: string comparison is case-sensitive; catalogue PTH-01',
  },
  {
    id: 'edge.rule-misses-encoded-path',
    sentence: 'Custom rules do not match a path with a percent-encoded letter, digit or dot.',
    source: 'Cloudflare URL normalization: /%68ello is not /hello without it',
  },
  {
    id: 'edge.rule-misses-dot-segment',
    sentence: 'Custom rules do not match a path with /./ or /../ in it.',
    source: 'Cloudflare URL normalization; RFC 3986 §5.2.4',
  },
  {
    id: 'edge.rule-raw-path',
    sentence: 'http.request.uri.path is the path as written, not the normalised one.',
    source: 'Cloudflare URL normalization, "Normalize incoming URLs" switched off',
  },
  {
    id: 'edge.rule-misses-writing-methods',
    sentence: 'Custom rules do not match PUT, PATCH and DELETE.',
    source: 'catalogue CPA-05: a rule limited by method',
  },
  {
    id: 'edge.rule-misses-writes-at-path',
    sentence: 'Custom rules do not match POST and DELETE of /temps and of what is below.',
    source: 'catalogue CPA-05, PTH-15: an exemption by method, for one path',
  },
  {
    id: 'edge.rule-stops-at-disabled',
    sentence: 'Custom rules behind a disabled rule are not looked at.',
    source: 'catalogue CPA-05: a rule disabled, or ordered behind another',
  },
  {
    id: 'edge.rfc9440-truncated',
    sentence: 'A certificate or chain over the size limit is cut off instead of left out.',
    source: 'Cloudflare: empty when larger than 10 KiB or 16 KiB; RFC 9440 §3.2',
  },
  {
    id: 'edge.transform-despite-invalid',
    sentence: 'Transform rules see cert_verified as true for every certificate presented.',
    source:
      'Cloudflare: cert_rfc9440 is filled whatever the validation result, so rules have to ask cert_verified',
  },
  {
    id: 'edge.transform-by-spelling',
    sentence: 'Transform rules set and remove a header only in the spelling of the rule.',
    source: 'RFC 9110 §5.1; Traefik CVE-2026-33433',
  },
  {
    id: 'edge.transform-first-copy-only',
    sentence: 'Of a header sent twice, transform rules replace or remove the first copy only.',
    source: 'ESPv1 CVE-2021-41130',
  },
  {
    id: 'edge.forwards-certificate-first-only',
    sentence: 'Cf-Client-Cert-* are sent with the first request of a connection only.',
    source: 'Cloudflare forward-a-client-certificate, older text; catalogue HDR-21',
  },
] as const satisfies readonly Fault[]
