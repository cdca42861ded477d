/**
 * The calibrated cost measurement (load-anchors 3.4, 6.4, 6.5): preflight, warm-up rounds that are thrown away, then rounds of
 * fixed-work blocks, one per category, in a fresh random order each, with a control lane, a second lane of the valid category
 * (A/A) and a mix in every round, until every cost is known to 5 % or a limit is reached.
 *
 * The rule to stop looks at the widths of intervals only, never at what they say, so it does not favour any result.
 * @module
 */
import { setTimeout } from 'node:timers/promises'
import { HarnessError } from '../../harness/errors.ts'
import { machineContext, readMachine } from '../cpu/context.ts'
import { bootstrapMean } from '../stats/bootstrap.ts'
import { mean } from '../stats/describe.ts'
import { seededRandom } from '../stats/random.ts'
import {
  aaIsPrecise,
  checkAa,
  checkMix,
  driftOf,
  enoughHalfWidth,
  figures,
  isWarm,
  roundsOf,
  together,
  widest,
  withoutStalls,
} from './analyse.ts'
import { preflight } from './preflight.ts'
import { measureRound } from './rounds.ts'
import { attemptsFor, checkOptions, mixCounts, sharesOf, worksOf } from './setup.ts'
import type {
  BlockRecord,
  CategoryCost,
  Clock,
  CostCategory,
  CostEnd,
  CostOptions,
  CostProblem,
  CostProgress,
  CostResult,
  Preflight,
} from './types.ts'
import { waterfall } from './waterfall.ts'

/** Rounds of warm-up at most, and the share of the time that they get. */
const mostWarmUps = 8
const warmUpShare = 0.15

const realClock: Clock = {
  now: () => performance.now(),
  sleep: async (ms) => {
    await setTimeout(ms)
  },
}

/**
 * Measures. Aborted or out of time, it gives what the complete rounds say.
 * @throws HarnessError ERR_USAGE for options that contradict each other, ERR_INTERRUPTED when aborted before anything was
 * measured, ERR_PLATFORM when the CPU cannot be read.
 */
export async function runCost(options: CostOptions): Promise<CostResult> {
  const { target, categories, cpu, generator, clock = realClock, signal } = options
  const { valid = 'valid', concurrency = 4, minRounds = 12, maxRounds = 200 } = options
  const { maxDurationMs = 600_000, quietMs = 10, idleMs = 500, seed = 1 } = options
  checkOptions(categories, valid, options.mix, options.attemptsPerBlock)
  const startedAt = new Date().toISOString()
  const begin = clock.now()
  const limit = AbortSignal.timeout(maxDurationMs)
  const either = signal === undefined ? limit : AbortSignal.any([signal, limit])
  const measuredBlocks: BlockRecord[] = []
  let round = 0
  const progress = (phase: CostProgress['phase'], halfWidth?: number): void =>
    options.onProgress?.({
      phase,
      round,
      maxRounds,
      elapsedMs: clock.now() - begin,
      maxDurationMs,
      ...(halfWidth === undefined || !Number.isFinite(halfWidth) ? {} : { halfWidth }),
    })

  progress('preflight')
  const { seen, problems } = await beforeMeasuring(
    () => preflight(target, categories, valid, generator, either),
    signal,
    maxDurationMs,
  )
  const left = categories.filter(({ id }) => !problems.some((problem) => problem.id === id))
  const mayMeasure = !problems.some(({ fatal }) => fatal)
  const idle = mayMeasure ? await idleUse(cpu, clock, idleMs) : { usecPerSecond: 0, resolutionUsec: 1 }
  const { usecPerSecond: idleUsecPerSecond, resolutionUsec } = idle
  const attemptsPerBlock = options.attemptsPerBlock ?? attemptsFor(resolutionUsec)
  const mixed = mixCounts(left, valid, options.mix, attemptsPerBlock)
  const works = worksOf(options, left, valid, mixed, seen, attemptsPerBlock)
  const ids = ['control', ...left.map(({ id }) => id)]
  const notes = new Set<string>()
  const machine = await readMachine(options.cgroup)
  let ended: CostEnd = 'refused'

  if (mayMeasure) {
    const random = seededRandom(seed)
    const note = (text: string): unknown => notes.add(text)
    const { yardstick } = options
    const tools = { cpu, generator, yardstick, clock, concurrency, quietMs, idleUsecPerSecond, random, note }
    ended = 'round-limit'
    let longest = 0
    progress('warm-up')
    const warmUp: BlockRecord[][] = []
    const mostWarmUp = begin + maxDurationMs * warmUpShare
    // Round 0 warms up, as often as it takes.
    for (let next = 0; next <= maxRounds; ) {
      const from = clock.now()
      if (from - begin + longest > maxDurationMs) {
        ended = 'time-limit'
        break
      }
      try {
        const measured = await measureRound(next, works, tools, either)
        measuredBlocks.push(...measured)
        if (next === 0) warmUp.push(measured)
      } catch (error) {
        if (!either.aborted) throw error
        ended = signal?.aborted === true ? 'aborted' : 'time-limit'
        break
      }
      longest = Math.max(longest, clock.now() - from)
      if (next === 0) {
        if (isWarm(warmUp) || warmUp.length === mostWarmUps || clock.now() > mostWarmUp) next = 1
        continue
      }
      round = next
      const rounds = roundsOf(withoutStalls(measuredBlocks))
      // A category that is never measured must not keep the others waiting.
      const width = widest(
        rounds,
        ids.filter((id) => next < minRounds || !mostlyVoid(measuredBlocks, id)),
        seed,
      )
      progress('round', width)
      const precise = width < enoughHalfWidth && aaIsPrecise(rounds, valid, seed)
      if (next >= minRounds && precise) {
        ended = 'converged'
        break
      }
      next += 1
    }
  }

  const blocks = withoutStalls(measuredBlocks)
  const controlNotMeasured = blocks.length === 0 ? undefined : controlDoubt(blocks, valid)
  // A control lane that is none takes nothing off.
  const usable = controlNotMeasured === undefined ? blocks : blocks.filter((block) => block.id !== 'control')
  const rounds = roundsOf(usable)
  const controlCosts = together(rounds, 'control').flat()
  const aa = checkAa(rounds, valid, seed)
  const mix = checkMix(rounds, sharesOf(mixed), seed)
  const drift = driftOf(rounds)
  const counted = blocks.filter((block) => block.round > 0)
  const busy = (usec: (block: BlockRecord) => number): number =>
    mean(counted.map((block) => (usec(block) * block.attempts) / 1000 / block.wallMs))
  const { marker: _marker, statuses: _statuses, ...where } = target
  return {
    schemaVersion: '1.0',
    kind: 'cost',
    startedAt,
    durationMs: clock.now() - begin,
    ended,
    target: where,
    valid,
    method: {
      attemptsPerBlock,
      concurrency,
      rounds: round,
      minRounds,
      maxRounds,
      maxDurationMs,
      seed,
      level: 0.95,
      halfWidth: enoughHalfWidth,
      cpu: { kind: cpu.kind, describe: cpu.describe, resolutionUsec },
      generator: generator.describe,
    },
    problems,
    ...(controlCosts.length < 2 ? {} : { control: bootstrapMean(controlCosts, { seed, series: true }) }),
    ...(controlNotMeasured === undefined ? {} : { controlNotMeasured }),
    categories: categories.map((category) => costOf(category, seen, problems, usable, valid, seed)),
    ...(aa === undefined ? {} : { aa }),
    ...(mix === undefined ? {} : { mix }),
    waterfall: waterfall(rounds, seen.get('unknown-ca')?.outcome, seed),
    validity: {
      blocks: counted.length,
      voidBlocks: counted.filter((block) => block.void !== undefined).length,
      idleUsecPerSecond,
      ...(drift === undefined ? {} : { drift }),
      ...(counted.length === 0
        ? {}
        : { serverBusy: busy((block) => block.serverUsec), clientBusy: busy((block) => block.clientUsec) }),
      machine: machineContext(machine, await readMachine(options.cgroup)),
      notes: [...notes],
    },
    blocks,
  }
}

async function beforeMeasuring<T>(
  work: () => Promise<T>,
  signal: AbortSignal | undefined,
  most: number,
): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (signal?.aborted === true)
      throw new HarnessError('ERR_INTERRUPTED', 'interrupted before anything was measured', { cause })
    if (cause instanceof HarnessError) throw cause
    throw new HarnessError('ERR_UNREACHABLE', `preflight was not done within ${most / 1000} s`, { cause })
  }
}

async function idleUse(
  cpu: CostOptions['cpu'],
  clock: Clock,
  ms: number,
): Promise<{ usecPerSecond: number; resolutionUsec: number }> {
  const from = clock.now()
  const before = await cpu.sample()
  await clock.sleep(ms)
  const after = await cpu.sample()
  const seconds = (clock.now() - from) / 1000
  const used = after.cpuUsec - before.cpuUsec
  const { resolutionUsec } = after
  // Below what the counter resolves, nothing was seen.
  return { usecPerSecond: seconds > 0 && used > resolutionUsec ? used / seconds : 0, resolutionUsec }
}

/** More than half of its blocks do not count. */
function mostlyVoid(blocks: readonly BlockRecord[], id: string): boolean {
  const own = blocks.filter((block) => block.id === id && block.round > 0)
  return own.filter((block) => block.void !== undefined).length > own.length / 2
}

/** A control lane that costs less than this share of a valid client is not where the CPU is read. */
const leastControl = 0.1

/** Why the control lane cannot be measured against; undefined: it can. */
function controlDoubt(blocks: readonly BlockRecord[], valid: string): string | undefined {
  const own = blocks.filter(({ id, round }) => id === 'control' && round > 0)
  const bad = own.filter((block) => block.void !== undefined)
  if (mostlyVoid(blocks, 'control')) return `${bad.length} of ${own.length} blocks are void: ${bad[0]?.void}`
  const pairs = together(roundsOf(blocks), 'control', valid)
  const [control, reference] = [0, 1].map((at) => mean(pairs.map((pair) => pair[at] ?? Number.NaN)))
  if (control === undefined || reference === undefined || !(control < leastControl * reference))
    return undefined
  return `it seems to cost ${control.toFixed(0)} µs where a valid client costs ${reference.toFixed(0)}: is its CPU read elsewhere?`
}

function costOf(
  { id, title, expect }: CostCategory,
  seen: Map<string, Preflight>,
  problems: readonly CostProblem[],
  blocks: readonly BlockRecord[],
  valid: string,
  seed: number,
): CategoryCost {
  const known = seen.get(id)
  const own = blocks.filter((block) => block.id === id && block.round > 0)
  const bad = own.filter((block) => block.void !== undefined)
  const problem = problems.find((one) => one.id === id)
  const isVoid = mostlyVoid(blocks, id)
  const found = isVoid ? {} : figures(roundsOf(blocks), id, valid, seed)
  const reason =
    problem?.message ??
    (isVoid
      ? `${bad.length} of ${own.length} blocks are void: ${bad[0]?.void}`
      : found.server === undefined
        ? 'fewer than two complete rounds'
        : undefined)
  return {
    id,
    ...(title === undefined ? {} : { title }),
    expect,
    outcome: known?.outcome ?? 'timeout',
    ...(known?.alert === undefined ? {} : { alert: known.alert }),
    ...(known?.sent === undefined ? {} : { sent: known.sent }),
    blocks: own.length - bad.length,
    voidBlocks: bad.length,
    ...(reason === undefined ? {} : { notMeasured: reason }),
    ...found,
  }
}
