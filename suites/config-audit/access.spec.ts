import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import { type Application, configurationOf, type Policy, reading } from '../../fixtures/configuration.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import { narrowPolicy } from '../remedies.ts'
import { ownApplications } from './coverage.ts'

const base = {
  severity: 'high',
  kind: 'must',
  profile: 'default',
  needs: ['control-plane', 'access'],
  sends: 'GET of the Access applications of the account, with their policies. Nothing is written.',
  remediation: narrowPolicy,
} as const satisfies Partial<CheckMeta>

/** Applications on the deployment's hostnames; skips where there are none. */
async function applicationsOf(run: CheckContext): Promise<Application[]> {
  const all = await reading(run, configurationOf(run).applications())
  const own = ownApplications(all, run.deployment)
  return own.length === 0 ? run.skip('the account has no application on these hostnames') : own
}

const names = (policy: Policy, selector: string): boolean =>
  policy.include.some((one) => Object.hasOwn(one, selector))
/** Nothing but these is asked of whoever is included. */
const alone = ({ require }: Policy): boolean => require.length === 0

const where = (application: Application): string => application.domains.join(', ')

/** What no policy of an application may be. */
const forbidden: readonly (Pick<CheckMeta, 'title' | 'why' | 'grounds' | 'killedBy' | 'expects'> & {
  id: string
  severity?: CheckMeta['severity']
  kind?: CheckMeta['kind']
  wrong: (policy: Policy) => boolean
})[] = [
  {
    id: 'bypass',
    title: 'no policy lets people past Access',
    severity: 'critical',
    grounds: ['Cloudflare Access policies: bypass switches all enforcement off', 'catalogue CPA-06'],
    killedBy: ['config.bypass-everyone'],
    why: 'Bypass is not “allow”: nobody is asked, nothing is logged, no token reaches the origin. Its path matching is where exemptions grow.',
    expects: 'No policy has the decision bypass. A path that is meant to be public is waived with a date.',
    wrong: ({ decision }) => decision === 'bypass',
  },
  {
    id: 'service-auth-everyone',
    title: 'Service Auth does not include everyone',
    severity: 'critical',
    grounds: ['Cloudflare Access policies', 'catalogue CPA-06'],
    killedBy: ['config.service-auth-everyone'],
    why: 'Under Service Auth nobody logs in: Everyone means everyone.',
    expects: 'No policy with the decision non_identity includes everyone without requiring something.',
    wrong: (policy) => policy.decision === 'non_identity' && names(policy, 'everyone') && alone(policy),
  },
  {
    id: 'any-service-token',
    title: 'policies name the service tokens they take',
    severity: 'medium',
    grounds: ['Cloudflare Access policies: Any Access Service Token', 'catalogue CPA-07, SVC-13'],
    killedBy: ['config.any-service-token'],
    why: 'Every token that anybody makes for anything in the account opens this application too.',
    expects: 'No policy includes any_valid_service_token without requiring something.',
    wrong: (policy) => names(policy, 'any_valid_service_token') && alone(policy),
  },
  {
    id: 'any-certificate',
    title: 'policies name the client certificates they take',
    severity: 'medium',
    grounds: ['Cloudflare Access mTLS: Common Name against Valid Certificate', 'catalogue CPA-07, IDM-01'],
    killedBy: ['config.any-certificate'],
    why: 'The CA is the account’s, and signs for more than this application. Without a name everybody it ever signed for is let in.',
    expects: 'No policy includes certificate without requiring something.',
    wrong: (policy) => names(policy, 'certificate') && alone(policy),
  },
  {
    id: 'service-auth',
    title: 'service tokens stand under Service Auth',
    severity: 'medium',
    kind: 'should',
    grounds: ['Cloudflare service tokens: the policy action has to be Service Auth', 'catalogue SVC-04'],
    killedBy: ['config.token-under-allow'],
    why: 'Under Allow a service is sent to the login page. Somebody who wonders why will soon find Bypass.',
    expects: 'Policies that include a service token have the decision non_identity.',
    wrong: (policy) =>
      policy.decision === 'allow' &&
      (names(policy, 'service_token') || names(policy, 'any_valid_service_token')),
  },
]

for (const { id, wrong, ...meta } of forbidden) {
  check(`config-audit.${id}`, { ...base, ...meta }, async (run) => {
    const applications = await applicationsOf(run)
    const found = applications.flatMap((application) =>
      application.policies.filter(wrong).map(({ name }) => `“${name}” on ${where(application)}`),
    )
    run.expect(found.length === 0, `${applications.length} applications`, found.join('; '))
  })
}

/** What no application may have set. */
const settings: readonly (Pick<CheckMeta, 'title' | 'why' | 'grounds' | 'killedBy' | 'expects'> & {
  id: string
  wrong: (settings: Application['settings']) => string[]
})[] = [
  {
    id: 'options-bypass',
    title: 'OPTIONS is not passed on to the origin unchecked',
    grounds: ['Cloudflare Access CORS: bypass options requests to origin', 'catalogue CPA-09, PTH-14'],
    killedBy: ['config.options-bypass'],
    why: 'Every OPTIONS reaches the origin, for every path and with any body, from anybody.',
    expects: 'options_preflight_bypass is off; cors_headers let the edge answer instead.',
    wrong: ({ options_preflight_bypass: on }) => (on === true ? ['options_preflight_bypass'] : []),
  },
  {
    id: 'cookies',
    title: 'the cookie of Access is kept from scripts and from other sites',
    grounds: ['Cloudflare Access cookie settings', 'catalogue CPA-09'],
    killedBy: ['config.cookie-for-scripts'],
    why: 'CF_Authorization is the session. A script that can read it takes it along; a site that can send it acts for whoever visits.',
    expects: 'http_only_cookie_attribute is not off, same_site_cookie_attribute is not none.',
    wrong: ({ http_only_cookie_attribute: httpOnly, same_site_cookie_attribute: sameSite }) => [
      ...(httpOnly === false ? ['HttpOnly is off'] : []),
      ...(sameSite === 'none' ? ['SameSite is none'] : []),
    ],
  },
]

for (const { id, wrong, ...meta } of settings) {
  check(`config-audit.${id}`, { ...base, kind: 'should', severity: 'medium', ...meta }, async (run) => {
    const applications = await applicationsOf(run)
    const found = applications.flatMap((application) =>
      wrong(application.settings).map((what) => `${where(application)}: ${what}`),
    )
    run.expect(found.length === 0, `${applications.length} applications`, found.join('; '))
  })
}
