import { tokenOf } from '../../fixtures/access.ts'
import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import type { AccessTarget } from '../../fixtures/targets.ts'
import { otherAccessTarget } from '../../fixtures/targets.ts'
import { answerHeader } from '../../harness/deployment/access-answer.ts'
import { originHeader } from '../../harness/probe/canary.ts'
import type { Outcome } from '../../harness/probe/types.ts'
import { almostIn, atTeam, finishLogin, locationOf, startLogin } from './log-in.ts'

const ownFlow = `Cloudflare runs this flow itself. Where a gateway or a mock of your own runs it: bind state and nonce to the browser that began (a cookie with Secure and HttpOnly), take each once, at the hostname that it was made for, and compare before anything else. Libraries do it: openid-client, oauth2-proxy from 7.15, mod_auth_openidc.

If such a login may have been abused, end the sessions of the application:
  curl -X POST -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" "https://api.cloudflare.com/client/v4/accounts/<account>/access/apps/<app>/revoke_tokens"`

const flow = {
  severity: 'high',
  kind: 'must',
  profile: 'full',
  needs: ['access.session'],
  remediation: ownFlow,
} as const satisfies Partial<CheckMeta>

/** No token may come of it. */
function noToken(run: CheckContext, outcome: Outcome, what: string): void {
  if (outcome.verdict === 'inconclusive') run.inconclusive(outcome.summary)
  const token = tokenOf(outcome)
  if (token !== undefined) run.reached = true
  run.expect(token === undefined, `${what}: no token`, `${what}: a token was given all the same`)
}

/** The login works as it should, or nothing follows from its refusal. */
function aToken(run: CheckContext, outcome: Outcome): void {
  if (outcome.verdict === 'inconclusive') run.inconclusive(outcome.summary)
  if (tokenOf(outcome) === undefined) run.blocked(outcome.summary, 'the good twin got no token either')
}

check(
  'access-session.other-browser',
  {
    ...flow,
    title: 'a login can be finished only in the browser that began it',
    grounds: ['RFC 6819 §4.4.1.8', 'RFC 9700 §4.7', 'catalogue JWT-32'],
    killedBy: ['access.ignores-app-session'],
    why: 'Otherwise an attacker begins a login, lets somebody else finish it (or the reverse), and one acts in the other’s name.',
    sends:
      'The address that ends a login, without the cookies of the browser that began it, then with a CF_AppSession of another one.',
    expects: 'No token either time; with its own cookies another login gets one.',
  },
  async (run) => {
    const target = run.accessTarget()
    const twin = await almostIn(run, target)
    aToken(run, await finishLogin(run, target, twin.url, twin.cookies, 'the good twin'))
    const { url } = await almostIn(run, target)
    noToken(run, await finishLogin(run, target, url, '', 'without cookies'), 'without cookies')
    const second = await almostIn(run, target)
    const other = `CF_AppSession=${'A'.repeat(43)}`
    noToken(run, await finishLogin(run, target, second.url, other, 'another browser'), 'another browser')
    run.observed = 'a login is finished by its own browser, and by no other'
  },
)

check(
  'access-session.state-changed',
  {
    ...flow,
    title: 'a login with another state is refused',
    grounds: ['RFC 6749 §10.12', 'RFC 9700 §4.7', 'catalogue JWT-29'],
    killedBy: ['access.ignores-login-state'],
    why: 'state ties the end of a login to its beginning. Where nobody compares it, a login can be forced on somebody.',
    sends: 'The address that ends a login with its state changed, then without it.',
    expects: 'No token either time; unchanged, another login gets one.',
  },
  async (run) => {
    const target = run.accessTarget()
    const twin = await almostIn(run, target)
    if (!twin.url.searchParams.has('state')) run.skip('the address that ends a login has no state')
    aToken(run, await finishLogin(run, target, twin.url, twin.cookies, 'the good twin'))
    for (const what of ['changed', 'left out'] as const) {
      const { url, cookies } = await almostIn(run, target)
      if (what === 'changed') url.searchParams.set('state', 'A'.repeat(43))
      else url.searchParams.delete('state')
      noToken(run, await finishLogin(run, target, url, cookies, `state ${what}`), `state ${what}`)
    }
    run.observed = 'state is compared'
  },
)

check(
  'access-session.finished-again',
  {
    ...flow,
    title: 'the end of a login is good once',
    grounds: ['RFC 6749 §10.5', 'catalogue JWT-31'],
    killedBy: ['access.authorizes-again'],
    why: 'The address is in histories and logs. Whoever finds it there must not get a token of their own.',
    sends: 'The address that ends a login, twice, with the same cookies.',
    expects: 'A token the first time, none the second.',
  },
  async (run) => {
    const target = run.accessTarget()
    const { url, cookies } = await almostIn(run, target)
    aToken(run, await finishLogin(run, target, url, cookies, 'the good twin, the first time'))
    noToken(run, await finishLogin(run, target, url, cookies, 'the second time'), 'the second time')
    run.observed = 'a token the first time, none the second'
  },
)

/** Where a login must not lead. `harness.invalid` can belong to nobody (RFC 6761). */
const elsewhere = [
  'https://harness.invalid/',
  '//harness.invalid/',
  '/\\harness.invalid/',
  'javascript:alert(1)//harness.invalid',
  'https://{hostname}@harness.invalid/',
]

check(
  'access-session.open-redirect',
  {
    ...flow,
    title: 'a login does not lead to another site',
    grounds: ['RFC 9700 §4.11', 'oauth2-proxy CVE-2021-21291', 'Pomerium CVE-2021-29651', 'catalogue JWT-30'],
    killedBy: ['access.open-redirect'],
    why: 'The address of the login is one that people trust. Where it can lead anywhere, it is the perfect phishing link, and may take a token along.',
    sends:
      'Logins whose redirect_url is another site: absolute, without scheme, with a backslash, with user information, a script.',
    expects: 'Refused, or led back to the hostname itself; the login as it was begun leads back to it.',
  },
  async (run) => {
    const target = run.accessTarget()
    const { url, cookies } = await startLogin(run, target)
    const led: string[] = []
    for (const written of elsewhere) {
      const wanted = written.replace('{hostname}', target.hostname)
      const to = new URL(url)
      to.searchParams.set('redirect_url', wanted)
      const last = await followLogin(run, target, to, cookies, wanted)
      if (last !== undefined && last.hostname !== target.hostname && last.hostname !== target.access.team)
        led.push(`${wanted} led to ${last.protocol}//${last.host}`)
    }
    run.expect(led.length === 0, 'no login leads elsewhere', led.join('; '))
    const home = await followLogin(run, target, url, cookies, 'the good twin')
    if (home?.hostname !== target.hostname)
      run.blocked(String(home), 'the login as it was begun does not lead back either')
  },
)

/** Goes through a login to its end. @returns where it leads; undefined where it was refused on the way. */
async function followLogin(
  run: CheckContext,
  target: AccessTarget,
  url: URL,
  cookies: string,
  label: string,
): Promise<URL | undefined> {
  const outcome = await atTeam(run, target, url, label)
  if (outcome.verdict === 'inconclusive') run.inconclusive(outcome.summary)
  const next = locationOf(outcome, url.href)
  if (next?.hostname !== target.hostname || !next.pathname.startsWith('/cdn-cgi/access/')) return next
  const end = await finishLogin(run, target, next, cookies, label)
  if (end.verdict === 'inconclusive') run.inconclusive(end.summary)
  return locationOf(end, next.href)
}

check(
  'access-session.identity-provider-request',
  {
    title: 'logins go to the identity provider with state, nonce and PKCE',
    severity: 'medium',
    kind: 'should',
    profile: 'default',
    needs: ['access'],
    grounds: [
      'RFC 9700 §2.1.1',
      'RFC 9700 §4.8.2',
      'cloudflare/workers-oauth-provider PR 27',
      'catalogue JWT-29',
    ],
    killedBy: ['access.drops-pkce'],
    why: 'state keeps a login from being forced on somebody, nonce an ID token from being used again, PKCE a stolen code from being exchanged.',
    sends: 'A login up to the address of the identity provider, which is read and not visited.',
    expects: 'state, nonce where OpenID Connect is spoken, code_challenge with method S256.',
    remediation: `Switch PKCE on in the configuration of the identity provider. A PUT replaces the whole object: send everything that GET shows, with the client secret.
  curl -X PUT -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" -H "Content-Type: application/json" https://api.cloudflare.com/client/v4/accounts/<account>/access/identity_providers/<provider> --data '{"type":"oidc","name":"<name>","config":{…,"pkce_enabled":true}}'`,
  },
  async (run) => {
    const target = run.accessTarget()
    const { url } = await startLogin(run, target)
    const request = await providerRequest(run, target, url)
    const has = (name: string): boolean => (request.searchParams.get(name) ?? '').length >= 8
    const oidc = /(?:^|\s)openid(?:\s|$)/.test(request.searchParams.get('scope') ?? '')
    run.expect(has('state'), 'state', `no state goes to ${request.host}`)
    run.expect(!oidc || has('nonce'), 'nonce', `no nonce goes to ${request.host}`)
    const pkce = has('code_challenge') && request.searchParams.get('code_challenge_method') === 'S256'
    run.expect(pkce, 'state, nonce and PKCE with S256', `no PKCE with S256 goes to ${request.host}`)
  },
)

/** The authorization request: what the login leads to at once, or by the first link on its page that leads to one. */
async function providerRequest(run: CheckContext, target: AccessTarget, url: URL): Promise<URL> {
  const { access: _, ...rest } = target
  const team = { ...rest, hostname: url.hostname, port: target.access.teamPort }
  const { teamAddress } = target.access
  const at = async (to: URL, label: string): Promise<Outcome> => {
    const outcome = await run.attempt({
      target: teamAddress === undefined ? team : { ...team, address: teamAddress },
      path: `${to.pathname}${to.search}`,
      label,
    })
    if (outcome.verdict === 'inconclusive' && outcome.http === undefined) run.inconclusive(outcome.summary)
    return outcome
  }
  const page = await at(url, 'the login page')
  const direct = locationOf(page, url.href)
  if (direct?.searchParams.has('response_type') === true) return direct
  const text = page.http?.body.toString('utf8') ?? ''
  const links = [...text.matchAll(/(?:href|action)="([^"]+)"/g)].map(([, link = '']) =>
    link.replaceAll('&amp;', '&'),
  )
  const link = links
    .filter((one) => URL.canParse(one, url.href))
    .map((one) => new URL(one, url.href))
    .find((one) => one.hostname === url.hostname && one.pathname.includes('/cdn-cgi/access/'))
  if (link === undefined) return run.skip('the login page has no link to an identity provider')
  const chosen = locationOf(await at(link, 'an identity provider is chosen'), url.href)
  return chosen?.searchParams.has('response_type') === true
    ? chosen
    : run.skip('the login does not lead to an OAuth identity provider')
}

/** The application whose service token is answered with a binding cookie, and both cookies as a Cookie header sends them. */
async function boundCookies(
  run: CheckContext,
): Promise<{ target: AccessTarget; token: string; binding: string }> {
  for (const target of [run.accessTarget(), otherAccessTarget(run.deployment)]) {
    if (target?.access.serviceToken === undefined) continue
    const outcome = await run.control(
      (await run.accessTwin({ target })) ?? run.skip('needs access.serviceToken'),
    )
    const all = outcome.http === undefined ? [] : answerHeader(outcome.http, 'set-cookie')
    const [token, binding] = ['CF_Authorization', 'CF_Binding'].map(
      (name) => all.find((one) => one.startsWith(name))?.split(';', 1)[0],
    )
    if (token !== undefined && binding !== undefined) return { target, token, binding }
  }
  return run.skip('no application here sets a binding cookie: its tokens can be used from anywhere')
}

const bindingRemedy = `Switch the binding cookie on for the application (not where clients are no browsers or speak other protocols than HTTP). A PUT replaces the whole application: send everything that GET shows.
  curl -X PUT -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" -H "Content-Type: application/json" https://api.cloudflare.com/client/v4/accounts/<account>/access/apps/<app> --data '{…,"enable_binding_cookie":true}'`

check(
  'access-session.binding-cookie',
  {
    title: 'a token without its binding cookie is refused',
    severity: 'medium',
    kind: 'must',
    profile: 'default',
    needs: ['access.service-token'],
    grounds: ['cloudflare-one authorization cookie: binding cookie', 'catalogue JWT-27'],
    killedBy: ['access.ignores-binding-cookie'],
    why: 'The binding cookie is there so that a token that an origin, a log or a script gave away is of no use by itself.',
    sends: 'CF_Authorization without CF_Binding, and with a CF_Binding of another token.',
    expects: 'Refused both times; both cookies together are let in.',
    remediation: bindingRemedy,
  },
  async (run) => {
    const { target, token, binding } = await boundCookies(run)
    await run.control({ target, headers: [['Cookie', `${token}; ${binding}`]], label: 'the good twin' })
    for (const [label, cookie] of [
      ['without binding cookie', token],
      ['another binding cookie', `${token}; ${binding.slice(0, -4)}AAAA`],
    ] as const)
      await run.refused({ target, headers: [['Cookie', cookie]], label }, undefined, { any: true })
    run.observed = 'refused without its binding cookie, and with another'
  },
)

check(
  'access-session.binding-cookie-stays',
  {
    title: 'the binding cookie does not reach the origin',
    severity: 'medium',
    kind: 'must',
    profile: 'default',
    needs: ['access.service-token', 'canary'],
    grounds: ['cloudflare-one authorization cookie: stripped before the origin', 'catalogue JWT-27'],
    killedBy: ['access.binding-reaches-origin'],
    why: 'The origin sees the token. With the binding cookie beside it, whoever reads the origin’s logs has all that is needed.',
    sends: 'A request with CF_Authorization and CF_Binding.',
    expects: 'The canary saw no cookie named CF_Binding.',
    remediation: bindingRemedy,
  },
  async (run) => {
    const { target, token, binding } = await boundCookies(run)
    const { canary } = await run.control({ target, headers: [['Cookie', `${token}; ${binding}`]] })
    if (canary === undefined || canary.partial) return run.skip('needs a canary that lists every header')
    const arrived = originHeader(canary, 'cookie').some((one) => one.includes('CF_Binding'))
    run.expect(!arrived, 'the binding cookie stayed at the edge', 'the origin received the binding cookie')
  },
)
