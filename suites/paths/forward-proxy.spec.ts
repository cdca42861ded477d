import { check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import { nowhere } from '../../harness/probe/nowhere.ts'
import type { Outcome } from '../../harness/probe/types.ts'

/** What servers say to a client that speaks HTTP to their TLS port. We speak TLS: somebody else has asked. */
const askedInClear =
  /plain HTTP request was sent to HTTPS port|speaking plain HTTP to an SSL-enabled server port|HTTP request to an HTTPS server/i

/** A name was looked up for us. */
const lookedUp =
  /DNS lookup failure|(?:could not|cannot|failed to) resolve|getaddrinfo|ENOTFOUND|no such host|name or service not known|failure in name resolution/i

/** The page says that the server went where the request told it to. */
const wentThere = ({ http }: Outcome): string | undefined => {
  const text = http?.body.toString('utf8') ?? ''
  return (askedInClear.exec(text) ?? lookedUp.exec(text))?.[0]
}

const statusOf = ({ http }: Outcome): number => http?.status ?? 0
const isGood = (status: number): boolean => status >= 200 && status < 300

/** A request for another server: its proof, or another status than the usual refusal that only a proxy has reason to give. */
async function goesNowhere(run: CheckContext, path: string): Promise<void> {
  const what = `GET ${path}`
  const outcome = await run.attempt({ path, label: what })
  const said = wentThere(outcome)
  const proven = outcome.verdict === 'allowed' && run.provable
  run.reached ||= proven
  const seen = said === undefined ? outcome.summary : `HTTP ${statusOf(outcome)}, “${said}”`
  run.expect(said === undefined && !proven, `${what}: ${seen}`, `${what}: ${seen}`, outcome)
  if (![500, 502, 503, 504].includes(statusOf(outcome))) return
  const plain = await run.usual()
  if (statusOf(plain) !== statusOf(outcome))
    run.warn(`${what}: ${seen}`, `as if it had been tried; usual is ${plain.summary}`, outcome)
}

/** CONNECT: a 2xx without content is a tunnel (RFC 9110 §9.3.6), whatever is at its other end. Nothing is sent into it. */
async function opensNoTunnel(run: CheckContext, authority: string): Promise<void> {
  const what = `CONNECT ${authority}`
  const outcome = await run.attempt({ method: 'CONNECT', path: authority, host: authority, label: what })
  if (isGood(statusOf(outcome)) && !isGood(statusOf(await run.usual()))) {
    const seen = `${what}: HTTP ${statusOf(outcome)}`
    run.expect(outcome.http?.body.length !== 0, seen, `${seen}: a tunnel is open`, outcome)
    run.warn(seen, 'no tunnel, as there is content, and no refusal', outcome)
  }
  run.hold(`${what}: ${outcome.summary}`)
}

check(
  'paths.forward-proxy',
  {
    title: 'nobody is taken to other servers',
    severity: 'critical',
    kind: 'must',
    profile: 'default',
    needs: ['enforce'],
    grounds: ['RFC 9112 §3.2.2', 'RFC 9110 §9.3.6', 'httpd: ProxyRequests', 'catalogue PTH-18'],
    killedBy: ['edge.forward-proxy', 'edge.opens-tunnels'],
    why: 'A reverse proxy needs no ProxyRequests On, and many configurations have it. Whoever names another server in the target is then taken there, past what protects this one: to the application’s own port, to everything in the network behind it.',
    sends:
      'No certificate: targets http://…/ of this very port (as 127.0.0.1 and as the hostname) and of a name that cannot exist (.invalid); CONNECT to 127.0.0.1 and this very port, with nothing sent into it.',
    expects:
      'Refused like the plain request, or as malformed. No page of somebody who has looked the name up, or asked a TLS port without TLS; no tunnel.',
    remediation: `Be a proxy for your own application only.

httpd:
  ProxyRequests Off      (the default; ProxyPass needs no other)
  no mod_proxy_connect

nginx: no proxy_pass to a name that comes from the request ($host, $http_host, $request_uri as a whole); no resolver where none is needed.

HAProxy: no http-request do-resolve or set-dst from what the client has sent.

Squid, Envoy: no forward listener at this address; dynamic_forward_proxy for listed names only.`,
  },
  async (run) => {
    await run.onlyIfClosed()
    if (run.onlyHttp2) run.skip('cannot be written in HTTP/2, and nothing else is spoken')
    const { hostname, port = 443 } = run.target
    const own = `127.0.0.1:${port}`
    for (const authority of [own, `${hostname}:${port}`, `${nowhere().slice(1)}.invalid`])
      await goesNowhere(run, `http://${authority}/`)
    await opensNoTunnel(run, own)
  },
)
