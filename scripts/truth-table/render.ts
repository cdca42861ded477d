/**
 * The table as text.
 * @module
 */
import type { Point } from './compare.ts'
import { isRight } from './compare.ts'
import type { CellResult } from './run-cell.ts'

const header = ['server', 'mode', 'speaks', '1.2', '1.3', 'enforced', 'at', 'exit -d', 'exit', '']
const widths = [7, 19, 7, 11, 11, 8, 4, 7, 4, 0]

const line = (columns: readonly string[]): string =>
  columns
    .map((text, index) => text.padEnd(widths[index] ?? 0))
    .join('  ')
    .trimEnd()

/** Column titles. */
export const tableHead = (): string => line(header)

/** `required`, or `required→off` where it was expected to be required and off was seen; the views may differ. */
function shown(points: readonly Point[], what: Point['what']): string {
  const own = points.filter((point) => point.what === what)
  const wrong = own.filter((point) => !isRight(point))
  if (wrong.length === 0) return own[0]?.expected ?? ''
  const seen = new Set(
    wrong.map((point) => (wrong.length === own.length ? point.seen : `${point.seen} (${point.view})`)),
  )
  return `${own[0]?.expected ?? ''}→${[...seen].join(', ')}`
}

/** Is the cell right? A skipped one is neither. */
export const isOk = ({ points, failure }: CellResult): boolean =>
  failure === undefined && points.length > 0 && points.every(isRight)

/** One line per cell, and what is behind a wrong one below it. */
export function renderCell(result: CellResult): string {
  const { cell, points, skipped, failure, notes, inChild } = result
  const { server, mode, because } = cell.truth
  const exit = (view: Point['view']): string =>
    shown(
      points.filter((point) => point.view === view),
      'exit',
    )
  const end = skipped === undefined ? (isOk(result) ? 'ok' : 'WRONG') : `skipped: ${skipped}`
  const facts = (['TLSv1.2', 'TLSv1.3', 'enforced', 'enforcedAt'] as const).map((what) => shown(points, what))
  const speaks = cell.version.replace('TLSv', '')
  const columns = [
    server,
    mode,
    speaks,
    ...facts,
    exit('file'),
    exit('blackBox'),
    `${end}${inChild && !skipped ? ' *' : ''}`,
  ]
  const below = isOk(result) || skipped !== undefined ? [] : [`true: ${because}`, failure ?? '', ...notes]
  return [line(columns), ...below.filter(Boolean).map((text) => `    ${text}`)].join('\n')
}

/** Cells that are not as they should be; in CI a server that is missing counts. */
export const failures = (results: readonly CellResult[], isCi: boolean): number =>
  results.filter((result) => !isOk(result) && (isCi || result.skipped === undefined)).length

/** What stands below the table; the last line is `N passed, N failed`. */
export function closing(
  results: readonly CellResult[],
  { isCi, seconds }: { isCi: boolean; seconds: number },
): string {
  const skipped = results.filter((result) => result.skipped !== undefined).length
  const children = results.filter(({ inChild, skipped: why }) => inChild && why === undefined).length
  const lines = [
    '',
    `${results.length} cells, each verified with a deployment file (-d) and without, in ${seconds.toFixed(0)} s`,
    `* ${children} of them by \`harness verify\` as a process, the others by the same checks in this one`,
    skipped === 0
      ? ''
      : `${skipped} skipped${isCi ? ', which is a failure with CI set' : ''}: node setup.mjs --test installs the servers`,
    `${results.filter(isOk).length} passed, ${failures(results, isCi)} failed`,
  ]
  return `${lines.filter((text, index) => index === 0 || text !== '').join('\n')}\n`
}
