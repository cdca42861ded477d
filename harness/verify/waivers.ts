/**
 * Waivers: findings that are known and accepted until a date. Pure.
 * @module
 */
import type { CheckResult } from '../../reports/types.ts'
import type { Waiver } from '../deployment/types.ts'

/** Applies waivers: a failure that is waived becomes `known`, a waived check that passes becomes `fixed`, an expired waiver changes nothing and says so. */
export function applyWaivers(
  checks: readonly CheckResult[],
  waivers: readonly Waiver[],
  today: string,
): CheckResult[] {
  return checks.map((check) => {
    const waiver = waivers.find((one) => one.check === check.id)
    if (waiver === undefined) return check
    if (check.verdict === 'pass')
      return { ...check, verdict: 'fixed', reason: `passes now: the waiver (${waiver.reason}) can go` }
    if (check.verdict !== 'fail' && check.verdict !== 'warn') return check
    if (waiver.until < today)
      return { ...check, reason: `the waiver expired on ${waiver.until} (${waiver.reason})` }
    return { ...check, verdict: 'known', reason: `waived until ${waiver.until}: ${waiver.reason}` }
  })
}
