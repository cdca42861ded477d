import { randomBytes } from 'node:crypto'
import { check } from '../../fixtures/catalogue.ts'
import { teamTarget } from '../../fixtures/targets.ts'
import { answerHeader } from '../../harness/deployment/access-answer.ts'
import { startLogin } from '../access-session/log-in.ts'
import { publicAside, unlessPublic } from '../remedies.ts'
import { handOver } from './identity-provider.ts'

check(
  'mode.login-fails-closed',
  {
    title: 'a login that the identity provider does not confirm logs nobody in',
    severity: 'critical',
    kind: 'must',
    profile: 'default',
    needs: ['access'],
    grounds: [
      'Cloudflare incident of 12 June 2025 (identity logins failed, closed)',
      'CVE-2026-54762 (Traefik: authentication service down, request passed)',
      'RFC 6749 §5.2',
      'catalogue MOD-09',
    ],
    killedBy: ['access.login-fails-open'],
    why: 'The code that a browser brings back is worth what the identity provider says of it. If it says no, or cannot be asked, an edge that goes on with what it has lets everybody in on the day of the outage.',
    sends:
      'A login is begun and never made: the callback of the team gets the genuine state with a code that was made up. The edge asks the identity provider, which refuses it or does not answer.',
    expects: 'An error within the deadline: no CF_Authorization, no way on to the application.',
    remediation: `Fail closed: no identity without an answer of the identity provider that verifies, a short timeout, and an error page.

Cloudflare edge: Access does so; a Worker or gateway that logs people in itself has to. Routes of Workers: fail closed.
  curl -X PUT https://api.cloudflare.com/client/v4/zones/<zone>/workers/routes/<route> -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" --json '{"pattern":"HOST/*","script":"<script>"}'   (request_limit_fail_open stays false)

nginx (auth_request fails closed by itself; the mistake is the exception):
  error_page 500 502 503 504 = @app;     must not stand beside auth_request

HAProxy (${publicAside}):
  http-request deny deny_status 503 unless { var(txn.auth_ok) -m bool } ${unlessPublic}

Envoy (ext_authz):
  failure_mode_allow: false

Caddy: forward_auth without handle_errors that leads to the application.

AWS ALB: authenticate-oidc with OnUnauthenticatedRequest: authenticate, never allow.`,
  },
  async (run) => {
    const target = run.accessTarget()
    const begun = await startLogin(run, target)
    const team = teamTarget(target)
    const handed = await handOver(run, target, begun.url)
    if (handed === undefined)
      return run.skip('the team offers no login with a code that a client could begin by itself')
    const { callback, state, cookies: session } = handed
    const headers: [string, string][] = [['Cookie', session]]
    const query = new URLSearchParams({ state, code: randomBytes(16).toString('hex') })
    const path = `${callback}?${query}`
    const { http, summary } = await run.attempt({
      target: team,
      path,
      headers,
      label: 'a code that was made up',
    })
    if (http === undefined) return run.inconclusive(summary, 'no answer within the deadline')
    const cookies = answerHeader(http, 'set-cookie')
    const on = answerHeader(http, 'location').some((one) => /\/cdn-cgi\/access\/authorized\b/.test(one))
    run.reached = on
    run.expect(
      !on && !cookies.some((one) => /^\s*CF_Authorization=[^;\s]/.test(one)),
      `HTTP ${http.status}, nobody is logged in`,
      `HTTP ${http.status} ${on ? 'leads on to the application' : 'sets CF_Authorization'}`,
    )
  },
)
