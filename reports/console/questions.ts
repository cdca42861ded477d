/**
 * Questions that remain, and what answers them.
 * @module
 */
import { questionsOf } from '../questions.ts'
import { visible } from '../text.ts'
import type { Results } from '../types.ts'
import { nothingBegun } from '../wording.ts'
import { heading, labelled, type Page, safe } from './layout.ts'
import { wrap } from './paint.ts'

/** Without `verbose`, the most valuable ones. */
const most = 6

/** The section; nothing where no question is left. */
export function questionLines(page: Page, results: Results): string[] {
  const all = questionsOf(results)
  // A host that was not reached leaves one question, and the verdict says it.
  const { summary } = results
  if (all.length === 0 || nothingBegun(summary)) return []
  const shown = page.verbose ? all : all.slice(0, most)
  const rest = all.length - shown.length
  return [
    ...heading(page, `Questions that remain (${all.length})`),
    ...wrap('The most valuable first, with what to add to the deployment file.', page.width - 2).map(
      (line) => `  ${line}`,
    ),
    ...shown.flatMap(({ ask, add, lines }, index) => [
      ...wrap(`${index + 1}. ${safe(ask)}`, page.width - 2).map((line, at) =>
        at === 0 ? `  ${line}` : `     ${line}`,
      ),
      ...labelled(page, 'add', add, 5, 5),
      ...(lines === '' ? [] : lines.split('\n').map((line) => `            ${visible(line)}`)),
    ]),
    ...(rest === 0 ? [] : [page.paint('dim', `  ${rest} more in the report, and with --verbose`)]),
  ]
}
