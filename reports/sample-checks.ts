/**
 * Checks of the sample: data for tests and for looking at the formats.
 * @module
 */
import { answered, needs, one, refusedInTls, unknownCa } from './sample-check.ts'
import type { CheckResult } from './types.ts'

/** The checks of the sample: every verdict is among them. */
export const sampleChecks: readonly CheckResult[] = [
  one('reach.answers', 'high', 'pass', 'the hostname answers on its port', {
    observed: 'TLS 1.3 in 9 ms, h2 and http/1.1',
    layer: 'tls',
  }),
  one('reach.all-addresses', 'high', 'pass', 'every address of the hostname gives the same verdict', {
    observed: '2 addresses, same verdict',
  }),
  one('reach.plain-port', 'high', 'pass', 'port 80 serves no content', {
    observed: '301 to https',
    layer: 'http',
    grounds: ['RFC 9110 §15.4.2'],
  }),
  one('tls.certificate-request-1-2', 'critical', 'pass', 'TLS 1.2 asks for a client certificate', {
    grounds: ['RFC 5246 §7.4.4'],
  }),
  one('tls.certificate-request-1-3', 'critical', 'pass', 'TLS 1.3 asks for a client certificate', {
    grounds: ['RFC 8446 §4.3.2'],
  }),
  one('tls.same-verdict', 'high', 'pass', 'TLS 1.2 and 1.3 decide alike', { observed: 'refused in both' }),
  one('tls.ca-names', 'high', 'pass', 'the CA names are exactly the expected ones', {
    observed: 'CN=Example Devices CA,O=Example GmbH',
    grounds: ['RFC 8446 §4.2.4'],
  }),
  one('tls.signature-algorithms', 'low', 'warn', 'no SHA-1 is offered for client signatures', {
    kind: 'should',
    expected: 'no rsa_pkcs1_sha1 and no ecdsa_sha1 in signature_algorithms',
    observed: 'rsa_pkcs1_sha1 is offered in TLS 1.2',
    grounds: ['RFC 9155 §2'],
    remediation:
      'Take SHA-1 out of the list.\n\n  ssl_conf_command SignatureAlgorithms ECDSA+SHA256:RSA-PSS+SHA256;',
    reason: 'offered; whether it is accepted is checked by client-cert.sha1',
  }),
  one('tls.sni-host-mismatch', 'critical', 'pass', 'SNI of a public host does not open this one', {
    observed: '421 Misdirected Request',
    layer: 'http',
    grounds: ['CVE-2025-66614', 'RFC 9110 §15.5.20'],
  }),
  one('tls.host-spellings', 'critical', 'pass', 'another spelling of the name opens nothing', {
    observed: '9 spellings refused',
    grounds: ['CVE-2022-23632'],
  }),
  one('tls.no-sni', 'high', 'note', 'without SNI nothing is served', {
    kind: 'observe',
    observed: 'certificate of default.example.net, then 400',
    layer: 'http',
  }),
  one('client-cert.valid', 'critical', 'pass', 'a valid client certificate is accepted', {
    expected: 'the canary answers with its nonce',
    observed: '200 with the nonce',
    layer: 'http',
    evidence: [
      answered(
        'certificate sensor-001 (3f2a9c01d7e4), TLSv1.3',
        '200 OK',
        '{"nonce":"5b1c","path":"/__harness/echo"}',
      ),
    ],
  }),
  one('client-cert.none', 'critical', 'pass', 'no client certificate is refused'),
  one('client-cert.self-signed', 'critical', 'pass', 'a self-signed certificate is refused', unknownCa),
  one('client-cert.unknown-ca', 'critical', 'pass', 'a certificate of an unknown CA is refused', unknownCa),
  one(
    'client-cert.impostor-ca',
    'critical',
    'pass',
    'a CA of the same name with another key is refused',
    unknownCa,
  ),
  one(
    'client-cert.impostor-ca-other-ski',
    'critical',
    'fail',
    'a CA of the same name with another key identifier is refused',
    {
      expected: 'refused, in TLS or by an HTTP answer, before the application',
      observed: '200 with the nonce: the application was reached with a certificate that the CA never signed',
      layer: 'http',
      grounds: [
        'RFC 5280 §6.1.3',
        'RFC 5280 §4.2.1.1',
        'https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_verify_client',
      ],
      remediation:
        'The server asks for a certificate but does not verify its chain: optional_no_ca leaves that to the application. Let the server verify.\n\n  ssl_client_certificate /etc/nginx/client-ca.pem;\n  ssl_verify_client on;\n\nWhere the application has to decide, it must refuse every request whose $ssl_client_verify is not SUCCESS.',
      reproduce: [
        'harness certs defects --out defects/',
        'curl --verbose --insecure --http1.1 --cert impostor-ca-other-ski.pem --key impostor-ca-other-ski-key.pem --path-as-is --connect-to api.example.com:443:203.0.113.7:443 https://api.example.com:443/__harness/echo',
      ],
      evidence: [
        answered(
          'certificate impostor-ca-other-ski (77aa01bc9d3e), TLSv1.3',
          '200 OK',
          '{"nonce":"5b1c","headers":[["X-Client-Verify","FAILED:unable to get local issuer certificate"]]}',
        ),
        answered('twin: certificate valid (3f2a9c01d7e4), TLSv1.3', '200 OK', '{"nonce":"77e0"}'),
      ],
      reached: true,
    },
  ),
  one('client-cert.expired', 'critical', 'pass', 'an expired client certificate is refused', {
    observed: 'alert certificate_expired',
    grounds: ['RFC 5280 §4.1.2.5'],
  }),
  one(
    'client-cert.expired-second',
    'high',
    'inconclusive',
    'a certificate that expired a second ago is refused',
    {
      observed: '503 Service Unavailable, twice',
      layer: 'http',
      reason: 'a 5xx is never a refusal; tried twice',
      evidence: [
        answered(
          'certificate expired-second (0b77c3d2e1f0), TLSv1.3',
          '503 Service Unavailable',
          '<html><body>upstream <b>busy</b></body></html>',
        ),
      ],
    },
  ),
  one('client-cert.not-yet-valid', 'high', 'pass', 'a certificate of tomorrow is refused', {
    grounds: ['RFC 5280 §4.1.2.5'],
  }),
  one('client-cert.server-auth-only', 'high', 'warn', 'a certificate for servers only is refused', {
    observed: 'alert unknown_ca, not unsupported_certificate',
    grounds: ['RFC 5280 §4.2.1.12', 'CVE-2022-21657'],
    reason: 'refused for another reason than the extended key usage',
    evidence: [refusedInTls('certificate eku-server-auth (5e5e01d2c3b4), TLSv1.3', 'unknown_ca')],
  }),
  one('client-cert.ca-true-leaf', 'medium', 'pass', 'a CA certificate is refused as a client certificate', {
    grounds: ['RFC 5280 §4.2.1.9'],
  }),
  one('client-cert.leaf-as-ca', 'critical', 'pass', 'a leaf cannot issue certificates', {
    grounds: ['RFC 5280 §6.1.4', 'CVE-2021-3450'],
  }),
  one('client-cert.path-length', 'high', 'pass', 'an exceeded path length is refused', {
    grounds: ['RFC 5280 §4.2.1.9'],
  }),
  one('client-cert.name-constraints', 'high', 'blocked', 'a broken name constraint is refused', {
    observed: 'the bad certificate was refused, but so was its good twin',
    reason: 'twin was refused: alert unknown_ca for certificate name-constraints-twin (a1b2c3d4e5f6)',
    grounds: ['RFC 5280 §4.2.1.10', 'GO-2025-4175'],
  }),
  one('client-cert.tampered', 'critical', 'pass', 'a certificate with a broken signature is refused', {
    grounds: ['RFC 5280 §6.1.3'],
  }),
  one('client-cert.sha1', 'high', 'known', 'a certificate signed with SHA-1 is refused', {
    observed: '200 with the nonce',
    layer: 'http',
    grounds: ['RFC 9155 §4'],
    reason: 'waived until 2027-01-31: 40 field devices carry SHA-1 certificates, replaced by January',
  }),
  one('client-cert.rsa-1024', 'medium', 'fixed', 'a certificate with an RSA-1024 key is refused', {
    observed: 'alert bad_certificate',
    reason: 'waived until 2027-01-31, but the requirement holds: remove the waiver',
  }),
  one(
    'client-cert.unknown-critical-extension',
    'medium',
    'error',
    'an unknown critical extension is refused',
    {
      observed: 'TypeError: identity.certificate is undefined',
      layer: 'none',
      reason: 'the check itself failed; please report this',
      evidence: [],
      reproduce: [],
    },
  ),
  one(
    'client-cert.revoked',
    'critical',
    'not-applicable',
    'a revoked certificate is refused',
    needs('needs mtls.crl'),
  ),
  one('client-cert.intermediate-missing', 'medium', 'pass', 'a chain without its intermediate is refused'),
  one('client-cert.identity-first', 'high', 'pass', 'the identity is always that of the first certificate', {
    observed: 'subject CN=sensor-001',
    layer: 'http',
    grounds: ['CVE-2023-2422', 'RFC 8446 §4.4.2'],
  }),
  one('mode.refusal-status', 'medium', 'fail', 'a refusal has the declared status', {
    expected: 'HTTP 403 with the declared body, byte for byte',
    observed: '400 Bad Request: “No required SSL certificate was sent”',
    layer: 'http',
    grounds: ['Deployment file: mtls.refusal'],
    remediation:
      'Map the status that nginx uses for a missing certificate.\n\n  error_page 495 496 =403 /block.json;',
    evidence: [
      answered(
        'no certificate, TLSv1.3',
        '400 Bad Request',
        '<html><head><title>400 No required SSL certificate was sent</title></head></html>',
      ),
    ],
  }),
  one('mode.refusal-body', 'low', 'fail', 'a refusal has the declared content type', {
    expected: 'application/json',
    observed: 'text/html',
    layer: 'http',
    grounds: ['Deployment file: mtls.refusal'],
  }),
  one(
    'mode.report-status',
    'high',
    'not-applicable',
    'report mode forwards the status',
    needs('needs a hostname with mtls.mode: report'),
  ),
  one('headers.status-forged', 'critical', 'pass', 'a client cannot set the status header', {
    observed: 'exactly one value, the edge’s',
    layer: 'http',
    grounds: ['RFC 9440 §2.4'],
  }),
  one('headers.underscore', 'critical', 'pass', 'an underscore spelling does not get through', {
    observed: 'dropped',
    layer: 'http',
    grounds: ['CVE-2025-64484'],
  }),
  one(
    'headers.connection-removes',
    'high',
    'not-applicable',
    'Connection cannot remove the status header',
    needs('needs canary'),
  ),
  one(
    'headers.subject',
    'medium',
    'not-applicable',
    'the subject arrives as declared',
    needs('needs mtls.forwarded.subject'),
  ),
  one('resumption.no-certificate', 'critical', 'pass', 'a session without a certificate stays without one', {
    grounds: ['nodejs/node#35317'],
  }),
  one(
    'resumption.other-hostname',
    'critical',
    'not-applicable',
    'a ticket of another hostname opens nothing',
    needs('needs siblings: a hostname with mtls.mode: enforce and another CA'),
  ),
  one(
    'resumption.public-sibling',
    'critical',
    'not-applicable',
    'a ticket of a public hostname opens nothing',
    {
      ...needs('needs siblings: a hostname without client certificates on the same edge'),
      grounds: ['CVE-2025-23419'],
    },
  ),
  one('resumption.tickets', 'info', 'note', 'whether tickets are issued', {
    kind: 'observe',
    observed: '2 tickets, lifetime 300 s',
    grounds: ['RFC 8446 §4.6.1'],
  }),
]
