import { isIP } from 'node:net'
import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import type { Try } from '../../fixtures/environment.ts'
import { publicSibling } from '../../fixtures/needs.ts'
import { namesOn, neighbourNames } from '../../harness/deployment/neighbours.ts'
import type { Outcome } from '../../harness/probe/types.ts'
import { bindNames } from '../remedies.ts'
import { likeUsual } from '../usual.ts'
import { cannotTell, doorOf, elsewhere, pageBehind, type SideDoor } from './elsewhere.ts'

const base = {
  severity: 'critical',
  kind: 'must',
  profile: 'default',
  needs: ['enforce'],
  remediation: bindNames,
} as const satisfies Partial<CheckMeta>

/** The page behind `side`, where an answer may as well be from there, is no way in. */
async function noWayIn(run: CheckContext, wanted: Try, side?: SideDoor): Promise<void> {
  await run.onlyIfClosed()
  const twin = await run.validTwin()
  const control = twin === undefined ? undefined : await run.control(twin)
  const isFromSide =
    side === undefined || run.target.canary !== undefined ? undefined : await pageBehind(run, side)
  const fromElsewhere = (outcome: Outcome): boolean => {
    if (elsewhere(run, control)(outcome)) return true
    if (isFromSide === undefined || (outcome.verdict === 'allowed' && run.recognisable)) return false
    const its = isFromSide(outcome)
    if (its === undefined && outcome.verdict !== 'refused')
      run.inconclusive(outcome.summary, cannotTell, outcome)
    return its === true
  }
  const outcome = await run.refused(wanted, twin, { any: true, elsewhere: fromElsewhere })
  if (isFromSide?.(outcome) === true) return
  await likeUsual(run, outcome, `${wanted.label ?? ''}: ${outcome.summary}`)
}

check(
  'tls.sni-of-public-sibling',
  {
    ...base,
    profile: 'quick',
    title: 'the SNI of a public sibling does not open the protected Host',
    needs: ['enforce', 'public-sibling'],
    grounds: [
      'RFC 9110 §15.5.20 (421)',
      'CVE-2025-66614 (Tomcat)',
      'CVE-2026-48491 (Traefik)',
      'catalogue TLS-15',
    ],
    killedBy: ['edge.routes-by-host'],
    why: 'The certificate is asked for by SNI, the request is routed by Host. Where the two are not compared, the handshake of a public hostname leads straight to the protected application.',
    sends:
      'A handshake with the public sibling’s SNI and no certificate, then a request whose Host is the protected hostname.',
    expects: '421 or any refusal, or the sibling’s own content.',
  },
  async (run) => {
    const sibling = publicSibling(run.deployment)
    if (sibling === undefined) return run.skip('needs siblings')
    await noWayIn(
      run,
      { servername: sibling.hostname, host: run.target.hostname, label: `SNI ${sibling.hostname}` },
      doorOf(sibling),
    )
  },
)

check(
  'tls.absolute-form',
  {
    ...base,
    title: 'an absolute-form target on a public sibling does not open the protected host',
    needs: ['enforce', 'public-sibling'],
    severity: 'high',
    grounds: ['RFC 9112 §3.2.2', 'catalogue TLS-19'],
    killedBy: ['edge.absolute-form'],
    why: 'A request target with a scheme and authority replaces Host. A comparison that looks at the Host field only is passed by it.',
    sends:
      'SNI and Host of the public sibling, no certificate, and `GET https://PROTECTED/…` as the request line.',
    expects: '421, 400 or any refusal, or the sibling’s own content.',
  },
  async (run) => {
    const sibling = publicSibling(run.deployment)
    if (sibling === undefined) return run.skip('needs siblings')
    const path = `https://${run.target.hostname}{canary}`
    await noWayIn(
      run,
      { servername: sibling.hostname, host: sibling.hostname, path, label: `SNI ${sibling.hostname}` },
      doorOf(sibling),
    )
  },
)

interface Spelling {
  id: string
  what: string
  host: (name: string) => string
  fault: string
  grounds: string[]
}

const hostSpellings: Spelling[] = [
  {
    id: 'host-trailing-dot',
    what: 'with a trailing dot',
    host: (name) => `${name}.`,
    fault: 'edge.host-trailing-dot',
    grounds: ['CVE-2022-23632 (Traefik: the dot skips the router’s TLS options)'],
  },
  {
    id: 'host-upper-case',
    what: 'in upper case',
    host: (name) => name.toUpperCase(),
    fault: 'edge.host-upper-case',
    grounds: ['RFC 9110 §4.2.3', 'CVE-2026-27588 (Caddy)'],
  },
  {
    id: 'host-with-port',
    what: 'with another port',
    host: (name) => `${name}:444`,
    fault: 'edge.host-with-port',
    grounds: ['RFC 9110 §7.2'],
  },
]

for (const { id, what, host, fault, grounds } of hostSpellings) {
  check(
    `tls.${id}`,
    {
      ...base,
      title: `the Host ${what} is the same closed door`,
      grounds: [...grounds, 'catalogue TLS-17'],
      killedBy: [fault],
      why: 'DNS, TLS and HTTP compare names differently. A policy that is looked up by the exact text is missed by a spelling that still routes to the application.',
      sends: `No certificate, the right SNI, and the Host ${what}.`,
      expects: 'Refused like the plain spelling.',
    },
    async (run) =>
      noWayIn(run, { host: host(run.target.hostname), label: `Host ${host(run.target.hostname)}` }),
  )
}

const sniSpellings = [
  {
    id: 'sni-upper-case',
    what: 'in upper case',
    sni: (name: string) => name.toUpperCase(),
    fault: 'edge.sni-upper-case',
    cve: 'CVE-2026-53622 (Traefik, HTTP/3)',
  },
  {
    id: 'sni-trailing-dot',
    what: 'with a trailing dot',
    sni: (name: string) => `${name}.`,
    fault: 'edge.sni-trailing-dot',
    cve: 'RFC 6066 §3 (no trailing dot)',
  },
]

for (const { id, what, sni, fault, cve } of sniSpellings) {
  check(
    `tls.${id}`,
    {
      ...base,
      title: `the SNI ${what} is the same closed door`,
      grounds: [cve, 'catalogue TLS-17'],
      killedBy: [fault],
      why: 'The SNI chooses whether a certificate is asked for at all. A spelling that misses the lookup gets the default context, which usually asks for none.',
      sends: `No certificate, the SNI ${what}, the plain Host.`,
      expects: 'A TLS alert, 421, or a refusal like the plain spelling.',
    },
    async (run) =>
      noWayIn(run, { servername: sni(run.target.hostname), label: `SNI ${sni(run.target.hostname)}` }),
  )
}

check(
  'tls.no-sni',
  {
    ...base,
    severity: 'high',
    title: 'a handshake without SNI is the same closed door',
    grounds: ['RFC 6066 §3', 'catalogue TLS-14'],
    killedBy: ['edge.no-sni-default'],
    why: 'Without SNI a server takes its default context. Where that one does not ask for certificates, the Host alone decides where the request goes.',
    sends:
      'A handshake without the SNI extension and no certificate, then a request with the protected Host.',
    expects: 'A TLS alert, 421, or a refusal.',
  },
  async (run) =>
    noWayIn(run, { servername: false, label: 'no SNI' }, { servername: false, host: besides(run) }),
)

check(
  'tls.sni-unknown',
  {
    ...base,
    severity: 'high',
    title: 'the SNI of a name nobody configured is the same closed door',
    grounds: ['catalogue TLS-14, TLS-15', 'traefik/traefik#12217 (the default context)'],
    killedBy: ['edge.unknown-sni-default'],
    why: 'A name that matches no entry gets the default context, as no name does, but by another branch: SNI filters, wildcard entries, a default certificate. Where that context asks for nothing, the Host alone decides.',
    sends: 'A handshake with a random label beside the hostname as SNI, no certificate, the protected Host.',
    expects: 'A TLS alert, 421, or a refusal.',
  },
  async (run) => {
    const name = besides(run)
    await noWayIn(run, { servername: name, label: `SNI ${name}` }, { servername: name, host: name })
  },
)

check(
  'tls.address-as-host',
  {
    ...base,
    severity: 'high',
    connections: 24,
    title: 'an address as Host does not lead to the application',
    grounds: ['traefik/traefik#12217 (exposed by address)', 'catalogue TLS-18'],
    killedBy: ['edge.address-as-host', 'edge.address-behind-public-sni'],
    why: 'Scanners and monitoring ask by address. A request that names no configured host goes to the first or a default application, and a policy that is looked up by hostname finds none.',
    sends:
      'No certificate; the server’s address, and localhost, as Host: with the right SNI, with none, and with that of a public sibling where there is one.',
    expects: 'A TLS alert, an error, or somebody else’s content; never this application.',
  },
  async (run) => {
    const address = run.facts.addresses.find((one) => isIP(one) !== 0)
    const sibling = publicSibling(run.deployment)
    const hosts = [
      ...(address === undefined ? [] : [isIP(address) === 6 ? `[${address}]` : address]),
      'localhost',
    ]
    for (const host of hosts) {
      const byAddress = async (names: Pick<Try, 'servername'>, what: string): Promise<void> => {
        const wanted = { ...names, host, label: `Host ${host}, ${what}` }
        await (run.recognisable ? noWayIn(run, wanted) : weakly(run, wanted))
      }
      await byAddress({}, 'the right SNI')
      await byAddress({ servername: false }, 'no SNI')
      if (sibling === undefined) continue
      const { hostname } = sibling
      const wanted = { servername: hostname, host, label: `Host ${host}, SNI ${hostname}` }
      await noWayIn(run, wanted, doorOf(sibling))
    }
  },
)

/** A random name beside the hostname, under the same wildcard. */
const besides = ({ target: { hostname } }: CheckContext): string => {
  const [, ...rest] = hostname.split('.')
  return [randomLabel(), ...(rest.length > 1 ? rest : [hostname])].join('.')
}

const randomLabel = (): string => Math.random().toString(36).slice(2, 10)

check(
  'tls.unknown-names',
  {
    ...base,
    connections: 24,
    title: 'names nobody configured do not lead to the application',
    grounds: [
      'catalogue TLS-22',
      'cloudflare-docs app-paths: *.example.com covers neither the apex nor a.b.example.com',
    ],
    killedBy: ['edge.serves-unknown-names'],
    why: 'A wildcard DNS entry, a default server or a catch-all route answers names that no policy was written for. It is the most common way around a protected hostname.',
    sends:
      'No certificate; SNI and Host of a random sibling label, of a random label below the hostname, of www. in front of it, of the name above it, of usual labels beside it (api, app, origin, …) and of the names on the server’s certificate, to the same address.',
    expects: 'A TLS alert, an error, or somebody else’s content; never this application.',
    remediation:
      'Refuse names that are not configured.\n\nnginx:\n  server { listen 443 ssl default_server; ssl_reject_handshake on; }\n\nHAProxy:\n  bind :443 ssl crt /etc/haproxy/certs strict-sni\n\nCloudflare edge: give the wildcard record its own rule, or remove it.',
  },
  async (run) => {
    const { hostname } = run.target
    const labels = hostname.split('.')
    if (isIP(hostname) !== 0 || labels.length < 2) return run.skip('the hostname has no siblings to try')
    const random = randomLabel()
    const known = new Set(run.deployment.siblings.map((sibling) => sibling.hostname))
    const strange = [[random, ...labels.slice(1)].join('.'), `${random}.${hostname}`]
    const isNew = (name: string): boolean => name !== hostname && !known.has(name)
    // However many names a certificate has, there is room for the one above and the usual ones beside.
    const onIt = namesOn((await run.usual()).tls?.certificate)
      .filter(isNew)
      .slice(0, mostOnCertificate)
    const sibling = publicSibling(run.deployment)
    const isSiblings =
      sibling === undefined || run.recognisable ? undefined : await pageBehind(run, doorOf(sibling))
    const names = [...new Set([...strange, ...onIt, ...neighbourNames(hostname).filter(isNew)])]
    for (const name of names.slice(0, most)) {
      const wanted = { servername: name, host: name, label: name }
      const likely = !strange.includes(name)
      if (likely && run.target.canary === undefined) await perhapsAnother(run, wanted)
      else if (run.provable)
        await run.refused(wanted, await run.validTwin(), {
          any: true,
          elsewhere: ({ canary }) => run.target.canary !== undefined && canary === undefined,
        })
      else await weakly(run, wanted, isSiblings)
    }
  },
)

/** Names that are tried at most: one connection each. */
const most = 14
const mostOnCertificate = 4

/** A name that has a site of its own, as likely as not: without a canary an answer there says nothing about this application. */
async function perhapsAnother(run: CheckContext, wanted: Try & { label: string }): Promise<void> {
  const { verdict, summary } = await run.attempt(wanted)
  const advice = verdict === 'allowed' ? ', perhaps another site: list it in siblings, or give a canary' : ''
  run.hold(`${wanted.label}: ${summary}${advice}`)
}

/** Without a canary or a declared answer a 200 may be anybody's: worth a look, not a finding. A known public page is not even that. */
async function weakly(
  run: CheckContext,
  wanted: Try & { label: string },
  isSiblings?: (outcome: Outcome) => boolean | undefined,
): Promise<void> {
  const outcome = await run.attempt(wanted)
  if (isSiblings?.(outcome) === true) return run.hold(`${wanted.label}: the public sibling’s page`)
  if (outcome.verdict === 'allowed')
    run.warn(`${wanted.label}: ${outcome.summary}`, 'may be another site: give canary or requests to know')
  await likeUsual(run, outcome, `${wanted.label}: ${outcome.summary}`)
  run.hold(`${wanted.label}: ${outcome.summary}`)
}
