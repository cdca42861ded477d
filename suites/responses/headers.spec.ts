import { randomBytes } from 'node:crypto'
import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import { answerHeader } from '../../harness/deployment/access-answer.ts'
import type { HttpAnswer, Outcome } from '../../harness/probe/types.ts'
import { cookieAttributes, listOrigins, sendHsts, tellNothing } from './remedy.ts'

const base = {
  severity: 'low',
  kind: 'should',
  profile: 'default',
  needs: [],
} as const satisfies Partial<CheckMeta>

/** An answer of the deployment's hostname: to the valid certificate where there is one. */
async function answerOf(run: CheckContext, headers: [string, string][] = []): Promise<HttpAnswer> {
  return (await answered(run, headers)).http
}

/** {@link answerOf} with its outcome. */
async function answered(
  run: CheckContext,
  headers: [string, string][] = [],
): Promise<{ http: HttpAnswer; outcome: Outcome }> {
  const identity = run.mode() === 'off' ? undefined : await run.valid()
  const outcome = await run.attempt({ headers, ...(identity === undefined ? {} : { identity }) })
  if (outcome.http !== undefined) return { http: outcome.http, outcome }
  return outcome.verdict === 'refused'
    ? run.skip('refused in TLS: there is no answer to look at')
    : run.inconclusive(outcome.summary)
}

check(
  'responses.hsts',
  {
    ...base,
    title: 'answers say that this host is to be reached over TLS only',
    grounds: ['RFC 6797 §7.1', 'catalogue RSP-06'],
    killedBy: ['edge.no-hsts'],
    why: 'The first request of a browser goes to http:// unless it knows better. Whoever is on the way can answer it, and no client certificate is asked for there.',
    sends:
      'A request with the valid certificate, or without where there is none; where Access protects a hostname, one there too.',
    expects: 'Strict-Transport-Security with a max-age above 0.',
    remediation: sendHsts,
  },
  async (run) => {
    const answers = [{ hostname: run.target.hostname, ...(await answered(run)) }]
    const sibling = run.deployment.siblings.find(({ access }) => access?.with === 'access')
    if (sibling !== undefined) {
      const outcome = await run.attempt({ target: sibling })
      const { http } = outcome
      if (http !== undefined) answers.push({ hostname: sibling.hostname, http, outcome })
    }
    for (const { hostname, http, outcome } of answers) {
      const [value = ''] = answerHeader(http, 'strict-transport-security')
      run.expect(
        /\bmax-age="?0*[1-9]/i.test(value),
        `${hostname}: ${value}`,
        `${hostname} answers HTTP ${http.status} ${value === '' ? 'without Strict-Transport-Security' : `with Strict-Transport-Security: ${value}`}`,
        outcome,
      )
    }
  },
)

check(
  'responses.cors',
  {
    ...base,
    severity: 'medium',
    kind: 'must',
    title: 'no foreign page may read answers with somebody’s certificate',
    grounds: ['Fetch standard, CORS protocol', 'CVE-2024-25124 (Fiber)', 'catalogue RSP-04'],
    killedBy: ['edge.reflects-origin'],
    why: 'A browser sends the client certificate by itself. If the answer names every asking origin and allows credentials, any page the user visits reads the application as the user.',
    sends: 'Requests with Origin of a made-up site, and with Origin: null.',
    expects:
      'No Access-Control-Allow-Origin that names them together with Access-Control-Allow-Credentials: true.',
    remediation: listOrigins,
  },
  async (run) => {
    for (const origin of [`https://${randomBytes(6).toString('hex')}.example`, 'null']) {
      const http = await answerOf(run, [['Origin', origin]])
      const [named = '(none)'] = answerHeader(http, 'access-control-allow-origin')
      const credentials = answerHeader(http, 'access-control-allow-credentials').includes('true')
      run.expect(
        !(named === origin && credentials),
        `Access-Control-Allow-Origin: ${named}`,
        `${origin} is allowed to read answers with credentials`,
      )
    }
  },
)

/** What a refusal gives away. Versions without a product in front (HTTP/1.1, dates) are none. */
const details: readonly { what: string; pattern: RegExp }[] = [
  {
    what: 'a private address',
    pattern: /\b(?:10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d{1,3}\.\d{1,3}\b/,
  },
  {
    what: 'a stack trace',
    pattern: /\bat [\w.<>$]+ ?\([^)\n]*:\d+(?::\d+)?\)|Traceback \(most recent call last\)/,
  },
  {
    what: 'the version of a server',
    pattern: /\b(?:nginx|apache|haproxy|caddy|envoy|openresty|tomcat|jetty|lab-edge|openssl)\/\d+\.\d+/i,
  },
]

check(
  'responses.refusal-details',
  {
    ...base,
    title: 'a refusal names neither the origin nor the software in front of it',
    needs: ['enforce'],
    grounds: ['RFC 9110 §17.14', 'CWE-209', 'catalogue RSP-05'],
    killedBy: ['edge.refusal-names-origin'],
    why: 'The address of the origin is the way around the edge, and a version says which holes to try.',
    sends: 'A request without a certificate; status line, headers and body of the refusal are searched.',
    expects: 'No private address, no stack trace, no software version.',
    remediation: tellNothing,
  },
  async (run) => {
    await run.onlyIfClosed()
    const { http, verdict, summary } = await run.attempt({})
    if (http === undefined)
      return verdict === 'refused'
        ? run.skip('refused in TLS: there is no answer to look at')
        : run.inconclusive(summary)
    const text = [
      ...http.headers.map(([name, value]) => `${name}: ${value}`),
      http.body.toString('utf8'),
    ].join('\n')
    const told = details.filter(({ pattern }) => pattern.test(text)).map(({ what }) => what)
    run.expect(
      told.length === 0,
      `HTTP ${http.status} tells nothing of the kind`,
      `HTTP ${http.status} tells ${told.join(' and ')}`,
    )
  },
)

/** The cookie that the service token was answered with; skips where there is none (strict mode, browser logins only). */
async function sessionCookie(run: CheckContext): Promise<string> {
  const twin = (await run.accessTwin({ label: 'the service token' })) ?? run.skip('needs access.serviceToken')
  const { http } = await run.control(twin)
  const cookies = http === undefined ? [] : answerHeader(http, 'set-cookie')
  return (
    cookies.find((one) => /^\s*CF_Authorization=/.test(one)) ??
    run.skip('the service token is answered without a cookie (strict mode): needs a login in a browser')
  )
}

const attributes = [
  {
    id: 'secure',
    kind: 'must',
    severity: 'high',
    fault: 'access.cookie-not-secure',
    title: 'the session cookie goes over TLS only',
    why: 'Without Secure a browser sends the cookie with the first plain request, and whoever is on the way has the session.',
    expects: 'CF_Authorization has Secure.',
    holds: (cookie: string) => /;\s*secure\s*(?:;|$)/i.test(cookie),
    grounds: ['RFC 6265 §4.1.2.5'],
  },
  {
    id: 'http-only',
    kind: 'should',
    severity: 'medium',
    fault: 'access.cookie-not-http-only',
    title: 'the session cookie is out of reach of scripts',
    why: 'One script too many on one page takes the session along. The application may need it otherwise: then waive this.',
    expects: 'CF_Authorization has HttpOnly.',
    holds: (cookie: string) => /;\s*httponly\s*(?:;|$)/i.test(cookie),
    grounds: ['RFC 6265 §4.1.2.6', 'cloudflare-one authorization cookie'],
  },
  {
    id: 'host-only',
    kind: 'must',
    severity: 'high',
    fault: 'access.cookie-for-domain',
    title: 'the session cookie belongs to this host alone',
    why: 'A cookie for the parent domain is sent to every other host of the company: the weakest of them holds the sessions of all.',
    expects: 'CF_Authorization has no Domain.',
    holds: (cookie: string) => !/;\s*domain\s*=\s*[^\s;]/i.test(cookie),
    grounds: ['RFC 6265 §4.1.2.3', 'cloudflare-one authorization cookie'],
  },
] as const

for (const { id, fault, holds, grounds, ...texts } of attributes) {
  check(
    `responses.cookie-${id}`,
    {
      ...base,
      ...texts,
      needs: ['access.service-token'],
      grounds: [...grounds, 'catalogue JWT-28'],
      killedBy: [fault],
      sends: 'The good service token; the attributes of the cookie that its answer sets are read.',
      remediation: cookieAttributes,
    },
    async (run) => {
      const [, ...seen] = (await sessionCookie(run)).split(';')
      run.expect(
        holds(`;${seen.join(';')}`),
        seen.join(';').trim(),
        `CF_Authorization is set with: ${seen.join(';').trim()}`,
      )
    },
  )
}
