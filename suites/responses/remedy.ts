/**
 * Remediation texts about answers. Lines indented by two spaces are code.
 * @module
 */

/** Answers that depend on who asks are not for shared caches. */
export const keepPrivate = `Say with every answer that depends on a certificate or a token that no shared cache may keep it, and take the hostname out of the cache of the edge. The certificate is not part of a cache key.

Cloudflare edge (a cache rule; a PUT of the entry point replaces all cache rules of the zone: add one rule instead):
  curl -X POST https://api.cloudflare.com/client/v4/zones/<zone>/rulesets/<ruleset>/rules \\
    -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" --json '{"action":"set_cache_settings","expression":"http.host eq \\"HOST\\"","action_parameters":{"cache":false}}'

nginx:
  add_header Cache-Control "private, no-store" always;
  proxy_no_cache 1; proxy_cache_bypass 1;

httpd:
  Header always set Cache-Control "private, no-store"
  CacheDisable "/"

HAProxy:
  http-response set-header Cache-Control "private, no-store"

Caddy:
  header Cache-Control "private, no-store"

Envoy (route):
  response_headers_to_add: [{ header: { key: cache-control, value: "private, no-store" } }]

AWS: CloudFront in front of an ALB: attach the managed policy CachingDisabled.`

/** Attributes of the session cookie. */
export const cookieAttributes = `Set the session cookie for this host only, over TLS only, out of reach of scripts.

Cloudflare edge (the application; a PUT replaces it: send every field):
  curl -X PUT https://api.cloudflare.com/client/v4/accounts/<account>/access/apps/<app> \\
    -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" --json '{ …, "http_only_cookie_attribute": true, "same_site_cookie_attribute": "lax", "enable_binding_cookie": true }'

nginx (cookies of the application behind):
  proxy_cookie_flags ~ secure httponly samesite=lax;
  proxy_cookie_domain ~ "";

httpd:
  Header edit Set-Cookie ^(.*)$ "$1; Secure; HttpOnly"`

/** Say nothing that helps. */
export const tellNothing = `Answer refusals and errors with a page of your own that names no address, no software version and no stack.

nginx:
  server_tokens off;
  proxy_hide_header X-Powered-By; proxy_hide_header X-Upstream;
  error_page 500 502 503 504 /error.html;

httpd:
  ServerTokens Prod
  ServerSignature Off

HAProxy:
  http-after-response del-header x-upstream
  http-after-response del-header server

Caddy:
  header -Server

Envoy:
  server_header_transformation: PASS_THROUGH   and   response_headers_to_remove: ["x-envoy-upstream-service-time"]

AWS ALB:
  routing.http.response.server.enabled = false

Cloudflare edge: custom error responses; a Transform Rule that removes response headers.`

/** Let listed origins read, and only those. */
export const listOrigins = `Compare Origin with a list, whole and exactly; send Access-Control-Allow-Origin for those only, never with credentials for any other, and never for \`null\`.

nginx:
  map $http_origin $cors { default ""; "https://app.example.com" $http_origin; }
  add_header Access-Control-Allow-Origin $cors always;

HAProxy:
  http-response set-header Access-Control-Allow-Origin %[var(txn.origin)] if { var(txn.origin) -m str https://app.example.com }

Cloudflare edge (Access application): "cors_headers": { "allowed_origins": ["https://app.example.com"], "allow_credentials": true }, never "allow_all_origins" with credentials.`

/** Switch HSTS on. */
export const sendHsts = `Send Strict-Transport-Security with every answer over TLS, refusals included.

Cloudflare edge:
  curl -X PATCH https://api.cloudflare.com/client/v4/zones/<zone>/settings/security_header \\
    -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" --json '{"value":{"strict_transport_security":{"enabled":true,"max_age":31536000,"include_subdomains":false}}}'   (of the whole zone; raise max_age in steps)

nginx:
  add_header Strict-Transport-Security "max-age=31536000" always;

httpd:
  Header always set Strict-Transport-Security "max-age=31536000"

HAProxy:
  http-after-response set-header Strict-Transport-Security max-age=31536000

Caddy:
  header Strict-Transport-Security max-age=31536000

AWS ALB:
  routing.http.response.strict_transport_security.header_value = max-age=31536000`
