import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import { type Application, configurationOf, reading } from '../../fixtures/configuration.ts'
import { hoursOf, ownApplications, protects, targetsOf } from './coverage.ts'

const base = {
  kind: 'should',
  profile: 'default',
  sends: 'GET of the parts of the configuration named in the title. Nothing is written.',
} as const satisfies Partial<CheckMeta>

/** Hours that a session in place of a service token may last. */
const longest = 24

/** Whether a policy of the application takes a service token. */
const takesTokens = ({ policies }: Application): boolean =>
  policies.some(({ include }) =>
    include.some(
      (one) => Object.hasOwn(one, 'service_token') || Object.hasOwn(one, 'any_valid_service_token'),
    ),
  )

const sessionOf = ({ settings }: Application): string => String(settings.session_duration ?? '24h')

check(
  'config-audit.strict-service-tokens',
  {
    ...base,
    severity: 'medium',
    needs: ['control-plane', 'access'],
    title: 'service tokens are not exchanged for sessions, or for short ones on purpose',
    grounds: [
      'Cloudflare service tokens: strict service token authentication (forced on for organizations made since 2026-10-05)',
      'catalogue CPA-08',
    ],
    killedBy: ['config.long-token-session'],
    why: 'Outside strict mode a service token is answered with CF_Authorization, which lasts as long as the session of the application: the job may lose its token and go on, and a bad token beside a good cookie goes unnoticed.',
    expects:
      'strict_service_token_auth is on; or the file says that it is off on purpose (access.strict: false), and no application that takes service tokens has sessions of more than 24 hours.',
    remediation: `Jobs that send their token with every request need no session. Cloudflare edge:
  PATCH /accounts/<account>/access/organizations   {"strict_service_token_auth":true}

It is on for the whole team at once: see first that no job relies on the cookie. Where sessions are wanted say so in the deployment file (access: { strict: false }) and keep them short:
  PUT /accounts/<account>/access/apps/<application>   {…the whole application…, "session_duration":"24h"}

nginx, httpd, HAProxy, Caddy, Envoy and AWS ALB have no part in it.`,
  },
  async (run) => {
    const configuration = configurationOf(run)
    const strict = await reading(run, configuration.strictServiceTokens())
    if (strict) return run.hold('strict service token authentication is on')
    const wanted = run.accessTarget().access.strict
    run.expect(
      wanted === false,
      'off, as the file says',
      `strict service token authentication is off${wanted === undefined ? ', and access.strict does not say that it is meant to be' : ''}`,
    )
    const own = ownApplications(await reading(run, configuration.applications()), run.deployment)
    const taking = own.filter(takesTokens)
    const long = taking.filter((one) => (hoursOf(sessionOf(one)) ?? Number.POSITIVE_INFINITY) > longest)
    run.expect(
      long.length === 0,
      `off, as the file says; ${taking.length} applications take service tokens, for sessions of at most ${longest} hours`,
      `a service token is exchanged for a long session: ${long.map((one) => `${one.domains.join(', ')} (${sessionOf(one)})`).join('; ')}`,
    )
  },
)

check(
  'config-audit.worker-fail-mode',
  {
    ...base,
    severity: 'high',
    needs: ['control-plane'],
    title: 'Workers on the deployment’s hostnames fail closed',
    grounds: [
      'Cloudflare Workers limits: fail open bypasses the Worker',
      'recorded answers of the API: request_limit_fail_open (third party, not in the SDK)',
      'catalogue CPA-11, ORI-19',
    ],
    killedBy: ['config.worker-fails-open'],
    why: 'Over the daily limit of its plan a Worker whose route fails open is left out, and requests go straight to the origin. Where the Worker is what looks at the certificate or the token, nobody looks any more, and whoever sends enough requests can bring that about.',
    expects: 'No route with a Worker that covers a hostname of the file has request_limit_fail_open.',
    remediation: `Fail closed wherever the Worker decides who may in (whether it does cannot be told from outside):
  PUT /zones/<zone>/workers/routes/<route>   {"pattern":"<the same>","script":"<the same>","request_limit_fail_open":false}
or in the dashboard: the Worker’s route, Request limit failure mode: Fail closed.

nginx, httpd, HAProxy, Caddy, Envoy and AWS ALB: the like is an external authorisation that is skipped when it fails (Envoy ext_authz failure_mode_allow: true). Switch that off.`,
  },
  async (run) => {
    const routes = (await reading(run, configurationOf(run).workerRoutes())).filter(
      ({ pattern, script }) =>
        script !== '' &&
        targetsOf(run.deployment).some(({ hostname }) =>
          protects({ domains: [pattern] }, hostname.toLowerCase()),
        ),
    )
    const told = routes.filter(({ failsOpen }) => failsOpen !== undefined)
    if (told.length < routes.length) run.skip('the control plane does not say how Worker routes fail')
    const open = routes.filter(({ failsOpen }) => failsOpen === true).map(({ pattern }) => pattern)
    run.expect(
      open.length === 0,
      routes.length === 0
        ? 'no Worker has a route on these hostnames'
        : `${routes.length} routes fail closed`,
      `fails open: ${open.join(', ')}`,
    )
  },
)
