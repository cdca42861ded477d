/**
 * Remediation texts about tokens. Lines indented by two spaces are code.
 * @module
 */
import { publicAside, unlessPublic } from '../remedies.ts'

/** The edge took a token that it should not have. */
export const edgeVerifies = `Cloudflare's own edge verifies tokens; where this fails, something else decides: a Worker, a proxy or an Access-like gateway of your own in front. Let exactly one library verify, with everything pinned: the algorithm (RS256), the keys of your team only, by kid, the issuer and the AUD tag.

Find out which application covers the hostname:
  curl -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" "https://api.cloudflare.com/client/v4/accounts/<account>/access/apps?domain=<hostname>"

In a Worker or in Node (jose):
  const keys = createRemoteJWKSet(new URL('https://<team>.cloudflareaccess.com/cdn-cgi/access/certs'))
  await jwtVerify(token, keys, { algorithms: ['RS256'], issuer: 'https://<team>.cloudflareaccess.com', audience: '<AUD tag>', requiredClaims: ['exp', 'iat'] })

If a token may have been accepted that should not have been, end every session of the application:
  curl -X POST -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" "https://api.cloudflare.com/client/v4/accounts/<account>/access/apps/<app>/revoke_tokens"`

/** The origin took an assertion that it should not have. */
export const originVerifies = `Let the origin verify Cf-Access-Jwt-Assertion with one library and everything pinned: algorithm RS256, keys of the team by kid, issuer, AUD tag, exp. Decoding is not verifying.

Node (jose):
  const keys = createRemoteJWKSet(new URL('https://<team>.cloudflareaccess.com/cdn-cgi/access/certs'))
  await jwtVerify(token, keys, { algorithms: ['RS256'], issuer: 'https://<team>.cloudflareaccess.com', audience: '<AUD tag>', requiredClaims: ['exp', 'iat'] })

cloudflared, which can do it in front of the application:
  originRequest: { access: { required: true, teamName: <team>, audTag: [<AUD tag>] } }

nginx (Plus):
  auth_jwt "access" token=$http_cf_access_jwt_assertion;
  auth_jwt_key_request /_access_certs;
  auth_jwt_require $aud_is_mine $iss_is_mine error=403;

HAProxy (2.5 or later; never take the algorithm from the token; ${publicAside}):
  http-request set-var(txn.jwt) req.hdr(cf-access-jwt-assertion)
  http-request deny unless { var(txn.jwt),jwt_header_query('$.alg') -m str RS256 } ${unlessPublic}
  http-request deny unless { var(txn.jwt),jwt_verify(txn.alg,"/etc/haproxy/team.pem") -m int 1 } ${unlessPublic}
  http-request deny unless { var(txn.jwt),jwt_payload_query('$.aud[0]') -m str "<AUD tag>" } ${unlessPublic}

Envoy:
  jwt_authn: { providers: { access: { issuer: https://<team>.cloudflareaccess.com, audiences: [<AUD tag>], from_headers: [{ name: Cf-Access-Jwt-Assertion }], remote_jwks: { … } } } }

httpd (mod_auth_openidc as resource server):
  OIDCOAuthVerifyJwksUri https://<team>.cloudflareaccess.com/cdn-cgi/access/certs
  OIDCOAuthAcceptTokenAs header:Cf-Access-Jwt-Assertion
  Require claim aud:<AUD tag>

Caddy: a plugin (ggicci/caddy-jwt) with \`from_header Cf-Access-Jwt-Assertion\`, \`jwk_url\`, \`issuer_whitelist\` and \`audience_whitelist\`; all of them.

AWS ALB: a listener rule with action jwt-validation, JWKS endpoint and issuer of the team, and the AUD tag as additional claim.`
