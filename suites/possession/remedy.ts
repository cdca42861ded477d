/**
 * Remediation of every check about the proof of possession. Lines indented by two spaces are code.
 * @module
 */

/** What terminates TLS does not verify the client's proof: find it, update it, keep others from deciding. */
export const proveKeys = `Whatever terminates TLS for this hostname takes a certificate, which is public, for a client, who has its key. Take the hostname out of service until it is repaired: anybody who ever saw a client certificate can use it.

Find what terminates TLS, and update it. OpenSSL, BoringSSL, GnuTLS, Go and rustls verify CertificateVerify always and have no switch for it; known defects were in wolfSSL (CVE-2022-25640, CVE-2022-25638), JSSE (CVE-2020-2655) and Pion DTLS (CVE-2022-29222):
  nginx -V 2>&1 | grep -i ssl
  apachectl -M | grep -i ssl
  haproxy -vv | grep -i ssl
  caddy version
  envoy --version

If the proxy in front only passes certificates on (nginx \`ssl_verify_client optional_no_ca\`, httpd \`SSLVerifyClient optional_no_ca\`, HAProxy \`verify optional crt-ignore-err all\`, Envoy \`trust_chain_verification: ACCEPT_UNTRUSTED\`, AWS ALB mutual TLS in pass-through mode), that changes the chain's verification and not this one: the proof is still the library's to verify.

AWS ALB: set the listener to verify with a trust store
  aws elbv2 modify-listener --listener-arn <arn> --mutual-authentication Mode=verify,TrustStoreArn=<trust store>

Cloudflare edge: TLS is Cloudflare's; report it. Until then block the hostname
  POST /zones/<zone>/rulesets/<ruleset>/rules   {"action":"block","expression":"http.host eq \\"HOST\\""}   (adds one rule; PUT on the ruleset would replace all)`
