/**
 * The report for a terminal: what was looked at, every check, what needs action, one sentence.
 * @module
 */
import { findingLines } from './console/findings.ts'
import type { Page } from './console/layout.ts'
import { factLines, footer, header } from './console/overview.ts'
import { paintFor } from './console/paint.ts'
import { questionLines } from './console/questions.ts'
import { notApplicable, table } from './console/table.ts'
import { withStarted } from './started-as.ts'
import type { Results } from './types.ts'

/** How to write it. */
export interface ConsoleOptions {
  /** Colour escapes. The caller knows the stream, NO_COLOR and `--color`. */
  color: boolean
  /** Columns; at least 40 are used. Below 80 passes are counted per subject unless `verbose`. */
  width: number
  verbose?: boolean
  /** Path of the report to name in the last line. */
  report?: string
}

/**
 * Renders results for people at a terminal. Text of the server under test cannot move the cursor or colour anything:
 * control and format characters are written as escapes. Ends with a newline.
 */
export function renderConsole(
  given: Results,
  { color, width, verbose = false, report }: ConsoleOptions,
): string {
  const results = withStarted(given)
  const page: Page = { paint: paintFor(color), width: Math.max(40, width), verbose }
  const lines = [
    ...header(page, results),
    ...factLines(page, results),
    ...table(page, results),
    ...notApplicable(page, results),
    ...questionLines(page, results),
    ...findingLines(page, results),
    ...footer(page, results, report),
  ]
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`
}
