/**
 * The edge's own page about an origin that failed.
 * @module
 */
import type { Faults } from '../../faults.ts'
import type { Exchange, HeaderList } from '../exchange.ts'
import { type OriginStatus, originStatusTexts } from './failure.ts'

/** Answers in place of the origin: says which error it is, and nothing about the origin. */
export function answerOriginFailure(
  exchange: Exchange,
  status: OriginStatus,
  {
    faults,
    route,
    answerHeaders,
  }: { faults: Faults; route: { host: string; port: number }; answerHeaders: HeaderList },
): void {
  const where = faults.has('edge.origin-error-tells-address') ? ` (${route.host}:${route.port})` : ''
  exchange.answer(
    {
      status: faults.has('edge.origin-errors-as-200') ? 200 : status,
      headers: [
        ['content-type', 'text/plain; charset=UTF-8'],
        ['cache-control', 'no-store'],
        ['cf-error-type', String(status)],
        ['cf-error-origin', 'edge'],
        ...answerHeaders,
      ],
    },
    Buffer.from(`error code: ${status} ${originStatusTexts[status]}${where}\n`),
  )
}
