/**
 * Headers that the edge adds to answers, its own and the origin's.
 * @module
 */
import type { Faults } from '../faults.ts'
import { type Exchange, type HeaderList, headerValue } from './exchange.ts'
import type { EdgeHost } from './hosts.ts'

/** HSTS as the zones of the lab have it: a year, this host only (our choice; the real edge sends it when switched on). */
export const strictTransport = (faults: Faults): HeaderList =>
  faults.has('edge.no-hsts') ? [] : [['strict-transport-security', 'max-age=31536000']]

/** Added to what the origin says. */
export function addedToAnswer(exchange: Exchange, host: EdgeHost, faults: Faults): HeaderList {
  const origin = headerValue(exchange.headers, 'origin')
  return [
    ...strictTransport(faults),
    ...(host.mtls?.mode === 'enforce' && faults.has('edge.answers-cacheable')
      ? [['cache-control', 'public, max-age=14400'] as const]
      : []),
    ...(origin !== undefined && faults.has('edge.reflects-origin')
      ? ([
          ['access-control-allow-origin', origin],
          ['access-control-allow-credentials', 'true'],
        ] as const)
      : []),
  ]
}

/** Added to a refusal. */
export const addedToRefusal = (faults: Faults): HeaderList => [
  ...strictTransport(faults),
  ...(faults.has('edge.refusal-names-origin')
    ? ([
        ['x-upstream', '10.1.2.3:8443'],
        ['server', 'lab-edge/1.22.1'],
      ] as const)
    : []),
]
