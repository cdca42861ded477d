/**
 * Remediation texts that several checks share. Lines indented by two spaces are code.
 * @module
 */

/**
 * Behind a condition of HAProxy's `deny unless`: what lets the public hostnames of the same frontend answer on. Closed by
 * exception, because a Host in an odd spelling must not be what opens.
 */
export const unlessPublic = '|| { req.hdr(host),host_only,lower -m str <PUBLIC HOST> }'

/** What is said of it. */
export const publicAside =
  'from || on: the other hostnames of this frontend that ask for no certificate; without any, leave it out'

/** A rule for one hostname, where several are served. */
export const thisHostOnly = `Let the rule about the certificate name what it is not about: the public hostnames of the same listener.

HAProxy (in the frontend, before any use_backend; ${publicAside}):
  http-request deny unless { ssl_c_used } { ssl_c_verify 0 } ${unlessPublic}
with verify required, which holds for a whole bind, give each hostname its own line of a crt-list, compare SNI with Host (tls.sni-of-public-sibling) and give out no tickets (resumption.from-public-sibling):
  bind :443 ssl crt-list /etc/haproxy/hosts
  site.pem [ca-file client-ca.pem verify required] <HOST>
  site.pem [verify none] <PUBLIC HOST>

nginx, httpd, Caddy: in the server block, virtual host or site of this hostname, not above them.

Cloudflare edge: http.host in the expression of the rule.

A sibling that is meant to ask for certificates says so in the deployment file: mtls: { mode: enforce }.`

/** Require and verify a client certificate. */
export const requireCertificate = `Require a client certificate for this hostname, in every TLS version, and verify it against your CA.

nginx:
  ssl_client_certificate /etc/nginx/client-ca.pem;
  ssl_verify_client on;

httpd (in the virtual host, not in a <Location>: TLS 1.3 cannot ask again later):
  SSLCACertificateFile /etc/apache2/client-ca.pem
  SSLVerifyClient require

HAProxy (for every hostname of the bind; beside public ones in a crt-list: site.pem [ca-file client-ca.pem verify required] <HOST>):
  bind :443 ssl crt site.pem ca-file client-ca.pem verify required

Node:
  https.createServer({ key, cert, ca: clientCa, requestCert: true, rejectUnauthorized: true })

Cloudflare edge (asking is done by the hostname association, blocking by a custom rule: both are needed):
  PUT /zones/{zone}/certificate_authorities/hostname_associations   (replaces the whole list: send every hostname)
  rule: (http.host in {"HOST"} and not cf.tls_client_auth.cert_verified)   action: block`

/** Verify the chain fully instead of testing for presence or a name. */
export const verifyChain = `Let the TLS library verify the whole chain against your CA only, and act on its result. Do not decide on the presence of a certificate, on its subject or on its issuer's name: everything in a certificate except the signature can be copied.

nginx: \`ssl_verify_client on\` (not optional_no_ca); when you use \`optional\`, refuse unless
  if ($ssl_client_verify != SUCCESS) { return 403; }

HAProxy: \`verify required\`; with \`verify optional\` test both, because ssl_c_verify is 0 when no certificate was sent (${publicAside})
  http-request deny unless { ssl_c_used } { ssl_c_verify 0 } ${unlessPublic}

httpd: \`SSLVerifyClient require\`, never optional_no_ca

Node: \`rejectUnauthorized: true\`, or test that a certificate is there and \`socket.authorized\` is true

Cloudflare edge: pin the issuer, because a valid certificate of any associated CA is "verified"
  not (cf.tls_client_auth.cert_verified and cf.tls_client_auth.cert_issuer_ski eq "<SKI OF YOUR CA>")`

/** Strip what the client sends before setting what the edge knows. */
export const stripHeaders = `Remove every copy that the client sent, in every spelling, before you set your own value; do it on every hostname that leads to the same origin.

nginx (a set header replaces the client's copy; also drop names with underscores, which is the default):
  underscores_in_headers off;
  proxy_set_header cf-cert-verified $ssl_client_verify;

HAProxy:
  http-request del-header cf-cert- -m beg
  http-request set-header cf-cert-verified none unless { ssl_c_used }
  http-request set-header cf-cert-verified valid if { ssl_c_used } { ssl_c_verify 0 }
  http-request set-header cf-cert-verified invalid if { ssl_c_used } !{ ssl_c_verify 0 }
(never ssl_c_verify alone: it is 0 without a certificate, too)

httpd (\`early\` removes it before anything else looks at it):
  RequestHeader unset cf-cert-verified early
  RequestHeader set cf-cert-verified "expr=%{SSL_CLIENT_VERIFY}"

Origin: accept these headers only over a connection that proves it comes from the edge (origin pulls).`

/** Keep TLS sessions within one hostname and one policy. */
export const confineSessions = `Do not let a TLS session cross from one policy to another. Simplest: no resumption where client certificates are required.

nginx:
  ssl_session_tickets off;
  ssl_session_cache off;

httpd:
  SSLSessionTickets off

HAProxy:
  global
    tune.ssl.cachesize 0
  bind :443 ssl crt site.pem ca-file client-ca.pem verify required no-tls-tickets
(both: without tickets TLS 1.3 resumes from the cache)

Node: a separate server (so separate ticket keys) per policy, or
  secureOptions: crypto.constants.SSL_OP_NO_TICKET

Never trust \`socket.authorized\` of a resumed session alone: test that the session has a peer certificate (nodejs/node#35317).`

/** Make the custom refusal what was declared. */
export const declareRefusal = `Make the edge answer what the deployment file declares, or correct the file. A refusal is an answer made at the edge: it must not depend on the path, the method, the HTTP version or the reason.

Cloudflare edge: action block with a custom response
  "action_parameters": { "response": { "status_code": 403, "content_type": "application/json", "content": "{…}" } }

nginx:
  error_page 495 496 =403 @refused;
  location @refused { internal; default_type application/json; add_header Cache-Control no-store always; return 403 '{"error":"client certificate required"}'; }`

/** Route by the name the policy was applied to. */
export const bindNames = `Decide by one name. Compare SNI with Host (or :authority) after normalising both the same way (lower case, no trailing dot, no port) and answer 421 where they differ; apply the client-certificate policy by the name that routes the request.

nginx: give the name a server block of its own. Where that block verifies clients (on or optional), nginx answers 421 by itself to a Host that the SNI of another block did not ask for (measured with 1.22.1). Where several names share a block, or a rule decides by name, compare $host, never $http_host: $host has neither upper case nor port nor last dot, $http_host is what the client wrote
  server { listen 443 ssl; server_name api.example.com; ssl_client_certificate /etc/nginx/client-ca.pem; ssl_verify_client on; }
  map "$host|$ssl_client_verify" $deny { "~^api\\.example\\.com\\|(?!SUCCESS)" 1; default 0; }      # not "$http_host|…"
  if ($deny) { return 403; }
  if ($ssl_server_name != $host) { return 421; }

HAProxy:
  http-request deny deny_status 421 unless { ssl_fc_sni,lower,strcmp(txn.host) eq 0 }     (after: http-request set-var(txn.host) req.hdr(host),host_only,lower)

httpd (2.4.64 or later):
  SSLVHostSNIPolicy strict

Caddy compares SNI with Host by itself, and answers 421, where a site asks for client certificates; remove what switches that off
  strict_sni_host insecure_off      # remove; or: strict_sni_host on

Cloudflare edge refuses SNI ≠ Host itself; check the origin with \`harness verify --connect-to ORIGIN:443\`.`

/** One rule for the whole hostname, whatever the path, method and headers. */
export const coverEverything = `Close the whole hostname with one rule that looks at the certificate only, and open by exception, never by what a client can write. Let the edge normalise the URL before rules look at it, and hand the normalised one to the origin.

Cloudflare edge (PUT replaces every rule of the phase: read the ruleset first, or change the one rule):
  GET   /zones/<zone>/rulesets/phases/http_request_firewall_custom/entrypoint
  PATCH /zones/<zone>/rulesets/<ruleset>/rules/<rule>
        {"action":"block","enabled":true,"expression":"http.host eq \\"<HOST>\\" and (not cf.tls_client_auth.cert_verified or cf.tls_client_auth.cert_revoked)"}
  no http.request.uri.path, http.request.method or http.user_agent in it; rules that skip stand behind it
  PUT   /zones/<zone>/url_normalization   {"type":"cloudflare","scope":"both"}

nginx (in the server block, so that it holds before any location is chosen):
  ssl_verify_client on;
  merge_slashes on;

httpd (in the virtual host; not in <Location>, <Limit> or <LimitExcept>):
  SSLVerifyClient require
  leave AllowEncodedSlashes as it is by default, Off: httpd then answers them with 404 itself, to everybody

HAProxy (in the frontend, before any use_backend; no path, method or Upgrade in the condition; ${publicAside}):
  expose-experimental-directives     (global section, where the version asks for it)
  http-request normalize-uri path-merge-slashes
  http-request normalize-uri path-strip-dotdot full
  http-request deny unless { ssl_c_used } { ssl_c_verify 0 } ${unlessPublic}

Caddy (in tls, not in a route):
  tls {
    client_auth {
      mode require_and_verify
      trust_pool file /etc/caddy/client-ca.pem
    }
  }

Envoy (in the transport socket; path options in the HttpConnectionManager):
  require_client_certificate: true
  normalize_path: true
  merge_slashes: true
  path_with_escaped_slashes_action: REJECT_REQUEST

AWS ALB (the listener, so every path; "passthrough" leaves it all to you):
  aws elbv2 modify-listener --listener-arn <ARN> --mutual-authentication Mode=verify,TrustStoreArn=<ARN>`

/** Let the origin know the edge by its certificate. */
export const guardOrigin = `Let the origin insist on a client certificate that only your edge has, for every name and in every version, and close its plain port. Best of all, give it no public address: a tunnel, or a firewall that lets the edge in only (which alone does not help: the edge's addresses serve every customer).

Cloudflare edge (a certificate of your own, per hostname; PUT changes the hostnames it names, others keep theirs):
  POST /zones/<zone>/origin_tls_client_auth/hostnames/certificates   {"certificate":"<PEM>","private_key":"<PEM>"}
  PUT  /zones/<zone>/origin_tls_client_auth/hostnames   {"config":[{"hostname":"<HOST>","cert_id":"<id>","enabled":true}]}
  then, when the origin sees it, insist there; to go back, first stop insisting, then disable at the edge

nginx (in the server block and in the default_server too):
  ssl_client_certificate /etc/nginx/own-origin-pull-ca.pem;   # your CA, not the shared one, not the visitors'
  ssl_verify_client on;                                        # not optional
  server { listen 443 ssl default_server; ssl_reject_handshake on; }

httpd:
  SSLCACertificateFile /etc/apache2/own-origin-pull-ca.pem
  SSLVerifyClient require
  SSLStrictSNIVHostCheck on

HAProxy:
  bind :443 ssl crt site.pem ca-file own-origin-pull-ca.pem verify required strict-sni

Caddy:
  tls {
    client_auth {
      mode require_and_verify
      trust_pool file /etc/caddy/own-origin-pull-ca.pem
    }
  }

Envoy:
  require_client_certificate: true
  validation_context: { trusted_ca: { filename: /etc/envoy/own-origin-pull-ca.pem } }

AWS ALB as the origin (it must not pass unverified certificates on):
  aws elbv2 modify-listener --listener-arn <ARN> --mutual-authentication Mode=verify,TrustStoreArn=<ARN>`

/** A block rule that says what has to be said. */
export const blockByCertificate = `One enabled block rule per hostname (or per group of hostnames), which looks at the hostname and the certificate and at nothing else. Pin the issuer where the managed CA is shared.

Cloudflare edge (PATCH changes the one rule; a PUT of the entry point replaces all of them):
  GET   /zones/<zone>/rulesets/phases/http_request_firewall_custom/entrypoint
  PATCH /zones/<zone>/rulesets/<ruleset>/rules/<rule>
        {"action":"block","enabled":true,
         "expression":"http.host eq \\"<HOST>\\" and (not cf.tls_client_auth.cert_verified or cf.tls_client_auth.cert_revoked)"}
  pinned: … or cf.tls_client_auth.cert_issuer_ski ne "<SKI OF YOUR CA, UPPER CASE>"

In the SDK:
  await client.rulesets.rules.edit('<rule>', { zone_id, ruleset_id, action: 'block', enabled: true, expression })

Servers that terminate TLS themselves: nginx ssl_verify_client on; httpd SSLVerifyClient require; HAProxy verify required; Caddy require_and_verify; Envoy require_client_certificate; AWS ALB Mode=verify. Give them the CRL as well.`

/** The list of hostnames of a client CA. */
export const associateHostname = `Cloudflare edge. A PUT replaces the whole list of one CA: read it, change it, send all of it.
  GET /zones/<zone>/certificate_authorities/hostname_associations?mtls_certificate_id=<id>     (without the parameter: the managed CA)
  PUT /zones/<zone>/certificate_authorities/hostname_associations
      {"mtls_certificate_id":"<id>","hostnames":["<HOST>","<EVERY OTHER HOST THAT IS TO STAY>"]}

In the SDK:
  const { hostnames = [] } = await client.certificateAuthorities.hostnameAssociations.get({ zone_id, mtls_certificate_id })
  await client.certificateAuthorities.hostnameAssociations.update({ zone_id, mtls_certificate_id, hostnames: [...hostnames, '<HOST>'] })

A CA that is not to be trusted any more is left out of every list first, and then deleted:
  DELETE /accounts/<account>/mtls_certificates/<id>

Servers: one file of trusted client CAs per hostname (nginx ssl_client_certificate, httpd SSLCACertificateFile, HAProxy ca-file, Caddy trust_pool, Envoy trusted_ca, AWS ALB trust store).`

/** TLS to the origin, verified. */
export const verifyOrigin = `Give the origin a certificate that the edge can verify (public, or of the edge's origin CA), then:
  PATCH /zones/<zone>/settings/ssl   {"value":"strict"}
It holds for the whole zone: a hostname whose origin has no such certificate answers 526 from then on. A configuration rule can make an exception for it.

nginx and HAProxy as the edge: proxy_ssl_verify on; proxy_ssl_name <HOST>;   server origin 192.0.2.1:443 ssl verify required ca-file origin-ca.pem verifyhost <HOST>
httpd: SSLProxyVerify require, SSLProxyCheckPeerName on.  Envoy: validation_context with match_typed_subject_alt_names.  Caddy: transport http { tls_trust_pool file origin-ca.pem }.  AWS ALB does not verify its targets.`

/** Renewal before the end. */
export const renewInTime = `Upload or make the new one first, let both be accepted, change over, then remove the old one.

Origin-pull certificate: POST /zones/<zone>/origin_tls_client_auth/hostnames/certificates, then PUT …/hostnames with the new cert_id; the origin's CA file has to trust both meanwhile.
Client CA: POST /accounts/<account>/mtls_certificates   {"ca":true,"certificates":"<PEM>","name":"…"}, then its hostname_associations (a PUT replaces the list).
Service token: POST /accounts/<account>/access/service_tokens/<id>/refresh extends it; …/rotate gives a new secret and keeps the old one for a while; PUT with {"duration":"8760h"} sets an end.
Alerts: POST /accounts/<account>/alerting/v3/policies for the expiry of each kind.`

/** Access policies that say who. */
export const narrowPolicy = `Name who may in: the service tokens by id, the certificates by common name, the people by group; services under Service Auth (non_identity), people under Allow. Bypass only for a path that is public, in an application of its own.

Cloudflare edge (PUT replaces the whole policy or application, and, of reusable policies, for every application that uses it):
  GET /accounts/<account>/access/apps/<app>
  PUT /accounts/<account>/access/policies/<policy>
      {"name":"ci","decision":"non_identity","include":[{"service_token":{"token_id":"<id>"}}]}
      {"name":"devices","decision":"non_identity","include":[{"common_name":{"common_name":"<CN>"}}]}
  PUT /accounts/<account>/access/apps/<app>
      {…, "options_preflight_bypass":false, "http_only_cookie_attribute":true, "same_site_cookie_attribute":"lax"}

Origin, whatever serves it: verify Cf-Access-Jwt-Assertion (issuer, audience, signature), so that a policy that is too wide for one application does not open another.`

/** No requests to URLs of certificates. */
export const fetchNothing = `Verify with what was configured: the CA, intermediates that the client sends, a CRL that is fetched on a timer from a place of your own choosing. Never follow a URL of a certificate before its chain is verified; better, never.

Cloudflare edge: nothing to set; it follows none. A certificate of the managed CA is revoked with DELETE /zones/<zone>/client_certificates/<id>, and turned away by cert_revoked in the rule.
nginx: ssl_crl /etc/nginx/clients.crl;  and leave ssl_ocsp off, or name the responder: ssl_ocsp_responder http://ocsp.internal/;
httpd: SSLCARevocationFile …, SSLOCSPEnable off, or SSLOCSPDefaultResponder with SSLOCSPOverrideResponder on
HAProxy: crl-file …   (it follows none)
Caddy: the trust pool's own verifier modules only
Envoy: validation_context: { crl: { filename: … } }   (it follows none)
AWS ALB: aws elbv2 add-trust-store-revocations   (it follows none)
Java: -Dcom.sun.security.enableAIAcaIssuers=false, and PKIXRevocationChecker with setOcspResponder
Go, Node, OpenSSL: they follow none; look for code of your own that does.
Whatever it is: outgoing connections of the terminating server closed, but for what it needs.`

/** The certificate's headers on every request, whatever the certificate. */
export const tellEveryRequest = `Set the headers for every request, from the connection, escaped; and let the origin refuse a request in which one is missing, never take it for an internal one.

Cloudflare edge (PATCH changes what it names): the managed transform sets them on every request
  PATCH /zones/<zone>/managed_headers   {"managed_request_headers":[{"id":"add_client_certificate_headers","enabled":true}]}
  and tells with "too large" flags what it left out; block those certificates by a rule.

nginx (variables are escaped; $ssl_client_escaped_cert for the certificate itself):
  proxy_set_header cf-cert-verified $ssl_client_verify;
  proxy_set_header cf-cert-subject-dn $ssl_client_s_dn;
  large_client_header_buffers 4 32k;

httpd:   RequestHeader set cf-cert-subject-dn "expr=%{escape:%{SSL_CLIENT_S_DN}}"
HAProxy: http-request set-header cf-cert-subject-dn %{+Q}[ssl_c_s_dn,url_enc]
Caddy:   header_up cf-cert-subject-dn {http.request.tls.client.subject}
Envoy:   forward_client_cert_details: SANITIZE_SET   (never APPEND_FORWARD at the edge)
AWS ALB: X-Amzn-Mtls-Clientcert-* are set per request and URL-encoded; tls:verify mode only`
