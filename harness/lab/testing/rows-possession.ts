/**
 * Rows of the table of faults: proof of possession.
 * @module
 */
import { type AttackId, runAttack } from '../../wire/client/attacks.ts'
import type { Script } from '../../wire/client/types.ts'
import type { Version } from '../faults/possession.ts'
import { canaryScript, inStatus, scripted } from './scripted.ts'
import { identified, lifetimeOf, type Row, type Show, ticketsOf, words } from './show.ts'

/** The status that an attack draws, or how the connection ended instead. */
const attacked =
  (version: Version, id: AttackId): Show =>
  async (lab) => {
    const script: Script = { ...canaryScript(lab), version, identity: await identified('valid') }
    return inStatus(await runAttack(script, id))
  }

/** One attack gets in; without a certificate, and with a bad one, nobody does. */
const letsIn = (n: '1.2' | '1.3', id: AttackId, alert: number): Row[] => {
  const version: Version = `TLSv${n}`
  const other: Version = n === '1.2' ? 'TLSv1.3' : 'TLSv1.2'
  const refused = `the server sent alert ${alert}`
  return [
    { show: attacked(version, id), healthy: refused, faulty: '200' },
    { show: attacked(other, id), healthy: /alert/, faulty: /alert/ },
    { show: words({ version }, 'valid'), healthy: '200 valid', faulty: '200 valid' },
    { show: words({ version }), healthy: '403', faulty: '403' },
    { show: words({ version }, 'self-signed'), healthy: '403', faulty: '403' },
  ]
}

/** What draws which alert of OpenSSL in TLS 1.2 and in 1.3. */
const proofs = {
  'accepts-omitted-proof': ['verify-omitted', 10, 10],
  'accepts-omitted-certificate': ['certificate-omitted', 10, 10],
  'ignores-proof': ['other-key', 51, 51],
  'accepts-empty-proof': ['empty', 51, 51],
  'accepts-zero-proof': ['zero', 51, 51],
  'accepts-replayed-proof': ['replayed', 51, 51],
  'ignores-proof-scheme': ['wrong-scheme', 47, 47],
  'accepts-sha1-proof': ['sha1', 47, 47],
  'serves-before-finished': ['data-before-finished', 10, 10],
} as const satisfies Record<string, readonly [AttackId, number, number]>

type ProofRows = { [K in keyof typeof proofs as `edge.${K}-${'1.2' | '1.3'}`]: Row[] }

const proofRows = Object.fromEntries(
  Object.entries(proofs).flatMap(([name, [id, in12, in13]]) => [
    [`edge.${name}-1.2`, letsIn('1.2', id, in12)],
    [`edge.${name}-1.3`, letsIn('1.3', id, in13)],
  ]),
) as ProofRows

/** A client without a certificate whose hello has this shape. */
const shaped =
  (shape: Pick<Script, 'hello' | 'delivery'>, version: Version = 'TLSv1.3', who?: 'valid'): Show =>
  async (lab) =>
    scripted(lab, {
      ...shape,
      version,
      ...(who === undefined ? {} : { identity: await identified(who) }),
    })

/** The shape that the fault is about gets in; a plain hello does not. */
const letsShapeIn = (shape: Pick<Script, 'hello' | 'delivery'>): Row[] => [
  { show: shaped(shape), healthy: '403', faulty: '200' },
  { show: shaped(shape, 'TLSv1.3', 'valid'), healthy: '200', faulty: '200' },
  { show: shaped({}), healthy: '403', faulty: '403' },
  { show: words(), healthy: '403', faulty: '403' },
]

const helloRows = {
  'edge.hello-in-records-default': letsShapeIn({ delivery: { recordBytes: 16 } }),
  'edge.hello-in-segments-default': letsShapeIn({ delivery: { segmentBytes: 100, delay: 5 } }),
  'edge.large-hello-default': letsShapeIn({ hello: { padding: 8000 } }),
  'edge.drops-large-hello': [
    { show: shaped({ hello: { padding: 8000 } }), healthy: '403', faulty: /closed|ECONNRESET/ },
    { show: shaped({}), healthy: '403', faulty: '403' },
  ],
  'edge.hello-retry-default': letsShapeIn({ hello: { keyShares: [] } }),
  'edge.grease-default': letsShapeIn({ hello: { grease: true } }),
  'edge.record-version-default': letsShapeIn({ hello: { recordVersion: 0x0302 } }),
} satisfies Record<string, readonly Row[]>

/** Several rows per fault. */
export const possessionRows = {
  ...proofRows,
  ...helloRows,
  'edge.long-ticket-lifetime': [
    { show: lifetimeOf('TLSv1.2'), healthy: 'none', faulty: '30 days' },
    { show: words({ version: 'TLSv1.2' }, 'valid'), healthy: '200 valid', faulty: '200 valid' },
  ],
  'edge.overlooks-trailing-bytes': (['TLSv1.2', 'TLSv1.3'] as const).map(
    (version): Row => ({
      show: attacked(version, 'trailing-bytes'),
      healthy: 'the server sent alert 50',
      faulty: '200',
    }),
  ),
  'edge.reads-oversized-certificate': (['TLSv1.2', 'TLSv1.3'] as const).map(
    (version): Row => ({
      show: attacked(version, 'oversized'),
      healthy: /alert 47|ECONNRESET|EPIPE|closed/,
      faulty: '200',
    }),
  ),
  'edge.offers-early-data': [
    { show: ticketsOf('TLSv1.3'), healthy: 'none', faulty: 'early data 16384' },
    { show: words({ version: 'TLSv1.3' }, 'valid'), healthy: '200 valid', faulty: '200 valid' },
  ],
}
