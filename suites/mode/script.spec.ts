import { check } from '../../fixtures/catalogue.ts'

check(
  'mode.script-401',
  {
    title: 'a script without a session gets 401, not the login page',
    severity: 'low',
    kind: 'should',
    profile: 'default',
    needs: ['access'],
    grounds: ['cloudflare-one session management: AJAX requests', 'catalogue MOD-11'],
    killedBy: ['access.redirects-scripts'],
    why: 'A browser follows the redirect of a background request to another site, where CORS stops it: the page sees a network error, retries, and never asks its user to log in again. API clients save the HTML of a login page as data.',
    sends: 'A request without credentials, once as it is and once with X-Requested-With: XMLHttpRequest.',
    expects: '401 (or 403) for the second; no redirect.',
    remediation: `Answer background requests with 401 and let the page reload.

Cloudflare edge: Access does so for X-Requested-With: XMLHttpRequest; send that header with every fetch of the page. For services beside people:
  "service_auth_401_redirect": true     (of the application; a PUT replaces it: send every field)

nginx (a gateway of your own):
  map $http_x_requested_with $denied { default 302; XMLHttpRequest 401; }
  error_page 401 = @login;     only where $denied is 302

HAProxy:
  http-request return status 401 if { req.hdr(x-requested-with) XMLHttpRequest } !{ var(txn.session) -m bool }`,
  },
  async (run) => {
    const target = run.accessTarget()
    await run.onlyIfClosed(target)
    const plain = await run.attempt({ target, label: 'as it is' })
    if (plain.http === undefined) return run.inconclusive(plain.summary)
    const headers: [string, string][] = [['X-Requested-With', 'XMLHttpRequest']]
    const { http, verdict, summary } = await run.attempt({ target, headers, label: 'as a script' })
    if (http === undefined || verdict === 'inconclusive') return run.inconclusive(summary)
    run.reached = verdict === 'allowed'
    run.expect(
      http.status === 401 || http.status === 403,
      `HTTP ${http.status}; without the header HTTP ${plain.http.status}`,
      `HTTP ${http.status}, as a browser gets it`,
    )
  },
)
