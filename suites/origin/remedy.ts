/**
 * Remediation texts of the origin alone. Lines indented by two spaces are code.
 * @module
 */
import { publicAside, unlessPublic } from '../remedies.ts'

/** Let one client in, of all that a CA has signed for. */
export const pinIdentity = `Let in one subject, and nobody else the CA has signed for; or give origin pulls a CA of their own that signs for nothing else (then leave origin.otherIdentity out of the deployment file). Compare the whole subject, not a part of it, and only after the chain has been verified. Write it as the server does: openssl x509 -in edge.pem -noout -subject -nameopt RFC2253

nginx (with ssl_verify_client on):
  if ($ssl_client_s_dn != "CN=origin-pull.example.com,O=Example") { return 403; }

httpd (with SSLVerifyClient require in the virtual host):
  <Location "/">
    Require expr "%{SSL_CLIENT_S_DN} == 'CN=origin-pull.example.com,O=Example'"
  </Location>

HAProxy (with verify required; ${publicAside}):
  http-request deny unless { ssl_c_s_dn(,0,rfc2253) -m str "CN=origin-pull.example.com,O=Example" } ${unlessPublic}

Caddy (with require_and_verify):
  @other not expression \`{http.request.tls.client.subject} == "CN=origin-pull.example.com,O=Example"\`
  respond @other 403

AWS ALB: its listener verifies chains and looks at no names. Either give the trust store a CA that signs for the edge alone, or let the target compare what the listener in mode verify tells it, and be reachable through the load balancer only (anybody else can write the header). httpd as the target:
  <Location "/">
    Require expr "%{HTTP:X-Amzn-Mtls-Clientcert-Subject} == 'CN=origin-pull.example.com,O=Example'"
  </Location>
Health checks bring no such header: give them a path of their own, or let 403 count as healthy (Matcher HttpCode=200,403).`

/** More than where somebody comes from. */
export const moreThanAddresses = `Keep the list, and ask for more than an address: a client certificate of your own (not the one all customers share) that the edge presents and the origin insists on, or a tunnel from the origin to the edge instead of an address that listens.

Cloudflare edge:
  POST /zones/<zone>/origin_tls_client_auth/hostnames/certificates   {"certificate":"<PEM>","private_key":"<PEM>"}
  PUT  /zones/<zone>/origin_tls_client_auth/hostnames   {"config":[{"hostname":"<HOST>","cert_id":"<id>","enabled":true}]}

nginx (both have to hold):
  allow 203.0.113.0/24; deny all;
  ssl_client_certificate /etc/nginx/own-origin-pull-ca.pem;
  ssl_verify_client on;

Tunnel (nothing listens for strangers, so there is nothing to list):
  cloudflared tunnel route dns <tunnel> <HOST>

Then declare it: origin.pulls: hostname in the deployment file.`
