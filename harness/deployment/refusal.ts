/**
 * The refusal that a deployment declares.
 * @module
 */
import type { Outcome } from '../probe/types.ts'
import type { MtlsExpectation } from './types.ts'

/** An answer is the declared refusal, byte for byte. */
export function isDeclaredRefusal({ http }: Outcome, mtls: MtlsExpectation | undefined): boolean {
  const { status, body } = mtls?.refusal ?? {}
  if (http === undefined || status === undefined || body === undefined) return false
  return body.length > 0 && http.status === status && http.body.equals(body)
}

/**
 * An answer that is exactly the declared refusal (status and body, byte for byte) is a refusal for the declared
 * reason, whatever its status: some edges refuse with 200.
 */
export function asDeclaredRefusal(outcome: Outcome, mtls: MtlsExpectation | undefined): Outcome {
  if (outcome.code === 'proof-nonce' || !isDeclaredRefusal(outcome, mtls)) return outcome
  return {
    ...outcome,
    verdict: 'refused',
    code: 'http-refused',
    attribution: 'explicit',
    summary: `refused with HTTP ${outcome.http?.status ?? 'none'}, as declared`,
  }
}
