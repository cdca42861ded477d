/**
 * Faults of enforce and report mode.
 * @module
 */
import type { Fault } from './fault.ts'

const singleton = 'RFC 9440 §2.2'
const signals = 'HAProxy ssl_c_verify is 0 without certificate (measured); catalogue MOD-04'

/** How refusals look, which requests are forgotten, and what report mode says. */
export const modeFaults = [
  {
    id: 'edge.refusal-status',
    sentence: 'Refusals have status 401 instead of the configured one.',
    source: 'Cloudflare custom block responses',
  },
  {
    id: 'edge.refusal-body',
    sentence: 'The refusal body differs from the configured one.',
    source: 'Cloudflare custom block responses',
  },
  {
    id: 'edge.refusal-content-type',
    sentence: 'The refusal has another Content-Type.',
    source: 'Cloudflare custom block responses',
  },
  {
    id: 'edge.refusal-leaks-reason',
    sentence: 'The refusal of a bad certificate says what is wrong with it.',
    source: 'RFC 9440 §2.4',
  },
  {
    id: 'edge.refusal-contacts-origin',
    sentence: 'The origin is called before the refusal is sent.',
    source: 'RFC 9440 §2.4',
  },
  {
    id: 'edge.refusal-cacheable',
    sentence: 'Refusals may be cached.',
    source: 'RFC 9440 §2.4; RFC 9111 §5.2',
  },
  {
    id: 'edge.head-open',
    sentence: 'HEAD passes without certificate.',
    source: 'RFC 9110 §9.3.2; catalogue MOD-13',
  },
  {
    id: 'edge.websocket-tunnel',
    sentence: 'A WebSocket upgrade without a certificate goes to a backend that has no rule: it answers 101.',
    source: 'HAProxy use_backend before the rule of another backend; RFC 6455 §4.2.2; catalogue MOD-13',
  },
  {
    id: 'edge.refusal-shows-application',
    sentence: 'At one path the page of the refusal is asked of the application, which answers as ever.',
    source: 'nginx error_page with a location that has proxy_pass',
  },
  {
    id: 'edge.public-refused',
    sentence: 'The public hostname, too, refuses requests without a certificate.',
    source: 'HAProxy http-request deny in a frontend, for every hostname of it',
  },
  {
    id: 'edge.h2-open',
    sentence: 'HTTP/2 passes without certificate.',
    source: 'Traefik CVE-2026-22045 (ALPN fast path)',
  },
  {
    id: 'edge.large-post-open',
    sentence: 'A POST of 64 KiB or more passes without certificate.',
    source: 'catalogue MOD-13',
  },
  {
    id: 'edge.open-path',
    sentence: 'One path of the application passes without certificate.',
    source: 'catalogue PTH-01; Cloudflare: rules match http.request.uri.path exactly',
  },
  {
    id: 'edge.range-open',
    sentence: 'A Range request passes without certificate.',
    source: 'catalogue MOD-13',
  },
  {
    id: 'edge.checks-first-request-only',
    sentence: 'Only the first request of a connection is judged.',
    source: 'RFC 9440 §3.3; catalogue HDR-21',
  },
  {
    id: 'edge.trusts-client-status',
    sentence: 'A request without certificate whose own status header says valid passes.',
    source: 'RFC 9440 §4: a forged header',
  },
  {
    id: 'edge.believes-claims',
    sentence: 'A request without certificate passes when its X-SSL-Client-Verify says SUCCESS.',
    source: 'RFC 9440 §4; Caddy CVE-2026-30851',
  },
  {
    id: 'edge.report-blocks-none',
    sentence: 'Report mode refuses requests without certificate.',
    source: 'catalogue MOD-01',
  },
  {
    id: 'edge.report-blocks-invalid',
    sentence: 'Report mode refuses invalid certificates.',
    source: 'catalogue MOD-02',
  },
  {
    id: 'edge.report-none-as-valid',
    sentence: 'Report mode reports a missing certificate as valid.',
    source: signals,
  },
  {
    id: 'edge.report-invalid-as-valid',
    sentence: 'Report mode reports an invalid certificate as valid.',
    source: signals,
  },
  {
    id: 'edge.report-valid-as-invalid',
    sentence: 'Report mode reports a valid certificate as invalid.',
    source: 'catalogue MOD-03',
  },
  {
    id: 'edge.report-revoked-as-valid',
    sentence: 'Report mode reports a revoked certificate as valid.',
    source: 'Cloudflare: cert_verified stays true when revoked',
  },
  {
    id: 'edge.report-omits-status',
    sentence: 'Report mode sends no status header without certificate.',
    source: 'RFC 9440 §4: absence does not fail safe',
  },
  {
    id: 'edge.report-wrong-ski',
    sentence: 'The forwarded SKI is the issuer’s.',
    source: 'Cloudflare: cert_ski and cert_issuer_ski are two fields',
  },
  {
    id: 'edge.report-wrong-subject',
    sentence: 'The forwarded subject is the issuer’s.',
    source: 'NATS CVE-2026-33248',
  },
  {
    id: 'edge.report-wrong-fingerprint',
    sentence: 'The forwarded fingerprint is that of the public key.',
    source: 'Cloudflare client certificate fields',
  },
  {
    id: 'edge.report-wrong-serial',
    sentence: 'The forwarded serial number has lost its last byte.',
    source: 'RFC 5280 §4.1.2.2',
  },
  {
    id: 'edge.report-wrong-issuer-ski',
    sentence: 'The forwarded SKI of the issuer is the certificate’s own.',
    source: 'Cloudflare: cert_ski and cert_issuer_ski are two fields',
  },
  {
    id: 'edge.report-wrong-issuer',
    sentence: 'The forwarded issuer is the subject.',
    source: 'NATS CVE-2026-33248',
  },
  {
    id: 'edge.report-wrong-not-before',
    sentence: 'The forwarded start of validity is its end.',
    source: 'Cloudflare client certificate fields',
  },
  {
    id: 'edge.report-wrong-not-after',
    sentence: 'The forwarded end of validity is its start.',
    source: 'Cloudflare client certificate fields',
  },
  {
    id: 'edge.caches-canary',
    sentence: 'Answers of the canary to valid clients are cached and replayed, nonce included.',
    source: 'RFC 9111 §4; measured: a cache in front can replay an answer',
  },
  {
    id: 'edge.report-leaks-status',
    sentence: 'The status header is in the response to the client too.',
    source: singleton,
  },
] as const satisfies readonly Fault[]
