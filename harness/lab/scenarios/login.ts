/**
 * Scenario 3, an application for people: an OpenID Connect provider, an Allow-everyone policy, then somebody blocked.
 * @module
 */
import { makeApplication, makePolicy, verifiedClaims } from './access-setup.ts'
import { type CanarySeen, canaryPathOf, withCanary } from './canary.ts'
import type { ScenarioContext } from './context.ts'
import { idOf } from './refused.ts'
import { type Step, takingBack } from './steps.ts'

const hostname = 'app.harness.test'

/** Runs it. @throws ScenarioError when something is seen that was not expected. */
export function run(context: ScenarioContext): Promise<Step[]> {
  const steps = context.steps()
  const { lab, sdk, account } = context
  const { idp, teamDomain } = lab.access
  const url = (): string => `https://${hostname}:${lab.edge.port}${canaryPathOf(lab, hostname)}`
  const passwordOf = (username: string): string =>
    idp.users.find((user) => user.username === username)?.password ?? ''
  /** Opens the application in a fresh browser and logs in at the form it is sent to. */
  const logIn = async (username: string, password = passwordOf(username)) => {
    const browser = context.browser()
    const form = await browser.open(url())
    return withCanary(await browser.logIn(form, username, password))
  }
  return takingBack(async (undo) => {
    const { identityProviders } = sdk.zeroTrust
    const provider = await identityProviders.create({
      ...account,
      name: 'Scenario login',
      type: 'oidc',
      config: {
        client_id: idp.clientId,
        client_secret: idp.clientSecret,
        auth_url: idp.authUrl,
        token_url: idp.tokenUrl,
        certs_url: idp.certsUrl,
        scopes: ['openid', 'email', 'profile'],
        email_claim_name: 'email',
        pkce_enabled: true,
      },
    })
    const providerId = idOf(provider)
    undo(() => identityProviders.delete(providerId, account))
    steps.check(
      'An identity provider is registered; its client secret is not shown again',
      'not shown',
      JSON.stringify(provider).includes(idp.clientSecret) ? 'shown' : 'not shown',
    )
    const everyone = await makePolicy(
      context,
      { name: 'Scenario login: everyone', decision: 'allow', include: [{ everyone: {} }] },
      undo,
    )
    const noBob = await makePolicy(
      context,
      {
        name: 'Scenario login: not bob',
        decision: 'deny',
        include: [{ email: { email: 'bob@harness.test' } }],
      },
      undo,
    )
    const application = await makeApplication(
      context,
      {
        name: 'Scenario login',
        domain: hostname,
        policies: [everyone],
        allowed_idps: [providerId],
        auto_redirect_to_identity: true,
      },
      undo,
    )

    const first = await context.visit(hostname, { path: '/temps?unit=celsius' })
    const location = new URL(String(first.headers.location))
    steps.check(
      'Without a login: sent to the team domain, with path and query to come back to',
      [302, teamDomain, `/cdn-cgi/access/login/${hostname}`, '/temps?unit=celsius'],
      [first.status, location.hostname, location.pathname, location.searchParams.get('redirect_url')],
    )
    const wrong = await logIn('alice', 'not her password')
    steps.check(
      'A wrong password: the provider shows its form again',
      [401, '127.0.0.1', 'not at the application'],
      [wrong.status, new URL(wrong.url).hostname, reached(wrong)],
    )
    const alice = await logIn('alice')
    steps.check(
      'Alice logs in at the form and comes to the application',
      [200, hostname, 'at the application'],
      [alice.status, new URL(alice.url).hostname, reached(alice)],
    )
    const claims = await verifiedClaims(context, alice, application.aud)
    steps.check(
      '… the origin has a token that verifies against the JWKS of the team, for this application',
      ['alice@harness.test', 'app', application.aud],
      [claims.email, claims.type, ...[claims.aud].flat()],
    )
    const other = await verifiedClaims(context, alice, '0'.repeat(64)).catch((error: unknown) => error)
    steps.check(
      '… and for no other',
      'ERR_JWT_CLAIM_VALIDATION_FAILED',
      (other as { code?: string }).code ?? 'verified',
    )
    const mallory = await logIn('mallory')
    steps.check(
      'Mallory, whose account has no e-mail address, does not come in whatever the policy',
      [400, 'Failed to fetch user/group information', 'not at the application'],
      [mallory.status, /Failed to fetch user\/group information/.exec(mallory.body)?.[0], reached(mallory)],
    )
    steps.check('Bob is everyone too', 200, (await logIn('bob')).status)

    await application.change({ policies: [noBob, everyone] })
    const bob = await logIn('bob')
    steps.check(
      'A Block policy before it: Bob logs in and is denied',
      [403, teamDomain, 'not at the application'],
      [bob.status, new URL(bob.url).hostname, reached(bob)],
    )
    steps.check('… and Alice is not', 200, (await logIn('alice')).status)
    return steps.done
  })
}

const reached = ({ atOrigin }: CanarySeen): string =>
  atOrigin === undefined ? 'not at the application' : 'at the application'
