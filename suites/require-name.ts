/**
 * Remediation text about rules that name certificates. Lines indented by two spaces are code.
 * @module
 */
import { publicAside, unlessPublic } from './remedies.ts'

/** A name, exactly. */
export const requireName = `Name the certificate that is meant, exactly: “valid certificate” lets in every certificate of the CA, those of other teams, devices and tenants included.

Cloudflare edge (Access):
  "require": [{ "common_name": { "common_name": "<name>" } }]     not   "certificate": {}

Cloudflare edge (condition of a block rule, by fingerprint, or by name: the fields have whole subjects, so compare whole ones, with "in" or "eq", never "contains"):
  http.host eq "<HOST>" and not (cf.tls_client_auth.cert_verified and not cf.tls_client_auth.cert_revoked and cf.tls_client_auth.cert_fingerprint_sha256 in {"<fingerprint>"})
  http.host eq "<HOST>" and not (cf.tls_client_auth.cert_verified and not cf.tls_client_auth.cert_revoked and cf.tls_client_auth.cert_subject_dn in {"CN=<name>,OU=Devices,O=Example"})

nginx (beside ssl_verify_client on; with ^ and $ and ~: a plain string in a map is compared without case):
  map $ssl_client_s_dn $named { default 0; "~^CN=<name>,OU=Devices,O=Example$" 1; }
  if ($named = 0) { return 403; }

httpd:
  Require expr %{SSL_CLIENT_S_DN_CN} == '<name>'

HAProxy (beside verify required; the whole subject as RFC 2253, in which a zero byte is written out: -m str stops at one; ${publicAside}):
  http-request deny unless { ssl_c_s_dn(,0,rfc2253) -m str "CN=<name>,OU=Devices,O=Example" } ${unlessPublic}

Caddy:
  @named expression {http.request.tls.client.subject} == "CN=<name>,OU=Devices,O=Example"

AWS ALB: the trust store decides about the CA only; compare X-Amzn-Mtls-Clientcert-Subject in the application.`
