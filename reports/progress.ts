/**
 * Live progress: one line that is redrawn on a terminal, one plain line per finished check elsewhere.
 * @module
 */
import { safe } from './console/layout.ts'
import { columns, cut, paintFor, toneStyles } from './console/paint.ts'
import { duration, short } from './text.ts'
import type { CheckResult, Verdict } from './types.ts'
import { verdictWords } from './wording.ts'

/** How to draw. */
export interface ProgressOptions {
  color?: boolean
  /** Columns; the line is never longer, so that it can be redrawn in place. Default 80. */
  width?: number
}

/** Finished checks per verdict; absent means none. */
export type ProgressCounts = Partial<Readonly<Record<Verdict, number>>>

const barWidth = 16

/**
 * The line of a run under way, without a newline: bar, done of total, counts, time, current check.
 * @param current id of a check that is running, or '' between checks
 */
export function progressLine(
  done: number,
  total: number,
  current: string,
  counts: ProgressCounts,
  elapsedMs: number,
  { color = false, width = 80 }: ProgressOptions = {},
): string {
  const paint = paintFor(color)
  const share = total > 0 ? Math.min(1, done / total) : 0
  const filled = Math.round(share * barWidth)
  const tally = (Object.keys(verdictWords) as Verdict[])
    .map((verdict) => ({ verdict, count: counts[verdict] ?? 0 }))
    .filter(({ verdict, count }) => count > 0 && verdict !== 'not-applicable')
  const plain = tally.map(({ verdict, count }) => `${verdictWords[verdict].mark}${count}`).join(' ')
  const head = `${done}/${total}`
  const time = duration(elapsedMs)
  const used = barWidth + 1 + columns(`${head}  ${plain}  ${time}`) + 2
  // Too narrow for bar and counts: the numbers alone say it.
  if (used > width) return cut(`${head} ${time}`, width)
  const bar = paint('cyan', '█'.repeat(filled)) + paint('dim', '░'.repeat(barWidth - filled))
  const marks = tally
    .map(({ verdict, count }) =>
      paint(toneStyles[verdictWords[verdict].tone], `${verdictWords[verdict].mark}${count}`),
    )
    .join(' ')
  const name = cut(safe(current), Math.max(0, width - used))
  return `${bar} ${head}  ${marks}  ${paint('dim', time)}  ${name}`.trimEnd()
}

/** One line for a check that has finished, without a newline: for logs, where nothing can be redrawn. */
export function finishedLine(
  done: number,
  total: number,
  { id, verdict, observed, reason, durationMs }: CheckResult,
  { color = false }: ProgressOptions = {},
): string {
  const { label, tone } = verdictWords[verdict]
  const place = `${String(done).padStart(String(total).length)}/${total}`
  const why = short(verdict === 'pass' ? observed : reason || observed, 160)
  const text = `${paintFor(color)(toneStyles[tone], label)} ${safe(id)} (${duration(durationMs)})`
  return `${place} ${text}${why === '' ? '' : `: ${why}`}`
}
