/**
 * Remediation texts about proofs that are asked for together. Lines indented by two spaces are code.
 * @module
 */
import { publicAside, unlessPublic } from '../remedies.ts'

/** AND, not OR. */
export const requireBoth = `Ask for both where both are meant: rules in one Include list are alternatives, rules in Require are all needed, and policies are alternatives of each other.

Cloudflare edge (Access: one policy, the token under include, the certificate under require; its CA has to be an Access certificate of this hostname):
  curl -X PUT https://api.cloudflare.com/client/v4/accounts/<account>/access/apps/<app>/policies/<policy> \\
    -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" --json '{"name":"jobs with certificate","decision":"non_identity","include":[{"service_token":{"token_id":"<token uuid>"}}],"require":[{"common_name":{"common_name":"<name>"}}]}'   (a PUT replaces the policy: send its include, require and exclude whole)

Cloudflare edge (API Shield beside Access: the certificate by a custom rule, the token by Access; the rule must not look at anything the client writes):
  curl -X POST https://api.cloudflare.com/client/v4/zones/<zone>/rulesets/<ruleset>/rules \\
    -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" --json '{"action":"block","expression":"http.host eq \\"HOST\\" and not (cf.tls_client_auth.cert_verified and not cf.tls_client_auth.cert_revoked)"}'

nginx (satisfy all is the default; \`satisfy any\` is the mistake):
  ssl_verify_client on;
  satisfy all;
  auth_request /token;

httpd:
  <RequireAll>
    Require ssl-verify-client
    Require expr %{HTTP:CF-Access-Client-Id} == '<id>'
  </RequireAll>

HAProxy (in the frontend, before any use_backend; ${publicAside}):
  http-request deny unless { ssl_c_used } { ssl_c_verify 0 } { var(txn.token_ok) -m bool } ${unlessPublic}

Envoy (RBAC): and_rules of the principal, not ids in a list of principals.`
