/**
 * Remediation of the checks of unusual messages. Lines indented by two spaces are code.
 * @module
 */

/** Let TLS read the hello, and let nothing open be the default. */
export const readWholeHello = `Two things went wrong together: something in front of TLS misread the ClientHello, and what it then fell back to is open. Repair the second first: the default has to be the strictest policy, or no service at all.

nginx (a default server that refuses; never \`ssl_preread\` to choose between a server with and one without client certificates):
  server { listen 443 ssl default_server; ssl_reject_handshake on; }

httpd (2.4.64 or later; and ask for certificates in the first virtual host too, which is the default one):
  SSLVHostSNIPolicy strict
  SSLStrictSNIVHostCheck on

HAProxy (TCP mode: wait for a whole hello, and refuse where there is none; better let \`bind … ssl\` read it):
  bind :443 ssl crt /etc/haproxy/certs strict-sni ca-file client-ca.pem verify required
  tcp-request inspect-delay 5s
  tcp-request content reject if !{ req.ssl_hello_type 1 }

Caddy:
  servers { strict_sni_host on }

Traefik (update; and make the default options those that ask):
  tls.options.default.clientAuth.clientAuthType: RequireAndVerifyClientCert

Envoy (no filter chain without a match; \`tls_inspector\` with a buffer for large hellos):
  initial_read_buffer_size: 65536

AWS ALB: the listener's mutual authentication holds for every hello; nothing to set.

Cloudflare edge: report it; hellos are read by Cloudflare.`

/** Keep the limits of the TLS library. */
export const limitMessages = `Keep the TLS library's limits on messages, and update what has none: a message that breaks its own syntax has to end the handshake with decode_error, one that is longer than any honest chain with an alert too.

nginx, httpd, HAProxy (OpenSSL: 100 KiB, refused at once; do not raise SSL_CTX_set_max_cert_list):
  nginx -V 2>&1 | grep -i openssl
  httpd -V
  haproxy -vv | grep -i ssl

Caddy and Traefik (Go: 256 KiB for a Certificate message since 1.21), Envoy (BoringSSL: 100 KiB), AWS ALB (its own limits): keep them current.`
