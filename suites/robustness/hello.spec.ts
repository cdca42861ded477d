import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import type { ScriptedTry } from '../../fixtures/environment.ts'
import type { Outcome } from '../../harness/probe/types.ts'
import { decided, honest, inWords, turnedAway, type Version } from '../scripted.ts'
import { readWholeHello } from './remedy.ts'

type Shape = Pick<ScriptedTry, 'hello' | 'delivery'>

/** One way to say the same ClientHello. */
interface Row extends Pick<CheckMeta, 'title' | 'severity' | 'grounds' | 'killedBy' | 'why'> {
  id: string
  /** What is done, and how; each in every version unless `only13`. */
  shapes: readonly (readonly [what: string, shape: Shape])[]
  only13?: true
}

const rows: readonly Row[] = [
  {
    id: 'hello-in-records',
    title: 'a ClientHello cut up over several records meets the same closed door',
    severity: 'critical',
    grounds: ['CVE-2026-32305 (Traefik)', 'RFC 8446 §5.1', 'catalogue TLS-11'],
    killedBy: ['edge.hello-in-records-default'],
    why: 'Proxies that choose a policy by SNI read the ClientHello before TLS does. One that reads the first record only finds no name, takes the default TLS options, which ask for no certificate, and then routes by Host.',
    shapes: [
      ['the ClientHello in records of 16 bytes', { delivery: { recordBytes: 16 } }],
      ['the ClientHello in records of 100 bytes', { delivery: { recordBytes: 100 } }],
    ],
  },
  {
    id: 'hello-in-segments',
    title: 'a ClientHello that comes in pieces meets the same closed door',
    severity: 'high',
    grounds: ['RFC 9293 §3.7', 'Traefik issue 12871', 'catalogue TLS-06'],
    killedBy: ['edge.hello-in-segments-default'],
    why: 'A stream has no packets: the first read may hold any part of the ClientHello. A sniffer that decides by it is right on a fast network and wrong on a slow one.',
    shapes: [['the ClientHello in writes of 100 bytes', { delivery: { segmentBytes: 100, delay: 5 } }]],
  },
  {
    id: 'hello-large',
    title: 'a large ClientHello meets the same closed door',
    severity: 'high',
    grounds: ['Traefik issue 12871', 'RFC 7685', 'RFC 8446 §4.1.2', 'catalogue TLS-06'],
    killedBy: ['edge.large-hello-default', 'edge.drops-large-hello'],
    why: 'Hellos grow: post-quantum key shares alone take more than a kilobyte. What does not fit a sniffer’s buffer is dropped, and then clients fail, or passed on unread, and then nothing protects.',
    shapes: [['a ClientHello with 8000 bytes of padding', { hello: { padding: 8000 } }]],
  },
  {
    id: 'hello-retry',
    title: 'a handshake with a HelloRetryRequest meets the same closed door',
    severity: 'medium',
    grounds: ['RFC 8446 §4.1.4', 'TLS-Anvil HelloRetryRequest', 'catalogue TLS-13'],
    killedBy: ['edge.hello-retry-default'],
    why: 'Asked again, the client sends a second ClientHello. A path of its own in every server, and one that ordinary clients hardly ever take.',
    shapes: [['a ClientHello without a key share', { hello: { keyShares: [] } }]],
    only13: true,
  },
  {
    id: 'hello-grease',
    title: 'reserved values in the ClientHello change nothing',
    severity: 'medium',
    grounds: ['RFC 8701', 'TLS-Anvil', 'catalogue TLS-12'],
    killedBy: ['edge.grease-default'],
    why: 'Every browser sends values that mean nothing, so that servers keep ignoring what they do not know. A parser that stops there has not read the server name.',
    shapes: [['reserved suites, groups, schemes and extensions (GREASE)', { hello: { grease: true } }]],
  },
  {
    id: 'record-version',
    title: 'the version in the record header changes nothing',
    severity: 'medium',
    grounds: ['RFC 8446 §5.1 (legacy_record_version is ignored)', 'catalogue TLS-12'],
    killedBy: ['edge.record-version-default'],
    why: 'The field is kept for old middleboxes and is to be ignored. A sniffer that compares it takes the connection for something else than TLS as it knows it.',
    shapes: [
      ['records of version 3.2 (TLS 1.1) around the ClientHello', { hello: { recordVersion: 0x0302 } }],
    ],
  },
]

for (const { id, shapes, only13, ...row } of rows) {
  check(
    `robustness.${id}`,
    {
      ...row,
      kind: 'must',
      profile: 'default',
      needs: only13 === true ? ['enforce', 'TLSv1.3'] : ['enforce'],
      sends: `By a scripted TLS client without a certificate, in ${only13 === true ? 'TLS 1.3' : 'each TLS version'}: ${shapes.map(([what]) => what).join('; ')}; and the same with the valid certificate, where there is one.`,
      expects:
        'Without a certificate refused like any other request; with the valid one let in. All of it is legal TLS.',
      remediation: readWholeHello,
    },
    async (run) => {
      const versions = run.versions().filter((version) => only13 !== true || version === 'TLSv1.3')
      await run.onlyIfClosed()
      const notUnderstood: string[] = []
      for (const version of versions) {
        const reason = await sameDoor(run, version, shapes)
        if (reason !== undefined) notUnderstood.push(reason)
      }
      if (notUnderstood.length > 0)
        run.warn(
          notUnderstood.join('; '),
          'legal TLS that is not understood: clients that send it cannot connect',
        )
    },
  )
}

/** Nobody gets in; the answer is why the valid certificate does not either, where it is the shape's fault. */
async function sameDoor(
  run: CheckContext,
  version: Version,
  shapes: Row['shapes'],
): Promise<string | undefined> {
  const identity = await run.valid()
  const [[what, shape] = ['', {}]] = shapes
  const twin =
    identity === undefined
      ? undefined
      : await decided(run, { ...shape, version, identity, what, label: 'the good twin' })
  const ended = twin !== undefined && twin.verdict !== 'allowed' && endedInTls(twin)
  // Where the honest hello gets in, ending the connection is an answer to the shape, and no door was tried.
  const notUnderstood = ended && typeof (await honest(run, version)) !== 'string'
  const judgedBy = twin?.verdict === 'allowed' ? twin : undefined
  for (const [each, how] of shapes) {
    const wanted = { ...how, version, what: each }
    if (notUnderstood && endedInTls(await decided(run, wanted))) continue
    await turnedAway(run, wanted, judgedBy, () => true)
  }
  if (!notUnderstood)
    return twin === undefined || twin.verdict === 'allowed' ? undefined : run.inconclusive(twin.summary)
  return `${inWords(version)}, ${what}, with the valid certificate: ${twin.summary}`
}

/** By the server, before any answer. */
const endedInTls = ({ layer, close }: Outcome): boolean => layer !== 'http' && close !== undefined
