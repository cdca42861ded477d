import { randomBytes } from 'node:crypto'
import { type HeaderList, serviceTokenHeaders, tokenCookie } from '../../fixtures/access.ts'
import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import type { Try } from '../../fixtures/environment.ts'
import { answerHeader } from '../../harness/deployment/access-answer.ts'
import type { ServiceToken } from '../../harness/deployment/types.ts'
import { pair, randomSecret, unknownToken } from './pairs.ts'
import { compareExactly, nameToken, readHeadersOnly, stripSecrets } from './remedy.ts'

const base = {
  severity: 'medium',
  kind: 'must',
  profile: 'default',
  needs: ['access.service-token'],
  remediation: readHeadersOnly,
} as const satisfies Partial<CheckMeta>

const documented = 'cloudflare-one service tokens'

const tokenFor = (run: CheckContext): ServiceToken =>
  run.accessTarget().access.serviceToken ?? run.skip('needs access.serviceToken')

/** An attempt at the Access target, with the certificate where one is asked for as well. */
async function asking(run: CheckContext, wanted: Try): Promise<Try> {
  const target = run.accessTarget()
  const identity = target.access.with === 'access-and-mtls' ? await run.valid(target) : undefined
  return { target, ...wanted, ...(identity === undefined ? {} : { identity }) }
}

const respelled = (token: ServiceToken, spell: (name: string) => string): HeaderList =>
  serviceTokenHeaders(token).map(([name, value]) => [spell(name), value])

check(
  'service-token.header-case',
  {
    ...base,
    title: 'service token headers are read in every case',
    grounds: ['RFC 9110 §5.1', documented, 'catalogue SVC-07'],
    killedBy: ['access.token-headers-by-spelling', 'access.refuses-service-tokens'],
    why: 'Names of headers have no case. HTTP/2 writes them in lower case, and every proxy in front may: a gateway that reads one spelling locks jobs out the day a proxy is added.',
    sends: 'The good pair with names in lower and in upper case.',
    expects: 'The application, both times.',
  },
  async (run) => {
    const token = tokenFor(run)
    for (const [label, spell] of [
      ['lower case', (name: string) => name.toLowerCase()],
      ['upper case', (name: string) => name.toUpperCase()],
    ] as const)
      await run.allowed(await asking(run, { headers: respelled(token, spell), label }))
  },
)

check(
  'service-token.underscore',
  {
    ...base,
    title: 'service token headers spelled with underscores are not read',
    grounds: ['CVE-2025-64484 (oauth2-proxy)', documented, 'catalogue SVC-07'],
    killedBy: ['access.takes-underscore-token-headers'],
    why: 'What is read as credentials must also be removed before the origin, logged as a secret and limited. A spelling that only one component knows escapes the others.',
    sends: 'The good pair as CF_Access_Client_Id and CF_Access_Client_Secret.',
    expects: 'Refused as a request without credentials is.',
  },
  async (run) => {
    await run.onlyIfClosed(run.accessTarget())
    const headers = respelled(tokenFor(run), (name) => name.replaceAll('-', '_'))
    await run.refused(await asking(run, { headers, label: 'underscores' }), await run.accessTwin())
  },
)

check(
  'service-token.duplicates',
  {
    ...base,
    severity: 'high',
    kind: 'should',
    title: 'a service token sent twice with two values is refused',
    grounds: [`${documented}: strict mode rejects duplicates`, 'catalogue SVC-08'],
    killedBy: [
      'access.takes-first-of-duplicates',
      'access.secret-cut-to-length',
      'access.ignores-token-secret',
    ],
    why: 'The component that checks and the one that logs, limits or forwards may read different copies.',
    sends:
      'The good secret before and behind a wrong one; the good Client ID beside an unknown one; both secrets in one header, with a comma between them.',
    expects: 'Refused as a request without credentials is, while the good pair is let in.',
    remediation: compareExactly,
  },
  async (run) => {
    await run.onlyIfClosed(run.accessTarget())
    const token = tokenFor(run)
    const good = serviceTokenHeaders(token)
    const [[idName], [secretName]] = good as [[string, string], [string, string]]
    const wrong = randomSecret()
    const doubled: [string, HeaderList][] = [
      ['the good secret first', [...good, [secretName, wrong]]],
      ['the good secret last', [good[0] ?? ['', ''], [secretName, wrong], [secretName, token.secret]]],
      ['two Client IDs', [...good, [idName, unknownToken().id]]],
      ['a comma between', serviceTokenHeaders({ ...token, secret: `${token.secret}, ${wrong}` })],
    ]
    for (const [label, headers] of doubled)
      await run.refused(await asking(run, { headers, label }), await run.accessTwin())
  },
)

check(
  'service-token.elsewhere',
  {
    ...base,
    // The secret gets into the logs of the edge.
    profile: 'full',
    title: 'a service token in the query, a cookie, the body or Authorization is not read',
    grounds: ['RFC 9700 §4.3.2 (credentials in URLs)', 'catalogue SVC-11'],
    killedBy: ['access.takes-token-from-query'],
    why: 'Addresses are logged by every hop, kept in histories and sent on in Referer. An edge that reads credentials there invites people to put them there.',
    sends:
      'The good pair (a made-up one would prove nothing) in the query, as cookies, as Basic authorization and in the body of a POST. Rotate it afterwards where access logs are read by many.',
    expects: 'Refused as a request without credentials is.',
  },
  async (run) => {
    await run.onlyIfClosed(run.accessTarget())
    const { id, secret } = tokenFor(run)
    const form = new URLSearchParams({ 'cf-access-client-id': id, 'cf-access-client-secret': secret })
    const cookie = `CF-Access-Client-Id=${id}; CF-Access-Client-Secret=${secret}`
    const basic = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
    const places: [string, Try][] = [
      ['in the query', { path: `{canary}&${form}` }],
      ['as cookies', { headers: [['Cookie', cookie]] }],
      ['as Basic authorization', { headers: [['Authorization', basic]] }],
      [
        'in the body',
        {
          method: 'POST',
          headers: [['Content-Type', 'application/x-www-form-urlencoded']],
          body: Buffer.from(String(form)),
        },
      ],
    ]
    for (const [label, wanted] of places)
      await run.refused(await asking(run, { ...wanted, label }), await run.accessTwin())
  },
)

check(
  'service-token.other-application',
  {
    ...base,
    severity: 'critical',
    needs: ['access.service-token', 'access.other-service-token'],
    title: 'a genuine service token of another application is refused',
    grounds: [
      'cloudflare-one policies: Service Token and Any Access Service Token',
      'catalogue SVC-13, SVC-14',
    ],
    killedBy: ['access.any-token-for-one'],
    why: 'All tokens of an account are good credentials; only the policy says for what. “Any Access Service Token” makes every job of the company a client of this application.',
    sends:
      'A service token of the team that this application does not accept; where another application of the deployment accepts it, it is shown there first.',
    expects: 'Refused as a request without credentials is, while the application’s own token is let in.',
    remediation: nameToken,
  },
  async (run) => {
    const target = run.accessTarget()
    await run.onlyIfClosed(target)
    const other = target.access.otherServiceToken ?? run.skip('needs access.otherServiceToken')
    const home = run.deployment.siblings.find(({ access }) => access?.serviceToken?.id === other.id)
    if (home?.access !== undefined) {
      const there = await run.accessTwin({ target: home, label: 'the twin: the token where it belongs' })
      if (there !== undefined) await run.control(there)
    }
    const { headers } = pair('', other)
    await run.refused(
      await asking(run, { headers, label: 'a token of another application' }),
      await run.accessTwin(),
    )
  },
)

check(
  'service-token.invalid-with-cookie',
  {
    ...base,
    severity: 'high',
    needs: ['access.service-token', 'access.token'],
    title: 'strict mode is whole: a bad service token is not saved by a good cookie',
    grounds: [
      `${documented}: strict mode rejects with 401 and ignores the cookie`,
      'catalogue SVC-20, CMP-02',
    ],
    killedBy: ['access.strict-by-half'],
    why: 'In strict mode clients rely on 401 to notice that their secret has been rotated away. Outside it a bad token beside a good cookie is documented to fall back to the cookie, which hides the rotation until the cookie ends.',
    sends:
      'The good service token, to see whether its answer sets CF_Authorization (strict mode sets none); then a wrong secret beside a genuine CF_Authorization.',
    expects: 'Where no cookie was set: refused. Where one was set, not strict: the fallback is recorded.',
    remediation: compareExactly,
  },
  async (run) => {
    const target = run.accessTarget()
    await run.onlyIfClosed(target)
    const token = await run.applicationToken(target)
    const twin = (await run.accessTwin()) ?? run.skip('needs access.serviceToken')
    const { http } = await run.control(twin)
    const strict =
      http === undefined || !answerHeader(http, 'set-cookie').some((one) => /^CF_Authorization=/.test(one))
    const bad = serviceTokenHeaders({ ...tokenFor(run), secret: randomSecret() })
    const wanted = await asking(run, {
      headers: [...bad, tokenCookie(token)],
      label: 'a wrong secret and a good cookie',
    })
    if (strict) {
      await run.refused(
        wanted,
        await asking(run, { headers: [tokenCookie(token)], label: 'the good twin: the cookie alone' }),
      )
      return
    }
    const { verdict, summary } = await run.attempt(wanted)
    if (verdict === 'inconclusive') run.inconclusive(summary)
    run.hold(
      verdict === 'allowed'
        ? 'not strict: the cookie counts although the token beside it is wrong'
        : `not strict, and refused all the same: ${summary}`,
    )
  },
)

check(
  'service-token.secret-stripped',
  {
    ...base,
    severity: 'high',
    needs: ['access.service-token', 'canary'],
    title: 'the secret of a service token does not reach the origin',
    grounds: ['CVE-2026-4525 (Vault)', documented, 'catalogue SVC-22'],
    killedBy: ['access.secret-reaches-origin'],
    why: 'An application that sees the secret logs it, sends it to its error tracker, and shows it to whoever may read either.',
    sends: 'The good pair; the canary tells what the origin received.',
    expects: 'The secret is in no header and not in the path.',
    remediation: stripSecrets,
  },
  async (run) => {
    const { secret } = tokenFor(run)
    const { canary } = await run.control((await run.accessTwin()) ?? run.skip('needs access.serviceToken'))
    if (canary === undefined) return run.skip('needs a canary behind Access')
    const holding = canary.headers.filter(([, value]) => value.includes(secret)).map(([name]) => name)
    run.expect(
      holding.length === 0,
      'the secret did not arrive',
      `the origin received the secret in ${holding.join(', ')}`,
    )
    if (canary.partial) run.skip('needs a canary that lists every header: harness canary node, or worker')
  },
)

check(
  'service-token.not-echoed',
  {
    ...base,
    needs: ['access'],
    title: 'a refusal does not repeat the credentials it refused',
    grounds: ['CVE-2026-4525 (Vault)', 'catalogue SVC-22, RSP-05'],
    killedBy: ['access.answers-echo-secret'],
    why: 'Error pages are cached, screenshotted, pasted into tickets and read by whatever script is on them. A secret that was only mistyped is still nearly the right one.',
    sends: 'A made-up Client ID and secret, a made-up cookie and a made-up bearer token.',
    expects: 'None of them is in a header or in the body of the answer.',
    remediation: stripSecrets,
  },
  async (run) => {
    const made = { id: unknownToken().id, secret: randomSecret() }
    const [cookie, bearer] = [randomBytes(18).toString('hex'), randomBytes(18).toString('hex')]
    const headers: HeaderList = [
      ...serviceTokenHeaders(made),
      ['Cookie', `harness=${cookie}`],
      ['Authorization', `Bearer ${bearer}`],
    ]
    const outcome = await run.attempt(await asking(run, { headers, label: 'made-up credentials' }))
    const { http, summary } = outcome
    if (outcome.verdict === 'allowed')
      return run.blocked(summary, 'not refused: the application may show what it was sent')
    if (http === undefined) return run.inconclusive(summary, 'no answer to look at')
    const text = [
      ...http.headers.map(([name, value]) => `${name}: ${value}`),
      http.body.toString('utf8'),
    ].join('\n')
    const repeated = [
      ['the secret', made.secret],
      ['the cookie', cookie],
      ['the bearer token', bearer],
    ].filter(([, value = '']) => text.includes(value))
    run.expect(
      repeated.length === 0,
      `HTTP ${http.status} repeats none of them`,
      `HTTP ${http.status} repeats ${repeated.map(([what]) => what).join(' and ')}`,
    )
  },
)
