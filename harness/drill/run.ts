/**
 * Runs a drill: state export, traffic, steps; on any failure or interruption back to the export.
 * @module
 */
import type { DrillResult, DrillStep, RemainingStep } from '../../reports/drill/types.ts'
import { HarnessError } from '../errors.ts'
import type { Identity } from '../pki/types.ts'
import { version } from '../version.ts'
import { judgeLane, type Passage, segmentsOf } from './judge.ts'
import type { Lane } from './lanes.ts'
import { checkStart } from './preflight.ts'
import { planRepairs, type TouchedState } from './repairs.ts'
import { restore } from './restore.ts'
import { runStep, type StepContext } from './run-step.ts'
import { startTraffic, type Traffic } from './traffic.ts'
import type { Order, Slot, Truth } from './types.ts'
import { pause } from './until.ts'
import { watch } from './watch.ts'
import { createWorld, type WorldOptions } from './world.ts'

/** A look at more than the drill touches. */
export interface WholeState {
  /** What it is, for the report. */
  what: string
  /** Remembers the state. */
  take(): Promise<void>
  /** Differences since then that a rollback ought not to leave. */
  changes(): Promise<string[]>
}

/** What a drill is run with. */
export interface DrillOptions extends Omit<WorldOptions, 'kind'> {
  order: Order
  lanes: readonly Lane[]
  lab: boolean
  signal?: AbortSignal
  /** Called with the state before the first change; the drill begins when it resolves. */
  onExport?: (state: TouchedState) => Promise<void>
  /** Default: the objects that the drill touches, read back. */
  wholeState?: WholeState
  /** Receives, before the first change, the way to learn at any moment what would have to be done by hand. */
  onReady?: (remaining: () => RemainingStep[]) => void
  /** Called before every step. */
  onStep?: (id: string, does: string) => void
  onStepDone?: (step: DrillStep) => void
}

/**
 * Runs it.
 * @throws HarnessError before the first change only: when the start is not what the drill needs, or could not be restored.
 */
export async function runDrill(options: DrillOptions): Promise<DrillResult> {
  const { order, controlPlane, terms } = options
  const signal = options.signal ?? new AbortController().signal
  const world = createWorld({ ...options, kind: order.kind })
  const before = structuredClone(await world.read())
  checkStart(order, before, options.identities)
  await options.onExport?.(before)
  await options.wholeState?.take()
  options.onReady?.(() => planRepairs(before, world.assumed()).map((repair) => world.command(repair)))
  const started = new Date()
  const traffic = startTraffic(options.lanes, terms.interval)
  const prints = fingerprints(options.identities)
  const passages: Passage[] = []
  const steps: DrillStep[] = []
  const context = {
    world,
    controlPlane,
    traffic,
    terms,
    before,
    passages,
    names: new Map([...prints].map(([slot, print]) => [print, slot])),
    teller: options.lanes[0]?.id ?? '',
    signal,
  }
  try {
    await baseline(order, context, prints)
    let problem = await runSteps(options, context, steps, prints)
    const back = await goBack(options, context, steps, prints, problem !== undefined)
    problem ??= back.problem
    await traffic.stop()
    const state = await compare(options, world, before)
    return {
      schemaVersion: '1.0',
      tool: { name: 'mtls-access-harness', version, node: process.version },
      drill: { order: order.name, title: order.title, wrong: order.wrong },
      target: { hostname: options.hostname, zone: controlPlane.zone.zone_id, lab: options.lab },
      started: started.toISOString(),
      durationMs: Math.round(traffic.now()),
      terms: { intervalMs: terms.interval, graceMs: terms.grace, holdMs: terms.hold },
      ...judged(options.lanes, traffic, passages),
      steps,
      state,
      ...conclude(problem, back, state, judged(options.lanes, traffic, passages)),
    }
  } finally {
    await traffic.stop()
  }
}

type Context = Omit<StepContext, 'truth' | 'presents'>

const fingerprints = (identities: Partial<Record<Slot, Identity>>): Map<string, string> =>
  new Map(
    [
      ['none', 'none'] as const,
      ...Object.entries(identities).map(([slot, { fingerprint256 }]) => [slot, fingerprint256] as const),
    ].map(([slot, print]) => [slot, print]),
  )

/** Before anything is changed, the traffic has to show what the drill starts from. */
async function baseline(
  order: Order,
  { traffic, terms, passages, teller, signal }: Context,
  prints: Map<string, string>,
): Promise<void> {
  const presents = order.kind === 'pulls' ? prints.get(order.presents) : undefined
  const watching = watch(traffic, { truth: order.start, presents, teller })
  const { answers = Number.POSITIVE_INFINITY } = terms
  const end = traffic.now() + Math.min(terms.grace, 15_000)
  const waits = (): boolean => traffic.now() < end && watching.answers(watching.from) < answers
  while (!watching.shown(watching.from) && waits() && !signal.aborted) await pause(20, signal)
  watching.end()
  if (signal.aborted) throw new HarnessError('ERR_INTERRUPTED', 'interrupted, nothing has been changed')
  if (!watching.shown(watching.from)) {
    const seen = Object.entries(order.start).map(([lane, wanted]) => {
      const last = watching.last[lane]
      return `${lane}: wanted ${wanted}, saw ${last === undefined ? 'no answer' : `${last.seen} (${last.answer})`}`
    })
    throw new HarnessError(
      'ERR_UNREACHABLE',
      `the drill “${order.name}” does not start from here: ${seen.join('; ')}`,
      {
        hint: 'nothing has been changed',
      },
    )
  }
  passages.push({ step: 'before', from: 0, settled: {}, expect: order.start, ought: order.start })
  await pause(terms.hold, signal)
}

/** @returns why it stopped before the end. */
async function runSteps(
  { order, onStep, onStepDone }: DrillOptions,
  context: Context,
  steps: DrillStep[],
  prints: Map<string, string>,
): Promise<string | undefined> {
  let truth: Truth = order.start
  let presented = prints.get(order.presents) ?? 'none'
  for (const step of order.steps) {
    if (context.signal.aborted) return 'interrupted'
    onStep?.(step.id, step.does)
    const after = step.presents === undefined ? presented : (prints.get(step.presents) ?? 'none')
    const done = await runStep(step, { ...context, truth, presents: { before: presented, after } })
    steps.push(done)
    onStepDone?.(done)
    if (done.problem !== null) return `${step.id}: ${done.problem}`
    truth = step.expect
    presented = after
  }
  return undefined
}

interface WentBack {
  restored: boolean
  remaining: DrillResult['remaining']
  problem?: string
}

/** Makes sure of the state before; where the drill came to its end, there is nothing to do. */
async function goBack(
  { order, onStep, onStepDone }: DrillOptions,
  context: Context,
  steps: DrillStep[],
  prints: Map<string, string>,
  stopped: boolean,
): Promise<WentBack> {
  const { world, before, terms, traffic, controlPlane, passages } = context
  if (!stopped) return { restored: true, remaining: [] }
  const does = 'back to the state before the drill'
  onStep?.('restore', does)
  controlPlane.takeCalls()
  const presents = order.kind === 'pulls' ? prints.get(order.presents) : undefined
  const watching = watch(traffic, { truth: order.start, presents, teller: context.teller })
  passages.push({
    step: 'restore',
    from: watching.from,
    settled: watching.settled,
    expect: order.start,
    ought: order.start,
  })
  const { done, remaining, failure } = await restore(world, before, terms)
  const since = traffic.now()
  const { grace, answers = Number.POSITIVE_INFINITY } = terms
  const waits = (): boolean => traffic.now() < since + grace && watching.answers(since) < answers
  while (done && !watching.shown(since) && waits()) await pause(20)
  watching.end()
  const problem = done
    ? watching.shown(since)
      ? null
      : 'the state is restored, but the data plane does not show it yet'
    : (failure ?? 'the state could not be restored')
  const step: DrillStep = {
    id: 'restore',
    phase: 'restore',
    does,
    from: Math.round(watching.from),
    to: Math.round(traffic.now()),
    calls: controlPlane.takeCalls(),
    expect: { ...order.start },
    seen: Object.fromEntries(Object.entries(watching.last).map(([lane, { seen }]) => [lane, seen])),
    presents: order.kind === 'pulls' ? order.presents : null,
    presented: null,
    propagationMs: null,
    predicts: null,
    confirmed: problem === null,
    problem,
  }
  steps.push(step)
  onStepDone?.(step)
  return { restored: done, remaining, ...(problem === null ? {} : { problem }) }
}

async function compare(
  { wholeState }: DrillOptions,
  world: StepContext['world'],
  before: TouchedState,
): Promise<DrillResult['state']> {
  const compared = wholeState?.what ?? 'the objects that the drill touches, read back'
  try {
    const repairs = planRepairs(before, await world.read()).map((repair) => world.command(repair).sentence)
    const changes = [...repairs, ...((await wholeState?.changes()) ?? [])]
    return { same: changes.length === 0, compared, changes }
  } catch {
    return { same: false, compared, changes: ['the state could not be read'] }
  }
}

function judged(
  lanes: readonly Lane[],
  { samples, skipped }: Traffic,
  passages: readonly Passage[],
): Pick<DrillResult, 'lanes' | 'segments'> {
  return {
    lanes: lanes.map(({ id, label }) =>
      judgeLane({ id, label, skipped: skipped[id] ?? 0 }, samples, passages),
    ),
    segments: segmentsOf(samples, passages),
  }
}

function conclude(
  stopped: string | undefined,
  { restored, remaining, problem }: WentBack,
  state: DrillResult['state'],
  { lanes }: Pick<DrillResult, 'lanes'>,
): Pick<DrillResult, 'outcome' | 'problems' | 'remaining'> {
  const wrong = lanes.flatMap(({ label, wrongAllows, wrongDenies }) =>
    [
      { name: 'let in', ...wrongAllows },
      { name: 'locked out', ...wrongDenies },
    ].flatMap(({ name, count, predicted }) =>
      count > predicted ? [`${label}: ${name} ${count - predicted} times, which nobody predicted`] : [],
    ),
  )
  const different = state.same ? [] : [`not as before: ${state.changes.join('; ')}`]
  const problems = [stopped, problem === stopped ? undefined : problem].filter((one) => one !== undefined)
  const all = [...problems, ...wrong, ...different]
  const outcome = !restored
    ? 'not-restored'
    : stopped !== undefined
      ? 'stopped-and-restored'
      : all.length === 0
        ? 'as-predicted'
        : 'not-as-predicted'
  return { outcome, problems: all, remaining }
}
