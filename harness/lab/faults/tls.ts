/**
 * Faults of TLS negotiation, routing by name, and transport.
 * @module
 */
import type { Fault } from './fault.ts'

/** Faults in front of HTTP, and in the choice of the hostname. */
export const tlsFaults = [
  {
    id: 'edge.no-downgrade-sentinel',
    sentence: 'A ServerHello of TLS 1.2 does not say that the edge speaks TLS 1.3.',
    source: 'RFC 8446 §4.1.3; catalogue TLS-08',
  },
  {
    id: 'edge.no-extended-master-secret',
    sentence: 'On mTLS hostnames TLS 1.2 is spoken without extended master secret.',
    source: 'RFC 7627 §1 (triple handshake); catalogue TLS-27',
  },
  {
    id: 'edge.no-certificate-request-1.2',
    sentence:
      'Hostnames in enforce mode do not ask for a certificate in TLS 1.2: everyone counts as without one.',
    source: 'RFC 5246 §7.4.4; per-version differences measured on Debian servers',
  },
  {
    id: 'edge.no-certificate-request-1.3',
    sentence:
      'Hostnames in enforce mode do not ask for a certificate in TLS 1.3: everyone counts as without one.',
    source: 'RFC 8446 §4.3.2',
  },
  {
    id: 'edge.open-in-1.2',
    sentence: 'A request without certificate passes when the connection is TLS 1.2.',
    source: 'measured: one server can require in TLS 1.3 and be open in 1.2',
  },
  {
    id: 'edge.open-in-1.3',
    sentence: 'A request without certificate passes when the connection is TLS 1.3.',
    source: 'httpd CVE-2019-0215',
  },
  {
    id: 'edge.invalid-accepted-in-1.2',
    sentence: 'Any client certificate passes when the connection is TLS 1.2.',
    source: 'httpd CVE-2019-0215, the other way round',
  },
  {
    id: 'edge.invalid-accepted-in-1.3',
    sentence: 'Any client certificate passes when the connection is TLS 1.3.',
    source: 'httpd CVE-2019-0215',
  },
  {
    id: 'edge.h2-accepts-invalid',
    sentence: 'Over HTTP/2 any client certificate passes.',
    source: 'catalogue TLS-03, TLS-09: policy written for one protocol',
  },
  {
    id: 'edge.ca-names-of-system-roots',
    sentence: 'The CertificateRequest names public roots beside the client CAs.',
    source: 'Caddy CVE-2026-27586: fallback to the system roots; RFC 8446 §4.2.4',
  },
  {
    id: 'edge.offers-sha1',
    sentence: 'The CertificateRequest offers SHA-1 signature algorithms.',
    source: 'RFC 9155; RFC 8446 §4.2.3',
  },
  {
    id: 'edge.routes-by-host',
    sentence: 'On a connection for the public hostname, the Host of a protected one reaches its application.',
    source: 'Tomcat CVE-2025-66614; Traefik CVE-2026-48491',
  },
  {
    id: 'edge.host-trailing-dot',
    sentence: 'A Host with a trailing dot reaches the application without a valid certificate.',
    source: 'Traefik CVE-2022-23632',
  },
  {
    id: 'edge.host-upper-case',
    sentence: 'A Host written with capitals reaches the application without a valid certificate.',
    source: 'Caddy CVE-2026-27588',
  },
  {
    id: 'edge.host-with-port',
    sentence: 'A Host with a port reaches the application without a valid certificate.',
    source: 'Access strips port numbers (Cloudflare documentation, application paths)',
  },
  {
    id: 'edge.sni-upper-case',
    sentence: 'SNI written with capitals gets the default context: no certificate, no policy.',
    source: 'Traefik CVE-2026-53622',
  },
  {
    id: 'edge.sni-trailing-dot',
    sentence: 'SNI with a trailing dot gets the default context: no certificate, no policy.',
    source: 'Traefik CVE-2022-23632; RFC 6066 §3 forbids the dot',
  },
  {
    id: 'edge.no-sni-default',
    sentence: 'A handshake without SNI gets the default context: no certificate, no policy.',
    source: 'httpd SSLVHostSNIPolicy; catalogue TLS-14',
  },
  {
    id: 'edge.unknown-sni-default',
    sentence: 'SNI of a name nobody configured gets the default context: no certificate, no policy.',
    source: 'traefik/traefik#12217; catalogue TLS-14',
  },
  {
    id: 'edge.address-as-host',
    sentence:
      'On a connection for a protected hostname, a Host that is an address passes without a certificate.',
    source: 'traefik/traefik#12217; catalogue TLS-18',
  },
  {
    id: 'edge.address-behind-public-sni',
    sentence:
      'On a connection for the public hostname, a Host that is an address leads to the primary application.',
    source: 'a server block for monitoring by address, seen on nginx; catalogue TLS-18',
  },
  {
    id: 'edge.absolute-form',
    sentence: 'An absolute-form target for a protected hostname, sent on the public connection, reaches it.',
    source: 'RFC 9112 §3.2.2; nginx answers 421 (measured)',
  },
  {
    id: 'edge.routes-by-authority',
    sentence:
      'Over HTTP/2 on a connection for the public hostname, the :authority of a protected one reaches it.',
    source: 'RFC 9113 §8.3.1; RFC 9110 §15.5.20',
  },
  {
    id: 'edge.routes-by-host-field',
    sentence:
      'Over HTTP/2 on a connection for the public hostname, a host field beside its own :authority names the application.',
    source: 'RFC 9113 §8.3.1: host and :authority must not differ',
  },
  {
    id: 'edge.open-without-authority',
    sentence: 'An HTTP/2 request with a host field and no :authority passes without a certificate.',
    source: 'RFC 9113 §8.3.1 allows it: a policy that is looked up by :authority finds none',
  },
  {
    id: 'edge.reuse-opens-http1',
    sentence:
      'The second HTTP/1.1 request on a connection for the public hostname reaches the protected one that it names.',
    source: 'RFC 9110 §7.4; nginx answers 421 (measured)',
  },
  {
    id: 'edge.reuse-opens-http2',
    sentence:
      'The second HTTP/2 request on a connection for the public hostname reaches the protected one that it names.',
    source: 'RFC 9113 §9.1.1 connection reuse; catalogue TLS-21',
  },
  {
    id: 'edge.routes-between-mtls-hosts',
    sentence:
      'On a connection for a protected hostname, the Host of another one with another CA reaches that one, the certificate taken for valid.',
    source: 'CVE-2025-23419; httpd CVE-2025-23048',
  },
  {
    id: 'edge.announces-http3',
    sentence: 'Answers of mTLS hostnames announce HTTP/3.',
    source: 'RFC 7838; RFC 9114 §3.1; Traefik CVE-2026-53622',
  },
  {
    id: 'edge.answers-quic',
    sentence: 'The UDP port beside the TLS one answers QUIC with Version Negotiation.',
    source: 'RFC 9000 §6; Traefik CVE-2026-53622, GHSA-gv8r-9rw9-9697: client certificates lost in HTTP/3',
  },
  {
    id: 'edge.serves-unknown-names',
    sentence:
      'A name nobody configured, under the wildcard, leads to the primary application without policy.',
    source: 'public post-mortem of 2026-05-11: a further name served without the gate',
  },
  {
    id: 'edge.plain-http',
    sentence: 'The plain port serves the application instead of redirecting to https.',
    source: 'Traefik issue 12949; Cloudflare documentation, Access policies',
  },
  {
    id: 'edge.other-port-open',
    sentence: 'Another TLS port of the edge serves every hostname without its rules.',
    source:
      'Cloudflare documentation, Fundamentals, Network ports: rules may name a port; Traefik entry points',
  },
  {
    id: 'edge.plain-http-on-tls-port',
    sentence: 'HTTP without TLS on the TLS port reaches the application.',
    source: 'Traefik issue 12949, the other way round',
  },
  {
    id: 'edge.server-certificate-expired',
    sentence: 'The server certificate has expired.',
    source: 'RFC 5280 §4.1.2.5',
  },
  {
    id: 'edge.server-certificate-other-name',
    sentence: 'The server certificate is for another name.',
    source: 'RFC 9525 §6',
  },
  {
    id: 'edge.handshake-fails',
    sentence: 'Every ClientHello is answered with the alert internal_error.',
    source: 'RFC 8446 §6.2',
  },
  {
    id: 'edge.not-listening',
    sentence: 'Nothing listens on the TLS port.',
    source: 'RFC 9293 §3.10.7.1',
  },
] as const satisfies readonly Fault[]
