/**
 * Words and figures of the load reports.
 * @module
 */
import { thousands } from '../text.ts'
import {
  type Interval,
  type LoadCapacity,
  type LoadCategory,
  type LoadCost,
  type LoadLaneNumbers,
  type Measured,
  notMeasurable,
} from './types.ts'

/** `TLSv1.3` as people write it. */
export const tlsName = (version: string): string => version.replace(/^TLSv/, 'TLS ')

/** `nginx 1.22.1, TLS 1.3`. */
export const costName = ({ target }: Pick<LoadCost, 'target'>): string =>
  `${target.name}, ${tlsName(target.version)}`

/** Microseconds: three digits that mean something. */
export const usec = (value: number): string =>
  Number.isFinite(value) ? `${thousands(Math.round(value))}\u00a0µs` : 'unknown'

/** A number with so many decimals; `unknown` where it is none. */
export const fixed = (value: number, decimals: number): string =>
  Number.isFinite(value) ? value.toFixed(decimals) : 'unknown'

/** `4.2 %`. */
export const percent = (share: number): string =>
  Number.isFinite(share) ? `${(100 * share).toFixed(1)}\u00a0%` : 'unknown'

/** `low to high`. */
export const range = ({ low, high }: Interval, write: (value: number) => string): string =>
  `${write(low)} to ${write(high)}`

/** A figure that may be none. */
export const measured = <T>(value: Measured<T> | undefined, write: (value: T) => string): string =>
  value === undefined || value === notMeasurable ? notMeasurable : write(value)

/** Of fewer answers there is no 99th percentile; as `load/flood/steps.ts` judges. */
export const fewestForP99 = 100

/** The 99th percentile of valid users, where enough of them were answered. */
export const p99Of = ({ acceptedLatency: latency }: LoadLaneNumbers): Measured =>
  latency === notMeasurable || latency.count < fewestForP99 ? notMeasurable : latency.p99

/** A rate of the flood by what was delivered, with what was wanted where that is another. */
export const floodRate = ({ rate, delivered }: { rate: number; delivered: number }): string =>
  delivered === rate ? `${rate}/s` : `${delivered}/s (${rate} wanted)`

/** Whether a step shows something about a flood: that the promise holds without one is nothing. */
export const showsFlood = ({ holds, rate }: { holds: Measured<boolean>; rate: number }): boolean =>
  holds === false || (holds === true && rate > 0)

const outcomeWords: Readonly<Record<string, string>> = {
  allowed: 'let in',
  alert: 'TLS alert',
  close: 'closed silently',
  closed: 'closed silently',
  'http-400': 'HTTP 400',
  'http-403': 'HTTP 403',
  'http-other': 'another HTTP status',
  timeout: 'no answer in time',
  unreachable: 'no connection',
  local: 'failed on our side',
  accepted: 'let in',
  unclear: 'unclear',
}

/** An outcome in words. */
export const outcomeWord = (outcome: string): string =>
  Object.hasOwn(outcomeWords, outcome) ? (outcomeWords[outcome] ?? outcome) : outcome

/** How a category ended: `TLS alert 48`. */
export const outcomeOf = ({ outcome, alert }: LoadCategory): string =>
  alert === undefined ? outcomeWord(outcome) : `${outcomeWord(outcome)} ${alert}`

const endWords: Readonly<Record<string, string>> = {
  converged: 'every cost is known to the stated half-width',
  'round-limit': 'it reached its limit of rounds',
  'time-limit': 'it reached its limit of time',
  aborted: 'it was interrupted',
  refused: 'it was not begun',
  found: 'the knee is known within the tolerance',
  'rate-limit': 'the highest rate that was permitted still holds',
  'generator-limited': 'the generator was at its limit before the server',
  unsteady: 'the server or the machine was not steady',
  'nothing-holds': 'not even the lowest rate holds',
  'step-limit': 'it reached its limit of steps',
}

/** How a measurement ended, in words. */
export const endWord = (ended: string): string =>
  Object.hasOwn(endWords, ended) ? (endWords[ended] ?? ended) : ended

/** What a capacity search says, in a sentence. */
export function kneeSentence({ target, result }: LoadCapacity): string {
  const { knee, objective, doubt } = result
  const promise = `${objective.p99Ms} ms at the 99th percentile`
  const rate = (value: number): string => `${fixed(value, value < 100 ? 1 : 0)}/s`
  if (knee.breaks !== undefined && doubt !== undefined) {
    const broke = result.steps.findLast(({ verdict, rate: at }) => verdict === 'breaks' && at === knee.breaks)
    // What was quick enough did not break the promise of being quick.
    if (knee.holds === undefined && broke?.p99Ms !== undefined && broke.p99Ms <= objective.p99Ms)
      return `${target}: nothing is known at ${rate(knee.breaks)} (99th percentile ${fixed(broke.p99Ms, 1)} ms): ${doubt}`
    const held = knee.holds === undefined ? 'did not hold' : 'holds'
    const upTo = knee.holds === undefined ? '' : `up to ${rate(knee.holds)}, and did not `
    return `${target} ${held} ${promise} ${upTo}at ${rate(knee.breaks)}, which is not known to be its limit: ${doubt}`
  }
  if (knee.holds !== undefined && knee.breaks !== undefined)
    return `${target} holds ${promise} up to ${rate(knee.holds)} and breaks it at ${rate(knee.breaks)}`
  if (knee.holds !== undefined)
    return `${target} holds ${promise} at ${rate(knee.holds)}; where it breaks is not known: ${endWord(result.ended)}`
  if (knee.breaks !== undefined) return `${target} breaks ${promise} at ${rate(knee.breaks)} already`
  return `${target}: nothing is known, ${endWord(result.ended)}`
}
