/**
 * Scenario 4, an application for services: a service token and its rotation, with the wrong policy and the right one, and
 * strict mode.
 * @module
 */
import { makeApplication, makePolicy, verifiedClaims } from './access-setup.ts'
import type { ScenarioContext } from './context.ts'
import type { Seen } from './http.ts'
import { idOf } from './refused.ts'
import { type Step, takingBack } from './steps.ts'

const hostname = 'app.harness.test'
/** Seconds that the old secret is good after a rotation. */
const grace = 60

/** Runs it; moves the lab's clock by {@link grace}. @throws ScenarioError when something is seen that was not expected. */
export function run(context: ScenarioContext): Promise<Step[]> {
  const steps = context.steps()
  const { sdk, account, api, lab } = context
  const { serviceTokens } = sdk.zeroTrust.access
  return takingBack(async (undo) => {
    const made = await serviceTokens.create({ ...account, name: 'Scenario service token', duration: '24h' })
    const id = idOf(made)
    undo(() => serviceTokens.delete(id, account))
    const { client_id: clientId = '', client_secret: old = '' } = made
    const again = await serviceTokens.get(id, account)
    steps.check(
      'A service token is made; its secret is told once',
      ['told', 'not told again'],
      [
        old === '' ? 'not told' : 'told',
        JSON.stringify(again).includes(old) ? 'told again' : 'not told again',
      ],
    )
    const visit = (secret: string) =>
      context.visitCanary(hostname, {
        headers: { 'cf-access-client-id': clientId, 'cf-access-client-secret': secret },
      })
    const statuses = (...secrets: string[]): Promise<number[]> =>
      Promise.all(secrets.map(async (secret) => (await visit(secret)).status))

    const include = [{ service_token: { token_id: id } }]
    const serviceAuth = await makePolicy(
      context,
      { name: 'Scenario service token: Service Auth', decision: 'non_identity', include },
      undo,
    )
    const allow = await makePolicy(
      context,
      { name: 'Scenario service token: Allow', decision: 'allow', include: [{ everyone: {} }] },
      undo,
    )
    const application = await makeApplication(
      context,
      { name: 'Scenario service token', domain: hostname, policies: [serviceAuth] },
      undo,
    )

    steps.check('Service Auth policy: without a token', 403, (await context.visitCanary(hostname)).status)
    steps.check('… with a wrong secret', 403, (await visit(wrongSecret(old))).status)
    const seen = await visit(old)
    const claims = await verifiedClaims(context, seen, application.aud)
    steps.check(
      '… with the token: it passes, and gets a cookie',
      [200, 'a cookie'],
      [seen.status, cookieIn(seen.headers)],
    )
    steps.check(
      '… the origin gets a token that names the service and nobody',
      ['common_name is the Client ID', 'sub is empty', 'no email', 'no nbf'],
      [
        `common_name is ${claims.common_name === clientId ? '' : 'not '}the Client ID`,
        `sub is ${claims.sub === '' ? '' : 'not '}empty`,
        `${'email' in claims ? 'an' : 'no'} email`,
        `${'nbf' in claims ? 'an' : 'no'} nbf`,
      ],
    )

    const now = await api.advance(0)
    const rotated = await serviceTokens.rotate(id, {
      ...account,
      previous_client_secret_expires_at: new Date(now + grace * 1000).toISOString(),
    })
    const fresh = rotated.client_secret ?? ''
    steps.check(
      `Rotated with an overlap of ${grace} seconds: old and new secret are good`,
      [200, 200],
      await statuses(old, fresh),
    )
    await api.advance(grace + 1)
    steps.check('… when they have passed: only the new one', [403, 200], await statuses(old, fresh))

    await application.change({ policies: [allow] })
    const redirected = await visit(fresh)
    steps.check(
      'Allow policy only: a service is asked to log in, as a person would be',
      [302, lab.access.teamDomain],
      [redirected.status, new URL(String(redirected.headers.location)).hostname],
    )

    const before = await api.setStrictServiceTokens(true)
    undo(() => api.setStrictServiceTokens(before))
    steps.check(
      'Strict mode: 403 for a good token that no policy lets in, 401 for a wrong secret',
      [403, 401],
      await statuses(fresh, wrongSecret(fresh)),
    )
    await application.change({ policies: [serviceAuth] })
    const strict = await visit(fresh)
    steps.check(
      '… with the Service Auth policy it passes, and gets no cookie',
      [200, 'no cookie'],
      [strict.status, cookieIn(strict.headers)],
    )
    return steps.done
  })
}

/** As long as the right one. */
const wrongSecret = (secret: string): string => `${secret.slice(0, -1)}${secret.endsWith('0') ? '1' : '0'}`

const cookieIn = (headers: Seen['headers']): string =>
  [headers['set-cookie'] ?? []].flat().some((line) => line.startsWith('CF_Authorization='))
    ? 'a cookie'
    : 'no cookie'
