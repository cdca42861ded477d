/**
 * When the numbers of a lane must not be used.
 * @module
 */
import {
  type LaneNumbers,
  type Measured,
  notMeasurable,
  type OutcomeKind,
  type SendingProof,
} from '../flood/types.ts'
import { shareOf } from './outcome.ts'

/** Share of attempts that must be as expected (load-anchors 3.4: above 0.1 % others, a block is void). */
export const expectedShare = 0.999

/** Reasons to call a lane void; none: it may be used. */
export function reasonsToVoid(lane: {
  /** A certificate should have been sent. */
  certificate: boolean
  attempts: LaneNumbers['attempts']
  /** Outcomes that are right; undefined: not known. */
  expected: readonly OutcomeKind[] | undefined
  proof: SendingProof | undefined
  /** What the server counted itself. */
  serverSaw?: Measured
}): string[] {
  const { certificate, attempts, expected, proof, serverSaw = notMeasurable } = lane
  const reasons: string[] = []
  if (attempts.total === 0) reasons.push('no attempt was made')
  const share = expected === undefined ? undefined : shareOf(attempts, expected)
  if (share !== undefined && share < expectedShare) {
    const seen = Object.entries(attempts.byKind).map(([kind, count]) => `${kind} ${count}`)
    reasons.push(`expected ${expected?.join(' or ')}, seen: ${seen.join(', ')}`)
  }
  if (proof !== undefined) reasons.push(...unproven(certificate, proof))
  // An attempt that was cut off at the end may be in the log and not among the samples; the other way round it is proof lacking.
  if (certificate && serverSaw !== notMeasurable && serverSaw < attempts.total * expectedShare) {
    reasons.push(`the server saw the certificate ${serverSaw} times in ${attempts.total} attempts`)
  }
  return reasons
}

function unproven(certificate: boolean, proof: SendingProof): string[] {
  const { connections, sent, empty, notAsked, other, unread } = proof
  const read = connections - unread
  if (connections === 0) return ['no connection was seen on the wire']
  if (read === 0) return ['no connection came as far as a certificate']
  if (notAsked / read > 1 - expectedShare)
    return [`the server did not ask for a certificate on ${notAsked} of ${read} connections`]
  if (!certificate) {
    return sent + other > 0
      ? [`a certificate was sent on ${sent + other} of ${read} connections, and none should be`]
      : []
  }
  if (sent / read >= expectedShare) return []
  const why =
    empty > 0 ? ": the client sent an empty list, as the server's CA list does not name the issuer" : ''
  return [`the certificate was sent on ${sent} of ${read} connections${why}`]
}
