/**
 * Rows of the table of faults: proof of possession.
 * @module
 */
import { type AttackId, runAttack } from '../../wire/client/attacks.ts'
import type { Script } from '../../wire/client/types.ts'
import type { Version } from '../faults/possession.ts'
import { canaryScript, inStatus } from './scripted.ts'
import { identified, type Row, type Show, ticketsOf, words } from './show.ts'

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

/** Several rows per fault. */
export const possessionRows = {
  ...proofRows,
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
      healthy: 'the server sent alert 47',
      faulty: '200',
    }),
  ),
  'edge.offers-early-data': [
    { show: ticketsOf('TLSv1.3'), healthy: 'none', faulty: 'early data 16384' },
    { show: words({ version: 'TLSv1.3' }, 'valid'), healthy: '200 valid', faulty: '200 valid' },
  ],
}
