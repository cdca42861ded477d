import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import type { Try } from '../../fixtures/environment.ts'
import { publicSibling } from '../../fixtures/needs.ts'
import type { Outcome } from '../../harness/probe/types.ts'
import { bindNames } from '../remedies.ts'
import { likeUsual } from '../usual.ts'
import { cannotTell, doorOf, elsewhere, pageBehind, type SideDoor } from './elsewhere.ts'
import { nameBeside } from './random-name.ts'
import { hostSpellings, sniSpellings } from './spelled-names.ts'

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

for (const { id, what, write, fault, grounds } of hostSpellings) {
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
      noWayIn(run, { host: write(run.target.hostname), label: `Host ${write(run.target.hostname)}` }),
  )
}

for (const { id, what, write, fault, grounds } of sniSpellings) {
  check(
    `tls.${id}`,
    {
      ...base,
      title: `the SNI ${what} is the same closed door`,
      grounds: [...grounds, 'catalogue TLS-17'],
      killedBy: [fault],
      why: 'The SNI chooses whether a certificate is asked for at all. A spelling that misses the lookup gets the default context, which usually asks for none.',
      sends: `No certificate, the SNI ${what}, the plain Host.`,
      expects: 'A TLS alert, 421, or a refusal like the plain spelling.',
    },
    async (run) =>
      noWayIn(run, { servername: write(run.target.hostname), label: `SNI ${write(run.target.hostname)}` }),
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
    noWayIn(
      run,
      { servername: false, label: 'no SNI' },
      { servername: false, host: nameBeside(run.target.hostname) },
    ),
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
    const name = nameBeside(run.target.hostname)
    await noWayIn(run, { servername: name, label: `SNI ${name}` }, { servername: name, host: name })
  },
)
