/**
 * The table of traps as text.
 * @module
 */
import type { TrapResult } from './run-trap.ts'

const widths = [7, 22, 36, 34]
const line = (columns: readonly string[]): string =>
  columns
    .map((text, index) => text.padEnd(widths[index] ?? 0))
    .join('  ')
    .trimEnd()

/** Column titles. */
export const trapHead = (): string => line(['server', 'trap', 'found, -d', 'found from outside', 'good twin'])

const isOk = ({ problems, skipped }: TrapResult): boolean => skipped === undefined && problems.length === 0

/** Traps that are not as they should be; in CI a server that is missing counts. */
export const trapFailures = (results: readonly TrapResult[], isCi: boolean): number =>
  results.filter((result) => !isOk(result) && (isCi || result.skipped === undefined)).length

/** One line per trap, and below it what is wrong. */
export function renderTrap(result: TrapResult): string {
  const { trap, problems, found, skipped } = result
  const end = skipped === undefined ? (isOk(result) ? 'ok' : 'WRONG') : `skipped: ${skipped}`
  const by = (ids: readonly string[]): string =>
    ids.length === 0 ? '-' : `${ids[0]}${ids.length > 1 ? ` +${ids.length - 1}` : ''}`
  const file = by(trap.finds.filter((id) => found.file.includes(id)))
  const below = problems.length === 0 ? [] : [`true: ${trap.wrong}`, ...problems]
  return [
    line([trap.server, trap.id, file, by(found.outside), end]),
    ...below.map((text) => `    ${text}`),
  ].join('\n')
}

/** What stands below; the last line is `N passed, N failed`. */
export function trapClosing(
  results: readonly TrapResult[],
  { isCi, seconds }: { isCi: boolean; seconds: number },
): string {
  return `
${results.length} traps, each with its good twin, with a deployment file and without; all in ${seconds.toFixed(0)} s
${results.filter(isOk).length} passed, ${trapFailures(results, isCi)} failed
`
}
