/**
 * Watches the traffic from the moment a change is sent until every lane shows the new truth.
 * @module
 */
import type { Sample, Traffic } from './traffic.ts'
import type { Truth } from './types.ts'

/** What is waited for. */
export interface Wanted {
  truth: Truth
  /** Fingerprint of the certificate that the edge presents, `none`, or undefined: not looked at. */
  presents: string | undefined
  /** Lane whose answers tell it. */
  teller: string
}

/** A watch that runs. Times as in {@link Sample}. */
export interface Watch {
  readonly from: number
  /** Per lane: when it first showed the truth. */
  readonly settled: Record<string, number>
  /** When the origin first told the certificate that is wanted. */
  readonly presentedAt: () => number | undefined
  /** What it told last; undefined: it does not tell. */
  readonly presented: () => string | undefined
  /** The last answer of each lane. */
  readonly last: Readonly<Record<string, Sample>>
  /** Whether every lane shows the truth in an answer to a request that was sent after `since`. */
  shown(since: number): boolean
  /** Answers that every lane has had to requests sent after `since`, at least. */
  answers(since: number): number
  end(): void
}

/** Begins to watch. */
export function watch(traffic: Traffic, wanted: Wanted): Watch {
  const from = traffic.now()
  const settled: Record<string, number> = {}
  const latestGood: Record<string, number> = {}
  const last: Record<string, Sample> = {}
  const sent: Record<string, number[]> = {}
  let presentedAt: number | undefined
  let presented: string | undefined
  const right = (sample: Sample): boolean =>
    sample.seen === wanted.truth[sample.lane] &&
    (sample.lane !== wanted.teller ||
      wanted.presents === undefined ||
      sample.presented === undefined ||
      sample.presented === wanted.presents)
  const end = traffic.listen((sample) => {
    if (sample.from < from) return
    const { lane } = sample
    last[lane] = sample
    sent[lane] = [...(sent[lane] ?? []), sample.from]
    if (lane === wanted.teller && sample.presented !== undefined) {
      presented = sample.presented
      if (presented === wanted.presents) presentedAt ??= sample.to
    }
    if (sample.seen === wanted.truth[lane]) settled[lane] ??= sample.to
    if (right(sample)) latestGood[lane] = Math.max(latestGood[lane] ?? 0, sample.from)
    else delete latestGood[lane]
  })
  return {
    from,
    settled,
    presentedAt: () => presentedAt,
    presented: () => presented,
    last,
    shown: (since) => Object.keys(wanted.truth).every((lane) => (latestGood[lane] ?? -1) >= since),
    answers: (since) =>
      Math.min(
        ...Object.keys(wanted.truth).map((lane) => (sent[lane] ?? []).filter((from) => from >= since).length),
      ),
    end,
  }
}
