/**
 * "x valid and y invalid per second, this objective: how many cores", and the inverse.
 * @module
 */
import { HarnessError } from '../../harness/errors.ts'
import type { Demand } from '../capacity/model.ts'
import { type Usl, uslThroughput } from '../capacity/usl.ts'
import type { Interval } from '../stats/bootstrap.ts'
import { demandOf, demandsOf } from './costs.ts'
import { responseP99 } from './queue.ts'
import type { CoresPlan, PlanBasis, RatePlan, Traffic } from './types.ts'

/** More is not looked at. */
const mostCores = 4096

type End = keyof Interval

/** Cores for a traffic. @throws HarnessError ERR_USAGE for rates or categories that cannot be. */
export function planCores(input: PlanBasis & Traffic): CoresPlan {
  const { cost, valid, invalid = {}, scaling, slo } = input
  const headroom = checkedHeadroom(input)
  const traffic = { valid, invalid }
  const demands = demandsOf(cost, traffic)
  const needed = (end: End): number | undefined => fewest(demands, end, input, headroom)
  const [estimate, low, high] = [needed('estimate'), needed('low'), needed('high')]
  const { slo: _slo, ...withoutSlo } = input
  const forCpu = fewest(demands, 'estimate', withoutSlo, headroom)
  const limitedBy =
    estimate === undefined && forCpu === undefined ? 'scaling' : forCpu === estimate ? 'cpu' : 'latency'
  const demand = demandOf(cost, traffic)
  // Where no number is enough, every number up to the peak was looked at.
  const looked = Math.max(estimate ?? peakOf(scaling), high ?? peakOf(scaling))
  const notes = notesOf(input, looked)
  if (estimate === undefined) {
    notes.push(
      limitedBy === 'latency'
        ? 'the objective is below what one attempt takes by itself: no number of cores is enough'
        : 'no number of cores of one machine is enough for this traffic',
    )
  }
  return {
    question: 'cores',
    traffic,
    headroom,
    ...(slo === undefined ? {} : { slo }),
    demand,
    cores: {
      ...(estimate === undefined ? {} : { estimate }),
      ...(low === undefined ? {} : { low }),
      ...(high === undefined ? {} : { high }),
    },
    limitedBy,
    ...(estimate === undefined
      ? {}
      : {
          utilisation: demand.estimate / effective(estimate, scaling),
          p99Ms: p99(demands, 'estimate', estimate, scaling) + (slo?.baseMs ?? 0),
        }),
    extrapolated: scaling !== undefined && looked > scaling.largestMeasured,
    notes,
  }
}

/**
 * The highest rate that so many cores hold: of valid attempts beside the given invalid ones (`of` left out), or of one
 * invalid category beside the given others.
 * @throws HarnessError ERR_USAGE for rates or categories that cannot be.
 */
export function planRate(
  input: PlanBasis & {
    cores: number
    valid?: number
    invalid?: Readonly<Record<string, number>>
    of?: string
  },
): RatePlan {
  const { cost, cores, valid = 0, invalid = {}, of = 'valid', scaling, slo } = input
  if (!(Number.isInteger(cores) && cores >= 1))
    throw new HarnessError('ERR_USAGE', 'cores must be a whole number from 1 up')
  if (of === 'valid' ? valid > 0 : invalid[of] !== undefined)
    throw new HarnessError('ERR_USAGE', `the rate of "${of}" is asked for and cannot be given as well`)
  const headroom = checkedHeadroom(input)
  const traffic = (rate: number): Traffic =>
    of === 'valid' ? { valid: rate, invalid } : { valid, invalid: { ...invalid, [of]: rate } }
  // Said before anything is searched.
  demandsOf(cost, traffic(0))
  const most = (end: End): number => {
    const holds = (rate: number): boolean => fits(demandsOf(cost, traffic(rate)), end, cores, input, headroom)
    if (!holds(0)) return 0
    let [low, high] = [0, 1]
    while (holds(high) && high < 1e9) [low, high] = [high, high * 2]
    for (let round = 0; round < 60; round += 1) {
      const middle = (low + high) / 2
      if (holds(middle)) low = middle
      else high = middle
    }
    return low
  }
  return {
    question: 'rate',
    of,
    cores,
    beside: { valid, invalid },
    headroom,
    ...(slo === undefined ? {} : { slo }),
    // Dear attempts mean few of them.
    rate: { estimate: most('estimate'), low: most('high'), high: most('low') },
    extrapolated: scaling !== undefined && cores > scaling.largestMeasured,
    notes: notesOf(input, cores),
  }
}

function checkedHeadroom({ headroom = 0.3 }: PlanBasis): number {
  if (!(headroom >= 0 && headroom < 1))
    throw new HarnessError('ERR_USAGE', 'headroom must be from 0 to below 1')
  return headroom
}

function fewest(
  demands: readonly Demand[],
  end: End,
  basis: PlanBasis,
  headroom: number,
): number | undefined {
  const holds = (cores: number): boolean => fits(demands, end, cores, basis, headroom)
  const peak = peakOf(basis.scaling)
  // From below: with contention each core is slower than one alone, so more of them may miss what fewer hold.
  for (let cores = 1; cores <= peak; cores += 1) if (holds(cores)) return cores
  return undefined
}

/** More cores than these do not do more. */
const peakOf = (scaling: Usl | undefined): number =>
  Math.min(mostCores, Math.max(1, Math.floor(scaling?.peakCores ?? mostCores)))

function fits(
  demands: readonly Demand[],
  end: End,
  cores: number,
  { slo, scaling }: PlanBasis,
  headroom: number,
): boolean {
  const busy = demands.reduce((sum, { rate, cost }) => sum + (rate * cost[end]) / 1e6, 0)
  // A hair of tolerance: demand that fills the cores exactly fits.
  if (busy > effective(cores, scaling) * (1 - headroom) * (1 + 1e-12)) return false
  return slo === undefined || p99(demands, end, cores, scaling) + (slo.baseMs ?? 0) <= slo.p99Ms
}

/** How many times one core so many are. */
const effective = (cores: number, scaling: Usl | undefined): number =>
  scaling === undefined ? cores : uslThroughput(scaling, cores) / uslThroughput(scaling, 1)

const p99 = (demands: readonly Demand[], end: End, cores: number, scaling: Usl | undefined): number =>
  responseP99(
    demands.map(({ rate, cost }) => ({ rate, service: cost[end] / 1e6 })),
    cores,
    cores / effective(cores, scaling),
  )

function notesOf({ scaling, slo }: PlanBasis, cores: number): string[] {
  return [
    ...(scaling === undefined && cores > 1
      ? [
          'that n cores do n times the work of one was not measured: OpenSSL 3.0 is known to scale worse (load-anchors 2.2)',
        ]
      : []),
    ...(scaling !== undefined && cores > scaling.largestMeasured
      ? [`extrapolated: at most ${scaling.largestMeasured} cores were measured`]
      : []),
    ...(slo === undefined
      ? []
      : [
          'latency is computed (M/G/c, random arrivals), not measured: check it with `harness load capacity`',
        ]),
  ]
}
