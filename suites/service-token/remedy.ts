/**
 * Remediation texts about service tokens. Lines indented by two spaces are code.
 * @module
 */

/** A policy that lets in what it should. */
export const askForToken = `Cover the hostname with an application whose Service Auth policy names the service token, and leave nothing in front of it that answers without asking (a Bypass policy, a Worker route, a cache).

Cloudflare edge (a policy of the application; a PUT of the application without all its fields empties those left out):
  curl -X POST https://api.cloudflare.com/client/v4/accounts/<account>/access/apps/<app>/policies \\
    -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" --json '{"name":"ci may in","decision":"non_identity","include":[{"service_token":{"token_id":"<token uuid>"}}]}'

SDK:
  client.zeroTrust.access.applications.policies.create('<app>', { account_id: '<account>', … })`

/** Verify both halves exactly. */
export const compareExactly = `Look the token up by its Client ID, then compare the hash of the whole secret, byte for byte and in constant time. An empty, missing or unknown value is a refusal, never a default. No trimming, decoding or cutting.

Cloudflare edge (strict mode refuses incomplete, doubled and wrong credentials with 401 and ignores the cookie beside them; it holds for the whole organization):
  curl -X PUT https://api.cloudflare.com/client/v4/accounts/<account>/access/organizations \\
    -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" --json '{"name":"<name>","auth_domain":"<team>.cloudflareaccess.com","strict_service_token_auth":true}'   (a PUT replaces the organization: GET it first and send every field)

A gateway of your own (nginx):
  map "$http_cf_access_client_id:$http_cf_access_client_secret" $token_ok { default 0; "<id>:<secret>" 1; }
  if ($token_ok = 0) { return 401; }`

/** Read credentials where they belong. */
export const readHeadersOnly = `Read the two headers CF-Access-Client-Id and CF-Access-Client-Secret, once each, in any case, and nothing else: no query, body, cookie, Authorization or underscore spelling. What is in a URL ends up in logs, histories and Referer.

nginx (the default; keep it):
  underscores_in_headers off;

HAProxy:
  http-request deny if { req.hdr_cnt(cf-access-client-id) gt 1 } || { req.hdr_cnt(cf-access-client-secret) gt 1 }

Envoy (listener):
  headers_with_underscores_action: REJECT_REQUEST`

/** Name the token. */
export const nameToken = `Name the service token in the policy. “Any Access Service Token” lets in every token of the account, those of other teams and projects included.

  curl -X PUT https://api.cloudflare.com/client/v4/accounts/<account>/access/apps/<app>/policies/<policy> \\
    -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" --json '{"name":"ci may in","decision":"non_identity","include":[{"service_token":{"token_id":"<token uuid>"}}]}'   (a PUT replaces the policy: send its include, require and exclude whole)`

/** Keep secrets at the edge. */
export const stripSecrets = `Remove the credentials once they are checked, in every spelling, and keep them out of answers and logs.

nginx:
  proxy_set_header CF-Access-Client-Id "";
  proxy_set_header CF-Access-Client-Secret "";

HAProxy:
  http-request del-header cf-access-client- -m beg

httpd:
  RequestHeader unset CF-Access-Client-Secret

Caddy:
  reverse_proxy origin { header_up -CF-Access-Client-Secret }

Envoy (route):
  request_headers_to_remove: ["cf-access-client-id", "cf-access-client-secret"]

Cloudflare edge: Access removes them; make sure that no Worker in front of it copies them.`

/** End what has to end. */
export const endToken = `Revoke by deletion, and see it refused before you call it done. Disabling stops new exchanges; sessions that were exchanged before have to be looked at as well.

Cloudflare edge (first take it out of every policy and group that names it; a PUT of those replaces them):
  curl -X DELETE https://api.cloudflare.com/client/v4/accounts/<account>/access/service_tokens/<token uuid> -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN"
  curl -X POST https://api.cloudflare.com/client/v4/accounts/<account>/access/apps/<app>/revoke_tokens -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN"   (ends every session of the application)

Rotation that ends the old secret at once (no previous_client_secret_expires_at):
  curl -X POST https://api.cloudflare.com/client/v4/accounts/<account>/access/service_tokens/<token uuid>/rotate -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" --json '{}'

A gateway of your own: look the token up for every request, also where a session stands for it, and compare its state and dates there; no cache that outlives a minute.`
