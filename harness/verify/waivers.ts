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
    // Of several for one check the one that lasts longest counts.
    const waiver = waivers
      .filter((one) => one.check === check.id)
      .toSorted((a, b) => b.until.localeCompare(a.until))[0]
    if (waiver === undefined) return check
    if (check.verdict === 'pass')
      return { ...check, verdict: 'fixed', reason: `passes now: the waiver (${waiver.reason}) can go` }
    if (check.verdict !== 'fail' && check.verdict !== 'warn') return check
    if (waiver.until < today)
      return { ...check, reason: `the waiver expired on ${waiver.until} (${waiver.reason})` }
    return { ...check, verdict: 'known', reason: `waived until ${waiver.until}: ${waiver.reason}` }
  })
}
