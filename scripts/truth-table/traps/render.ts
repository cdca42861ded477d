/**
 * The table of traps as text.
 * @module
 */
import type { MannerResult, TrapResult } from './run-trap.ts'

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

/** Column titles of the manners. */
export const mannerHead = (): string => line(['server', 'manner', 'how', 'exit -d, exit'])

/** One line per manner, and below it what is wrong. */
export function renderManner({ manner, problems, exit, skipped }: MannerResult): string {
  const codes = exit === undefined ? '-' : `${exit.file}, ${exit.outside}`
  const end = skipped === undefined ? (problems.length === 0 ? 'ok' : 'WRONG') : `skipped: ${skipped}`
  return [
    `${line([manner.server, manner.id, manner.how])}  ${codes}  ${end}`,
    ...problems.map((text) => `    ${text}`),
  ].join('\n')
}

/** Manners that were misjudged; in CI a server that is missing counts. */
export const mannerFailures = (results: readonly MannerResult[], isCi: boolean): number =>
  results.filter(({ problems, skipped }) => problems.length > 0 || (isCi && skipped !== undefined)).length

/** What stands below; the last line is `N passed, N failed`. */
export const mannerClosing = (
  results: readonly MannerResult[],
  { isCi, seconds }: { isCi: boolean; seconds: number },
): string => `
${results.length} servers with manners of their own, with a deployment file and without; all in ${seconds.toFixed(0)} s
${results.filter(({ problems, skipped }) => problems.length === 0 && skipped === undefined).length} passed, ${mannerFailures(results, isCi)} failed
`
