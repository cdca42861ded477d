/**
 * The refusal that a deployment declares.
 * @module
 */
import type { Outcome } from '../probe/types.ts'
import type { MtlsExpectation } from './types.ts'

/**
 * An answer that is exactly the declared refusal (status and body, byte for byte) is a refusal for the declared
 * reason, whatever its status: some edges refuse with 200.
 */
export function asDeclaredRefusal(outcome: Outcome, mtls: MtlsExpectation | undefined): Outcome {
  const { status, body } = mtls?.refusal ?? {}
  const { http } = outcome
  if (outcome.code === 'proof-nonce' || http === undefined || status === undefined || body === undefined)
    return outcome
  if (body.length === 0 || http.status !== status || !http.body.equals(body)) return outcome
  return {
    ...outcome,
    verdict: 'refused',
    code: 'http-refused',
    attribution: 'explicit',
    summary: `refused with HTTP ${status}, as declared`,
  }
}
