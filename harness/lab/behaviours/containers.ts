/**
 * What the origins in containers rest on. What nginx, httpd, HAProxy and Caddy do is theirs: the real servers run. What is
 * dressed up is the load balancer.
 * @module
 */
import type { Behaviour } from './behaviour.ts'

const aws = (page: string): string => `docs.aws.amazon.com elasticloadbalancing/latest/application/${page}`
const mutual = aws('mutual-authentication.html')
const modes = 'off, passthrough and verify, as AWS documents them'
const guide = 'openssl and curl are asked for a certificate and turned away without one, and not with one'
const forged = 'a client’s own words about its certificate do not reach the application'
const web = 'asks for client certificates as it is told to, and refuses in its own way'

/** The behaviours of this part that a user could mistake for facts. */
export const containersBehaviours: readonly Behaviour[] = [
  {
    what: 'A refusal by alert (httpd, HAProxy, Caddy) is 525 to the visitor in TLS 1.2 and 520 in TLS 1.3; a connection closed after the handshake (ALB) is 520; nginx’s 400 is passed on.',
    standing: 'our choice',
    source:
      'what the edge sees is recorded from the real servers; that the real edge says 525 and 520 then is an inference from its pages about both',
    test: 'what a visitor sees of a refusal',
  },
  {
    what: 'nginx answers 400 itself to a missing or bad client certificate; httpd, HAProxy and Caddy end the handshake with an alert.',
    standing: 'third-party',
    source:
      'seen in the servers of Debian 12 (nginx 1.22, httpd 2.4, HAProxy 2.6, Caddy 2.6), which run here',
    test: web,
  },
  {
    what: 'With a revocation list, every CA in a client’s chain needs one (nginx, httpd with SSLCARevocationCheck chain, HAProxy).',
    standing: 'third-party',
    source: 'OpenSSL X509_V_FLAG_CRL_CHECK_ALL, which these servers set',
    test: web,
  },
  {
    what: 'Caddy has no revocation lists, and sends its placeholders literally where there is no client certificate.',
    standing: 'third-party',
    source: 'Caddyfile directive tls, client_auth; seen in Caddy 2.6.2',
    test: web,
  },
  {
    what: 'The servers name the certificate’s facts in headers of the lab’s choosing and overwrite a client’s own; nobody does so by default.',
    standing: 'our choice',
    source: 'names as in common configurations: X-SSL-Client-Verify, X-SSL-Client-S-DN, X-SSL-Client-Cert',
    test: forged,
  },
  {
    what: 'The ALB-like origin is HAProxy with a target of Apache httpd; the header formats it lacks are made by a Lua script in it.',
    standing: 'our choice',
    source: 'an ALB runs nowhere but at AWS',
    test: modes,
  },
  {
    what: 'ALB modes off, passthrough and verify; passthrough verifies nothing and sends the whole chain, the leaf first.',
    standing: 'official',
    source: mutual,
    test: modes,
  },
  {
    what: 'X-Amzn-Mtls-Clientcert(-Serial-Number, -Issuer, -Subject, -Validity, -Leaf): hex, RFC 2253, ISO 8601, URL-encoded PEM.',
    standing: 'official',
    source: mutual,
    test: modes,
  },
  {
    what: 'In the URL-encoded PEM "+=/" are left as they are, lines end with %0A.',
    standing: 'official',
    source: `${mutual}; the example on the same page encodes "=" as %3D all the same`,
    test: modes,
  },
  {
    what: 'A client without an acceptable certificate completes the handshake and its connection is closed, without an alert.',
    standing: 'third-party',
    source:
      'Cloudflare’s ALB guide shows read:errno=54 after the handshake, a reset. Here: on the host’s network a reset where the request was on its way (TLS 1.3), else an end; through published ports always an end, which the port forwarder makes of both',
    test: guide,
  },
  {
    what: 'A client’s own X-Amzn-Mtls-Clientcert headers are removed by the listener.',
    standing: 'our choice',
    source:
      'whether an ALB does so was not found in AWS’s documentation; reached around it, the target believes them',
    test: forged,
  },
  {
    what: 'Who is let in, of the clients of one CA: nginx, httpd, HAProxy and Caddy compare the subject and answer 403; at the ALB-like origin the target compares the header.',
    standing: 'our choice',
    source: `each server’s own words for it; ${mutual} says of verify only that the chain is checked against the trust store`,
    test: 'bad ones are found, good ones are clean',
  },
  {
    what: 'No names of CAs in the CertificateRequest, and no session is resumed with mutual TLS.',
    standing: 'official',
    source: `${mutual}: advertising CA subject names is an option; session resumption is not supported`,
    test: guide,
  },
  {
    what: 'With its only target down the load balancer asks it all the same (fails open): 502; with no registered target: 503.',
    standing: 'official',
    source: `${aws('target-group-health-checks.html')}; ${aws('load-balancer-troubleshooting.html')}`,
    test: modes,
  },
  {
    what: 'Pages and Server header of 502 and 503 (awselb/2.0); checks every half second on /temps, for which 200 and 403 are healthy.',
    standing: 'our choice',
    source: 'pages as commonly seen; an ALB checks / every 30 s unless told otherwise',
    test: modes,
  },
  {
    what: 'With a revocation list, every CA in a client’s chain needs one, at the load balancer too.',
    standing: 'our choice',
    source: 'HAProxy’s rule; that an ALB asks for a list of every CA was not found',
    test: modes,
  },
]
