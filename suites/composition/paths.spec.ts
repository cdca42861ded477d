import { check } from '../../fixtures/catalogue.ts'
import type { Try } from '../../fixtures/environment.ts'

check(
  'composition.every-path',
  {
    title: 'every declared request of a hostname behind Access is behind Access',
    severity: 'critical',
    kind: 'must',
    profile: 'quick',
    needs: ['access.service-token'],
    grounds: [
      'cloudflare-one application paths: nothing is inherited, the more specific application wins',
      'catalogue CMP-04',
    ],
    killedBy: ['access.open-path'],
    why: 'An application for a path replaces the one of the hostname there, policies and all. One made for a webhook or a health check two years ago may be a Bypass for what lives below it today.',
    sends: 'Each entry of `requests` with its method, without credentials and with the good token.',
    expects: 'Without credentials refused by Access, with the token answered as declared.',
    remediation: `List the applications of the hostname, with paths, and give each the policies it is to have: none takes them from another.

  curl "https://api.cloudflare.com/client/v4/accounts/<account>/access/apps?domain=HOST" -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN"

Reusable policies keep them alike (a PUT of an application replaces it: send every field, policies included):
  "policies": [ { "id": "<policy uuid>", "precedence": 1 } ]

nginx (location blocks do not inherit auth_request where they set their own):
  location /path/ { auth_request /token; }

httpd:
  AuthMerging And

Caddy, HAProxy, Envoy: put the check before the routes, not into each of them.`,
  },
  async (run) => {
    const target = run.accessTarget()
    if (target.requests.length === 0) return run.skip(`needs requests for ${target.hostname}`)
    await run.onlyIfClosed(target)
    for (const request of target.requests) {
      const { method, path } = request
      const wanted: Try = { target, method, path, proof: { request }, label: `${method} ${path}` }
      const twin = await run.accessTwin({ ...wanted, label: `the good twin, ${method} ${path}` })
      await run.refused(wanted, twin)
    }
  },
)
