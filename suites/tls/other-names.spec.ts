import { isIP } from 'node:net'
import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import type { Try } from '../../fixtures/environment.ts'
import { publicSibling } from '../../fixtures/needs.ts'
import { namesOn, neighbourNames } from '../../harness/deployment/neighbours.ts'
import type { Target } from '../../harness/deployment/types.ts'
import { bindNames } from '../remedies.ts'
import { likeUsual } from '../usual.ts'
import { anotherPage, doorOf, type IsPage, pageBehind } from './elsewhere.ts'
import { nameBeside, randomLabel } from './random-name.ts'
import { addressAsHost } from './spelled-names.ts'

const base = {
  kind: 'must',
  profile: 'default',
  needs: ['enforce'],
  connections: 24,
} as const satisfies Partial<CheckMeta>

check(
  'tls.unknown-names',
  {
    ...base,
    severity: 'critical',
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
    if (isIP(hostname) !== 0 || !hostname.includes('.'))
      return run.skip('the hostname has no siblings to try')
    const known = new Set(run.deployment.siblings.map((sibling) => sibling.hostname))
    const strange = [nameBeside(hostname), `${randomLabel()}.${hostname}`]
    const isNew = (name: string): boolean => name !== hostname && !known.has(name)
    // However many names a certificate has, there is room for the one above and the usual ones beside.
    const onIt = namesOn((await run.usual()).tls?.certificate)
      .filter(isNew)
      .slice(0, mostOnCertificate)
    const isSiblings = await siblingsPage(run)
    const names = [...new Set([...strange, ...onIt, ...neighbourNames(hostname).filter(isNew)])]
    for (const name of names.slice(0, most)) {
      const wanted = { servername: name, host: name, label: name }
      const likely = !strange.includes(name)
      if (likely && !run.recognisable) await perhapsAnother(run, wanted)
      else await notThisApplication(run, wanted, isSiblings)
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
  isSiblings: IsPage | undefined,
): Promise<void> {
  const outcome = await run.attempt(wanted)
  if (isSiblings?.(outcome) === true) return run.hold(`${wanted.label}: the public sibling’s page`)
  if (outcome.verdict === 'allowed')
    run.warn(`${wanted.label}: ${outcome.summary}`, 'may be another site: give canary or requests to know')
  await likeUsual(run, outcome, `${wanted.label}: ${outcome.summary}`)
  run.hold(`${wanted.label}: ${outcome.summary}`)
}

check(
  'tls.address-as-host',
  {
    ...base,
    severity: 'high',
    title: 'an address as Host does not lead to the application',
    grounds: ['traefik/traefik#12217 (exposed by address)', 'catalogue TLS-18'],
    killedBy: ['edge.address-as-host', 'edge.address-behind-public-sni'],
    why: 'Scanners and monitoring ask by address. A request that names no configured host goes to the first or a default application, and a policy that is looked up by hostname finds none.',
    sends:
      'No certificate; the server’s address, and localhost, as Host: with the right SNI, with none, and with that of a public sibling where there is one.',
    expects: 'A TLS alert, an error, or somebody else’s content; never this application.',
    remediation: bindNames,
  },
  async (run) => {
    const address = addressAsHost(run.facts)
    const sibling = publicSibling(run.deployment)
    const isSiblings = await siblingsPage(run)
    const hosts = [...(address === undefined ? [] : [address]), 'localhost']
    const names: [string, Pick<Try, 'servername'>][] = [
      ['the right SNI', {}],
      ['no SNI', { servername: false }],
      ...(sibling === undefined ? [] : [sniOf(sibling)]),
    ]
    await run.onlyIfClosed()
    for (const host of hosts)
      for (const [what, name] of names)
        await notThisApplication(run, { ...name, host, label: `Host ${host}, ${what}` }, isSiblings)
  },
)

const sniOf = ({ hostname }: Target): [string, Pick<Try, 'servername'>] => [
  `SNI ${hostname}`,
  { servername: hostname },
]

/** The public sibling's own page, where only that tells it from the application. */
const siblingsPage = async (run: CheckContext): Promise<IsPage | undefined> => {
  const sibling = publicSibling(run.deployment)
  return sibling === undefined || run.recognisable ? undefined : pageBehind(run, doorOf(sibling))
}

/** Another name than the hostname's: any page will do but the application's. */
async function notThisApplication(
  run: CheckContext,
  wanted: Try & { label: string },
  isSiblings: IsPage | undefined,
): Promise<void> {
  if (!run.recognisable) return weakly(run, wanted, isSiblings)
  await run.refused(wanted, await run.validTwin(), { any: true, elsewhere: anotherPage(run) })
}
