/**
 * One step of a drill: the change is made, the data plane is watched until it shows the new truth, then held.
 * @module
 */
import type { DrillStep } from '../../reports/drill/types.ts'
import { type ControlPlane, failureOf, refusalCodes } from './control-plane.ts'
import { type Passage, wrongOf } from './judge.ts'
import type { TouchedState } from './repairs.ts'
import type { Traffic } from './traffic.ts'
import type { DrillTerms, Step, Truth } from './types.ts'
import { pause } from './until.ts'
import { type Watch, watch } from './watch.ts'
import type { World } from './world.ts'

/** What a step is run with. */
export interface StepContext {
  world: World
  controlPlane: ControlPlane
  traffic: Traffic
  terms: DrillTerms
  before: TouchedState
  /** Passages so far; the step adds its own. */
  passages: Passage[]
  /** Names of the certificates by fingerprint. */
  names: ReadonlyMap<string, string>
  /** Lane through the edge, whose answers tell what the edge presents. */
  teller: string
  signal: AbortSignal
  /** What the data plane shows when the step begins. */
  truth: Truth
  /** Fingerprint of what the edge presents when the step begins, and is to present after it. */
  presents: { before: string; after: string }
}

/** More answers than this that nobody predicted end a drill: one can be an accident of the network. */
export const mostUnpredicted = 2

/** Runs it. Never throws: what went wrong is its `problem`. */
export async function runStep(step: Step, context: StepContext): Promise<DrillStep> {
  const { traffic, terms, passages, signal, world, controlPlane } = context
  const { truth, presents } = context
  controlPlane.takeCalls()
  const watching = watch(traffic, { truth: step.expect, presents: presents.after, teller: context.teller })
  const passage: Passage = {
    step: step.id,
    from: watching.from,
    settled: watching.settled,
    expect: step.expect,
    ought: step.ought ?? step.expect,
  }
  passages.push(passage)
  let problem = await change(step, world, context.before, signal)
  const calls = controlPlane.takeCalls()
  if (problem === null && step.quick !== true) {
    problem = await settle(watching, traffic, terms, signal)
    if (problem === null) await pause(terms.hold, signal)
    problem ??= unpredicted(traffic, passages, watching.from)
  }
  watching.end()
  const to = traffic.now()
  return {
    id: step.id,
    phase: step.phase,
    does: step.does,
    from: Math.round(watching.from),
    to: Math.round(to),
    calls,
    expect: { ...step.expect },
    seen: Object.fromEntries(Object.entries(watching.last).map(([lane, { seen }]) => [lane, seen])),
    presents: nameOf(presents.after, context.names),
    presented: nameOf(watching.presented(), context.names),
    propagationMs: propagation(watching, truth, step.expect, presents),
    predicts: step.predicts ?? null,
    confirmed: problem === null,
    problem,
  }
}

/** Makes the change; a sentence when it did not go as the step says. */
async function change(
  step: Step,
  world: World,
  before: TouchedState,
  signal: AbortSignal,
): Promise<string | null> {
  const { refused } = step
  try {
    await world.operate(step.operation, before, signal)
  } catch (error) {
    if (signal.aborted) return 'interrupted'
    const codes = refusalCodes(error)
    if (refused !== undefined && codes?.includes(refused.code) === true) return null
    return failureOf(error)
  }
  if (signal.aborted) return 'interrupted'
  return refused === undefined ? null : `the API accepted what it was to refuse with ${refused.code}`
}

async function settle(
  watching: Watch,
  traffic: Traffic,
  { grace, answers = Number.POSITIVE_INFINITY, interval }: DrillTerms,
  signal: AbortSignal,
): Promise<string | null> {
  const since = traffic.now()
  while (!watching.shown(since)) {
    if (signal.aborted) return 'interrupted'
    const said = watching.answers(since)
    if (said >= answers) return `the data plane did not show it in ${said} answers: ${lastSeen(watching)}`
    if (traffic.now() - since > grace)
      return `the data plane did not show it within ${grace / 1000} s: ${lastSeen(watching)}`
    await pause(Math.max(5, interval / 4), signal)
  }
  return signal.aborted ? 'interrupted' : null
}

const lastSeen = ({ last }: Watch): string =>
  Object.values(last)
    .map(({ lane, seen, answer }) => `${lane} ${seen} (${answer})`)
    .join(', ')

function unpredicted(traffic: Traffic, passages: readonly Passage[], from: number): string | null {
  const wrong = traffic.samples.filter((sample) => {
    if (sample.to < from) return false
    return wrongOf(sample, passages)?.predicted === false
  })
  const [first] = wrong
  if (first === undefined || wrong.length <= mostUnpredicted) return null
  return `${wrong.length} answers that nobody predicted, the first to ${first.lane}: ${first.answer}`
}

const nameOf = (presented: string | undefined, names: ReadonlyMap<string, string>): string | null =>
  presented === undefined ? null : (names.get(presented) ?? presented)

function propagation(
  watching: Watch,
  before: Truth,
  after: Truth,
  presents: StepContext['presents'],
): number | null {
  const changed = Object.keys(after).filter((lane) => before[lane] !== after[lane])
  const moments = changed.map((lane) => watching.settled[lane])
  const told = watching.presentedAt()
  if (presents.before !== presents.after && told !== undefined) moments.push(told)
  const known = moments.filter((moment) => moment !== undefined)
  return known.length === 0 ? null : Math.round(Math.max(...known) - watching.from)
}
