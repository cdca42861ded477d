/**
 * The highest rate that holds the objective: doubling until it breaks, then bisection. Every step is an open load with a
 * window to settle and one that counts.
 * @module
 */

import type { CapacityEnd, CapacityOptions, CapacityResult, CapacityStep } from './types.ts'
import { idleBreak, judgeStep, refusedBreak } from './verdict.ts'

/** An unsteady step is repeated with a longer window, once. */
const longer = 2

/**
 * Searches. Out of time or aborted, it gives the steps that were complete.
 * @throws what the driver throws, unless it was aborted.
 */
export async function runCapacity(options: CapacityOptions): Promise<CapacityResult> {
  const { driver, maxRate, signal, startRate = 10, settleMs = 2000, sustainMs = 8000 } = options
  const { tolerance = 0.05, maxSteps = 20, maxDurationMs = 600_000 } = options
  const objective = { achievedShare: 0.99, ...options.objective }
  const startedAt = new Date().toISOString()
  const begin = performance.now()
  const limit = AbortSignal.timeout(maxDurationMs)
  const either = signal === undefined ? limit : AbortSignal.any([signal, limit])
  const steps: CapacityStep[] = []
  const { wholeRates = false, extraMs = 0 } = driver
  const possible = (rate: number): number => (wholeRates ? Math.max(1, Math.round(rate)) : rate)
  const elapsed = (): number => performance.now() - begin
  const tell = (step?: CapacityStep, next?: number): void =>
    options.onProgress?.({
      ...(step === undefined ? {} : { step }),
      ...(next === undefined ? {} : { next }),
      steps: steps.length,
      elapsedMs: elapsed(),
      maxDurationMs,
    })

  const apply = async (rate: number, window: number): Promise<CapacityStep | CapacityEnd> => {
    if (steps.length >= maxSteps) return 'step-limit'
    if (elapsed() + settleMs + window + extraMs > maxDurationMs) return 'time-limit'
    try {
      const measured = await driver.step({ rate, settleMs, sustainMs: window }, either)
      const step = { ...measured, ...judgeStep(measured, objective), sustainMs: window }
      steps.push(step)
      tell(step)
      return step
    } catch (error) {
      if (!either.aborted) throw error
      return signal?.aborted === true ? 'aborted' : 'time-limit'
    }
  }
  const attempt = async (rate: number): Promise<CapacityStep | CapacityEnd> => {
    tell(undefined, rate)
    const first = await apply(rate, sustainMs)
    return typeof first === 'string' || first.verdict !== 'unsteady' ? first : apply(rate, sustainMs * longer)
  }

  const knee: { holds?: number; breaks?: number } = {}
  let ended: CapacityEnd | undefined
  let rate = possible(Math.min(startRate, maxRate))
  while (ended === undefined) {
    const step = await attempt(rate)
    if (typeof step === 'string') ended = step
    else if (step.verdict === 'holds') knee.holds = rate
    else if (step.verdict === 'breaks') knee.breaks = rate
    else ended = step.verdict
    ended ??= endOf(knee, maxRate, tolerance, wholeRates ? 1 : 0)
    rate = possible(nextRate(knee, rate, maxRate))
  }
  const broke = steps.findLast((step) => step.verdict === 'breaks' && step.rate === knee.breaks)
  const doubt = broke === undefined ? undefined : (refusedBreak(broke) ?? idleBreak(broke))
  return {
    schemaVersion: '1.0',
    kind: 'capacity',
    startedAt,
    durationMs: elapsed(),
    ended,
    driver: driver.describe,
    objective,
    knee,
    ...(doubt === undefined ? {} : { doubt }),
    tolerance,
    steps,
  }
}

function endOf(
  { holds, breaks }: { holds?: number; breaks?: number },
  maxRate: number,
  tolerance: number,
  /** Rates that are no further apart have none between them. */
  finest: number,
): CapacityEnd | undefined {
  if (holds !== undefined && breaks !== undefined)
    return breaks - holds <= Math.max(finest, tolerance * breaks) ? 'found' : undefined
  if (breaks === undefined) return holds !== undefined && holds >= maxRate ? 'rate-limit' : undefined
  // Below one per second there is nothing left to halve.
  return breaks <= 1 ? 'nothing-holds' : undefined
}

function nextRate(
  { holds, breaks }: { holds?: number; breaks?: number },
  rate: number,
  maxRate: number,
): number {
  if (holds !== undefined && breaks !== undefined) return (holds + breaks) / 2
  return breaks === undefined ? Math.min(maxRate, rate * 2) : rate / 2
}
