/**
 * Steps of a scenario: what was to be seen, and what was.
 * @module
 */
import { isDeepStrictEqual } from 'node:util'

/** One step that came out as expected. No credential in any of its texts. */
export interface Step {
  /** What was done, for people. */
  sentence: string
  expected: string
  seen: string
}

/** A step that came out otherwise. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError'
  readonly step: Step

  constructor(step: Step) {
    super(`${step.sentence}: expected ${step.expected}, saw ${step.seen}`)
    this.step = step
  }
}

/** Collects steps. */
export interface Steps {
  readonly done: Step[]
  /** @throws ScenarioError unless `seen` is deeply equal to `expected`. Both are shown: no credentials. */
  check(sentence: string, expected: unknown, seen: unknown): void
}

/** Starts collecting; `onStep` hears of every step that came out as expected. */
export function createSteps(onStep: (step: Step) => void = () => undefined): Steps {
  const done: Step[] = []
  return {
    done,
    check(sentence, expected, seen) {
      const step = { sentence, expected: inWords(expected), seen: inWords(seen) }
      if (!isDeepStrictEqual(expected, seen)) throw new ScenarioError(step)
      done.push(step)
      onStep(step)
    },
  }
}

const longest = 300

function inWords(value: unknown): string {
  if (value === undefined) return '(none)'
  if (Array.isArray(value))
    return value.length === 0 ? '(none)' : value.map((item) => inWords(item)).join(', ')
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}

/** Things to take back, the last one first, whatever happens. */
export type Undo = (take: () => Promise<unknown>) => void

/**
 * Runs `work`, then everything it has registered.
 * @throws the error of `work`, or else the first one of taking back; all of it is tried in any case.
 */
export async function takingBack<Result>(work: (undo: Undo) => Promise<Result>): Promise<Result> {
  const takes: (() => Promise<unknown>)[] = []
  const failures: unknown[] = []
  let result: Result | undefined
  try {
    result = await work((take) => takes.push(take))
  } catch (error) {
    failures.push(error)
  }
  for (const take of takes.toReversed()) {
    try {
      await take()
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
  return result as Result
}

/** Milliseconds between two looks, and until it is given up. */
const pause = 100
const patience = 60_000

/** Looks again until `good` holds: changes take their time. The last look, good or not. */
export async function eventually<Value>(
  look: () => Promise<Value>,
  good: (value: Value) => boolean,
): Promise<Value> {
  const end = performance.now() + patience
  for (;;) {
    const value = await look()
    if (good(value) || performance.now() > end) return value
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}
