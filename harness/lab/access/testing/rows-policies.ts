/**
 * Faults of policies and service tokens, shown.
 * @module
 */
import type { Authority } from '../../../pki/authority.ts'
import type { policyFaults, serviceTokenFaults } from '../../faults/access.ts'
import type { Idp } from '../../idp/idp.ts'
import type { AccessRule, AccessServiceToken } from '../../state/access-types.ts'
import { hashOf } from '../../state/ids.ts'
import type { AccessDecision } from '../types.ts'
import { forge, type Service, service } from './forge.ts'
import type { Row } from './row.ts'
import { headerOf, loggedIn, outcome } from './steps.ts'
import { createCa, type PolicyGiven, presented, type World } from './world.ts'

const here: AccessRule = { ip: { ip: '127.0.0.1' } }
const elsewhere: AccessRule = { ip: { ip: '127.0.0.2' } }
const alice: AccessRule = { email: { email: 'alice@harness.test' } }

/** What alice gets after logging in under these policies. */
const asAlice =
  (...policies: PolicyGiven[]): Row['show'] =>
  async (world, idp) => {
    world.identityProvider(idp)
    world.application({ policies })
    const { page } = await loggedIn(world, idp)
    return page.decision === undefined ? 'elsewhere' : outcome(page.decision)
  }

/** What a certificate gets. */
const asCertificate =
  (
    rule: AccessRule,
    given: (
      ca: Authority,
      world: World,
    ) => Parameters<World['ask']>[0] | Promise<Parameters<World['ask']>[0]>,
  ): Row['show'] =>
  async (world) => {
    const ca = await createCa('Access CA')
    world.clientCa(ca, 'app.harness.test')
    const domains = ['app.harness.test', 'other.harness.test']
    world.application({ domains, policies: [{ decision: 'non_identity', include: [rule] }] })
    return outcome(await world.ask(await given(ca, world)))
  }

const preflight = {
  method: 'OPTIONS',
  headers: { origin: 'https://page.example', 'access-control-request-method': 'PUT' },
}

const refused = { healthy: '403', faulty: 'pass' } as const

/** One row per fault. */
export const policyRows: Record<(typeof policyFaults)[number]['id'], Row> = {
  'access.policies-in-list-order': {
    async show(world) {
      world.application({ policies: [{ decision: 'deny' }, { decision: 'bypass' }] })
      return outcome(await world.ask())
    },
    healthy: 'pass',
    faulty: '403',
  },
  'access.allows-by-default': {
    show: asAlice({ decision: 'allow', include: [{ email: { email: 'bob@harness.test' } }] }),
    ...refused,
  },
  'access.ignores-exclude': { show: asAlice({ decision: 'allow', exclude: [alice] }), ...refused },
  'access.require-any': { show: asAlice({ decision: 'allow', require: [here, elsewhere] }), ...refused },
  'access.bypass-ignores-require': {
    async show(world) {
      world.application({ policies: [{ decision: 'bypass', require: [elsewhere] }] })
      return outcome(await world.ask())
    },
    ...refused,
  },
  'access.checks-at-login-only': {
    async show(world: World, idp: Idp) {
      world.identityProvider(idp)
      world.application({ policies: [{ decision: 'allow', require: [here] }] })
      const { token } = await loggedIn(world, idp)
      const headers = { cookie: `CF_Authorization=${token}` }
      return outcome(await world.ask({ remoteAddress: '127.0.0.2', headers }))
    },
    ...refused,
  },
  'access.email-domain-by-suffix': {
    show: asAlice({ decision: 'allow', include: [{ email_domain: { domain: 'ness.test' } }] }),
    ...refused,
  },
  'access.common-name-by-prefix': {
    show: asCertificate({ common_name: { common_name: 'sensor-1' } }, async (ca) => ({
      certificate: await presented(ca, 'CN=sensor-12'),
    })),
    ...refused,
  },
  'access.certificate-of-any-ca': {
    show: asCertificate({ certificate: {} }, async () => ({
      certificate: await presented(await createCa('Another CA'), 'CN=sensor'),
    })),
    ...refused,
  },
  'access.certificate-of-any-hostname': {
    show: asCertificate({ certificate: {} }, async (ca) => ({
      hostname: 'other.harness.test',
      certificate: await presented(ca, 'CN=sensor'),
    })),
    ...refused,
  },
  'access.takes-invalid-certificate': {
    show: asCertificate({ certificate: {} }, async (ca) => ({
      certificate: await presented(ca, 'CN=sensor', { valid: false }),
    })),
    ...refused,
  },
  'access.less-specific-wins': {
    async show(world) {
      world.application({ policies: [{ decision: 'bypass' }] })
      world.application({ domains: ['app.harness.test/admin'] })
      return outcome(await world.ask({ target: '/admin' }))
    },
    ...refused,
  },
  'access.path-not-normalised': {
    async show(world) {
      world.application({ domains: ['app.harness.test/admin'] })
      return outcome(await world.ask({ target: '/%61dmin' }))
    },
    healthy: '403',
    faulty: 'not-covered',
  },
  'access.query-in-path': {
    async show(world) {
      world.application({ domains: ['app.harness.test'] })
      world.application({ domains: ['app.harness.test/*public'], policies: [{ decision: 'bypass' }] })
      return outcome(await world.ask({ target: '/admin?x=/public' }))
    },
    ...refused,
  },
  'access.acme-open': {
    async show(world) {
      world.application()
      return outcome(await world.ask({ target: '/.well-known/acme-challenge/x' }))
    },
    healthy: '403',
    faulty: 'not-covered',
  },
  'access.forwards-preflight': {
    async show(world) {
      world.application()
      return outcome(await world.ask(preflight))
    },
    ...refused,
  },
  'access.forwards-every-options': {
    async show(world) {
      world.application({ settings: { options_preflight_bypass: true } })
      return outcome(await world.ask({ method: 'OPTIONS' }))
    },
    ...refused,
  },
  'access.reflects-origin': {
    async show(world) {
      const cors = { allowed_origins: ['https://good.example'], allowed_methods: ['PUT'] }
      world.application({ settings: { cors_headers: cors } })
      return headerOf(await world.ask(preflight), 'access-control-allow-origin') ?? 'not allowed'
    },
    healthy: 'not allowed',
    faulty: 'https://page.example',
  },
}

const pair = (id: string, secret: string): Record<string, string> => ({
  'CF-Access-Client-Id': id,
  'CF-Access-Client-Secret': secret,
})

/** What a request gets at an application for one service token. */
const asService =
  (
    asking: (here: Service) => Parameters<World['ask']>[0],
    { strict = false, told = outcome }: { strict?: boolean; told?(decision: AccessDecision): string } = {},
  ): Row['show'] =>
  async (world) => {
    const { organization } = world.account.access
    if (organization !== undefined) organization.strictServiceTokenAuth = strict
    const made = service(world, { settings: { read_service_tokens_from_header: 'x-service' } })
    return told(await world.ask(asking(made)))
  }

/** Changes the token first. */
const withToken = (
  change: (token: AccessServiceToken, world: World) => Partial<AccessServiceToken>,
  secretOf: (here: Service) => string = ({ secret }) => secret,
): Row['show'] =>
  asService((made) => {
    const secret = secretOf(made)
    Object.assign(made.token, change(made.token, made.world))
    made.world.store.changed()
    return { headers: pair(made.token.clientId, secret) }
  })

const ago = ({ store }: World): string => new Date(store.now() - 1000).toISOString()
const ahead = ({ store }: World): string => new Date(store.now() + 3_600_000).toISOString()

/** One row per fault. */
export const serviceTokenRows: Record<(typeof serviceTokenFaults)[number]['id'], Row> = {
  'access.ignores-token-secret': {
    show: asService(({ token }) => ({ headers: pair(token.clientId, 'x') })),
    ...refused,
  },
  'access.secret-of-any-token': {
    show: asService(({ token, world }) => ({
      headers: pair(token.clientId, world.serviceToken().secret),
    })),
    ...refused,
  },
  'access.any-token-for-one': {
    show: asService(({ world }) => {
      const other = world.serviceToken()
      return { headers: pair(other.token.clientId, other.secret) }
    }),
    ...refused,
  },
  'access.takes-disabled-token': { show: withToken(() => ({ enabled: false })), ...refused },
  'access.disabled-token-keeps-old-secret': {
    show: withToken(({ secretHash }, world) => ({
      enabled: false,
      secretHash: hashOf('new'),
      previous: { secretHash, until: ahead(world) },
    })),
    ...refused,
  },
  'access.takes-expired-token': { show: withToken((_, world) => ({ expiresAt: ago(world) })), ...refused },
  'access.old-secret-for-ever': {
    show: withToken(({ secretHash }, world) => ({
      secretHash: hashOf('new'),
      previous: { secretHash, until: ago(world) },
    })),
    ...refused,
  },
  'access.cookie-outlives-service-token': {
    show: asService((made) => {
      const cookie = `CF_Authorization=${forge(made)}`
      made.token.enabled = false
      return { headers: { cookie } }
    }),
    ...refused,
  },
  'access.allow-takes-service-tokens': {
    async show(world) {
      const { token, secret } = world.serviceToken()
      const include = [{ service_token: { token_id: token.id } }]
      world.application({ policies: [{ decision: 'allow', include }] })
      return outcome(await world.ask({ headers: pair(token.clientId, secret) }))
    },
    healthy: '302',
    faulty: 'pass',
  },
  'access.ignores-strict-mode': {
    show: asService(
      (made) => ({ headers: { ...pair('x', 'y'), cookie: `CF_Authorization=${forge(made)}` } }),
      {
        strict: true,
      },
    ),
    healthy: '401',
    faulty: 'pass',
  },
  'access.strict-answers-401-always': {
    show: asService(
      ({ token, secret, application, world }) => {
        application.policies = [world.policy({ decision: 'non_identity', include: [elsewhere] }).id]
        world.store.changed()
        return { headers: pair(token.clientId, secret) }
      },
      { strict: true },
    ),
    healthy: '403',
    faulty: '401',
  },
  'access.takes-first-of-duplicates': {
    show: asService(
      ({ token, secret }) => ({
        headers: { 'cf-access-client-id': token.clientId, 'cf-access-client-secret': [secret, 'other'] },
      }),
      { strict: true },
    ),
    healthy: '401',
    faulty: 'pass',
  },
  'access.takes-both-token-forms': {
    show: asService(
      ({ token, secret }) => ({
        headers: {
          ...pair(token.clientId, secret),
          'x-service': JSON.stringify({ 'cf-access-client-id': 'x', 'cf-access-client-secret': 'y' }),
        },
      }),
      { strict: true },
    ),
    healthy: '401',
    faulty: 'pass',
  },
  'access.takes-underscore-token-headers': {
    show: asService(({ token, secret }) => ({
      headers: { CF_Access_Client_Id: token.clientId, CF_Access_Client_Secret: secret },
    })),
    ...refused,
  },
  'access.takes-token-from-query': {
    show: asService(({ token, secret }) => ({
      target: `/?cf-access-client-id=${token.clientId}&cf-access-client-secret=${secret}`,
    })),
    ...refused,
  },
  'access.secret-reaches-origin': {
    show: asService(({ token, secret }) => ({ headers: pair(token.clientId, secret) }), {
      told: (decision) =>
        decision.kind === 'pass' && decision.removedHeaders.includes('CF-Access-Client-Secret')
          ? 'removed'
          : 'forwarded',
    }),
    healthy: 'removed',
    faulty: 'forwarded',
  },
}
