/**
 * Judges the traffic of a drill against its truths, as pure functions. While a change takes effect, the old truth and the
 * new one are both right; as soon as a lane has shown the new one, only that is.
 * @module
 */
import type { DrillLane, DrillSegment, WrongAnswers } from '../../reports/drill/types.ts'
import type { Sample } from './traffic.ts'
import type { Truth } from './types.ts'

/** One step, as far as its truth goes. Times as in {@link Sample}. */
export interface Passage {
  step: string
  /** The change was sent. */
  from: number
  /** Per lane: when it first showed the new truth; absent: it did not. */
  settled: Readonly<Record<string, number>>
  /** What is to be seen, and what ought to be. */
  expect: Truth
  ought: Truth
}

/** A wrong answer. */
export interface Wrong {
  kind: 'allow' | 'deny'
  step: string
  predicted: boolean
}

/** What is right for one lane at one time: one value, or two while it changes. */
interface Accepted {
  step: string
  expect: ReadonlySet<string>
  ought: ReadonlySet<string>
}

/** What a sample may show. The first passage is the start: it counts as settled. */
function acceptedFor({ lane, from, to }: Sample, passages: readonly Passage[]): Accepted | undefined {
  const expect = new Set<string>()
  const ought = new Set<string>()
  let step: string | undefined
  passages.forEach((passage, at) => {
    // A passage holds until each later one has settled.
    const next = passages[at + 1]
    const over =
      next === undefined ? Number.POSITIVE_INFINITY : (next.settled[lane] ?? following(passages, at + 1))
    if (passage.from > to || over < from) return
    step = passage.step
    const will = passage.expect[lane]
    const should = passage.ought[lane]
    if (will !== undefined) expect.add(will)
    if (should !== undefined) ought.add(should)
  })
  return step === undefined ? undefined : { step, expect, ought }
}

/** A lane that never showed the truth of a passage is taken to be changing until the next one begins. */
const following = (passages: readonly Passage[], at: number): number =>
  passages[at + 1]?.from ?? Number.POSITIVE_INFINITY

/** What is wrong with a sample; undefined: nothing. */
export function wrongOf(sample: Sample, passages: readonly Passage[]): Wrong | undefined {
  const accepted = acceptedFor(sample, passages)
  if (accepted === undefined) return undefined
  const { step, expect, ought } = accepted
  if (sample.seen === 'allowed' && !ought.has('allowed'))
    return { kind: 'allow', step, predicted: expect.has('allowed') }
  // No answer is no service either.
  if (sample.seen !== 'allowed' && !ought.has('refused'))
    return { kind: 'deny', step, predicted: expect.has('refused') }
  return undefined
}

/** One lane's figures. */
export function judgeLane(
  lane: Pick<DrillLane, 'id' | 'label' | 'skipped'>,
  samples: readonly Sample[],
  passages: readonly Passage[],
): DrillLane {
  const own = samples.filter((sample) => sample.lane === lane.id).toSorted((a, b) => a.to - b.to)
  const wrongs = own.flatMap((sample) => {
    const wrong = wrongOf(sample, passages)
    return wrong === undefined ? [] : [{ ...wrong, at: sample.to, answer: sample.answer }]
  })
  const summary = (kind: Wrong['kind']): WrongAnswers => {
    const all = wrongs.filter((wrong) => wrong.kind === kind)
    const [first] = all
    return {
      count: all.length,
      predicted: all.filter(({ predicted }) => predicted).length,
      first:
        first === undefined ? null : { at: Math.round(first.at), step: first.step, answer: first.answer },
    }
  }
  return {
    ...lane,
    requests: own.length,
    longestGapMs: longestGap(own, passages),
    wrongAllows: summary('allow'),
    wrongDenies: summary('deny'),
  }
}

/** The longest time between allowed answers of one lane, counted only while nothing but allowing is right. */
function longestGap(own: readonly Sample[], passages: readonly Passage[]): number | null {
  let since: number | undefined
  let longest: number | null = null
  for (const sample of own) {
    const accepted = acceptedFor(sample, passages)
    const due = accepted?.ought.has('allowed') === true && !accepted.ought.has('refused')
    if (!due) {
      since = undefined
      continue
    }
    since ??= sample.from
    longest = Math.max(longest ?? 0, sample.to - since)
    if (sample.seen === 'allowed') since = sample.to
  }
  return longest === null ? null : Math.round(longest)
}

/** Answers that are alike, in a row, as one stretch each. */
export function segmentsOf(samples: readonly Sample[], passages: readonly Passage[]): DrillSegment[] {
  const last = new Map<string, DrillSegment>()
  const all: DrillSegment[] = []
  for (const sample of samples.toSorted((a, b) => a.to - b.to)) {
    const { lane, seen, answer } = sample
    const wrong = wrongOf(sample, passages)?.kind ?? null
    const before = last.get(lane)
    const [from, to] = [Math.round(sample.from), Math.round(sample.to)]
    if (before !== undefined && before.seen === seen && before.wrong === wrong && before.answer === answer) {
      before.to = to
      before.count += 1
    } else {
      const fresh = { lane, from, to, count: 1, seen, wrong, answer }
      last.set(lane, fresh)
      all.push(fresh)
    }
  }
  return all
}
